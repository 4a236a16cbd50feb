"""An order is changed or cancelled after the ERP took it; what the ERP says is shown."""

from decimal import Decimal

import pytest

from crossdock.errors import PlacementConflict
from crossdock.records import LineChange, OrderChange, OrderChangeRequested, OrderLine


def ask(scene, order_id, **what):
    """Ask for a change, and deliver it as the worker would."""
    wanted = OrderChange(order_id=order_id, **{"kind": "change", **what})
    asked = scene.host.change_order(order_id, wanted, user="kim")
    event = scene.host.deliveries.events[-1]
    assert isinstance(event, OrderChangeRequested)
    for _ in range(2):  # a delivery may come twice
        scene.deliver(event, key=f"key-{asked.id}")
    return asked


def document(scene, order_id):
    return scene.host.order_changes.of_order(order_id)[-1]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_a_quantity_is_changed_once_and_the_crm_shows_it(scene, promoted):
    scene.deliver(promoted)
    order = scene.host.crm.order(promoted.order.id)
    line = order.lines[0]

    more = LineChange(number=line.number, quantity=line.quantity + 1)
    asked = ask(scene, order.id, lines=(more,), reason="one for the spare shelf")

    there = scene.host.erp.order(order.erp_order_id)
    assert there.lines[0].quantity == line.quantity + 1
    assert [step.note for step in there.history].count(f"{asked.id}: one for the spare shelf") == 1
    told = scene.host.crm.order_events(order.id)[-1]
    assert (told.title, told.text) == (
        f"Changed as wished ({asked.id})",
        "one for the spare shelf",
    )
    shown = scene.host.crm.order(order.id)
    assert shown.gross == there.gross
    assert document(scene, order.id).state == "accepted"


def test_a_line_that_is_added_comes_to_the_crm_as_well(scene, promoted):
    scene.deliver(promoted)
    order = scene.host.crm.order(promoted.order.id)
    new = OrderLine(
        number=order.lines[-1].number + 1, item_id=order.lines[0].item_id, quantity=Decimal(2)
    )

    ask(scene, order.id, added=(new,))

    there = scene.host.erp.order(order.erp_order_id)
    shown = scene.host.crm.order(order.id)
    assert [(x.number, x.item_id, x.quantity, x.net) for x in shown.lines] == [
        (x.number, x.item_id, x.quantity, x.net) for x in there.lines
    ]
    assert len(there.lines) == len(order.lines) + 1


def test_an_order_is_cancelled(scene, promoted):
    scene.deliver(promoted)
    asked = ask(scene, promoted.order.id, kind="cancel", reason="bought elsewhere")

    assert scene.host.crm.order(promoted.order.id).status == "cancelled"
    titles = [event.title for event in scene.host.crm.order_events(promoted.order.id)]
    assert titles[-1] == f"Cancelled as wished ({asked.id})"


def test_what_was_shipped_cannot_be_taken_back_and_the_refusal_is_shown(scene, promoted):
    scene.deliver(promoted)
    order = scene.host.crm.order(promoted.order.id)
    scene.act(f"/sales-orders/{order.erp_order_id}/shipments", "ship-1")
    line = next(each for each in scene.host.erp.order(order.erp_order_id).lines if each.shipped > 1)

    less = LineChange(number=line.number, quantity=Decimal(1))
    asked = ask(scene, order.id, lines=(less,))

    refused = document(scene, order.id)
    assert refused.state == "refused"
    told = scene.host.crm.order_events(order.id)[-1]
    assert told.title == f"The change was refused ({asked.id})"
    assert told.text == refused.answer
    assert scene.host.erp.order(order.erp_order_id).lines[line.number - 1].quantity == line.quantity


def test_an_order_that_is_not_acknowledged_yet_cannot_be_changed(scene, promoted):
    wanted = OrderChange(order_id=promoted.order.id, kind="cancel")
    with pytest.raises(PlacementConflict, match="wait until it is acknowledged"):
        scene.host.change_order(promoted.order.id, wanted, user="kim")
