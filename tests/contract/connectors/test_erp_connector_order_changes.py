"""Orders are changed and cancelled in the ERP after they were placed, each change once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import (
    Conflict,
    PlacementConflict,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnavailable,
)
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.store import Store
from crossdock.records import LineChange, Order, OrderChange, OrderLine, User
from crossdock_mocks.engine.faults import Fault

KIM = User(id="U-kim", name="Kim", roles=("sales",))


@pytest.fixture
def customer(erp_port):
    return next(each for each in erp_port.customers().items if not each.on_hold)


@pytest.fixture
def item(erp_port):
    return next(
        each
        for each in erp_port.items().items
        if each.kind == "goods" and erp_port.stock(each.id).available >= 20
    )


@pytest.fixture
def placed(erp_port, customer, item):
    line = OrderLine(number=1, item_id=item.id, quantity=Decimal(5))
    order = Order(
        id="R-1", system="crm", currency=customer.currency, reference="R-1", lines=(line,)
    )
    return erp_port.place_order(customer, order, idempotency_key="key-1").order


@pytest.fixture
def crm_order(placed):
    return evolve(placed, id="R-1", system="crm", erp_system="main", erp_order_id=placed.id)


@pytest.fixture
def published():
    return []


@pytest.fixture
def store(tmp_path):
    now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with Store.open(f"sqlite:///{tmp_path}/host.db", clock=lambda: now) as opened:
        yield opened


@pytest.fixture
def changes(store, published):
    return OrderChanges(store, lambda _connection, event: published.append(event))


def _change(**what):
    return OrderChange(order_id="R-1", kind="change", **what)


def test_a_quantity_is_changed_and_the_history_names_the_change(erp_port, placed):
    change = _change(
        id="CO-1", reason="one more machine", lines=(LineChange(number=1, quantity=Decimal(7)),)
    )
    changed = erp_port.change_order(placed, change)

    assert changed.lines[0].quantity == Decimal(7)
    assert changed.net > placed.net
    assert changed.history[-1].note == "CO-1: one more machine"


def test_a_line_is_added_another_cancelled_and_the_day_moved(erp_port, placed, item):
    new = OrderLine(number=2, item_id=item.id, quantity=Decimal(3))
    added = erp_port.change_order(
        placed, _change(id="CO-1", added=(new,), requested_on=date(2027, 1, 15))
    )
    cancelled = erp_port.change_order(
        added, _change(id="CO-2", lines=(LineChange(number=1, cancel=True),))
    )

    assert [line.number for line in cancelled.lines] == [1, 2]
    assert cancelled.lines[0].cancelled == Decimal(5)
    assert added.requested_on == date(2027, 1, 15)


def test_an_order_is_cancelled(erp_port, placed):
    change = OrderChange(id="CO-1", order_id="R-1", kind="cancel", reason="changed their mind")
    assert erp_port.change_order(placed, change).status == "cancelled"


def test_a_change_based_on_an_older_version_is_a_conflict(erp_port, placed):
    erp_port.change_order(placed, _change(id="CO-1", requested_on=date(2027, 1, 15)))
    with pytest.raises(Conflict) as stale:
        erp_port.change_order(placed, _change(id="CO-2", requested_on=date(2027, 1, 16)))
    assert stale.value.status == 412


def test_a_change_is_stored_with_its_event_and_carried_out(
    changes, erp_port, placed, crm_order, published, store
):
    asked = changes.request(
        crm_order, _change(lines=(LineChange(number=1, quantity=Decimal(4)),)), KIM
    )
    assert (asked.id, asked.state, asked.requested_by) == ("CO-1", "requested", "U-kim")
    assert [event.change for event in published] == [asked]

    changed = changes.carry_out(erp_port, placed, asked)

    assert changed.lines[0].quantity == Decimal(4)
    (document,) = changes.of_order("R-1")
    assert document.state == "accepted"
    assert [entry.action for entry in store.audit.entries(subject="R-1")] == [
        "order.change_requested",
        "order.change_accepted",
    ]


@pytest.mark.parametrize("kind", ["drop_after_commit", "status_after_commit", "half_body"])
def test_a_change_whose_answer_was_lost_is_not_made_again(
    changes, erp_port, erp_mock, placed, crm_order, item, kind
):
    new = OrderLine(number=2, item_id=item.id, quantity=Decimal(3))
    asked = changes.request(crm_order, _change(added=(new,)), KIM)
    erp_mock.world.faults.add(Fault(kind=kind, operation="changeSalesOrder", times=1))
    with pytest.raises(RemoteUnavailable):
        changes.carry_out(erp_port, placed, asked)
    assert changes.of_order("R-1")[0].state == "requested"

    changed = changes.carry_out(erp_port, placed, asked)

    assert [line.number for line in changed.lines] == [1, 2]
    assert len(erp_mock.journal("changeSalesOrder")) == 1
    assert changes.of_order("R-1")[0].state == "accepted"


def test_an_order_that_others_changed_meanwhile_is_read_again(
    changes, erp_port, placed, crm_order, item
):
    asked = changes.request(crm_order, _change(requested_on=date(2027, 2, 1)), KIM)
    erp_port.change_order(placed, _change(id="by hand", requested_on=date(2027, 1, 15)))

    changed = changes.carry_out(erp_port, placed, asked)  # `placed` is stale by now

    assert changed.requested_on == date(2027, 2, 1)


def test_what_the_erp_refuses_is_shown_as_such(changes, erp_port, placed, crm_order, back_office):
    back_office(f"/sales-orders/{placed.id}/shipments", {})
    asked = changes.request(
        crm_order, _change(lines=(LineChange(number=1, quantity=Decimal(1)),)), KIM
    )

    with pytest.raises((RemoteRefused, RemoteRejectedData)):
        changes.carry_out(erp_port, placed, asked)

    (document,) = changes.of_order("R-1")
    assert document.state == "refused"
    assert document.answer


def test_an_order_that_is_not_in_the_erp_yet_cannot_be_changed_there(changes, crm_order):
    with pytest.raises(PlacementConflict, match="is not in the ERP yet"):
        changes.request(evolve(crm_order, erp_order_id=""), _change(), KIM)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_change(), "changes nothing"),
        (_change(lines=(LineChange(number=9, cancel=True),)), "has no line 9"),
        (
            _change(added=(OrderLine(number=1, item_id="X", quantity=Decimal(1)),)),
            "has a line 1 already",
        ),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_at_once(changes, crm_order, change, complaint):
    with pytest.raises(PlacementConflict, match=complaint):
        changes.request(crm_order, change, KIM)
