"""Guards: chained amendments, gathered vetoes, faults that are never answers."""

from attrs import evolve

from crossdock.records import Money, Quote

GUARD = """
from crossdock import hookimpl

@hookimpl
def before_quote_save():
    {body}
"""
VETO = """
from crossdock import hookimpl, Veto

@hookimpl
def before_quote_save(quote):
    return Veto("{message}", code="test.no", field="lines.0.quantity")
"""
AMEND = """
from attrs import evolve
from crossdock import Amend, Money, hookimpl

@hookimpl
def before_quote_save(quote):
    line = evolve(quote.lines[0], unit_price=quote.lines[0].unit_price + Money("{more}", "EUR"))
    return Amend(evolve(quote, lines=(line,)), reason="plus {more}")
"""


def test_a_quote_that_nobody_judges_is_allowed_as_it_is(open_host, quote):
    verdict = open_host().before_quote_save(quote, user="kim")

    assert verdict.allowed
    assert verdict.record is quote


def test_every_veto_is_heard_and_says_whose_it_is(write_plugin, open_host, quote):
    write_plugin("first", VETO.format(message="too much"))
    write_plugin("second", VETO.format(message="too late"))

    verdict = open_host("first", "second").before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert [(v.plugin_id, v.message, v.field) for v in verdict.vetoes] == [
        ("first", "too much", "lines.0.quantity"),
        ("second", "too late", "lines.0.quantity"),
    ]


def test_the_next_guard_sees_the_amended_record(write_plugin, open_host, quote):
    write_plugin("one", AMEND.format(more=1))
    write_plugin("two", AMEND.format(more=2))

    verdict = open_host("one", "two").before_quote_save(quote, user="kim")

    assert verdict.record.lines[0].unit_price == Money("13", "EUR")
    assert [(a.plugin_id, a.reason) for a in verdict.amendments] == [
        ("one", "plus 1"),
        ("two", "plus 2"),
    ]
    change = verdict.amendments[1].changes[0]
    assert (change.field, change.old, change.new) == (
        "lines.0.unit_price",
        Money("11", "EUR"),
        Money("13", "EUR"),
    )


def test_a_guard_that_raises_closes_the_save_and_hides_nobody(write_plugin, open_host, quote):
    write_plugin("broken", GUARD.format(body="1 / 0"))
    write_plugin("strict", VETO.format(message="no"))

    verdict = open_host("broken", "strict").before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert verdict.faults[0].plugin_id == "broken"
    assert "ZeroDivisionError" in verdict.faults[0].message
    assert [v.message for v in verdict.vetoes] == ["no"]


def test_a_policy_may_let_a_save_pass_a_broken_guard(write_plugin, open_host, quote):
    write_plugin("broken", GUARD.format(body="1 / 0"))

    verdict = open_host("broken", policy={"before_quote_save": "open"}).before_quote_save(
        quote, user="kim"
    )

    assert verdict.allowed
    assert verdict.faults


def test_an_answer_that_is_no_decision_is_a_fault(write_plugin, open_host, quote):
    write_plugin(
        "odd",
        GUARD.format(body="return 'yes'"),
    )

    verdict = open_host("odd").before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert "a guard answers Proceed, Amend" in verdict.faults[0].message


def test_an_amendment_with_another_kind_of_record_is_a_fault(write_plugin, open_host, quote):
    write_plugin(
        "odd",
        "from crossdock import Amend, hookimpl\n@hookimpl\ndef before_quote_save(quote):\n"
        "    return Amend(quote.lines[0])\n",
    )

    verdict = open_host("odd").before_quote_save(quote, user="kim")

    assert "Amend with a QuoteLine" in verdict.faults[0].message
    assert verdict.record is quote


def test_a_draft_is_kept_unchecked_while_the_erp_is_away(write_plugin, open_host, quote):
    write_plugin(
        "remote",
        "from crossdock import hookimpl\nfrom crossdock.errors import RemoteUnavailable\n"
        "@hookimpl\ndef before_quote_save():\n"
        "    raise RemoteUnavailable('main does not answer', system='main')\n",
    )
    host = open_host("remote")

    saved = host.save_quote(quote, user="kim")

    assert saved.quote.pricing_status == "unchecked"
    assert saved.quote.checks[0].message == "main does not answer"


def test_what_is_no_draft_is_not_saved_while_the_erp_is_away(write_plugin, open_host, quote):
    write_plugin(
        "remote",
        "from crossdock import hookimpl\nfrom crossdock.errors import RemoteUnavailable\n"
        "@hookimpl\ndef before_quote_save():\n"
        "    raise RemoteUnavailable('main does not answer', system='main')\n",
    )
    host = open_host("remote")

    saved = host.save_quote(evolve(quote, status="sent"), user="kim")

    assert saved.quote is None
    assert [o.message for o in saved.verdict.objections] == ["main does not answer"]


def test_a_plugin_takes_only_the_arguments_that_it_names(write_plugin, open_host, quote):
    write_plugin(
        "modest",
        "from crossdock import Warn, hookimpl\n@hookimpl\ndef before_quote_save(before, ctx):\n"
        "    return Warn(f'{before} {ctx.user.name} {ctx.now:%Y}')\n",
    )

    verdict = open_host("modest").before_quote_save(quote, user="kim")

    assert verdict.warnings[0].message == "None Kim 2026"


def test_before_and_after_order_plugins_across_their_enabled_order(write_plugin, open_host, quote):
    for name, order in {
        "a": '[order]\nafter = ["c"]\n',
        "b": "",
        "c": '[order]\nafter = ["absent"]\n',
        "d": '[order]\nbefore = ["b"]\n',
    }.items():
        write_plugin(name, VETO.format(message=name), manifest=order)

    host = open_host("a", "b", "c", "d")

    assert host.explain("before_quote_save") == ("c", "a", "d", "b")


def test_saving_publishes_once_for_each_version(write_plugin, open_host, quote: Quote):
    write_plugin(
        "listener",
        "from crossdock import hookimpl\n@hookimpl\ndef quote_saved(quote):\n    pass\n",
        points=["quote_saved"],
    )
    host = open_host("listener")

    first = host.save_quote(quote, user="kim")
    host.save_quote(first.quote, user="kim")

    ids = [event_id for event_id, _, _ in host.deliveries.published]
    assert ids == ["quote_saved:Q-1:1", "quote_saved:Q-1:2"]
    assert host.deliveries.published[0][2] == [("listener", "0")]


def test_a_promotion_behind_a_long_queue_is_made_and_warns_that_it_takes_longer(open_host, quote):
    host = open_host()
    saved = host.save_quote(quote, user="kim").quote
    host.deliveries.waiting = 2500

    promotion = host.promote_quote(saved.id, user="kim")

    assert promotion.order is not None
    (warning,) = promotion.verdict.warnings
    assert warning.code == "deliveries.backlog"
    assert "2,500 deliveries" in warning.message


def test_promoting_twice_gives_one_order_and_one_event(open_host, quote):
    host = open_host()
    saved = host.save_quote(quote, user="kim").quote

    first = host.promote_quote(saved.id, user="kim")
    again = host.promote_quote(saved.id, user="kim")

    assert first.order.id == again.order.id
    assert again.repeated
    promoted = [i for i, _, _ in host.deliveries.published if i.startswith("order_promoted")]
    assert promoted == ["order_promoted:crm:R-Q-1"]
