"""Accounts, contacts, opportunities and orders are saved as far as the guards agree."""

from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Account, Contact, Money, Opportunity, Order, OrderLine

ACCOUNT = Account(id="A-1", name="Müller", version="1")
CONTACT = Contact(id="P-1", account_id="A-1", last_name="Wolf", version="1")
DEAL = Opportunity(
    id="O-1", account_id="A-1", name="Deal", stage_id="s", amount=Money("1", "EUR"), version="1"
)
ORDER = Order(
    id="",
    system="crm",
    currency="EUR",
    account_id="A-1",
    reference="desk-7",
    lines=(OrderLine(number=1, item_id="BRG-1", quantity=Decimal(2)),),
)


def guard(subject, body):
    return f"""
    from attrs import evolve
    from crossdock import Amend, Veto, Warn, hookimpl
    from crossdock.errors import RemoteUnavailable

    @hookimpl
    def before_{subject}_save(ctx, {subject}, before):
        {body}
"""


def listening(point, argument):
    return f"""
    from crossdock import hookimpl

    @hookimpl
    def {point}(ctx, {argument}):
        pass
"""


@pytest.fixture
def with_guard(write_plugin, open_host):
    """Open a host on one guard of a point, and on a plugin that hears of what was saved."""

    def open_(subject, body, **options):
        write_plugin("judge", guard(subject, body), points=(f"before_{subject}_save",))
        point, argument = (
            ("order_promoted", "order") if subject == "order" else ("record_changed", "change")
        )
        write_plugin("hears", listening(point, argument), points=(point,))
        return open_host("judge", "hears", **options)

    return open_


@pytest.mark.parametrize(
    ("subject", "record"), [("account", ACCOUNT), ("contact", CONTACT), ("opportunity", DEAL)]
)
def test_what_the_guards_amended_is_saved_and_told(with_guard, subject, record):
    field = "last_name" if subject == "contact" else "name"
    host = with_guard(
        subject,
        f'return [Amend(evolve({subject}, {field}={subject}.{field} + "!"), reason="Loud"), '
        f'Warn(str(before is None), field="{field}")]',
    )
    saved = getattr(host, f"save_{subject}")(record, user="kim")
    kept = getattr(saved, subject)
    assert getattr(kept, field) == getattr(record, field) + "!"
    assert kept.version == "2"
    assert [each.message for each in saved.verdict.warnings] == ["False"]
    made = getattr(host, f"save_{subject}")(evolve(record, id="", version=None), user="kim")
    assert [each.message for each in made.verdict.warnings] == ["True"]

    published = [event for _, event, _ in host.deliveries.published]
    if subject == "opportunity":
        assert published == []  # no point handles it
        return
    changes = [event.change for event in published]
    assert [(each.entity, each.action) for each in changes] == [
        (subject, "updated"),
        (subject, "created"),
    ]
    assert (changes[0].id, changes[0].version) == (record.id, "2")
    assert saved.event_id == f"record_changed:crm:{subject}:{record.id}:updated:2"


@pytest.mark.parametrize(
    ("subject", "record"),
    [("account", ACCOUNT), ("contact", CONTACT), ("opportunity", DEAL), ("order", ORDER)],
)
def test_what_a_guard_vetoes_is_not_saved(with_guard, subject, record):
    host = with_guard(subject, 'return Veto("Not so.", field="name")')
    saved = getattr(host, f"save_{subject}")(record, user="kim")
    assert getattr(saved, subject) is None
    assert [each.field for each in saved.verdict.objections] == ["name"]
    assert host.crm.saved == []
    assert host.deliveries.published == []


@pytest.mark.parametrize(
    "trouble", ["ValueError('oh')", "RemoteUnavailable('away', system='main')"]
)
@pytest.mark.parametrize(
    ("subject", "record", "passes"),
    [
        ("account", ACCOUNT, False),
        ("contact", CONTACT, False),
        ("opportunity", DEAL, True),
        ("order", ORDER, False),
    ],
)
def test_a_guard_that_fails_closes_all_but_opportunities(
    with_guard, subject, record, passes, trouble
):
    host = with_guard(subject, f"raise {trouble}")
    saved = getattr(host, f"save_{subject}")(record, user="kim")
    assert (getattr(saved, subject) is not None) == passes
    assert [fault.closes for fault in saved.verdict.faults] == [not passes]


def test_the_policy_can_close_opportunities(with_guard):
    host = with_guard(
        "opportunity", "raise ValueError('oh')", policy={"before_opportunity_save": "closed"}
    )
    assert host.save_opportunity(DEAL, user="kim").opportunity is None


def test_an_order_is_entered_and_promoted_in_one_go(with_guard):
    host = with_guard("order", "return Warn('Short.', code='stock.short', field='lines.0')")
    saved = host.save_order(ORDER, user="kim")
    assert saved.order.external_ids == {"crossdock": "desk-7"}
    assert [each.code for each in saved.order.checks] == ["stock.short"]
    assert saved.event_id == f"order_promoted:crm:{saved.order.id}"
    assert [event.order for _, event, _ in host.deliveries.published] == [saved.order]


def test_an_order_entered_twice_is_published_once(with_guard):
    host = with_guard("order", "return None")
    first, again = (host.save_order(ORDER, user="kim") for _ in range(2))
    assert (first.order.id, first.event_id) == (again.order.id, again.event_id)
    assert len(host.deliveries.published) == 1


def test_a_draft_is_kept_unchecked_while_the_erp_is_away_and_published_when_it_is_submitted(
    with_guard,
):
    host = with_guard(
        "order", 'if before is None:\n            raise RemoteUnavailable("away", system="main")'
    )
    kept = host.save_order(evolve(ORDER, status="draft"), user="kim")
    assert (kept.order.status, kept.order.pricing_status) == ("draft", "unchecked")
    assert (kept.event_id, host.deliveries.published) == (None, [])
    submitted = host.save_order(evolve(kept.order, status="submitted"), user="kim")
    assert submitted.event_id == f"order_promoted:crm:{kept.order.id}"


def test_an_order_that_belongs_to_a_quote_or_has_no_reference_is_not_entered(with_guard):
    host = with_guard("order", "return None")
    with pytest.raises(ValueError, match="promote_quote"):
        host.save_order(evolve(ORDER, quote_id="Q-1"), user="kim")
    with pytest.raises(ValueError, match="needs a reference"):
        host.save_order(evolve(ORDER, reference=""), user="kim")
