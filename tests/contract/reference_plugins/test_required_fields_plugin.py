"""Fields by stage, with help beside each (C4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock import Inform, Money, Veto, Warn
from crossdock.errors import ConfigError
from crossdock.records import Address, Opportunity, Order, OrderLine, Quote, Stage
from crossdock_plugins.required_fields import plugin

QUOTE = Quote(id="Q-1", account_id="A-1", currency="EUR", status="draft")


def ctx(*rules, ahead=True):
    stages = [
        Stage(id="S-4", name="Propose", position=4, kind="open", probability=Decimal("0.7")),
    ]
    return SimpleNamespace(
        config={"rules": list(rules), "ahead": ahead}, crm=SimpleNamespace(stages=lambda: stages)
    )


def rule(field, *stages, record="quote", why="Because.", **more):
    return {"record": record, "stages": list(stages), "field": field, "help": why, **more}


def said(decisions):
    return [(type(each), each.field, each.message) for each in decisions]


def test_what_a_later_stage_needs_is_told_ahead_and_stopped_then():
    until = rule("valid_until", "sent", "ordered", why="How long it may be counted on.")

    draft = plugin.before_quote_save(ctx(until), QUOTE)
    silent = plugin.before_quote_save(ctx(until, ahead=False), QUOTE)
    ordered = plugin.before_order_promote(ctx(until), QUOTE)

    hint = "Needed when it is sent or ordered. How long it may be counted on."
    assert said(draft) == [(Inform, "valid_until", hint)]
    assert silent == []
    missing = "The day until which it is valid is missing. How long it may be counted on."
    assert said(ordered) == [(Veto, "valid_until", missing)]
    filled = Quote(id="Q-1", account_id="A-1", currency="EUR", valid_until=date(2026, 12, 1))
    assert plugin.before_order_promote(ctx(until), filled) == []


def test_a_deal_s_stage_counts_by_name_and_by_id():
    deal = Opportunity(id="O-1", account_id="A-1", name="Big", stage_id="S-4",
                       amount=Money("1", "EUR"))  # fmt: skip

    for stage in ("Propose", "S-4", "*"):
        needed = rule("close_on", stage, record="opportunity", level="warn")
        (warn,) = plugin.before_opportunity_save(ctx(needed), deal)
        assert (type(warn), warn.field) == (Warn, "close_on")
    other = rule("close_on", "Negotiate", record="opportunity")
    assert plugin.before_opportunity_save(ctx(other), deal) == []


def test_fields_within_of_each_line_and_in_a_form():
    order = Order(
        id="", system="crm", currency="EUR", account_id="A-1", ship_to=Address(country="Germany"),
        lines=(OrderLine(number=1, item_id="X", quantity=Decimal(1), description="There"),
               OrderLine(number=2, item_id="Y", quantity=Decimal(1))),
    )  # fmt: skip
    rules = (
        rule("ship_to.country", "*", record="order", pattern="[A-Z]{2}"),
        rule("lines.description", "submitted", record="order"),
    )

    found = plugin.before_order_save(ctx(*rules), order)

    assert [(each.field, each.code) for each in found] == [
        ("ship_to.country", "field.required"), ("lines.1.description", "field.required"),
    ]  # fmt: skip


def test_a_rule_about_a_field_that_is_not_there_is_an_error_of_the_configuration():
    with pytest.raises(ConfigError, match="a Quote has no field 'colour'"):
        plugin.before_quote_save(ctx(rule("colour", "*")), QUOTE)


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_in_a_host_without_settings_a_quote_is_asked_for_its_day_before_it_is_sent(open_scene):
    scene = open_scene("required-fields")
    quote = Quote(id="", account_id=scene.story["account"], currency="EUR")

    draft = scene.host.save_quote(quote, user="kim")
    sent = scene.host.before_quote_save(
        Quote(id="", account_id=scene.story["account"], currency="EUR", status="sent"), user="kim"
    )

    assert {each.field for each in draft.verdict.notes} == {"valid_until", "contact_id"}
    assert {(each.level, each.code) for each in draft.quote.checks} == {
        ("info", "field.needed_later")
    }
    assert {each.field for each in sent.vetoes} == {"valid_until", "contact_id"}
