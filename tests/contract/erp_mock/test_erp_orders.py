"""Orders: approval, holds, changes, reservation, shipping in parts, and what is refused."""

from datetime import timedelta

import pytest

ONE = {"itemId": "BRG-1001", "quantity": "1"}


def quantities(order, line=1):
    return next(each for each in order["lines"] if each["line"] == line)["quantities"]


def on(erp, order, action=""):
    return f"/sales-orders/{order['id']}{action}"


# Credit and approval


def test_an_order_of_a_customer_on_hold_awaits_approval(erp):
    order = erp.order("C-10003", ("BRG-1001", 1))

    assert (order["status"], order["approval"]["status"]) == ("on_hold", "pending")
    assert order["approval"]["reasons"] == [
        {"code": "customer_on_hold", "message": "The customer is on hold: Disputed invoice."}
    ]


def test_a_limit_of_zero_lets_nothing_pass_unapproved(erp):
    assert erp.order("C-10006", ("BRG-1001", 1))["approval"]["status"] == "pending"


def test_the_company_may_refuse_instead(erp):
    erp.patch("/company", {"creditPolicy": "refuse"})

    body = {"customerId": "C-10006", "lines": [ONE]}
    assert erp.refused("POST", "/sales-orders", body) == (422, "credit_limit_exceeded")
    assert erp.get("/items/BRG-1001/stock")["reserved"] == "10"


def test_past_due_invoices_stop_an_order_by_policy(erp):
    assert erp.order("C-10001", ("BRG-1001", 1))["status"] == "confirmed"
    erp.patch("/company", {"pastDuePolicy": "refuse"})

    body = {"customerId": "C-10001", "lines": [ONE]}
    assert erp.refused("POST", "/sales-orders", body) == (422, "past_due")


def test_a_rejected_order_gives_its_goods_back(erp):
    order = erp.order("C-10003", ("BRG-1001", 20))
    assert erp.get("/items/BRG-1001/stock")["available"] == "25"

    rejected = erp.post(on(erp, order, "/reject"), {"actor": "lee", "note": "Pay first"})

    assert (rejected["status"], rejected["total"]) == ("rejected", "0.00")
    assert quantities(rejected)["cancelled"] == "20"
    assert erp.get("/items/BRG-1001/stock")["available"] == "45"
    assert erp.get("/customers/C-10003/credit")["exposure"] == "0.00"


def test_release_does_not_replace_approval(erp):
    order = erp.order("C-10003", ("BRG-1001", 1))

    assert erp.refused("POST", on(erp, order, "/release")) == (409, "approval_required")


def test_a_hold_by_hand_keeps_goods_and_stops_shipping(erp):
    order = erp.order("C-10002", ("BRG-1001", 3))
    held = erp.post(on(erp, order, "/hold"), {"reason": "Address unclear", "actor": "kim"})

    assert held["holds"] == [
        {"code": "manual", "reason": "Address unclear", "placedAt": "2026-11-20T08:00:00Z",
         "placedBy": "kim"}
    ]  # fmt: skip
    assert quantities(held)["reserved"] == "3"
    assert erp.refused("POST", on(erp, order, "/picks")) == (409, "order_on_hold")
    again = erp.refused("POST", on(erp, order, "/hold"), {"reason": "Still"})
    assert again == (409, "already_on_hold")
    assert erp.post(on(erp, order, "/release"))["status"] == "confirmed"


# Reservation


def test_the_first_to_ask_is_served_first(erp):
    first = erp.order("C-10002", ("BRG-1001", 40))
    second = erp.order("C-10002", ("BRG-1001", 40))

    assert (quantities(first)["reserved"], quantities(second)["reserved"]) == ("40", "5")
    assert quantities(second)["backordered"] == "35"
    assert second["lines"][0]["promisedOn"] == "2026-11-27"  # nothing comes in; bought in 7 days

    erp.post(on(erp, first, "/cancel"), {"note": "Changed their minds"})

    second = erp.get(on(erp, second))
    assert quantities(second)["reserved"] == "40"
    assert second["history"][-1]["event"] == "allocated"


def test_goods_that_are_announced_arrive_on_their_day(erp):
    order = erp.get("/sales-orders/SO-100003")
    assert quantities(order)["backordered"] == "3"

    erp.world.clock.advance(timedelta(days=10))  # 30 November
    assert quantities(erp.get("/sales-orders/SO-100003"))["backordered"] == "3"
    erp.world.clock.advance(timedelta(days=1))

    assert quantities(erp.get("/sales-orders/SO-100003"))["backordered"] == "0"
    stock = erp.get("/items/BRG-1002/stock")
    assert (stock["onHand"], stock["reserved"], stock["available"]) == ("25", "8", "17")
    (received,) = erp.get("/items/BRG-1002/receipts", status="received")["items"]
    assert received["receivedOn"] == "2026-12-01"
    assert {each["entity"] for each in erp.get("/changes")["items"]} == {"stock", "sales_order"}


def test_a_receipt_fills_back_orders_first(erp):
    erp.post("/items/BRG-1002/receipts", {"quantity": "2", "location": "SHOP"})

    assert quantities(erp.get("/sales-orders/SO-100003"))["reserved"] == "7"
    assert erp.get("/items/BRG-1002/stock")["available"] == "0"


def test_a_service_needs_no_stock(erp):
    order = erp.order("C-10002", ("SRV-1", 3))

    assert quantities(order)["reserved"] == "3"
    assert erp.post(on(erp, order, "/shipments"))["lines"][0]["quantity"] == "3"


# Changes


def test_a_larger_quantity_is_priced_anew_and_reserved(erp):
    order = erp.order("C-10001", ("BRG-1001", 9))
    assert order["lines"][0]["unitPrice"] == "9.00"

    changed = erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "10"}], "actor": "kim"})

    assert (changed["lines"][0]["unitPrice"], changed["net"]) == ("8.50", "85.00")
    assert quantities(changed)["reserved"] == "10"
    event = changed["history"][-1]
    assert (event["event"], event["actor"]) == ("changed", "kim")
    assert event["changes"] == [
        {"line": 1, "field": "quantity", "from": "9", "to": "10"},
        {"line": 1, "field": "unitPrice", "from": "9.00", "to": "8.50"},
    ]


def test_an_agreed_price_stays_agreed_when_the_quantity_changes(erp):
    order = erp.order("C-10001", {"itemId": "BRG-1001", "quantity": "9", "unitPrice": "8.75"})

    changed = erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "100"}]})

    assert (changed["lines"][0]["unitPrice"], changed["lines"][0]["priceRule"]) == (
        "8.75", "agreed",
    )  # fmt: skip


def test_a_smaller_quantity_gives_goods_to_those_who_wait(erp):
    first = erp.order("C-10002", ("BRG-1001", 45))
    second = erp.order("C-10002", ("BRG-1001", 5))

    erp.patch(on(erp, first), {"lines": [{"line": 1, "quantity": "42"}]})

    assert quantities(erp.get(on(erp, second)))["reserved"] == "3"


def test_a_change_over_the_limit_awaits_approval_again(erp):
    order = erp.order("C-10001", ("BRG-1001", 10))
    assert order["status"] == "confirmed"

    changed = erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "99"}]})

    assert (changed["status"], changed["approval"]["status"]) == ("on_hold", "pending")


def test_a_change_that_makes_it_smaller_needs_no_approval(erp):
    order = erp.order("C-10001", ("BRG-1001", 99))
    erp.post(on(erp, order, "/approve"))

    changed = erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "98"}]})

    assert (changed["status"], changed["approval"]["status"]) == ("confirmed", "approved")


def test_a_change_that_leaves_nothing_open_leaves_nothing_to_approve(erp):
    order = erp.order("C-10003", ("BRG-1001", 2), ("SRV-1", 1))
    assert order["approval"]["status"] == "pending"
    part = erp.patch(on(erp, order), {"lines": [{"line": 1, "cancel": True}]})
    assert (part["status"], part["approval"]["status"]) == ("on_hold", "pending")

    none = erp.patch(on(erp, order), {"lines": [{"line": 2, "cancel": True}]})

    assert (none["status"], none["holds"]) == ("cancelled", [])
    assert none["approval"]["status"] == erp.order("C-10002", ("BRG-1001", 1))["approval"]["status"]
    assert erp.refused("POST", on(erp, order, "/approve")) == (409, "not_awaiting_approval")


def test_a_held_order_whose_rest_is_changed_away_counts_as_shipped(erp):
    order = erp.order("C-10002", ("BRG-1001", 5))
    erp.post(on(erp, order, "/shipments"), {"lines": [{"orderLine": 1, "quantity": "3"}]})
    erp.post(on(erp, order, "/hold"), {"reason": "Address unclear"})

    changed = erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "3"}]})

    assert (changed["status"], changed["holds"]) == ("shipped", [])


def test_lines_are_added_cancelled_and_dated(erp):
    order = erp.order("C-10002", ("BRG-1001", 3), ("SRV-1", 1))

    changed = erp.patch(
        on(erp, order),
        {
            "requestedOn": "2026-12-24",
            "carrier": "Southline",
            "shipTo": {"city": "Leeds"},
            "lines": [{"line": 2, "cancel": True}],
            "addLines": [{"itemId": "BRG-1002", "quantity": "1"}],
        },
    )

    assert [line["promisedOn"] for line in changed["lines"]] == [
        "2026-12-24", "2026-11-20", "2026-12-24",
    ]  # fmt: skip
    assert quantities(changed, 2)["cancelled"] == "1"
    assert (changed["lines"][1]["net"], changed["shipTo"]["city"]) == ("0.00", "Leeds")
    assert changed["shipTo"]["street"] == "1 Dock Road"


def test_what_is_shipped_cannot_be_changed_away(erp):
    order = erp.order("C-10002", ("BRG-1001", 5))
    erp.post(on(erp, order, "/shipments"), {"lines": [{"orderLine": 1, "quantity": "3"}]})
    etag = erp.call("GET", on(erp, order)).headers["etag"]

    body = {"lines": [{"line": 1, "quantity": "2"}]}
    assert erp.refused("PATCH", on(erp, order), body, If_Match=etag) == (422, "quantity_below_done")
    assert (
        quantities(erp.patch(on(erp, order), {"lines": [{"line": 1, "quantity": "3"}]}))["open"]
        == "0"
    )


def test_a_closed_order_cannot_be_changed(erp):
    etag = erp.call("GET", "/sales-orders/SO-100002").headers["etag"]

    body = {"carrier": "X"}
    refused = erp.refused("PATCH", "/sales-orders/SO-100002", body, If_Match=etag)
    assert refused == (409, "order_closed")


# Shipping, invoicing, returning in parts


def test_more_than_is_reserved_cannot_be_shipped(erp):
    order = erp.order("C-10002", ("BRG-1001", 50))  # 45 are free

    body = {"lines": [{"orderLine": 1, "quantity": "46"}]}
    assert erp.refused("POST", on(erp, order, "/shipments"), body) == (
        422, "quantity_exceeds_reserved",
    )  # fmt: skip


def test_parts_are_shipped_and_invoiced_shipment_by_shipment(erp):
    order = erp.order("C-10002", ("BRG-1001", 10))
    first = erp.post(on(erp, order, "/shipments"), {"lines": [{"orderLine": 1, "quantity": "4"}]})
    second = erp.post(on(erp, order, "/shipments"))

    of_second = erp.post(on(erp, order, "/invoices"), {"shipmentId": second["id"]})
    rest = erp.post(on(erp, order, "/invoices"))

    assert [(line["shipmentId"], line["quantity"]) for line in of_second["lines"]] == [
        (second["id"], "6")
    ]
    assert [(line["shipmentId"], line["quantity"]) for line in rest["lines"]] == [
        (first["id"], "4")
    ]
    assert erp.refused("POST", on(erp, order, "/invoices")) == (409, "nothing_to_invoice")


def test_one_invoice_of_two_shipments_names_both(erp):
    order = erp.order("C-10002", ("BRG-1001", 10))
    erp.post(on(erp, order, "/shipments"), {"lines": [{"orderLine": 1, "quantity": "4"}]})
    erp.post(on(erp, order, "/shipments"))

    invoice = erp.post(on(erp, order, "/invoices"), {"lines": [{"orderLine": 1, "quantity": "7"}]})

    assert [line["quantity"] for line in invoice["lines"]] == ["4", "3"]


def test_what_came_back_before_it_was_invoiced_is_never_invoiced(erp):
    order = erp.order("C-10002", ("BRG-1001", 10))
    erp.post(on(erp, order, "/shipments"))
    erp.post("/returns", {"orderId": order["id"], "lines": [{"orderLine": 1, "quantity": "4"}]})

    invoice = erp.post(on(erp, order, "/invoices"))

    assert invoice["lines"][0]["quantity"] == "6"
    assert erp.get(on(erp, order))["status"] == "invoiced"


def test_goods_that_are_not_fit_do_not_go_back_into_stock(erp):
    order = erp.order("C-10002", ("BRG-1001", 10))
    erp.post(on(erp, order, "/shipments"))
    erp.post(
        "/returns",
        {"orderId": order["id"], "restock": False, "lines": [{"orderLine": 1, "quantity": "4"}]},
    )

    assert erp.get("/items/BRG-1001/stock")["onHand"] == "45"


def test_no_more_comes_back_than_was_shipped(erp):
    body = {"orderId": "SO-100002", "lines": [{"orderLine": 1, "quantity": "20"}]}

    assert erp.refused("POST", "/returns", body) == (422, "quantity_exceeds_shipped")


def test_a_whole_invoice_credited_in_parts_comes_out_even(erp):
    order = erp.order("C-10002", {"itemId": "BRG-1001", "quantity": "3", "unitPrice": "0.335"})
    erp.post(on(erp, order, "/shipments"))
    invoice = erp.post(on(erp, order, "/invoices"))
    assert invoice["net"] == "1.01"

    one = {"lines": [{"invoiceLine": 1, "quantity": "1"}]}
    notes = [
        erp.post("/credit-notes", {"invoiceId": invoice["id"], "reason": "Price", **each})
        for each in (one, one, {})
    ]

    assert [note["net"] for note in notes] == ["0.34", "0.34", "0.33"]
    body = {"invoiceId": invoice["id"], "reason": "Again"}
    assert erp.refused("POST", "/credit-notes", body) == (409, "nothing_to_credit")


def test_a_credit_beyond_what_is_open_stays_unapplied(erp):
    order = erp.order("C-10002", ("BRG-1001", 10))
    erp.post(on(erp, order, "/shipments"))
    invoice = erp.post(on(erp, order, "/invoices"))
    erp.post(
        "/payments",
        {"customerId": "C-10002", "amount": "90.00",
         "applications": [{"invoiceId": invoice["id"], "amount": "90.00"}]},
    )  # fmt: skip

    note = erp.post("/credit-notes", {"invoiceId": invoice["id"], "reason": "All back"})

    # 94.80 less the 4.80 that were open
    assert (note["appliedAmount"], note["unappliedAmount"]) == ("4.80", "90.00")
    assert erp.get("/customers/C-10002/credit")["balance"] == "-90.00"


# Payments


@pytest.mark.parametrize(
    ("payment", "code", "pointer"),
    [
        ({"amount": "500.00", "applications": [{"invoiceId": "IN-300001", "amount": "116.01"}]},
         "amount_exceeds_open", "/applications/0/amount"),
        ({"amount": "50.00", "applications": [{"invoiceId": "IN-300001", "amount": "50.01"}]},
         "amount_exceeds_unapplied", "/applications/0/amount"),
        ({"amount": "100.00", "applications": [
            {"invoiceId": "IN-300001", "amount": "60.00"},
            {"invoiceId": "IN-300001", "amount": "60.00"},
        ]}, "amount_exceeds_open", "/applications/1/amount"),
        ({"amount": "50.00", "currency": "EUR",
          "applications": [{"invoiceId": "IN-300001", "amount": "50.00"}]},
         "currency_mismatch", "/applications/0/invoiceId"),
        ({"amount": "50.00", "applications": [{"invoiceId": "IN-0", "amount": "50.00"}]},
         "unknown_invoice", "/applications/0/invoiceId"),
        ({"amount": "0.00"}, "amount_not_positive", "/amount"),
        ({"amount": "1.005"}, "amount_too_fine", "/amount"),
        ({"amount": "1.00", "receivedOn": "2026-11-21"}, "date_in_the_future", "/receivedOn"),
    ],
)  # fmt: skip
def test_a_payment_that_does_not_fit_is_refused_and_leaves_nothing(erp, payment, code, pointer):
    before = erp.get("/invoices/IN-300001")

    response = erp.call("POST", "/payments", {"customerId": "C-10001", **payment})

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["errors"][0]["pointer"] == pointer
    assert erp.get("/invoices/IN-300001") == before
    assert erp.get("/changes")["items"] == []


def test_a_payment_settles_invoices_of_its_own_customer_only(erp):
    body = {"customerId": "C-10002", "amount": "10.00", "applications": [
        {"invoiceId": "IN-300001", "amount": "10.00"}
    ]}  # fmt: skip

    assert erp.refused("POST", "/payments", body) == (422, "invoice_of_another_customer")


def test_the_remainder_of_a_credit_note_is_applied_later(erp):
    note = erp.post(
        "/credit-notes/CN-400001/applications",
        {"applications": [{"invoiceId": "IN-300001", "amount": "10.80"}]},
    )

    assert (note["unappliedAmount"], note["open"]) == ("0.00", False)
    assert erp.get("/invoices/IN-300001")["creditedAmount"] == "10.80"
    assert erp.get("/customers/C-10001/credit")["balance"] == "102.45"
