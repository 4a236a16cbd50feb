"""One quote all the way to cash, and what has to hold at each step."""

SOURCE = {"system": "crm", "opportunityId": "O-7", "quoteId": "Q-9", "orderId": "R-11"}


def test_a_quote_becomes_cash_and_every_step_can_be_traced(erp):
    simulated = erp.post(
        "/price-simulations",
        {"customerId": "C-10001", "lines": [
            {"itemId": "BRG-1001", "quantity": "60"}, {"itemId": "BRG-1002", "quantity": "25"},
        ]},
    )  # fmt: skip
    # 60 x 8.50 = 510.00 and 25 x 9.50 = 237.50; 747.50 with 149.50 tax is 897.00
    assert simulated["total"] == "897.00"
    assert simulated["credit"]["outcome"] == "hold"  # 801.45 were left

    order = erp.order(
        "C-10001", ("BRG-1001", 60), ("BRG-1002", 25),
        externalReference="crm-R-11", customerReference="PO-88", source=SOURCE, actor="kim",
    )  # fmt: skip
    path = f"/sales-orders/{order['id']}"
    assert (order["total"], order["status"]) == ("897.00", "on_hold")
    assert order["approval"]["status"] == "pending"
    assert [each["code"] for each in order["approval"]["reasons"]] == ["credit_limit_exceeded"]
    assert erp.refused("POST", f"{path}/shipments") == (409, "order_on_hold")
    erp.check_invariants()

    approved = erp.post(f"{path}/approve", {"actor": "lee", "note": "Known good payer"})
    assert (approved["status"], approved["approval"]["decidedBy"]) == ("confirmed", "lee")
    erp.check_invariants()

    picked = erp.post(f"{path}/picks", {"lines": [{"orderLine": 1, "quantity": "10"}]})
    assert picked["lines"][0]["quantities"]["picked"] == "10"
    # 45 of 60 bearings are free; nothing of the second line, whose 5 are another order's.
    shipment = erp.post(f"{path}/shipments", {"carrier": "Northline", "tracking": "NL-2"})
    assert [(each["orderLine"], each["quantity"]) for each in shipment["lines"]] == [(1, "45")]
    order = erp.get(path)
    assert (order["status"], order["shippingStatus"]) == ("partly_shipped", "partly")
    erp.check_invariants()

    invoice = erp.post(f"{path}/invoices", {"lines": [{"orderLine": 1, "quantity": "40"}]})
    (line,) = invoice["lines"]
    assert (line["orderId"], line["orderLine"]) == (order["id"], 1)
    assert (line["shipmentId"], line["shipmentLine"]) == (shipment["id"], 1)
    assert (invoice["total"], invoice["dueOn"]) == ("408.00", "2026-12-20")
    assert invoice["source"]["opportunityId"] == "O-7"
    credit = erp.get("/customers/C-10001/credit")
    assert credit["shippedNotInvoiced"] == "51.00"  # 5 x 8.50 and tax
    erp.check_invariants()

    payment = erp.post(
        "/payments",
        {"customerId": "C-10001", "amount": "400.00", "method": "transfer",
         "applications": [{"invoiceId": invoice["id"], "amount": "300.00"}]},
    )  # fmt: skip
    assert payment["unappliedAmount"] == "100.00"
    payment = erp.post(
        f"/payments/{payment['id']}/applications",
        {"applications": [{"invoiceId": invoice["id"], "amount": "57.00"}]},
    )
    assert payment["unappliedAmount"] == "43.00"
    erp.check_invariants()

    returned = erp.post(
        "/returns",
        {"orderId": order["id"], "reason": "Too many", "lines": [
            {"orderLine": 1, "quantity": "10"}
        ]},
    )  # fmt: skip
    # The 10 came back into stock and went to the 15 of the same line that were still waiting.
    order = erp.get(path)
    assert order["lines"][0]["quantities"]["reserved"] == "10"
    # 45 shipped, 10 back: 35 are kept, 40 were invoiced, so 5 are to be credited.
    assert order["lines"][0]["quantities"]["toInvoice"] == "0"
    credit = erp.get("/customers/C-10001/credit")
    assert credit["returnsNotCredited"] == "51.00"
    erp.check_invariants()

    note = erp.post("/credit-notes", {"returnId": returned["id"], "reason": "Too many"})
    (line,) = note["lines"]
    assert (line["invoiceId"], line["invoiceLine"], line["orderLine"]) == (invoice["id"], 1, 1)
    assert (line["quantity"], note["total"], note["unappliedAmount"]) == ("5", "51.00", "0.00")
    invoice = erp.get(f"/invoices/{invoice['id']}")
    # 408.00 less 357.00 paid less 51.00 credited
    assert (invoice["openAmount"], invoice["status"]) == ("0.00", "paid")
    erp.check_invariants()

    erp.post("/items/BRG-1001/receipts", {"quantity": "100"})
    erp.post("/items/BRG-1002/receipts", {"quantity": "100"})
    erp.post(f"{path}/shipments")
    rest = erp.post(f"{path}/invoices")
    erp.post(
        "/payments",
        {"customerId": "C-10001", "amount": rest["total"],
         "applications": [{"invoiceId": rest["id"], "amount": rest["total"]}]},
    )  # fmt: skip
    order = erp.get(path)
    assert (order["status"], order["paymentStatus"]) == ("paid", "fully")
    erp.check_invariants()

    told = [(event["event"], event["status"]) for event in order["history"]]
    assert told == [
        ("entered", "on_hold"),
        ("approval_requested", "on_hold"),
        ("approved", "confirmed"),
        ("picked", "confirmed"),
        ("shipped", "partly_shipped"),
        ("invoiced", "partly_shipped"),
        ("paid", "partly_shipped"),
        ("paid", "partly_shipped"),
        ("returned", "partly_shipped"),
        ("allocated", "partly_shipped"),
        ("credited", "partly_shipped"),
        ("allocated", "partly_shipped"),
        ("allocated", "partly_shipped"),
        ("shipped", "partly_invoiced"),
        ("invoiced", "invoiced"),
        ("paid", "paid"),
    ]
    assert [event["sequence"] for event in order["history"]] == list(range(1, len(told) + 1))
    assert order["history"][0]["actor"] == "kim"


def test_a_payment_leads_back_to_the_opportunity(erp):
    order = erp.order(
        "C-10002",
        {"itemId": "BRG-1001", "quantity": "2", "source": {"quoteLine": 3}},
        source=SOURCE,
    )
    erp.post(f"/sales-orders/{order['id']}/shipments")
    invoice = erp.post(f"/sales-orders/{order['id']}/invoices")
    payment = erp.post(
        "/payments",
        {"customerId": "C-10002", "amount": "5.00",
         "applications": [{"invoiceId": invoice["id"], "amount": "5.00"}]},
    )  # fmt: skip

    (application,) = erp.get(f"/payments/{payment['id']}")["applications"]
    (line,) = erp.get(f"/invoices/{application['invoiceId']}")["lines"]
    assert line["source"] == {**SOURCE, "quoteLine": 3, "orderLine": None}
    assert erp.get(f"/sales-orders/{line['orderId']}")["source"]["opportunityId"] == "O-7"


def test_every_change_is_in_the_feed_in_order(erp):
    order = erp.order("C-10002", ("BRG-1001", 2))
    erp.post(f"/sales-orders/{order['id']}/shipments")
    invoice = erp.post(f"/sales-orders/{order['id']}/invoices")

    first = erp.get("/changes", limit=4)
    rest = erp.get("/changes", since=first["next"])

    changes = first["items"] + rest["items"]
    assert [each["sequence"] for each in changes] == list(range(1, len(changes) + 1))
    assert ("sales_order", order["id"], "created", 1) in [
        (each["entity"], each["id"], each["action"], each["version"]) for each in changes
    ]
    assert [each["id"] for each in changes if each["entity"] == "invoice"] == [invoice["id"]]
    assert [each["version"] for each in changes if each["id"] == order["id"]] == [1, 2, 3]
    assert erp.get("/changes", since=rest["next"]) == {"items": [], "next": rest["next"]}


def test_the_feed_can_be_asked_for_one_entity_without_losing_its_place(erp):
    order = erp.order("C-10002", ("BRG-1001", 2))

    found = erp.get("/changes", entity="sales_order")

    assert [each["id"] for each in found["items"]] == [order["id"]]
    assert found["next"] == erp.get("/changes")["next"]
