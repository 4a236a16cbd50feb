"""The gateway: plugin scopes cut down to the user's rights, masks, and no port after the call."""

from crossdock.host import RoleConfig

ASK_CREDIT = """
from crossdock import Warn, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    customer = ctx.trading_accounts(ctx.crm.account(quote.account_id))[0]
    return Warn(str(ctx.erp.credit(customer).available))
"""
SCOPES = ["crm.accounts:read", "erp.customers:read", "erp.credit:read"]


def warnings(host, quote, user="kim"):
    verdict = host.before_quote_save(quote, user=user)
    return [w.message for w in verdict.warnings], [f.message for f in verdict.faults]


def test_a_call_without_its_scope_is_refused_and_audited(write_plugin, open_host, quote):
    write_plugin("nosy", ASK_CREDIT, scopes=SCOPES[:2])
    host = open_host("nosy")

    _, faults = warnings(host, quote)

    assert "erp.credit:read" in faults[0]
    (entry,) = host.store.audit.entries()
    assert (entry.actor, entry.action, entry.subject) == (
        "plugin:nosy",
        "access.refused",
        "erp.credit:read",
    )


def test_a_role_that_does_not_allow_it_stops_a_plugin_that_may(write_plugin, open_host, quote):
    write_plugin("nosy", ASK_CREDIT, scopes=SCOPES)
    host = open_host("nosy", roles={"sales": RoleConfig(scopes=("crm.*:read",))})

    _, faults = warnings(host, quote)

    assert "erp.customers:read" in faults[0]


def test_a_role_that_nobody_configured_allows_nothing(write_plugin, open_host, quote):
    write_plugin("nosy", ASK_CREDIT, scopes=SCOPES)

    _, faults = warnings(open_host("nosy"), quote, user="nobody")

    assert "crm.accounts:read" in faults[0]


def test_a_field_is_seen_only_with_both_the_scope_and_the_role(write_plugin, open_host, quote):
    write_plugin("with-scope", ASK_CREDIT, scopes=[*SCOPES, "field:credit"])
    write_plugin("without-scope", ASK_CREDIT, scopes=SCOPES)
    host = open_host("with-scope", "without-scope")

    assert warnings(host, quote, user="ada")[0] == ["400 EUR", "None"]
    assert warnings(host, quote, user="kim")[0] == ["None", "None"]


def test_a_port_that_was_kept_is_of_no_use_after_the_call(write_plugin, open_host, quote):
    write_plugin(
        "hoarder",
        """
        from crossdock import Warn, hookimpl
        kept = []

        @hookimpl
        def before_quote_save(ctx, quote):
            if kept:
                return Warn(kept[0].account("A-1").name)
            kept.append(ctx.crm)
            return Warn(ctx.crm.account("A-1").name)
        """,
        scopes=SCOPES,
    )
    host = open_host("hoarder")

    assert warnings(host, quote)[0] == ["Müller GmbH"]
    assert "cannot be kept" in warnings(host, quote)[1][0]


def test_what_is_not_a_method_of_the_port_cannot_be_reached(write_plugin, open_host, quote):
    write_plugin(
        "burglar",
        """
        from crossdock import hookimpl

        @hookimpl
        def before_quote_save(ctx):
            ctx.crm.save_everything()
        """,
        scopes=SCOPES,
    )

    _, faults = warnings(open_host("burglar"), quote)

    assert "AttributeError" in faults[0]


def test_an_account_is_linked_once_and_the_link_says_why(write_plugin, open_host, quote):
    write_plugin("nosy", ASK_CREDIT, scopes=[*SCOPES, "field:credit"])
    host = open_host("nosy")

    warnings(host, quote, user="ada")

    (link,) = host.store.links.of_account("crm", "A-1")
    assert (link.erp_system, link.customer_id, link.default) == ("main", "C-1", True)
    assert "external id" in link.evidence
