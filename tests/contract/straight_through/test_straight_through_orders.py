"""After the promotion: placed once, and followed until it is paid."""

import pytest
from attrs import evolve

from crossdock.errors import RemoteMisbehaved, RemoteRefused
from crossdock.records import Change, DocumentChanged, Money


def change(entity, document_id, scene):
    return Change(
        cursor="1",
        system="main",
        entity=entity,
        id=document_id,
        action="updated",
        at=scene.host.now(),
    )


def tell(scene, entity, document_id):
    """Deliver that a document changed, as the worker would."""
    reader = {
        "order": scene.host.erp.order,
        "shipment": scene.host.erp.shipment,
        "invoice": scene.host.erp.invoice,
        "credit_note": scene.host.erp.credit_note,
        "payment": scene.host.erp.payment,
        "return": scene.host.erp.goods_return,
    }[entity]
    event = DocumentChanged(change=change(entity, document_id, scene), document=reader(document_id))
    scene.deliver(event, key=f"{entity}-{document_id}")


def titles(scene, order_id):
    return [event.title for event in scene.host.crm.order_events(order_id)]


def test_an_order_is_placed_once_however_often_it_is_delivered(scene, promoted):
    for _ in range(3):
        scene.deliver(promoted)

    (placed,) = scene.erp_orders(promoted.order.id)
    order = scene.host.crm.order(promoted.order.id)
    assert (order.erp_system, order.erp_order_id) == ("main", placed["id"])
    assert titles(scene, order.id) == [f"Acknowledged by main as {placed['id']}"]


def test_the_order_has_every_line_of_the_quote_at_the_price_that_was_quoted(scene, promoted):
    scene.deliver(promoted)

    (placed,) = scene.host.erp.orders_by_reference(promoted.order.id)
    quote = scene.host.crm.quote(promoted.order.quote_id)
    assert [(x.item_id, x.quantity, x.net) for x in placed.lines] == [
        (x.item_id, x.quantity, x.net) for x in quote.lines
    ]
    assert placed.gross == quote.gross


def test_an_order_that_the_erp_refuses_is_told_in_the_crm(scene, promoted):
    answer = scene.office.get("/customers/C-10001")
    customer = answer.json()
    held = scene.office.patch(
        f"/customers/{customer['id']}",
        json={"onHold": True, "holdReason": "unpaid invoices"},
        headers={"If-Match": answer.headers["etag"]},
    )
    assert held.is_success, held.text
    company = scene.office.get("/company")
    refused = scene.office.patch(
        "/company",
        json={"creditPolicy": "refuse"},
        headers={"If-Match": company.headers["etag"]},
    )
    assert refused.is_success, refused.text

    with pytest.raises(RemoteRefused):
        scene.deliver(promoted)

    assert scene.erp_orders(promoted.order.id) == []
    (told,) = scene.host.crm.order_events(promoted.order.id)
    assert told.kind == "failed"
    assert told.text


def test_an_answer_to_another_order_is_never_taken_for_ours(scene, promoted, monkeypatch):
    erp = scene.host.erp.using("main")
    place = erp.place_order

    def confused(*args, **kwargs):
        return evolve(place(*args, **kwargs), reference="R-other")

    monkeypatch.setattr(erp, "place_order", confused)

    with pytest.raises(RemoteMisbehaved, match="R-other"):
        scene.deliver(promoted)
    assert scene.host.crm.order(promoted.order.id).erp_order_id == ""


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_an_order_is_followed_from_shipment_to_payment(scene, promoted):
    scene.deliver(promoted)
    order_id = promoted.order.id
    erp_id = scene.host.crm.order(order_id).erp_order_id
    path = f"/sales-orders/{erp_id}"
    first, *_ = scene.host.erp.order(erp_id).lines

    part = scene.act(
        f"{path}/shipments", "ship-1", lines=[{"orderLine": first.number, "quantity": "1"}]
    )
    tell(scene, "shipment", part["id"])
    assert scene.host.crm.order(order_id).status == "partly_shipped"
    assert scene.host.crm.order(order_id).lines[0].shipped == 1

    rest = scene.act(f"{path}/shipments", "ship-2")
    tell(scene, "shipment", rest["id"])
    invoice = scene.act(f"{path}/invoices", "invoice-1")
    tell(scene, "invoice", invoice["id"])
    payment = scene.act(
        "/payments",
        "pay-1",
        customerId=invoice["billToId"],
        currency="EUR",
        amount=invoice["openAmount"],
        method="transfer",
        applications=[{"invoiceId": invoice["id"], "amount": invoice["openAmount"]}],
    )
    for _ in range(2):
        tell(scene, "payment", payment["id"])

    assert scene.host.crm.order(order_id).status == "paid"
    gross = Money(invoice["total"], "EUR")
    assert titles(scene, order_id)[1:] == [
        "Confirmed",
        "Shipped 1",
        "Partly shipped",
        titles(scene, order_id)[4],
        "Shipped in full",
        f"Invoiced {gross}",
        "Invoiced in full",
        f"Payment of {gross}",
        "Paid in full",
    ]


def test_goods_that_come_back_and_their_credit_are_told(scene, promoted):
    scene.deliver(promoted)
    order_id = promoted.order.id
    erp_id = scene.host.crm.order(order_id).erp_order_id
    scene.act(f"/sales-orders/{erp_id}/shipments", "ship")
    scene.act(f"/sales-orders/{erp_id}/invoices", "invoice")
    back = scene.act(
        "/returns",
        "return",
        orderId=erp_id,
        reason="damaged",
        lines=[{"orderLine": 1, "quantity": "1"}],
    )
    tell(scene, "return", back["id"])
    credit = scene.act("/credit-notes", "credit", returnId=back["id"], reason="damaged")
    tell(scene, "credit_note", credit["id"])

    assert scene.host.crm.order(order_id).lines[0].returned == 1
    assert "Goods came back" in titles(scene, order_id)
    assert any(title.startswith("Credited ") for title in titles(scene, order_id))


def test_an_order_that_was_entered_in_the_erp_concerns_no_crm_order(scene):
    entered = scene.act(
        "/sales-orders",
        "by-hand",
        customerId="C-10001",
        lines=[{"itemId": "BRG-1001", "quantity": "1"}],
    )

    tell(scene, "order", entered["id"])

    assert scene.host.erp.order(entered["id"]).reference == ""


def test_a_hold_and_its_release_are_told(scene, promoted):
    scene.deliver(promoted)
    order_id = promoted.order.id
    erp_id = scene.host.crm.order(order_id).erp_order_id

    scene.act(f"/sales-orders/{erp_id}/hold", reason="customer asked to wait")
    tell(scene, "order", erp_id)

    held = scene.host.crm.order(order_id)
    assert held.status == "on_hold"
    assert "customer asked to wait" in held.hold_reason
    assert titles(scene, order_id)[-1] == "Put on hold"


def test_a_shipment_that_is_told_late_still_says_what_it_completed(scene, promoted):
    scene.deliver(promoted)
    order_id = promoted.order.id
    path = f"/sales-orders/{scene.host.crm.order(order_id).erp_order_id}"
    part = scene.act(f"{path}/shipments", "ship-1", lines=[{"orderLine": 1, "quantity": "1"}])
    rest = scene.act(f"{path}/shipments", "ship-2")

    tell(scene, "shipment", part["id"])
    tell(scene, "shipment", rest["id"])

    assert titles(scene, order_id)[1:4] == ["Confirmed", "Shipped 1", "Partly shipped"]
    assert titles(scene, order_id)[-1] == "Shipped in full"
    assert scene.host.crm.order(order_id).status == "shipped"
