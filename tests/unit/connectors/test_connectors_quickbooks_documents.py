"""QuickBooks' documents as records: lines of every kind, what settled what, how far an order is."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock.connectors.quickbooks import altering, billing, orders, placing
from crossdock.connectors.quickbooks.items import Product
from crossdock.connectors.quickbooks.lines import lines
from crossdock.connectors.quickbooks.origin import Origin, document_number, origin_of
from crossdock.connectors.writing import Unwritable
from crossdock.errors import RemoteRefused, Stale
from crossdock.records import LineChange, Money, Order, OrderChange, OrderLine

D = Decimal


def sold(line_id, item, count, price, **more):
    return {
        "Id": line_id,
        "DetailType": "SalesItemLineDetail",
        "Amount": D(price) * count,
        "SalesItemLineDetail": {
            "ItemRef": {"value": item},
            "Qty": D(count),
            "UnitPrice": D(price),
        },
        **more,
    }


def document(doc_id, total, rows, **more):
    return {
        "Id": doc_id,
        "SyncToken": "3",
        "MetaData": {
            "CreateTime": "2026-11-01T09:00:00-08:00",
            "LastUpdatedTime": "2026-11-02T09:00:00-08:00",
        },
        "CustomerRef": {"value": "7", "name": "C-10001 Acme"},
        "TxnDate": "2026-11-01",
        "TotalAmt": D(total),
        "Balance": D(total),
        "Line": rows,
        **more,
    }


def bill(doc_id, total, rows, **more):
    return billing.bill(document(doc_id, total, rows, **more), "USD")


def link(doc_id, kind, **more):
    return {"TxnId": doc_id, "TxnType": kind, **more}


def estimate(rows, status="Accepted", note="", **more):
    return bill("50", "100", rows, TxnStatus=status, PrivateNote=note, **more)


def order_of(document, *invoices):
    sale = orders.estimate_sale(document, {each.id: each for each in invoices})
    return orders.order(sale, "books", "C-10001", lambda item: f"code-{item}")


def test_bundles_are_their_items_and_a_discount_is_a_line():
    row = {
        "Line": [
            sold("1", "11", 2, "5"),
            {
                "Id": "2",
                "DetailType": "GroupLineDetail",
                "Amount": 0,
                "GroupLineDetail": {"Line": [sold("3", "12", 1, "7"), sold("4", "13", 4, "1.5")]},
            },
            {"Id": "5", "DetailType": "DescriptionOnly", "Description": "Thank you."},
            {"DetailType": "SubTotalLineDetail", "Amount": D("23")},
            {"Id": "6", "DetailType": "DiscountLineDetail", "Amount": D("2.30")},
        ]
    }
    found = lines(row)
    assert [(line.item_id, line.amount) for line in found] == [
        ("11", D(10)), ("12", D(7)), ("13", D("6.0")), ("", D("-2.30")),
    ]  # fmt: skip


def test_an_amount_without_quantity_is_one_of_something():
    row = sold("1", "11", 1, "80")
    del row["SalesItemLineDetail"]["Qty"], row["SalesItemLineDetail"]["UnitPrice"]
    (line,) = lines({"Line": [row]})
    assert (line.quantity, line.price, line.amount) == (D(1), D(80), D(80))


def received(amount, unapplied, *settled):
    row = {
        "Id": "90",
        "CustomerRef": {"value": "7"},
        "TxnDate": "2026-11-20",
        "TotalAmt": D(amount),
        "UnappliedAmt": D(unapplied),
        "Line": [
            {"Amount": D(part), "LinkedTxn": [link(doc, kind)]} for part, kind, doc in settled
        ],
    }
    return billing.received(row, "USD")


def told(payment):
    return [(a.source_id, a.invoice_id, a.amount.amount) for a in payment.applications()]


def test_money_settles_what_its_lines_say():
    payment = received("150", "30", ("100", "Invoice", "1"), ("20", "Invoice", "2"))
    assert told(payment) == [("90", "1", D(100)), ("90", "2", D(20))]


def test_credits_are_used_before_money():
    payment = received(
        "50", "0", ("60", "Invoice", "1"), ("20", "Invoice", "2"), ("30", "CreditMemo", "8")
    )
    assert told(payment) == [("8", "1", D(30)), ("90", "1", D(30)), ("90", "2", D(20))]
    assert sum(part for _, _, part in told(payment)) == 80


def test_a_payment_of_nothing_only_joins_a_credit_and_an_invoice():
    payment = received("0", "0", ("25", "CreditMemo", "8"), ("25", "Invoice", "1"))
    assert told(payment) == [("8", "1", D(25))]
    assert not payment.is_money


@pytest.mark.parametrize(
    ("status", "invoiced", "open_", "expected"),
    [
        ("Pending", 0, 0, "submitted"),
        ("Accepted", 0, 0, "confirmed"),
        ("Rejected", 0, 0, "cancelled"),
        ("Closed", 0, 0, "cancelled"),
        ("Accepted", 2, 10, "partly_invoiced"),
        ("Accepted", 5, 25, "invoiced"),
        ("Accepted", 5, 0, "paid"),
        ("Closed", 2, 10, "invoiced"),
        ("Closed", 2, 0, "paid"),
    ],
)
def test_an_orders_status_follows_from_its_invoices(status, invoiced, open_, expected):
    made = [link("60", "Invoice")] if invoiced else []
    there = estimate([sold("1", "11", 5, "5")], status, LinkedTxn=made)
    invoices = [
        bill("60", "25", [sold("1", "11", invoiced, "5")], Balance=D(open_))
    ][: bool(invoiced)]  # fmt: skip
    order = order_of(there, *invoices)
    assert order.status == expected
    (line,) = order.lines
    assert line.invoiced == line.shipped == invoiced
    over = status in ("Closed", "Rejected")
    assert line.cancelled == (5 - invoiced if over else 0)


def test_an_invoice_counts_to_the_line_that_it_names_or_else_by_item():
    there = estimate([sold("1", "11", 2, "5"), sold("2", "11", 3, "4"), sold("3", "12", 1, "9")])
    named = bill(
        "60", "8", [sold("1", "11", 2, "4", LinkedTxn=[link("50", "Estimate", TxnLineId="2")])],
        LinkedTxn=[link("50", "Estimate")],
    )  # fmt: skip
    unnamed = bill("61", "15", [sold("1", "11", 3, "5")], LinkedTxn=[link("50", "Estimate")])
    order = order_of(there, named, unnamed)
    assert [line.invoiced for line in order.lines] == [D(2), D(3), D(0)]


def test_a_void_invoice_counts_for_nothing():
    there = estimate([sold("1", "11", 2, "5")], LinkedTxn=[link("60", "Invoice")])
    void = bill("60", "0", [sold("1", "11", 0, "5")], PrivateNote="Voided")
    assert order_of(there, void).status == "confirmed"


def test_line_numbers_are_the_crms_and_later_lines_get_others():
    note = Origin(reference="R-1", lines={1: 10, 2: 20}).note("Order R-1 of the CRM.")
    there = estimate([sold("1", "11", 2, "5"), sold("3", "13", 1, "1"), sold("2", "12", 1, "9")])
    plain = order_of(there)
    assert [line.number for line in plain.lines] == [1, 3, 2]
    marked = order_of(
        estimate(
            [sold("1", "11", 2, "5"), sold("3", "13", 1, "1"), sold("2", "12", 1, "9")], note=note
        )
    )
    assert [line.number for line in marked.lines] == [10, 3, 20]


def test_where_an_order_came_from_is_read_as_it_was_written():
    origin = Origin(
        reference="R 1/ü",
        system="crm",
        order_id="R 1/ü",
        quote_id="Q=2",
        lines={1: 1, 2: 5},
    )
    note = "A person wrote this.\n" + origin.note("Order R 1/ü of the CRM.") + "\nAnd this."
    assert origin_of(note) == origin
    assert origin_of("Order R-1 of the CRM.") is None


def test_a_long_reference_has_a_number_of_its_own():
    assert document_number("R-1") == "R-1"
    long = document_number("0065g00000AbCdEfGhIjKl")
    assert len(long) == 21
    assert long != document_number("0065g00000AbCdEfGhIjKm")


def product(code="BRG", price="10"):
    return Product(
        id="11", code=code, name="Bearing", description="", kind="Inventory",
        price=D(price), cost=None, tax_code="2", taxable=True, category="", active=True,
    )  # fmt: skip


def crm_order(*lines_, **more):
    return Order(id="R-1", system="crm", currency="USD", reference="R-1", lines=lines_, **more)


def test_a_lines_discount_is_in_its_price_and_told():
    line = OrderLine(
        number=1, item_id="BRG", quantity=D(3), unit_price=Money("10", "USD"),
        discount_percent=D("2.5"),
    )  # fmt: skip
    body = placing.body(
        "estimate", "7", crm_order(line), {1: placing.Sold(product=product(), tax_code="2")},
        home="USD",
    )  # fmt: skip
    (written,) = body["Line"]
    assert written["Amount"] == 29.25
    assert written["SalesItemLineDetail"] == {
        "ItemRef": {"value": "11"}, "Qty": 3, "UnitPrice": 9.75, "TaxCodeRef": {"value": "2"},
    }  # fmt: skip
    assert written["Description"] == "Bearing (10 USD less 2.5 %)"
    assert (body["TxnStatus"], body["DocNumber"]) == ("Accepted", "R-1")
    assert "CurrencyRef" not in body


def test_what_cannot_be_written_is_said_by_field():
    line = OrderLine(number=1, item_id="BRG", quantity=D(1), unit_price=Money("10", "EUR"))
    with pytest.raises(Unwritable) as caught:
        placing.body(
            "invoice", "7", crm_order(line), {1: placing.Sold(product=product(), tax_code="")},
            home="USD",
        )  # fmt: skip
    assert caught.value.field == "lines.0.unit_price"


def changed(rows, change, *invoices, status="Accepted", version="3"):
    there = estimate(rows, status, LinkedTxn=[link(each.id, "Invoice") for each in invoices])
    sale = orders.estimate_sale(there, {each.id: each for each in invoices})
    order = orders.order(sale, "books", "C-10001", lambda item: item)
    from attrs import evolve

    return altering.altered(
        sale, evolve(order, version=version), change, {}, label="The ERP", system="books"
    )


ROWS = [sold("1", "11", 5, "5"), sold("2", "12", 1, "0.10")]
CHANGE = OrderChange(id="CO-1", order_id="R-1", kind="change")


def test_a_change_is_written_onto_what_was_read():
    change = OrderChange(
        id="CO-1", order_id="R-1", kind="change", reason="more",
        lines=(LineChange(number=1, quantity=D(8)), LineChange(number=2, cancel=True)),
        requested_on=date(2026, 12, 1),
    )  # fmt: skip
    body = changed(ROWS, change)
    assert (body["Id"], body["SyncToken"], body["sparse"]) == ("50", "3", True)
    (line,) = body["Line"]
    assert (line["Id"], line["Amount"], line["SalesItemLineDetail"]["Qty"]) == ("1", 40, 8)
    assert body["ShipDate"] == "2026-12-01"
    assert "CO-1: more" in body["PrivateNote"]


def test_what_somebody_changed_meanwhile_is_never_written_over():
    with pytest.raises(Stale):
        changed(ROWS, CHANGE, version="2")


def test_a_cancelled_order_is_declined_or_closed():
    cancel = OrderChange(id="CO-1", order_id="R-1", kind="cancel")
    assert changed(ROWS, cancel)["TxnStatus"] == "Rejected"
    invoice = bill("60", "10", [sold("1", "11", 2, "5")])
    assert changed(ROWS, cancel, invoice)["TxnStatus"] == "Closed"


def test_what_is_invoiced_cannot_be_taken_back():
    invoice = bill("60", "10", [sold("1", "11", 2, "5")])
    less = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, quantity=D(1)),)
    )
    with pytest.raises(RemoteRefused, match="2 x 11 are invoiced"):
        changed(ROWS, less, invoice)
    with pytest.raises(RemoteRefused, match="closed"):
        changed(ROWS, less, invoice, status="Closed")


def test_a_change_of_every_line_to_nothing_is_no_change():
    nothing = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, cancel=True),)
    )
    with pytest.raises(RemoteRefused, match="no line left"):
        changed(ROWS[:1], nothing)
