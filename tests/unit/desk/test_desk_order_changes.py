"""An order is changed, cancelled, or found in the ERP by a person at the desk."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from crossdock.host.placements.rows import Rows
from crossdock.records import LineChange, Order, OrderLine

PAGE = "/orders/R-3001/change"
LINES = {"lines__1__quantity": "10", "lines__2__quantity": "4"}


@pytest.fixture
def order(host):
    """An order of two lines that the ERP has; four of the first were shipped."""
    lines = (
        OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(10), shipped=Decimal(4)),
        OrderLine(number=2, item_id="LUB-0100", quantity=Decimal(4)),
    )
    made = Order(
        id="R-3001", system="crm", currency="EUR", account_id="A-1001", status="confirmed",
        erp_order_id="SO-100001", erp_system="main", lines=lines,
    )  # fmt: skip
    host.crm.all_orders[made.id] = made
    return made


def test_what_is_changed_goes_out_as_one_document(kim, host, order):
    kim.open("/orders/R-3001")
    assert f'href="{PAGE}"' in kim.html
    kim.open(PAGE)
    fields = LINES | {
        "lines__1__quantity": "12", "lines__2__cancel": "yes", "added__item_id": "BRG-2040",
        "added__quantity": "1.5", "requested_on": "2026-12-24", "reason": "they called",
    }  # fmt: skip
    kim.send(PAGE, action="change", **fields)
    assert kim.path == "/orders/R-3001"
    (change,) = host.order_changes.of_order("R-3001")
    assert change.lines == (
        LineChange(number=1, quantity=Decimal(12)),
        LineChange(number=2, cancel=True),
    )
    assert [(x.number, x.item_id, x.quantity) for x in change.added] == [
        (3, "BRG-2040", Decimal("1.5"))
    ]
    text = kim.text()
    assert "CO-1 On its way to the ERP" in text
    assert "BRG-1001: 12 in all. Cancel LUB-0100. Add 1.5 of BRG-2040. Wanted on 24 Dec" in text
    assert "“They called.”" in text
    assert [each.change.id for each in host.released] == ["CO-1"]


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"lines__1__quantity": "3"}, "lines-1-quantity", "4 were shipped already"),
        ({"lines__2__quantity": "many"}, "lines-2-quantity", "A quantity is a number above zero"),
        ({"lines__2__quantity": "0"}, "lines-2-quantity", "Tick the box to cancel the line"),
        ({"added__quantity": "2"}, "added-item_id", "Say which item is added"),
        ({"added__item_id": "BRG-2040"}, "added-quantity", "A quantity is a number above zero"),
        ({"requested_on": "soon"}, "requested_on", "A day is written such as"),
        ({}, "", "Nothing is changed yet"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(kim, host, order, fields, place, said):
    kim.open(PAGE)
    kim.send(PAGE, action="change", **(LINES | fields))
    assert said in kim.text()
    if place:
        assert f'aria-describedby="f-{place}-said" aria-invalid="true"' in kim.html
        assert f'href="#f-{place}"' in kim.html
    assert host.order_changes.of_order("R-3001") == ()


def test_an_order_is_cancelled_with_a_reason(kim, host, order):
    kim.open(PAGE)
    kim.send(PAGE, action="cancel")
    assert "Why it is cancelled: Say why" in kim.text()
    kim.send(PAGE, action="cancel", cancel_reason="bought elsewhere")
    (change,) = host.order_changes.of_order("R-3001")
    assert (change.kind, change.reason, change.lines) == ("cancel", "bought elsewhere", ())
    assert "Cancel all that is still open." in kim.text()


def test_what_the_erp_refuses_is_shown_in_its_words(kim, host, order):
    kim.open(PAGE)
    kim.send(PAGE, action="cancel", cancel_reason="bought elsewhere")
    (change,) = host.order_changes.of_order("R-3001")
    host.order_changes._answer(change, "refused", "line 1 is on the lorry")
    kim.open("/orders/R-3001")
    assert "CO-1 The ERP said no" in kim.text()
    assert "Line 1 is on the lorry." in kim.text()


def test_an_order_that_the_erp_does_not_have_yet_cannot_be_changed(kim, host, order):
    host.crm.all_orders[order.id] = attrs.evolve(order, erp_order_id="", status="submitted")
    assert PAGE not in kim.open("/orders/R-3001")
    assert "There is nothing to change" in kim.open(PAGE)
    kim.open("/accounts")
    kim.send(PAGE, action="cancel", cancel_reason="no")
    assert "is not in the ERP yet" in kim.text()


@pytest.fixture
def unknown(host, order):
    """Nobody knows whether the ERP has the order."""
    host.crm.all_orders[order.id] = attrs.evolve(order, erp_order_id="", status="submitted")
    rows = Rows(host.store)
    placement, _new = rows.begin(
        "crm", order.id, "main", "C-10001", "key-1", "sent; the ERP keeps no keys"
    )
    rows.move(placement, "possibly_created", "not found by 09:40; it is not looked for any longer")
    host.deliveries.add(state="dead", failure="possibly_created", cause="it was sent")
    return host.placements.get(order.id)


def test_a_possibly_created_order_shows_its_evidence_and_what_to_do(kim, unknown):
    kim.open("/orders/R-3001")
    text = kim.text()
    assert "an order of customer C-10001 with the reference R-3001" in text
    assert "sent; the ERP keeps no keys" in text
    assert "not found by 09:40; it is not looked for any longer" in text
    assert "Try again" not in text
    kim.open("/deliveries")
    assert 'href="/orders/R-3001#created">Say what is there' in kim.html


def test_it_is_there_is_checked_before_it_is_believed(kim, host, unknown, order):
    kim.open("/orders/R-3001")
    kim.send("/orders/R-3001/created", action="confirm")
    assert "Say as which order you found it" in kim.text()
    kim.send("/orders/R-3001/created", action="confirm", erp_order="SO-9")
    assert "The ERP has no such order." in kim.text()
    other = attrs.evolve(order, id="SO-8", customer_id="C-10002", reference="R-1")
    host.erp.orders["SO-8"] = other
    kim.send("/orders/R-3001/created", action="confirm", erp_order="SO-8")
    assert "is for customer C-10002" in kim.text()
    assert 'aria-describedby="f-erp_order-said" aria-invalid="true"' in kim.html
    host.erp.orders["SO-7"] = attrs.evolve(
        order, id="SO-7", customer_id="C-10001", reference="R-3001"
    )
    kim.send("/orders/R-3001/created", action="confirm", erp_order="SO-7")
    assert "The order is linked" in kim.text()
    assert host.placements.get("R-3001").erp_order_id == "SO-7"


def test_it_is_not_there_needs_a_reason_and_is_sent(kim, host, unknown):
    kim.open("/orders/R-3001")
    kim.send("/orders/R-3001/created", action="deny")
    assert "Say how you know" in kim.text()
    assert host.placements.get("R-3001").state == "possibly_created"
    kim.send("/orders/R-3001/created", action="deny", reason="asked their buyer")
    assert "The order is sent to the ERP now." in kim.text()
    placement = host.placements.get("R-3001")
    assert (placement.state, placement.revision) == ("intended", 1)
    assert placement.evidence[-1].text == (
        "user:U-kim says that the ERP does not have it: asked their buyer"
    )
