"""From a customer to what it owes: quote, order, shipments, invoices, payment, credit."""

from decimal import Decimal

import pytest


def _totals(document):
    return tuple(
        document[name]
        for name in ("totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax")
    )


def test_a_quote_becomes_an_order_that_is_shipped_in_parts_invoiced_and_paid(bc):
    customer = bc.customer(displayName="Fabrikam", paymentTermsId=bc.one(
        "/paymentTerms", "dueDateCalculation eq '30D'")["id"])  # fmt: skip
    quote = bc.document(
        "salesQuotes", customer, ("BRG-1001", 10), ("BRG-1002", 3),
        {"description": "Deliver on Monday"}, externalDocumentNumber="Q-77",
    )  # fmt: skip
    assert quote["status"] == "Draft"
    assert quote["number"].startswith("S-QUO")
    first, _, note = quote["salesQuoteLines"]
    assert (first["lineType"], first["quantity"], first["taxCode"]) == ("Item", 10, "STD")
    assert first["unitPrice"] == bc.item("BRG-1001")["unitPrice"]
    assert first["netAmount"] == first["unitPrice"] * 10
    assert (note["lineType"], note["netAmount"], note["quantity"]) == ("Comment", 0, 0)
    assert quote["totalAmountIncludingTax"] == sum(
        line["netAmountIncludingTax"] for line in quote["salesQuoteLines"]
    )

    order = bc.act(f"/salesQuotes({quote['id']})", "makeOrder")
    assert bc.refused("GET", f"/salesQuotes({quote['id']})") == (404, "Internal_RecordNotFound")
    assert bc.refused("GET", f"/salesQuoteLines({first['id']})")[0] == 404
    assert order["externalDocumentNumber"] == "Q-77"
    assert order["number"].startswith("SO-")
    assert _totals(order) == _totals(quote)
    path = f"/salesOrders({order['id']})"
    lines = bc.rows(f"{path}/salesOrderLines")
    assert [line["shipQuantity"] for line in lines] == [10, 3, 0]

    bc.patch(f"/salesOrderLines({lines[0]['id']})", {"shipQuantity": 4}, lines[0]["@odata.etag"])
    bc.patch(f"{path}/salesOrderLines({lines[1]['id']})", {"shipQuantity": 0})
    stock = bc.item("BRG-1001")["inventory"]
    invoice = bc.act(path, "shipAndInvoice")
    assert bc.item("BRG-1001")["inventory"] == stock - 4
    assert (invoice["status"], invoice["orderNumber"]) == ("Open", order["number"])
    assert (invoice["orderId"], invoice["dueDate"]) == (order["id"], "2026-12-20")
    assert invoice["totalAmountExcludingTax"] == first["unitPrice"] * 4
    shipment = bc.one("/salesShipments", f"orderNumber eq '{order['number']}'",
                      expand="salesShipmentLines")  # fmt: skip
    assert [line["quantity"] for line in shipment["salesShipmentLines"]] == [4, 0]
    left = bc.get(path, expand="salesOrderLines")
    assert (left["status"], left["fullyShipped"]) == ("Open", False)
    assert [
        (line["shippedQuantity"], line["invoicedQuantity"], line["shipQuantity"])
        for line in left["salesOrderLines"]
    ] == [(4, 4, 6), (0, 0, 3), (0, 0, 0)]

    rest = bc.act(path, "shipAndInvoice")
    assert bc.refused("GET", path) == (404, "Internal_RecordNotFound")
    assert len(bc.rows("/salesShipments", filter=f"orderNumber eq '{order['number']}'")) == 2
    assert _totals(invoice)[0] + _totals(rest)[0] == _totals(order)[0]
    owed = _totals(invoice)[2] + _totals(rest)[2]
    assert bc.get(f"/customers({customer['id']})")["balanceDue"] == owed

    bc.pay(customer, _totals(invoice)[2], invoice)
    bc.pay(customer, 10, rest)
    assert bc.get(f"/salesInvoices({invoice['id']})")["status"] == "Paid"
    rest = bc.get(f"/salesInvoices({rest['id']})")
    assert (rest["status"], rest["remainingAmount"]) == ("Open", _totals(rest)[2] - 10)
    detail = bc.get(f"/customers({customer['id']})/customerFinancialDetail")
    assert (detail["balance"], detail["overdueAmount"]) == (rest["remainingAmount"], 0)
    assert detail["totalSalesExcludingTax"] == _totals(order)[0]


def test_what_is_owed_grows_old_with_the_clock(bc):
    customer = bc.customer()
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 1), dueDate="2026-11-30")
    invoice = bc.act(f"/salesInvoices({draft['id']})", "post")
    amount, buckets = invoice["totalAmountIncludingTax"], []
    for days in (0, 11, 30, 30, 40):
        bc.wait(days=days)
        aged = bc.get(f"/customers({customer['id']})/agedAccountsReceivable")
        assert aged["balanceDue"] == amount
        names = ("currentAmount", "period1Amount", "period2Amount", "period3Amount")
        assert sum(aged[name] for name in names) == amount
        buckets.append([name for name in names if aged[name]])
    assert buckets == [
        ["currentAmount"], ["period1Amount"], ["period2Amount"], ["period3Amount"],
        ["period3Amount"],
    ]  # fmt: skip
    detail = bc.get(f"/customers({customer['id']})/customerFinancialDetail")
    assert detail["overdueAmount"] == amount


def test_an_order_has_the_best_price_and_discount_of_the_customer(bc, books):
    rows = [row for row in books.table("prices").find() if row["customerId"]]
    priced = [
        row for row in rows
        if row["price"] and row["currency"] == "EUR" and row["validTo"] in (None, "2027-12-31")
        and Decimal(row["price"]) < Decimal(books.table("items").get(row["itemId"])["listPrice"])
    ]  # fmt: skip
    assert priced, "the data set has contract prices"
    for row in priced[:3]:
        customer = bc.one("/customers", f"number eq '{row['customerId']}'")
        if customer["blocked"] != "_x0020_":
            continue
        quantity = max(int(Decimal(row["minQuantity"])), 1)
        quote = bc.document("salesQuotes", customer, (row["itemId"], quantity))
        line = quote["salesQuoteLines"][0]
        assert line["unitPrice"] <= Decimal(row["price"])
        gross = line["unitPrice"] * quantity
        assert line["amountExcludingTax"] == gross - line["discountAmount"]


def test_an_invoice_keeps_its_id_and_gets_another_number_when_it_is_posted(bc):
    customer = bc.customer()
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 2))
    assert (draft["status"], draft["number"][:5]) == ("Draft", "S-INV")
    posted = bc.act(f"/salesInvoices({draft['id']})", "post")
    assert posted["id"] == draft["id"]
    assert (posted["status"], posted["number"][:3]) == ("Open", "IN-")
    path = f"/salesInvoices({draft['id']})"
    for method, where, body in (
        ("POST", f"{path}/Microsoft.NAV.post", None),
        ("PATCH", path, {"externalDocumentNumber": "other"}),
        ("DELETE", path, None),
        ("POST", f"{path}/salesInvoiceLines", {"description": "more"}),
    ):
        refused = bc.refused(method, where, body, if_match="*")
        assert refused == (400, "Application_DialogException")
    told = bc.complaint("POST", f"{path}/Microsoft.NAV.post")
    assert told.startswith("The action can be applied to a draft invoice only.")
    assert bc.patch(path, {"promisedPayDate": "2026-12-24"})["promisedPayDate"] == "2026-12-24"


def test_a_cancelled_invoice_is_settled_by_a_credit_memo_and_the_goods_come_back(bc):
    customer, stock = bc.customer(), bc.item("BRG-1001")["inventory"]
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 2))
    path = f"/salesInvoices({draft['id']})"
    told = bc.complaint("POST", f"{path}/Microsoft.NAV.cancel")
    assert told.startswith("The action can be applied to a posted invoice only.")
    bc.act(path, "postAndSend")
    assert bc.item("BRG-1001")["inventory"] == stock - 2
    cancelled = bc.act(path, "cancel")
    assert (cancelled["status"], cancelled["remainingAmount"]) == ("Canceled", 0)
    memo = bc.one("/salesCreditMemos", f"invoiceNumber eq '{cancelled['number']}'")
    assert (memo["status"], memo["number"][:3]) == ("Corrective", "CN-")
    assert memo["totalAmountIncludingTax"] == cancelled["totalAmountIncludingTax"]
    assert bc.item("BRG-1001")["inventory"] == stock
    assert bc.get(f"/customers({customer['id']})")["balanceDue"] == 0
    assert bc.refused("POST", f"{path}/Microsoft.NAV.cancel")[0] == 400

    bc.act(f"/salesCreditMemos({memo['id']})", "cancel")
    assert bc.get(f"/salesCreditMemos({memo['id']})")["status"] == "Canceled"
    assert bc.get(path)["status"] == "Open"
    assert bc.get(path)["remainingAmount"] == cancelled["totalAmountIncludingTax"]
    customer = bc.get(f"/customers({customer['id']})")
    assert customer["balanceDue"] == cancelled["totalAmountIncludingTax"]


def test_part_of_an_invoice_is_credited(bc):
    customer = bc.customer()
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 10))
    invoice = bc.act(f"/salesInvoices({draft['id']})", "post")
    memo = bc.act(f"/salesInvoices({invoice['id']})", "makeCorrectiveCreditMemo")
    assert (memo["status"], memo["invoiceNumber"]) == ("Draft", invoice["number"])
    (line,) = bc.rows(f"/salesCreditMemos({memo['id']})/salesCreditMemoLines")
    bc.patch(f"/salesCreditMemoLines({line['id']})", {"quantity": 4})
    posted = bc.act(f"/salesCreditMemos({memo['id']})", "post")
    assert posted["status"] == "Paid", "all of it is used"
    invoice = bc.get(f"/salesInvoices({invoice['id']})")
    left = invoice["totalAmountIncludingTax"] - posted["totalAmountIncludingTax"]
    assert (invoice["status"], invoice["remainingAmount"]) == ("Open", left)
    assert bc.get(f"/customers({customer['id']})")["balanceDue"] == left
    refused = bc.refused("POST", f"/salesInvoices({invoice['id']})/Microsoft.NAV.cancel")
    assert refused == (400, "Application_DialogException")


def test_a_payment_that_settles_nothing_stays_on_the_account(bc):
    customer = bc.customer()
    bc.pay(customer, 25)
    assert bc.get(f"/customers({customer['id']})")["balanceDue"] == -25


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"amount": 5}, 'The "amount" should be a negative number'),
        ({"customerNumber": "nobody"}, 'The "customerNumber" does not match to a Customer'),
        ({"appliesToInvoiceNumber": "nothing"}, "does not match to a Invoice"),
        ({"journalId": "00000000-0000-0000-0000-00000000000f"}, "cannot be another one"),
    ],
)
def test_a_payment_that_makes_no_sense_is_not_entered(bc, more, told):
    journal = bc.rows("/customerPaymentJournals")[0]
    path = f"/customerPaymentJournals({journal['id']})/customerPayments"
    assert told in bc.complaint("POST", path, {"amount": -5, **more})
    assert bc.rows(path) == []


def test_a_journal_is_posted_as_a_whole_or_not_at_all(bc):
    customer = bc.customer()
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 10))
    invoice = bc.act(f"/salesInvoices({draft['id']})", "post")
    journal = bc.rows("/customerPaymentJournals")[0]
    path = f"/customerPaymentJournals({journal['id']})"
    post = f"/journals({journal['id']})/Microsoft.NAV.post"
    assert bc.complaint("POST", post).startswith("There is nothing to post.")
    good = bc.post(f"{path}/customerPayments",
                   {"amount": -5, "appliesToInvoiceId": invoice["id"]})  # fmt: skip
    assert good["customerNumber"] == customer["number"], "the invoice says whose it is"
    early = {"amount": -5, "appliesToInvoiceId": invoice["id"], "postingDate": "2026-01-01"}
    bad = bc.post(f"{path}/customerPayments", early)
    assert bc.refused("POST", post) == (400, "Application_DialogException")
    assert len(bc.rows(f"{path}/customerPayments")) == 2
    assert (
        bc.get(f"/salesInvoices({invoice['id']})")["remainingAmount"]
        == (invoice["totalAmountIncludingTax"])
    )
    bc.call("DELETE", f"/customerPayments({bad['id']})")
    bc.act(f"/journals({journal['id']})", "post")
    assert bc.rows(f"{path}/customerPayments") == []
    assert [row["code"] for row in bc.rows("/journals")] == ["DEFAULT"]


@pytest.mark.parametrize(
    ("blocked", "allowed"),
    [("Ship", {"salesInvoices", "salesCreditMemos"}), ("Invoice", {"salesCreditMemos"}),
     ("All", set()), (" ", {"salesQuotes", "salesOrders", "salesInvoices", "salesCreditMemos"})],
)  # fmt: skip
def test_a_blocked_customer_gets_no_documents(bc, blocked, allowed):
    customer = bc.customer(blocked=blocked)
    for name in ("salesQuotes", "salesOrders", "salesInvoices", "salesCreditMemos"):
        answer = bc.call("POST", f"/{name}", {"customerId": customer["id"]})
        if name in allowed:
            assert answer.status_code == 201
        else:
            assert answer.status_code == 400
            assert f"blocked with type {blocked}" in answer.json()["error"]["message"]


def test_an_order_of_a_customer_that_was_blocked_since_is_not_shipped(bc):
    customer = bc.customer()
    order = bc.document("salesOrders", customer, ("BRG-1001", 1))
    quote = bc.document("salesQuotes", customer, ("BRG-1001", 1))
    bc.patch(f"/customers({customer['id']})", {"blocked": "Ship"})
    for path in (
        f"/salesOrders({order['id']})/Microsoft.NAV.shipAndInvoice",
        f"/salesQuotes({quote['id']})/Microsoft.NAV.makeOrder",
    ):
        assert bc.refused("POST", path) == (400, "Application_DialogException")
    assert bc.get(f"/salesQuotes({quote['id']})")["number"] == quote["number"]


def test_a_discount_over_the_whole_is_spread_over_the_lines_to_the_cent(bc):
    customer = bc.customer()
    quote = bc.document(
        "salesQuotes", customer,
        *({"lineType": "Item", "lineObjectNumber": "BRG-1001", "quantity": 1, "unitPrice": 10}
          for _ in range(3)), discountAmount=10,
    )  # fmt: skip
    assert quote["totalAmountExcludingTax"] == 20
    assert [line["netAmount"] for line in quote["salesQuoteLines"]] == [
        Decimal("6.67"), Decimal("6.66"), Decimal("6.67"),
    ]  # fmt: skip
    assert quote["totalTaxAmount"] == sum(line["netTaxAmount"] for line in quote["salesQuoteLines"])
    order = bc.act(f"/salesQuotes({quote['id']})", "makeOrder")
    lines = bc.rows(f"/salesOrders({order['id']})/salesOrderLines")
    assert sum(line["invoiceDiscountAllocation"] for line in lines) == 10
    invoice = bc.act(f"/salesOrders({order['id']})", "shipAndInvoice")
    assert _totals(invoice) == _totals(order) == _totals(quote)


def test_a_quote_is_sent_and_expires(bc):
    customer = bc.customer()
    quote = bc.document("salesQuotes", customer, ("BRG-1001", 1), validUntilDate="2026-11-25")
    sent = bc.act(f"/salesQuotes({quote['id']})", "send")
    assert (sent["status"], sent["sentDate"][:10]) == ("Sent", "2026-11-20")
    bc.wait(days=6)
    assert bc.get(f"/salesQuotes({quote['id']})")["status"] == "Expired"
    silent = bc.customer(displayName="Silent", email="")
    quote = bc.document("salesQuotes", silent, ("BRG-1001", 1))
    told = bc.complaint("POST", f"/salesQuotes({quote['id']})/Microsoft.NAV.send")
    assert told.startswith("The send-to email is empty.")


def test_a_quote_may_become_an_invoice_at_once(bc):
    customer = bc.customer()
    quote = bc.document("salesQuotes", customer, ("BRG-1001", 5))
    invoice = bc.act(f"/salesQuotes({quote['id']})", "makeInvoice")
    assert (invoice["status"], _totals(invoice)) == ("Draft", _totals(quote))
    assert bc.refused("GET", f"/salesQuotes({quote['id']})")[0] == 404


def test_an_order_that_is_not_to_be_shipped_in_part_is_not(bc):
    order = bc.document("salesOrders", bc.customer(), ("BRG-1001", 5), partialShipping=False)
    path = f"/salesOrders({order['id']})"
    line = order["salesOrderLines"][0]
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 2})
    told = bc.complaint("POST", f"{path}/Microsoft.NAV.shipAndInvoice")
    assert told.startswith("This order must be a complete shipment")
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 5})
    bc.act(path, "shipAndInvoice")


def test_what_was_shipped_is_invoiced_later_and_never_twice(bc):
    order = bc.document("salesOrders", bc.customer(), ("BRG-1001", 5))
    path, line = f"/salesOrders({order['id']})", order["salesOrderLines"][0]
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 3, "invoiceQuantity": 0})
    assert bc.act(path, "shipAndInvoice") is None, "there is no invoice to tell of"
    now = bc.get(f"/salesOrderLines({line['id']})")
    assert (now["shippedQuantity"], now["invoicedQuantity"]) == (3, 0)
    assert bc.refused("DELETE", path)[0] == 400, "what was shipped has to be invoiced"
    assert bc.refused("PATCH", f"/salesOrderLines({line['id']})", {"quantity": 2},
                      if_match="*") == (400, "Application_FieldValidationException")  # fmt: skip
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 0, "invoiceQuantity": 3})
    invoice = bc.act(path, "shipAndInvoice")
    assert invoice["totalAmountExcludingTax"] == line["unitPrice"] * 3
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 0, "invoiceQuantity": 0})
    assert bc.refused("POST", f"{path}/Microsoft.NAV.shipAndInvoice")[0] == 400
    for body in ({"shipQuantity": 3}, {"invoiceQuantity": 3}, {"shipQuantity": -1}):
        refused = bc.refused("PATCH", f"/salesOrderLines({line['id']})", body, if_match="*")
        assert refused == (400, "Application_DialogException")
    bc.patch(f"/salesOrderLines({line['id']})", {"shipQuantity": 0, "invoiceQuantity": 2})
    assert bc.refused("POST", f"{path}/Microsoft.NAV.shipAndInvoice")[0] == 400
