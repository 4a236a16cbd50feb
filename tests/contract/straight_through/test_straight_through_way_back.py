"""Each turn that an order can take in the ERP, as the CRM tells it."""

from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import NotFound
from crossdock.records import Change, DocumentChanged, Money


@pytest.fixture
def isolation():
    """What is told is the same in a process; the orders' own tests prove that."""
    return "inline"


@pytest.fixture
def placed(scene, promoted):
    """The CRM order and the ERP's id of it."""
    scene.deliver(promoted)
    order = scene.host.crm.order(promoted.order.id)
    return order.id, order.erp_order_id


_READ = {
    "order": "order",
    "shipment": "shipment",
    "invoice": "invoice",
    "credit_note": "credit_note",
    "payment": "payment",
    "return": "goods_return",
}


def _tell(scene, entity, document_id, *, document=None, before=None, action="updated"):
    change = Change(
        cursor="1", system="main", entity=entity, id=document_id, action=action,
        at=scene.host.now(),
    )  # fmt: skip
    document = document or getattr(scene.host.erp, _READ[entity])(document_id)
    event = DocumentChanged(change=change, document=document, before=before)
    scene.deliver(event, key=f"{entity}-{document_id}")


def _titles(scene, order_id):
    return [event.title for event in scene.host.crm.order_events(order_id)]


def _delete(scene, monkeypatch, entity, document_id):
    """Let the ERP have a document no longer, and tell of that as the feed does."""
    erp = scene.host.erp.using("main")
    last = getattr(erp, _READ[entity])(document_id)

    def gone(asked):
        raise NotFound(f"main has no {entity} {asked}", system="main")

    monkeypatch.setattr(erp, _READ[entity], gone)
    for _ in range(2):
        _tell(scene, entity, document_id, document=last, before=last, action="deleted")


def test_a_hold_that_was_released_before_anybody_looked_is_told_all_the_same(scene, placed):
    order_id, erp_id = placed
    for _ in range(2):
        scene.act(f"/sales-orders/{erp_id}/hold", reason="customer asked to wait")
        scene.act(f"/sales-orders/{erp_id}/release")
    for _ in range(2):
        _tell(scene, "order", erp_id)

    order = scene.host.crm.order(order_id)
    assert (order.status, order.hold_reason) == ("confirmed", "")
    titles = _titles(scene, order_id)
    assert (titles.count("Put on hold"), titles.count("Released")) == (2, 2)
    assert titles.count("Confirmed") == 1
    (first, _) = [e for e in scene.host.crm.order_events(order_id) if e.kind == "on_hold"]
    assert first.text == "customer asked to wait"


def _hold_the_customer(scene):
    answer = scene.office.get("/customers/C-10001")
    held = scene.office.patch(
        "/customers/C-10001",
        json={"onHold": True, "holdReason": "unpaid invoices"},
        headers={"If-Match": answer.headers["etag"]},
    )
    assert held.is_success, held.text


@pytest.mark.parametrize(
    ("decision", "status", "told"),
    [("approve", "confirmed", "Approved"), ("reject", "rejected", "Rejected")],
)
def test_an_approval_in_the_erp_and_its_rejection_are_told(scene, promoted, decision, status, told):
    _hold_the_customer(scene)
    scene.deliver(promoted)
    order_id = promoted.order.id
    held = scene.host.crm.order(order_id)
    assert held.status == "on_hold"
    assert "unpaid invoices" in held.hold_reason

    scene.act(f"/sales-orders/{held.erp_order_id}/{decision}", note="spoke with them")
    _tell(scene, "order", held.erp_order_id)

    assert scene.host.crm.order(order_id).status == status
    events = scene.host.crm.order_events(order_id)
    (decided,) = [event for event in events if event.title == told]
    assert decided.text == "spoke with them"


def test_what_is_picked_and_what_waits_for_goods_is_told(scene, placed):
    order_id, erp_id = placed
    more = scene.office.patch(
        f"/sales-orders/{erp_id}",
        json={"lines": [{"line": 1, "quantity": "100000"}]},
        headers={"If-Match": "*"},
    )
    assert more.is_success, more.text
    scene.act(f"/sales-orders/{erp_id}/approve")  # it is far beyond the customer's credit
    scene.act(f"/sales-orders/{erp_id}/picks")
    _tell(scene, "order", erp_id)

    line = scene.host.crm.order(order_id).lines[0]
    assert line.back_ordered > 0
    assert line.reserved + line.back_ordered == line.quantity == Decimal(100_000)
    assert _titles(scene, order_id).count("Picked") == 1


def test_a_partial_invoice_a_part_payment_and_the_rest_are_told(scene, placed):
    order_id, erp_id = placed
    scene.act(f"/sales-orders/{erp_id}/shipments", "ship")
    first = scene.act(
        f"/sales-orders/{erp_id}/invoices", "bill-1", lines=[{"orderLine": 1, "quantity": "1"}]
    )
    _tell(scene, "invoice", first["id"])
    assert scene.host.crm.order(order_id).status == "partly_invoiced"
    assert scene.host.crm.order(order_id).lines[0].invoiced == 1

    rest = scene.act(f"/sales-orders/{erp_id}/invoices", "bill-2")
    _tell(scene, "invoice", rest["id"])
    for invoice, amounts in ((first, ["1.00", None]), (rest, [None])):
        for number, amount in enumerate(amounts):
            _pay(scene, invoice["id"], amount, f"{invoice['id']}-{number}", order_id)

    assert scene.host.crm.order(order_id).status == "paid"
    titles = _titles(scene, order_id)
    assert f"Payment of {Money('1.00', 'EUR')}" in titles
    assert sum(title.startswith("Payment of ") for title in titles) == 3
    assert (titles.count("Partly invoiced"), titles.count("Invoiced in full")) == (1, 1)
    assert titles.count("Paid in full") == 1


def _pay(scene, invoice_id, amount, key, order_id):
    invoice = scene.office.get(f"/invoices/{invoice_id}").json()
    assert scene.host.crm.order(order_id).status != "paid"
    amount = amount or invoice["openAmount"]
    payment = scene.act(
        "/payments", key, customerId=invoice["billToId"], currency="EUR", amount=amount,
        method="transfer", applications=[{"invoiceId": invoice_id, "amount": amount}],
    )  # fmt: skip
    _tell(scene, "payment", payment["id"])
    return payment


def test_a_credit_note_over_two_invoices_finds_its_order(scene, placed):
    order_id, erp_id = placed
    path = f"/sales-orders/{erp_id}"
    for number in (1, 2):
        scene.act(f"{path}/shipments", f"ship-{number}", lines=[{"orderLine": 1, "quantity": "1"}])
        scene.act(f"{path}/invoices", f"bill-{number}")
    back = scene.act(
        "/returns", "back", orderId=erp_id, reason="damaged",
        lines=[{"orderLine": 1, "quantity": "2"}],
    )  # fmt: skip
    note = scene.act("/credit-notes", "credit", returnId=back["id"], reason="damaged")
    assert note["invoiceId"] is None

    _tell(scene, "credit_note", note["id"])

    (told,) = [e for e in scene.host.crm.order_events(order_id) if e.kind == "credited"]
    assert (told.document_id, told.text) == (note["id"], "damaged")


def test_the_rest_of_an_order_is_cancelled(scene, placed):
    order_id, erp_id = placed
    part = scene.act(
        f"/sales-orders/{erp_id}/shipments", "ship", lines=[{"orderLine": 1, "quantity": "1"}]
    )
    scene.act(f"/sales-orders/{erp_id}/cancel")
    _tell(scene, "shipment", part["id"])
    _tell(scene, "order", erp_id)

    order = scene.host.crm.order(order_id)
    assert order.status == "shipped"
    assert all(line.quantity == line.cancelled + line.shipped for line in order.lines)
    titles = _titles(scene, order_id)
    assert "The rest was cancelled" in titles
    assert "Cancelled" not in titles
    assert titles.count("Shipped in full") == 1


def test_a_rejection_after_a_part_was_shipped_is_told_as_one_of_the_rest(scene, placed):
    order_id, erp_id = placed
    path = f"/sales-orders/{erp_id}"
    scene.act(f"{path}/shipments", "ship", lines=[{"orderLine": 1, "quantity": "1"}])
    _hold_the_customer(scene)
    more = scene.office.patch(
        path, json={"lines": [{"line": 1, "quantity": "100"}]}, headers={"If-Match": "*"}
    )
    assert more.is_success, more.text
    assert more.json()["approval"]["status"] == "pending"

    scene.act(f"{path}/reject", note="they have to pay first")
    for _ in range(2):
        _tell(scene, "order", erp_id)

    order = scene.host.crm.order(order_id)
    assert order.status == "shipped"
    assert all(line.quantity == line.cancelled + line.shipped for line in order.lines)
    titles = _titles(scene, order_id)
    assert "Rejected" not in titles
    assert titles.count("Shipped in full") == 1
    (told,) = [e for e in scene.host.crm.order_events(order_id) if "rejected" in e.title]
    assert (told.title, told.text) == ("The rest was rejected", "they have to pay first")


def test_an_order_that_was_deleted_in_the_erp_is_shown_as_cancelled(scene, placed, monkeypatch):
    order_id, erp_id = placed

    _delete(scene, monkeypatch, "order", erp_id)

    order = scene.host.crm.order(order_id)
    assert order.status == "cancelled"
    assert all(line.cancelled == line.quantity for line in order.lines)
    assert _titles(scene, order_id).count(f"Order {erp_id} was deleted in main") == 1


def test_what_was_shipped_of_a_deleted_order_stays_shipped(scene, placed, monkeypatch):
    order_id, erp_id = placed
    part = scene.act(
        f"/sales-orders/{erp_id}/shipments", "ship", lines=[{"orderLine": 1, "quantity": "1"}]
    )
    _tell(scene, "shipment", part["id"])

    _delete(scene, monkeypatch, "order", erp_id)

    order = scene.host.crm.order(order_id)
    assert order.status == "shipped"
    assert order.lines[0].shipped == 1


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        ("shipment", "Shipment"), ("invoice", "Invoice"), ("credit_note", "Credit note"),
        ("payment", "Payment"), ("return", "Return"),
    ],
)  # fmt: skip
def test_a_document_that_was_deleted_is_told_once(scene, placed, monkeypatch, entity, name):
    order_id, erp_id = placed
    made = {}
    made["shipment"] = scene.act(f"/sales-orders/{erp_id}/shipments", "ship")["id"]
    made["invoice"] = scene.act(f"/sales-orders/{erp_id}/invoices", "bill")["id"]
    made["payment"] = _pay(scene, made["invoice"], "1.00", "pay", order_id)["id"]
    made["return"] = scene.act(
        "/returns", "back", orderId=erp_id, lines=[{"orderLine": 1, "quantity": "1"}]
    )["id"]
    made["credit_note"] = scene.act(
        "/credit-notes", "credit", returnId=made["return"], reason="damaged"
    )["id"]

    _delete(scene, monkeypatch, entity, made[entity])

    assert _titles(scene, order_id).count(f"{name} {made[entity]} was deleted in main") == 1


def test_a_document_of_a_deleted_order_is_no_failure(scene, placed, monkeypatch):
    order_id, erp_id = placed
    part = scene.act(f"/sales-orders/{erp_id}/shipments", "ship")
    _delete(scene, monkeypatch, "order", erp_id)
    before = _titles(scene, order_id)

    _tell(scene, "shipment", part["id"])

    assert _titles(scene, order_id) == before


def test_an_acknowledgement_that_comes_again_late_takes_nothing_back(scene, promoted):
    scene.deliver(promoted)
    order_id = promoted.order.id
    erp_id = scene.host.crm.order(order_id).erp_order_id
    shipped = scene.act(f"/sales-orders/{erp_id}/shipments", "ship")
    _tell(scene, "shipment", shipped["id"])

    scene.deliver(promoted)  # the ERP replays its first answer: confirmed, nothing shipped

    assert scene.host.crm.order(order_id).status == "shipped"


def test_an_erp_that_keeps_no_history_has_its_orders_holds_told(scene, placed, monkeypatch):
    order_id, erp_id = placed
    erp = scene.host.erp.using("main")
    read = erp.order
    monkeypatch.setattr(erp, "order", lambda each: evolve(read(each), history=()))
    seen = erp.order(erp_id)
    for _ in range(2):
        scene.act(f"/sales-orders/{erp_id}/hold", reason="wait")
        held = erp.order(erp_id)
        _tell(scene, "order", erp_id, document=held, before=seen)
        scene.act(f"/sales-orders/{erp_id}/release")
        free = erp.order(erp_id)
        for _ in range(2):
            _tell(scene, "order", erp_id, document=free, before=held)
        seen = free

    titles = _titles(scene, order_id)
    assert (titles.count("Put on hold"), titles.count("Released")) == (2, 2)


def test_what_the_feed_tells_at_once_stands_in_the_order_in_which_it_happened(scene, placed):
    order_id, erp_id = placed
    more = {"lines": [{"line": 1, "quantity": "100000"}]}
    scene.office.patch(f"/sales-orders/{erp_id}", json=more, headers={"If-Match": "*"})
    scene.act(f"/sales-orders/{erp_id}/approve")
    line = [{"orderLine": 1, "quantity": "1"}]
    shipped = scene.act(f"/sales-orders/{erp_id}/shipments", "ship", lines=line)
    # The clock stood still, and news of the shipment come before those of its order.
    _tell(scene, "shipment", shipped["id"])
    _tell(scene, "order", erp_id)

    titles = _titles(scene, order_id)
    told = [each for each in titles if each.startswith(("Confirmed", "Shipped", "Partly"))]
    assert told == ["Confirmed", "Shipped 1", "Partly shipped"]
    assert titles.index("Approved") < titles.index("Shipped 1")


def test_an_erp_without_a_history_confirms_nothing_that_it_shipped_already(scene, placed):
    order_id, erp_id = placed
    erp = scene.host.erp.using("main")
    whole = erp.order
    heard = evolve(whole(erp_id), history=())
    before = _titles(scene, order_id)
    line = [{"orderLine": 1, "quantity": "1"}]
    shipped = scene.act(f"/sales-orders/{erp_id}/shipments", "ship", lines=line)
    erp.order = lambda asked: evolve(whole(asked), history=())
    try:
        _tell(scene, "shipment", shipped["id"])
        # The order was read before it was shipped, and its news come after.
        _tell(scene, "order", erp_id, document=heard)
    finally:
        del erp.order
    told = _titles(scene, order_id)[len(before) :]
    assert [each.partition(" ")[0] for each in told] == ["Shipped", "Partly"]
