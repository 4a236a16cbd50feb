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


def test_one_that_somebody_else_put_on_is_passed_over(bench, store, held, publish):
    rows, placement = held
    rows.move(placement, "acknowledged", "told")
    for order in ("R-2", "R-3"):
        number = publish(order, order)
        bench.ledger.fail(bench.begin(number), "w-1", _HELD, {})
        sent, _ = rows.begin("crm", order, "main", "C-1", f"key {order}", "sent")
        rows.move(sent, "acknowledged", "told")

    class Slow:
        """Deliveries of a host that is not quick enough for the first of them."""

        store = bench.deliveries.store

        def retry(self, delivery_id, *, actor):
            if delivery_id == "D-1":
                bench.deliveries.retry("D-1", actor="user:U-kim")
            return bench.deliveries.retry(delivery_id, actor=actor)

    assert go_on_with_settled(Slow()) == 2
    assert [bench.state(number) for number in (1, 2, 3)] == ["queued"] * 3
    assert store.audit.entries(subject="D-1", newest=True)[-1].actor == "user:U-kim"
