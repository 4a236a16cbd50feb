"""Deliveries that are held though it is known by now what became of their order."""

from __future__ import annotations

import pytest

from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.settled import go_on_with_settled
from crossdock.host.placements.rows import Rows
from crossdock.records import Order, OrderPromoted

_HELD = Failure(kind="possibly_created", cause="whether it became an order there is not known")


@pytest.fixture
def held(bench, store):
    """A delivery that is dead, as its order is possibly created."""
    order = Order(id="R-1", system="crm", currency="EUR", account_id="A-1")
    bench.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _HELD, {})
    rows = Rows(store)
    sent, _ = rows.begin("crm", "R-1", "main", "C-1", "key", "sent")
    return rows, rows.move(sent, "possibly_created", "not found")


@pytest.mark.parametrize("state", ["acknowledged", "intended"])
def test_one_that_is_settled_goes_on_though_whoever_was_told_died(bench, store, held, state):
    rows, placement = held
    rows.move(placement, state, "told")
    assert go_on_with_settled(bench.deliveries) == 1
    assert bench.state(1) == "queued"
    assert bench.queued[-1] == (1, 2)
    assert store.audit.entries(subject="D-1", newest=True)[-1].actor == "host"
    assert go_on_with_settled(bench.deliveries) == 0


def test_one_that_is_still_in_question_waits_for_a_person(bench, held):
    assert go_on_with_settled(bench.deliveries) == 0
    assert bench.state(1) == "dead"
