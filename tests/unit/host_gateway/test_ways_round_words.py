"""Ways round the gateway: what systems say in errors, and what ends up in logs."""

import logging

import pytest

from crossdock.host.gateway.redaction import redact

REFUSED = """
try:
    ctx.erp.place_order(
        ctx.erp.customer("C-1"),
        Order(id="REFUSED", system="crm", currency="EUR"),
        idempotency_key="k",
    )
except RemoteRefused as refused:
    return Warn({})
"""


def test_the_erps_own_words_lose_their_figures_and_keep_their_sense(world, secrets):
    # Way 15: make the ERP refuse something, and read why.
    world.guard(REFUSED.format("str(refused)"))

    assert world.said("kim") == (
        "The ERP main at http://erp.example:8080 refused createOrder (422 order_blocked): "
        "the limit is [hidden], call [hidden], pay to [hidden]"
    )
    assert secrets(world.said("ada")) == {"limit", "phone", "iban"}


def test_what_plugins_decide_by_stays_on_an_error(world):
    world.guard(REFUSED.format("f'{refused.system} {refused.status} {refused.code}'"))

    assert world.said("kim") == "main 422 order_blocked"


def test_the_complaint_about_a_field_loses_its_figures(world, secrets):
    # Way 16: not the sentence but the list of fields.
    world.guard(REFUSED.format("f'{refused.fields[0].field}: {refused.fields[0].message}'"))

    assert world.said("kim") == "lines.0.unit_price: below the cost of [hidden]"


def test_an_error_that_names_no_figure_says_what_it_said(world):
    world.guard('ctx.erp.item("GONE")')

    assert "There is no item GONE." in world.said("kim")


def test_an_error_carries_nothing_but_its_words(world, secrets):
    # Way 17: the exceptions before it, its arguments, its dictionary, the frames it came through.
    world.guard(
        REFUSED.format(
            "repr([refused.args, refused.__dict__, refused.__cause__, refused.__context__])"
        )
    )

    said = world.said("kim")

    assert secrets(said) == set()
    assert said.endswith("None, None]")


def test_the_frames_of_an_error_do_not_lead_to_the_port(world):
    # Way 18: walk the traceback to whoever held the raw port.
    world.guard(
        """
        try:
            ctx.erp.item("GONE")
        except NotFound as missing:
            frames, at = [], missing.__traceback__
            while at is not None:
                frames += [repr(value) for value in at.tb_frame.f_locals.values()]
                at = at.tb_next
            return Warn(" ".join(frames))
        """
    )

    said = world.said("kim")

    assert "SecretErp" not in said
    assert "Router" not in said


def test_an_error_that_a_plugin_lets_pass_shows_the_user_no_figure(world, secrets):
    # Way 19: raise it on, so that the host tells the user, and the developer's detail.
    world.guard(REFUSED.replace("return Warn({})", "raise"))

    verdict = world.ask("kim")

    assert secrets(verdict.faults, verdict.objections) == set()
    assert "refused createOrder" in verdict.faults[0].message


def test_a_failed_tab_shows_no_figure(world, secrets):
    # Way 20: the error card of a tab.
    world.plugin(
        "spy",
        """
        def render(ctx, account, params):
            ctx.erp.place_order(
                ctx.erp.customer("C-1"),
                Order(id="REFUSED", system="crm", currency="EUR"),
                idempotency_key="k",
            )

        @hookimpl
        def account_tabs(ctx, account):
            return [Tab(id="t", title="T", render=render)]
        """,
        points=["account_tabs"],
    )

    shown = world.host.render_tab("spy/t", "A-1", user="kim")

    assert "refused createOrder" in shown.fault
    assert secrets(shown.fault, shown.view) == set()


def test_nothing_hidden_is_in_the_logs(world, secrets, caplog):
    # Way 21: what the plugin logs, what the host logs of its failure, and refusals.
    world.plugin(
        "spy",
        """
        @hookimpl
        def before_quote_save(ctx, quote, before):
            ctx.log.warning("%r %r", quote, everything(ctx))
            ctx.erp.place_order(
                ctx.erp.customer("C-1"),
                Order(id="REFUSED", system="crm", currency="EUR"),
                idempotency_key="k",
            )
        """,
    )

    with caplog.at_level(logging.DEBUG):
        world.ask("kim")

    assert "BRG-1" in caplog.text, "the plugin's own line is there"
    assert secrets(caplog.text) == set()


def test_what_is_refused_is_in_the_audit_trail_without_the_value(world, secrets):
    # Way 22: have the value itself written down by being refused with it.
    world.guard(
        """
        known = Money("731.19", "EUR")
        line = evolve(quote.lines[0], unit_cost=known)
        return Amend(evolve(quote, lines=(line, *quote.lines[1:])))
        """
    )

    world.ask("kim")

    assert world.refused() == {"field:cost"}
    assert secrets(world.refusals()) == set()


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("the ERP has no item BRG-9999", "the ERP has no item BRG-9999"),
        ("BRG-1001 costs EUR 7.10", "BRG-1001 costs [hidden]"),
        ("the balance is EUR-1001.50", "the balance is [hidden]"),
        (
            "it refused createOrder (422 blocked): 450",
            "it refused createOrder (422 blocked): [hidden]",
        ),
        ("it refused (450 over)", "it refused ([hidden] over)"),
        ("over by 12 EUR", "over by [hidden]"),
    ],
)
def test_an_item_s_number_and_a_status_are_no_amounts(said, read):
    assert redact(said, {"cost"}) == read
