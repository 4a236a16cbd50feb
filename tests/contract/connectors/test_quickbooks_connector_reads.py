"""The QuickBooks connector against its mock: what is read is what the data set holds."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import NotFound, NotSupported, RemoteRefused, RemoteRejectedData
from crossdock.records import Money, PriceRequest, PriceRequestLine
from crossdock.rules import age

D = Decimal


def every(read, limit=7):
    cursor, found = None, []
    while True:
        page = read(after=cursor, limit=limit)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


@pytest.fixture
def customer(qbo_port, dataset):
    """The customer with the most invoices."""
    counted = Counter(row["customer_id"] for row in dataset.rows("invoices"))
    return qbo_port.customer(max(sorted(counted), key=counted.__getitem__))


def test_customers_go_by_the_number_that_begins_their_display_name(qbo_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("customers")}
    found = {customer.id: customer for customer in every(qbo_port.customers)}
    assert set(found) == set(expected)
    for number, row in expected.items():
        customer = found[number]
        assert customer == qbo_port.customer(number)
        assert (customer.name, customer.currency, customer.terms_days) == (
            row["name"][:100],
            row["currency"],
            row["terms_days"] or 0,
        )
        assert customer.credit_limit is None
        assert customer.bill_to_id == row["bill_to_id"]


def test_items_go_by_their_sku(qbo_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("items") if row["active"]}
    found = {item.id: item for item in every(qbo_port.items, limit=20)}
    assert set(found) == set(expected)
    for code, row in expected.items():
        assert (found[code].list_price, found[code].cost) == (
            Money(row["list_price"], dataset.currency),
            Money(row["cost"], dataset.currency),
        )
        assert (found[code].kind == "goods") == (row["kind"] == "goods")
    code = next(iter(expected))
    assert qbo_port.item(code) == found[code]


def test_customers_and_items_are_searched(qbo_port, dataset):
    customer, item = next(dataset.rows("customers")), next(dataset.rows("items"))
    assert [each.id for each in qbo_port.customers(customer["id"]).items] == [customer["id"]]
    assert customer["id"] in [each.id for each in qbo_port.customers(customer["name"][:9]).items]
    assert [each.id for each in qbo_port.items(item["id"]).items] == [item["id"]]
    assert item["id"] in [each.id for each in qbo_port.items(item["name"][:12]).items]
    assert qbo_port.items("it's called 100% nothing").items == ()


def test_invoices_are_the_data_sets_with_lines_and_applications(qbo_port, dataset, customer):
    expected = {
        row["id"]: row for row in dataset.rows("invoices") if row["customer_id"] == customer.id
    }
    lines, applied = {}, {}
    for row in dataset.rows("invoice_lines"):
        lines.setdefault(row["invoice_id"], []).append((row["item_id"], row["quantity"]))
    for row in dataset.rows("payment_applications"):
        applied.setdefault(row["invoice_id"], []).append((row["applied_on"], row["amount"]))
    heads = qbo_port.invoices(customer)
    whole = qbo_port.invoices(customer, lines=True)
    assert {invoice.reference for invoice in heads} == set(expected)
    assert heads == tuple(evolve(invoice, lines=()) for invoice in whole)
    assert [each.issued_on for each in heads] == sorted(
        (row["issued_on"] for row in expected.values()), reverse=True
    )
    for invoice in whole:
        number = invoice.reference
        assert [(line.item_id, line.quantity) for line in invoice.lines] == lines[number]
        assert sum((line.net.amount for line in invoice.lines), Decimal(0)) == invoice.net.amount
        assert sorted((a.applied_on, a.amount.amount) for a in invoice.applications) == sorted(
            applied.get(number, [])
        )
        settled = sum((each.amount.amount for each in invoice.applications), Decimal(0))
        assert invoice.open.amount == invoice.gross.amount - settled


def test_one_document_read_alone_is_the_one_of_the_list(qbo_port, customer):
    for found, read in (
        (qbo_port.invoices(customer, lines=True), qbo_port.invoice),
        (qbo_port.credit_notes(customer, lines=True), qbo_port.credit_note),
        (qbo_port.payments(customer), qbo_port.payment),
    ):
        assert found
        assert read(found[0].id) == found[0]


def test_a_payment_that_only_applies_a_credit_is_no_money_received(qbo_port, dataset):
    received, credited = Counter(), Counter()
    for row in dataset.rows("customers"):
        customer = qbo_port.customer(row["id"])
        payments = qbo_port.payments(customer)
        assert all(payment.amount for payment in payments)
        received.update(payment.reference for payment in payments)
        for note in qbo_port.credit_notes(customer):
            credited[note.reason != ""] += 1
            settled = sum((each.amount.amount for each in note.applications), Decimal(0))
            assert note.open.amount == note.gross.amount - settled
    assert received == Counter(row["id"] for row in dataset.rows("payments"))
    assert credited.total() == sum(1 for _ in dataset.rows("credit_notes"))


@pytest.mark.parametrize(
    ("method", "day"),
    [
        ("invoices", "issued_on"),
        ("credit_notes", "issued_on"),
        ("payments", "received_on"),
    ],
)
def test_documents_are_read_from_a_day_on(qbo_port, customer, method, day):
    everything = getattr(qbo_port, method)(customer)
    days = [getattr(each, day) for each in everything]
    assert days == sorted(days, reverse=True)
    middle = days[len(days) // 2]
    recent = getattr(qbo_port, method)(customer, since=middle)
    assert recent == tuple(each for each in everything if getattr(each, day) >= middle)
    assert getattr(qbo_port, method)(customer, since=days[0] + timedelta(days=1)) == ()


def test_what_was_sold_for_cash_is_an_invoice_that_was_paid_at_once(
    qbo_port, qbo_mock, books, customer, dataset
):
    before = qbo_port.invoices(customer)
    balance = qbo_port.credit(customer).balance
    item = qbo_mock.world.table("qbo_item").find()[0]
    there = next(row for row in qbo_mock.world.table("qbo_customer").find()
                 if row["DisplayName"].startswith(customer.id))  # fmt: skip
    sold = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 30,
        "SalesItemLineDetail": {
            "ItemRef": {"value": item["Id"]}, "Qty": 3, "UnitPrice": 10,
            "TaxCodeRef": {"value": item["SalesTaxCodeRef"]["value"]},
        },
    }  # fmt: skip
    receipt = books.write("SalesReceipt", {"CustomerRef": {"value": there["Id"]}, "Line": [sold]})
    cash = qbo_port.invoice(receipt["Id"])
    assert (cash.status, cash.net.amount, cash.open.amount) == ("paid", D("30.00"), 0)
    assert qbo_port.invoices(customer, lines=True)[0] == cash
    assert len(qbo_port.invoices(customer)) == len(before) + 1
    status = qbo_port.credit(customer)
    assert (status.balance, status.last_invoiced_on) == (balance, qbo_mock.world.today)
    (aging,) = age(
        qbo_port.invoices(customer), qbo_port.credit_notes(customer), qbo_port.payments(customer),
        as_of=dataset.as_of + timedelta(days=1),
    )  # fmt: skip
    assert (aging.balance, aging.unexplained) == (balance, ())


def test_what_is_owed_is_known_and_how_much_may_be_owed_is_not(qbo_port, dataset):
    open_, invoiced = Counter(), {}
    for row in dataset.rows("customers"):
        customer = qbo_port.customer(row["id"])
        credit = qbo_port.credit(customer)
        assert (credit.unlimited, credit.limit, credit.available, credit.exposure) == (
            False, None, None, None,
        )  # fmt: skip
        assert credit.balance is not None
        invoices = qbo_port.invoices(customer)
        invoiced[row["id"]] = max((each.issued_on for each in invoices), default=None)
        assert credit.last_invoiced_on == invoiced[row["id"]]
        for invoice in invoices:
            if invoice.open and invoice.due_on < dataset.as_of:
                open_[row["id"]] += invoice.open.amount
        if credit.bill_to_id == row["id"]:
            assert credit.past_due.amount == open_[row["id"]]


def test_a_draft_is_priced_by_the_items_prices_and_tax_codes(qbo_port, qbo_mock, dataset, customer):
    goods = [row for row in dataset.rows("items") if row["active"]][:2]
    rates = {row["id"]: row["rate"] for row in dataset.rows("tax_codes")}
    asked = [(Decimal(3), None), (Decimal(2), Decimal("12.5"))]
    request = PriceRequest(
        lines=tuple(
            PriceRequestLine(
                number=n, item_id=row["id"], quantity=quantity, discount_percent=discount
            )
            for n, (row, (quantity, discount)) in enumerate(zip(goods, asked, strict=True), start=1)
        ),
        on=qbo_mock.world.today,
        currency=dataset.currency,
    )
    pricing = qbo_port.price(customer, request)
    bases = Counter()
    for line, row, (quantity, discount) in zip(pricing.lines, goods, asked, strict=True):
        exact = row["list_price"] * quantity * (100 - (discount or 0)) / 100
        assert line.net == Money(exact, dataset.currency).rounded()
        assert (line.rule, line.availability) == ("sales price", None)
        assert "item" in line.source
        bases[row["tax_code"]] += line.net.amount
    assert pricing.net.amount == sum(bases.values())
    tax = sum(
        Money(base * rates[code], dataset.currency).rounded().amount for code, base in bases.items()
    )
    assert (pricing.tax.amount, pricing.tax_known) == (tax, True)
    assert pricing.gross == pricing.net + pricing.tax
    assert pricing.credit is None


def test_what_cannot_be_priced_is_refused_beside_its_line(qbo_port, customer):
    line = PriceRequestLine(number=1, item_id="NO-SUCH", quantity=Decimal(1))
    with pytest.raises(RemoteRefused) as caught:
        qbo_port.price(customer, PriceRequest(lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.item_id"
    negative = evolve(line, item_id="BRG-1001", quantity=Decimal(-1))
    with pytest.raises(RemoteRejectedData) as caught:
        qbo_port.price(customer, PriceRequest(lines=(negative,)))
    assert caught.value.fields[0].field == "lines.0.quantity"
    with pytest.raises(RemoteRefused, match="keeps prices in"):
        qbo_port.price(customer, PriceRequest(lines=(line,), currency="JPY"))


@pytest.mark.parametrize("method", ["customer", "item", "invoice", "credit_note", "payment"])
@pytest.mark.parametrize("unknown", ["X-404", "987654321"])
def test_what_does_not_exist_is_not_found(qbo_port, method, unknown):
    with pytest.raises(NotFound, match=r"The ERP main at http://books\.test"):
        getattr(qbo_port, method)(unknown)


def test_what_quickbooks_does_not_know_is_said_and_never_zero(qbo_port, customer):
    for ask in (
        lambda: qbo_port.shipments(customer),
        lambda: qbo_port.shipment("1"),
        lambda: qbo_port.returns(customer),
        lambda: qbo_port.goods_return("1"),
        lambda: qbo_port.contracts(customer),
        lambda: qbo_port.stock("BRG-1001"),
    ):
        with pytest.raises(NotSupported, match="QuickBooks Online"):
            ask()
    assert qbo_port.capabilities == {
        "customer_reference", "exchange_rates", "idempotency_key", "invoice_document",
        "invoice_sending", "payments", "quotes",
    }  # fmt: skip


def test_customers_may_go_by_their_id(connect_qbo, qbo_mock):
    port = connect_qbo(customer_number="Id")
    (first,) = port.customers(limit=1).items
    assert first.id.isdigit()
    assert port.customer(first.id) == first
    invoice = next(invoice for each in every(port.customers) for invoice in port.invoices(each)[:1])
    assert port.invoice(invoice.id) == evolve(
        port.invoices(port.customer(invoice.customer_id), lines=True)[0]
    )


def test_a_number_that_two_customers_have_is_told(qbo_port, books):
    books.write("Customer", {"DisplayName": "C-77777 One"})
    books.write("Customer", {"DisplayName": "C-77777 Two"})
    with pytest.raises(RemoteRefused, match="2 customers with the number C-77777"):
        qbo_port.customer("C-77777")


def test_what_a_person_typed_becomes_no_other_condition(qbo_port, dataset):
    assert qbo_port.customers("' OR DisplayName LIKE '%").items == ()
    with pytest.raises(NotFound):
        qbo_port.customer("x' AND Active = true")


def test_a_company_with_one_currency_is_not_asked_for_rates(connect_qbo, qbo_mock):
    world = qbo_mock.world
    world.table("qbo_preferences").update(
        "1", CurrencyPrefs={"HomeCurrency": {"value": "EUR"}, "MultiCurrencyEnabled": False}
    )
    assert connect_qbo().exchange_rates() == ()
    assert all("ExchangeRate" not in entry.path for entry in world.journal)
