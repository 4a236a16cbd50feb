"""One call told plugin by plugin."""

import pytest

from crossdock.host.asking.explanation import explain

AMEND = """
from attrs import evolve
from crossdock import Amend, Warn, hookimpl

@hookimpl
def before_quote_save(quote):
    line = evolve(quote.lines[0], quantity=quote.lines[0].quantity * 2)
    return [Amend(evolve(quote, lines=(line,)), reason="sold in pairs"), Warn("doubled")]
"""
VETO = """
from crossdock import hookimpl, Veto

@hookimpl
def before_quote_save():
    return Veto("too much", field="lines.0.quantity")
"""
BROKEN = """
from crossdock import hookimpl

@hookimpl
def before_quote_save():
    1 / 0
"""
SLOW = """
import time
from crossdock import hookimpl

@hookimpl
def before_quote_save():
    time.sleep(0.2)
"""


def test_it_tells_who_changed_what_and_why_and_how_long_each_took(write_plugin, open_host, quote):
    write_plugin("pairs", AMEND)
    write_plugin("strict", VETO)
    write_plugin("broken", BROKEN)
    host = open_host("pairs", "strict", "broken")

    told = explain(host.before_quote_save(quote, user="kim"))

    assert (told.point, told.allowed) == ("before_quote_save", False)
    assert [(step.plugin_id, step.outcome) for step in told.steps] == [
        ("pairs", "amended"),
        ("strict", "vetoed"),
        ("broken", "failed"),
    ]
    pairs, strict, broken = told.steps
    change = pairs.amendments[0].changes[0]
    assert (change.field, str(change.old), str(change.new)) == ("lines.0.quantity", "2", "4")
    assert pairs.amendments[0].reason == "sold in pairs"
    assert [finding.message for finding in pairs.findings] == ["doubled"]
    assert strict.findings[0].field == "lines.0.quantity"
    assert "ZeroDivisionError" in broken.fault.message
    assert all(step.seconds > 0 for step in told.steps)
    assert told.seconds == sum(step.seconds for step in told.steps)


@pytest.mark.parametrize("isolation", ["inline"], indirect=True)  # in a process it is killed then
def test_it_names_those_that_were_not_asked(write_plugin, open_host, quote, deadlines):
    write_plugin("slow", SLOW)
    write_plugin("late", VETO)
    host = open_host("slow", "late", deadlines=deadlines(guard=0.1))

    told = explain(host.before_quote_save(quote, user="kim"))

    assert [(step.plugin_id, step.outcome) for step in told.steps] == [
        ("slow", "agreed"),
        ("late", "was not asked"),
    ]
    assert told.steps[1].seconds is None


def test_a_call_that_asked_nobody_has_no_steps(open_host, quote):
    told = explain(open_host().before_quote_save(quote, user="kim"))

    assert told.allowed
    assert told.steps == ()
