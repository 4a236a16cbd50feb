"""Sales and payments: figures, links, what is left, and what the books refuse."""

from __future__ import annotations

import pytest


def _left(books, customer):
    row = books.again("Customer", customer)
    return row["Balance"]


# Figures


def test_tax_is_rounded_once_for_each_rate(books):
    customer, item = books.customer(), books.item(price=10.01)

    invoice = books.sale("Invoice", customer, *[books.line(item, 1, 10.01)] * 3)

    assert invoice["TotalAmt"] == 36.04  # by line it would be 36.03
    (tax,) = invoice["TxnTaxDetail"]["TaxLine"]
    assert tax["TaxLineDetail"]["NetAmountTaxable"] == 30.03
    assert (tax["Amount"], tax["TaxLineDetail"]["TaxPercent"]) == (6.01, 20)
    assert invoice["Line"][-1] == {
        "Amount": 30.03, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {},
    }  # fmt: skip


def test_each_rate_has_its_own_tax_line(books):
    customer, item = books.customer(), books.item()
    reduced = books.one("SELECT * FROM TaxCode WHERE Name = 'RED'")["Id"]

    invoice = books.sale(
        "Invoice", customer, books.line(item, 2, 10),
        books.line(item, 3, 10, TaxCodeRef={"value": reduced}),
    )  # fmt: skip

    assert [line["Amount"] for line in invoice["TxnTaxDetail"]["TaxLine"]] == [4, 3]
    assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (7, 57)


def test_prices_that_include_tax_are_split(books):
    customer, item = books.customer(), books.item()

    invoice = books.sale(
        "Invoice", customer, books.line(item, 1, 100), books.line(item, 1, 50.01),
        GlobalTaxCalculation="TaxInclusive",
    )  # fmt: skip

    assert invoice["TotalAmt"] == 150.01
    assert invoice["TxnTaxDetail"]["TotalTax"] == 25
    first = invoice["Line"][0]
    assert (first["Amount"], first["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (83.33, 100)
    again = books.write("Invoice", invoice)
    assert (again["TotalAmt"], again["Line"]) == (150.01, invoice["Line"])


def test_without_tax_no_code_is_needed(books):
    customer, item = books.customer(), books.item()

    invoice = books.sale(
        "Invoice", customer, books.line(item, 1, 100, TaxCodeRef=None),
        GlobalTaxCalculation="NotApplicable",
    )  # fmt: skip

    assert (invoice["TotalAmt"], invoice["TxnTaxDetail"]) == (100, {"TotalTax": 0})


@pytest.mark.parametrize(
    ("discount", "after", "expected"),
    [
        ({"PercentBased": True, "DiscountPercent": 10}, False, (10, 20, 110)),
        ({"PercentBased": True, "DiscountPercent": 10}, True, (10, 18, 108)),
        ({"PercentBased": False}, False, (25, 20, 95)),
    ],
)
def test_a_discount_is_taken_off_before_or_after_tax(books, discount, after, expected):
    customer, item = books.customer(), books.item()
    line = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": discount, "Amount": 25}

    invoice = books.sale(
        "Invoice", customer, books.line(item, 1, 100), line, ApplyTaxAfterDiscount=after
    )

    figures = (
        invoice["Line"][1]["Amount"], invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]
    )  # fmt: skip
    assert figures == expected


def test_computed_and_empty_fields_that_are_sent_are_ignored(books):
    customer, line = books.customer(), books.line(books.item(), 2, 10)
    line["SalesItemLineDetail"] |= {"Qty": "2", "UnitPrice": "10.00"}
    computed = {"TotalAmt": 1, "Balance": "7", "TxnTaxDetail": {"TotalTax": 99}, "domain": "X"}
    empty = {"DueDate": "", "Deposit": "0", "PrivateNote": "", "EmailStatus": "", "LinkedTxn": []}

    invoice = books.sale("Invoice", customer, {**line, "Amount": "20"}, **computed, **empty)

    assert (invoice["TotalAmt"], invoice["Balance"]) == (24, 24)
    assert "PrivateNote" not in invoice
    assert (invoice["DueDate"], invoice["domain"]) == (invoice["TxnDate"], "QBO")


def test_a_sparse_update_keeps_and_a_full_one_clears_what_is_not_sent(books):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 1, 10), PrivateNote="Note")

    sparse = books.write("Invoice", Id=invoice["Id"], SyncToken="0", sparse=True, TrackingNum="T1")
    assert (sparse["PrivateNote"], sparse["TrackingNum"]) == ("Note", "T1")
    assert sparse["Line"] == invoice["Line"]

    full = books.write(
        "Invoice", Id=invoice["Id"], SyncToken="1", CustomerRef={"value": customer["Id"]},
        Line=[books.line(item, 3, 10)],
    )  # fmt: skip
    assert not {"PrivateNote", "TrackingNum"} & set(full)
    assert (full["TotalAmt"], full["Balance"], full["SyncToken"]) == (36, 36, "2")
    assert full["DocNumber"] == invoice["DocNumber"] or full["DocNumber"]


def test_goods_leave_the_stock_and_come_back(books):
    customer = books.customer()
    item = books.one("SELECT * FROM Item WHERE Sku = 'BRG-1001'")
    before = item["QtyOnHand"]
    invoice = books.sale("Invoice", customer, books.line(item, 5, 5.26))
    assert books.again("Item", item)["QtyOnHand"] == before - 5

    lines = [books.line(item, 2, 5.26)]
    invoice = books.write("Invoice", Id=invoice["Id"], SyncToken="0", sparse=True, Line=lines)
    assert books.again("Item", item)["QtyOnHand"] == before - 2
    books.sale("CreditMemo", customer, books.line(item, 1, 5.26))
    assert books.again("Item", item)["QtyOnHand"] == before - 1
    books.write("Invoice", Id=invoice["Id"], SyncToken="1", _operation="delete")
    assert books.again("Item", item)["QtyOnHand"] == before + 1


# From estimate to payment


def test_an_estimate_is_billed_once_and_open_again_when_its_invoice_is_gone(books, refused):
    customer, item = books.customer(), books.item()
    estimate = books.sale("Estimate", customer, books.line(item, 1, 10))
    link = [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    invoice = books.sale("Invoice", customer, books.line(item, 1, 10), LinkedTxn=link)

    closed = books.again("Estimate", estimate)
    assert closed["TxnStatus"] == "Closed"
    assert closed["LinkedTxn"] == [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
    with pytest.raises(refused) as refusal:
        books.sale("Invoice", customer, books.line(item, 1, 10), LinkedTxn=link)
    assert refusal.value.code == "6000"
    with pytest.raises(refused) as refusal:
        books.sale("Invoice", books.customer("Other"), books.line(item, 1, 10), LinkedTxn=link)
    assert refusal.value.code == "6000"

    books.write("Invoice", Id=invoice["Id"], SyncToken="0", _operation="delete")
    opened = books.again("Estimate", estimate)
    assert (opened["TxnStatus"], opened["LinkedTxn"]) == ("Pending", [])


def test_a_payment_is_applied_taken_back_and_applied_elsewhere(books):
    customer, item = books.customer(), books.item()
    first = books.sale("Invoice", customer, books.line(item, 10, 10))
    second = books.sale("Invoice", customer, books.line(item, 10, 10))
    payment = books.pay(customer, 150, ("Invoice", first, 120))
    assert (payment["UnappliedAmt"], _left(books, customer)) == (30, 90)
    assert books.again("Invoice", first)["Balance"] == 0

    line = {"Amount": 100, "LinkedTxn": [{"TxnId": second["Id"], "TxnType": "Invoice"}]}
    payment = books.write("Payment", Id=payment["Id"], SyncToken="0", sparse=True, Line=[line])
    assert payment["UnappliedAmt"] == 50
    first, second = books.again("Invoice", first), books.again("Invoice", second)
    assert (first["Balance"], first["LinkedTxn"]) == (120, [])
    assert second["Balance"] == 20
    assert second["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert _left(books, customer) == 90

    books.write("Payment", Id=payment["Id"], SyncToken="1", _operation="delete")
    assert books.again("Invoice", second)["Balance"] == 120
    assert _left(books, customer) == 240


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(books):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 10, 10))
    memo = books.sale("CreditMemo", customer, books.line(item, 2, 10))
    assert _left(books, customer) == 96

    payment = books.pay(customer, 0, ("Invoice", invoice, 20), ("CreditMemo", memo, 20))

    assert payment["UnappliedAmt"] == 0
    memo = books.again("CreditMemo", memo)
    assert (memo["Balance"], memo["RemainingCredit"]) == (4, 4)
    assert books.again("Invoice", invoice)["Balance"] == 100
    assert _left(books, customer) == 96


def test_deleting_a_paid_invoice_leaves_its_payment_unapplied(books):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 10, 10))
    memo = books.sale("CreditMemo", customer, books.line(item, 1, 10))
    paid = books.pay(customer, 100, ("Invoice", invoice, 100))
    books.pay(customer, 0, ("Invoice", invoice, 12), ("CreditMemo", memo, 12))

    token = books.again("Invoice", invoice)["SyncToken"]
    books.write("Invoice", Id=invoice["Id"], SyncToken=token, _operation="delete")

    paid = books.again("Payment", paid)
    assert (paid["UnappliedAmt"], paid["Line"]) == (100, [])
    assert books.again("CreditMemo", memo)["Balance"] == 12
    assert _left(books, customer) == -112


def test_a_sub_customers_invoice_counts_for_its_parent_too(books):
    parent = books.customer("Parent")
    child = books.customer(
        "Child", ParentRef={"value": parent["Id"]}, BillWithParent=True, Job=True
    )
    invoice = books.sale("Invoice", child, books.line(books.item(), 1, 100))

    parent, child = books.again("Customer", parent), books.again("Customer", child)
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (0, 120)
    assert (child["Balance"], child["FullyQualifiedName"]) == (120, "Parent:Child")
    books.pay(parent, 120, ("Invoice", invoice, 120))  # who pays for it may
    assert books.again("Customer", parent)["BalanceWithJobs"] == 0


def test_an_invoice_is_due_by_its_term_or_its_customers(books):
    net30 = books.one("SELECT * FROM Term WHERE Name = 'Net 30'")["Id"]
    net60 = books.one("SELECT * FROM Term WHERE Name = 'Net 60'")["Id"]
    customer = books.customer(SalesTermRef={"value": net30})
    line = books.line(books.item(), 1, 10)

    usual = books.sale("Invoice", customer, line, TxnDate="2026-11-01")
    other = books.sale(
        "Invoice", customer, line, TxnDate="2026-11-01", SalesTermRef={"value": net60}
    )
    given = books.sale("Invoice", customer, line, TxnDate="2026-11-01", DueDate="2026-11-05")

    dues = [each["DueDate"] for each in (usual, other, given)]
    assert dues == ["2026-12-01", "2026-12-31", "2026-11-05"]


def test_sending_marks_a_document_and_needs_an_address(books, refused):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 1, 10))
    path = f"/invoice/{invoice['Id']}/send"
    with pytest.raises(refused) as refusal:
        books.take(books.client.post(path))
    assert (refusal.value.code, refusal.value.element) == ("2020", "BillEmail")
    with pytest.raises(refused) as refusal:
        books.take(books.client.post(path, params={"sendTo": "nobody"}))
    assert refusal.value.code == "2210"

    sent = books.take(books.client.post(path, params={"sendTo": "a@b.example"}))["Invoice"]

    assert (sent["EmailStatus"], sent["BillEmail"]) == ("EmailSent", {"Address": "a@b.example"})


# Numbers


def test_numbers_go_on_and_none_is_given_twice(books, refused):
    customer, line = books.customer(), books.line(books.item(), 1, 10)
    first = books.sale("Invoice", customer, line)["DocNumber"]
    second = books.sale("Invoice", customer, line)["DocNumber"]
    assert (first[:3], int(second[3:]) - int(first[3:])) == ("IN-", 1)
    books.sale("Invoice", customer, line, DocNumber=f"IN-{int(second[3:]) + 1}")
    third = books.sale("Invoice", customer, line)["DocNumber"]
    assert int(third[3:]) == int(second[3:]) + 2

    with pytest.raises(refused) as refusal:
        books.sale("Invoice", customer, line, DocNumber=first)

    assert (refusal.value.code, refusal.value.element) == ("6140", "DocNumber")
    assert "TxnType=Invoice" in refusal.value.body["Fault"]["Error"][0]["Detail"]
    twice = books.sale("Invoice", customer, line, DocNumber=first, _include="allowduplicatedocnum")
    assert twice["DocNumber"] == first
    estimate = books.sale("Estimate", customer, line, DocNumber=first)  # another kind
    assert estimate["DocNumber"] == first


# What is refused


def _line_without(books, **changes):
    line = books.line(books.item(), 2, 10)
    for name, value in changes.items():
        (line if name in line or name == "Amount" else line["SalesItemLineDetail"])[name] = value
    return line


@pytest.mark.parametrize(
    ("changes", "code", "element"),
    [
        ({"Amount": 21}, "6070", "Amount"),
        ({"Amount": None}, "2020", "Amount"),
        ({"Amount": 1e13}, "2090", "Amount"),
        ({"DetailType": None}, "2020", "DetailType"),
        ({"DetailType": "GroupLineDetail"}, "6000", "DetailType"),
        ({"DetailType": "Nonsense"}, "2170", "DetailType"),
        ({"ItemRef": None}, "2020", "ItemRef"),
        ({"ItemRef": {"value": "99999"}}, "2500", "ItemRef"),
        ({"TaxCodeRef": None}, "6000", "TaxCodeRef"),
        ({"TaxCodeRef": {"value": "TAX"}}, "2500", "TaxCodeRef"),
        ({"ClassRef": {"value": "7"}}, "2500", "ClassRef"),
        ({"Qty": "many"}, "2010", "Qty"),
        ({"ServiceDate": "soon"}, "2010", "ServiceDate"),
        ({"Discount": 3}, "2010", "Discount"),
    ],
)
def test_a_wrong_line_is_refused(books, refused, changes, code, element):
    customer = books.customer()
    line = _line_without(books, **changes)

    for entity in ("Invoice", "Estimate"):
        with pytest.raises(refused) as refusal:
            books.sale(entity, customer, line)
        assert (refusal.value.code, refusal.value.element) == (code, element)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"CustomerRef": None}, "2020"),
        ({"CustomerRef": {"value": "99999"}}, "2500"),
        ({"Line": []}, "2020"),
        ({"Line": None}, "2020"),
        ({"CurrencyRef": {"value": "USD"}}, "6000"),
        ({"TxnDate": "2026-02-30"}, "2010"),
        ({"TxnDate": "2020-01-01"}, "6000"),
        ({"DocNumber": "x" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"EmailStatus": "Lost"}, "2170"),
        ({"EmailStatus": "NeedToSend"}, "2020"),
        ({"BillEmail": {"Address": "nobody"}}, "2210"),
        ({"SalesTermRef": {"value": "99"}}, "2500"),
        ({"LinkedTxn": [{"TxnId": "99999", "TxnType": "Estimate"}]}, "620"),
        ({"LinkedTxn": [{"TxnId": "1", "TxnType": "SalesOrder"}]}, "620"),
        ({"Deposit": 5000}, "6000"),
        ({"Deposit": -1}, "6000"),
        ({"ProjectRef": {"value": "1"}}, "6000"),
        ({"GlobalTaxCalculation": "Sometimes"}, "2170"),
        ({"SalesOrderRef": {"value": "1"}}, "2010"),
        ({"sparse": "perhaps"}, "2170"),
    ],
)
def test_a_wrong_invoice_is_refused_and_leaves_nothing(books, refused, given, code):
    item = books.one("SELECT * FROM Item WHERE Sku = 'BRG-1001'")
    body = {"CustomerRef": {"value": "1"}, "Line": [books.line(item, 2, 10)], **given}
    before = books.world.table("qbo_invoice").count()

    with pytest.raises(refused) as refusal:
        books.write("Invoice", body)

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert books.world.table("qbo_invoice").count() == before


def test_a_payment_that_does_not_add_up_is_refused(books, refused):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 10, 10))
    memo = books.sale("CreditMemo", customer, books.line(item, 1, 10))
    foreign = books.sale("Invoice", books.customer("Other"), books.line(item, 10, 10))
    wrong = [
        (100, [("Invoice", invoice, 100.01)], "6000"),
        (500, [("Invoice", invoice, 121)], "6000"),
        (100, [("Invoice", invoice, 0)], "6000"),
        (100, [("Invoice", invoice, -5)], "6000"),
        (-1, [], "6000"),
        (0, [], "6000"),
        (120, [("Invoice", foreign, 120)], "6000"),
        (0, [("Invoice", invoice, 12), ("CreditMemo", memo, 13)], "6000"),
        (10, [("CreditMemo", memo, 5)], "6000"),
        (10, [("Invoice", {"Id": "99999"}, 5)], "620"),
        (10, [("Estimate", invoice, 5)], "620"),
    ]
    for total, applied, code in wrong:
        with pytest.raises(refused) as refusal:
            books.pay(customer, total, *applied)
        assert refusal.value.code == code, (total, applied)
    with pytest.raises(refused) as refusal:
        books.write(
            "Payment", CustomerRef={"value": customer["Id"]}, TotalAmt=5, Line=[{"Amount": 5}]
        )
    assert refusal.value.code == "2020"
    assert books.again("Invoice", invoice)["Balance"] == 120
    assert books.world.table("qbo_payment").count({"CustomerRef.value": customer["Id"]}) == 0


def test_what_was_applied_cannot_be_undercut(books, refused):
    customer, item = books.customer(), books.item()
    invoice = books.sale("Invoice", customer, books.line(item, 10, 10))
    memo = books.sale("CreditMemo", customer, books.line(item, 2, 10))
    payment = books.pay(customer, 50, ("Invoice", invoice, 50))
    books.pay(customer, 0, ("Invoice", invoice, 24), ("CreditMemo", memo, 24))
    other = {"value": books.customer("Other")["Id"]}
    wrong = [
        ("Invoice", invoice, {"sparse": True, "Line": [books.line(item, 1, 10)]}),
        ("Invoice", invoice, {"sparse": True, "CustomerRef": other}),
        ("Payment", payment, {"sparse": True, "TotalAmt": 49}),
        ("CreditMemo", memo, {"_operation": "delete"}),
    ]

    for entity, row, change in wrong:
        token = books.again(entity, row)["SyncToken"]
        with pytest.raises(refused) as refusal:
            books.write(entity, Id=row["Id"], SyncToken=token, **change)
        assert refusal.value.code == "6000", change


@pytest.mark.parametrize(
    ("entity", "query", "code"),
    [
        ("Invoice", {"_operation": "approve"}, "500"),
        ("Estimate", {"_operation": "void"}, "500"),
        ("CreditMemo", {"_operation": "void"}, "500"),
        ("Payment", {"_operation": "void"}, "500"),
        ("SalesReceipt", {"_operation": "void"}, "500"),
        ("Customer", {"_operation": "delete"}, "500"),
        ("Item", {"_operation": "delete"}, "500"),
        ("TaxAgency", {"Id": "1", "SyncToken": "0"}, "500"),
        ("CompanyInfo", {"CompanyName": "New"}, "500"),
        ("Invoice", {"_operation": "delete", "Id": "1"}, "2020"),
        ("Invoice", {"_operation": "delete", "SyncToken": "0"}, "2020"),
        ("Invoice", {"_operation": "delete", "Id": "99999", "SyncToken": "0"}, "610"),
        ("Invoice", {"_operation": "delete", "Id": "1", "SyncToken": "77"}, "5010"),
        ("Invoice", {"_operation": "update"}, "2020"),
        ("Invoice", {"Id": "x1", "SyncToken": "0"}, "2030"),
    ],
)
def test_what_cannot_be_done_to_a_record_is_refused(books, refused, entity, query, code):
    with pytest.raises(refused) as refusal:
        books.write(entity, **query)

    assert refusal.value.code == code
