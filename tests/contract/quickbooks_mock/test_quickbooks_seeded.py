"""The company is that of the data set: the same figures as the data set's, and as our own ERP's."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from crossdock_mocks.datasets import DataSet, Header
from crossdock_mocks.datasets.amounts import document_total, line_net
from crossdock_mocks.dialects import erp
from crossdock_mocks.dialects.quickbooks import dialect
from crossdock_mocks.engine import App


def _exact(value):
    return Decimal(str(value))


def _totals(dataset, kind):
    rates = {row["id"]: row["rate"] for row in dataset.rows("tax_codes")}
    lines = defaultdict(list)
    for row in dataset.rows(f"{kind}_lines"):
        net = line_net(row["quantity"], row["unit_price"], row["discount_percent"])
        lines[row[f"{kind}_id"]].append((net, rates[row["tax_code"]]))
    return {key: document_total(each, dataset.rounding) for key, each in lines.items()}


@pytest.mark.parametrize(
    ("kind", "table"), [("invoice", "qbo_invoice"), ("credit_note", "qbo_creditmemo")]
)
def test_documents_come_to_what_the_data_set_says(dataset, company, kind, table):
    expected = _totals(dataset, kind)

    found = {row["DocNumber"]: _exact(row["TotalAmt"]) for row in company.table(table).find()}

    assert found == expected
    for row in company.table(table).find():
        net = sum(_exact(each["Amount"]) for each in row["Line"][:-1])
        assert net + _exact(row["TxnTaxDetail"]["TotalTax"]) == _exact(row["TotalAmt"])
        taxes = sum(_exact(each["Amount"]) for each in row["TxnTaxDetail"]["TaxLine"])
        assert taxes == _exact(row["TxnTaxDetail"]["TotalTax"])


def test_what_is_open_is_what_our_own_erp_has_open(dataset, company):
    ours = App(erp.dialect()).open_world(
        dataset, now=datetime.combine(dataset.as_of, time(17), UTC)
    )
    expected = {row["id"]: Decimal(row["openAmount"]) for row in ours.table("invoices").find()}
    owed = defaultdict(Decimal)
    for row in ours.table("invoices").find():
        owed[row["customerId"]] += Decimal(row["openAmount"])
    for name in ("credit_notes", "payments"):
        for row in ours.table(name).find():
            owed[row["customerId"]] -= Decimal(row["unappliedAmount"])

    invoices = company.table("qbo_invoice").find()
    customers = company.table("qbo_customer").find()

    assert {row["DocNumber"]: _exact(row["Balance"]) for row in invoices} == expected
    found = {row["DisplayName"].split()[0]: _exact(row["Balance"]) for row in customers}
    assert found == {key: owed[key] for key in found}
    assert set(owed) <= set(found)


def test_customers_items_and_payments_are_found_by_the_data_sets_own_numbers(dataset, books):
    for row in dataset.rows("customers"):
        made = books.one(f"SELECT * FROM Customer WHERE DisplayName LIKE '{row['id']} %'")
        assert made["CompanyName"] == row["name"]
        assert made["SalesTermRef"]["name"] == f"Net {row['terms_days']}"
    for row in list(dataset.rows("items"))[:10]:
        made = books.one(f"SELECT * FROM Item WHERE Sku = '{row['id']}'")
        assert _exact(made["UnitPrice"]) == row["list_price"]
    payment = next(dataset.rows("payments"))
    made = books.one(f"SELECT * FROM Payment WHERE PaymentRefNum = '{payment['id']}'")
    assert _exact(made["TotalAmt"]) == payment["amount"]


def test_goods_in_stock_are_inventory(dataset, company):
    stock = defaultdict(Decimal)
    for row in dataset.rows("stock"):
        stock[row["item_id"]] += row["on_hand"]

    found = {
        row["Sku"]: _exact(row["QtyOnHand"])
        for row in company.table("qbo_item").find({"Type": "Inventory"})
    }

    assert found == dict(stock)


def test_what_settles_a_document_is_linked_both_ways(company):
    payments = {row["Id"]: row for row in company.table("qbo_payment").find()}
    taken = defaultdict(Decimal)
    for payment in payments.values():
        used = Decimal(0)
        for line in payment["Line"]:
            (link,) = line["LinkedTxn"]
            taken[link["TxnType"], link["TxnId"], payment["Id"]] += _exact(line["Amount"])
            sign = 1 if link["TxnType"] == "Invoice" else -1
            used += sign * _exact(line["Amount"])
        assert _exact(payment["TotalAmt"]) - used == _exact(payment["UnappliedAmt"])
    for kind, table in (("Invoice", "qbo_invoice"), ("CreditMemo", "qbo_creditmemo")):
        for row in company.table(table).find():
            links = {each["TxnId"] for each in row["LinkedTxn"]}
            by = {key[2]: amount for key, amount in taken.items() if key[:2] == (kind, row["Id"])}
            assert set(by) == links
            assert _exact(row["TotalAmt"]) - sum(by.values()) == _exact(row["Balance"])


def test_the_same_data_give_the_same_company(app, dataset, company):
    again = app.open_world(dataset, now=company.now)

    for name in company.tables:
        assert list(again.table(name).find_raw()) == list(company.table(name).find_raw())


def _set(**tables):
    header = Header(
        name="Odd", company="Odd Ltd", currency="GBP", as_of=date(2026, 11, 20),
        country="GB", rounding="document",
    )  # fmt: skip
    return DataSet.of(header, tables)


def _row(kind, /, **values):
    blank = next(iter(_set(**{kind: [{}]}).rows(kind)))
    return {**blank, **values}


def test_an_odd_data_set_finds_its_place(app):
    customer = {"terms_days": None, "currency": None}
    dataset = _set(
        tax_codes=[_row("tax_codes", id="S", name="Standard", rate=Decimal("0.2"))],
        customers=[
            _row("customers", id="1", name="Same", **customer),
            _row("customers", id="2", name="Same", bill_to_id="1", **customer),
            _row("customers", id="3", name="Dollars: Inc", terms_days=7, currency="USD"),
        ],
        items=[
            _row("items", id=key, name="Same: thing", tax_code="S", kind="goods", active=active,
                 list_price=None)
            for key, active in (("A", True), ("B", True), ("C", False))
        ],
        invoices=[
            _row("invoices", id="I-1", customer_id="2", issued_on=date(2026, 1, 1),
                 posted_on=date(2026, 1, 1), currency="GBP"),
        ],
        invoice_lines=[
            _row("invoice_lines", invoice_id="I-1", line=line, item_id="A", tax_code="S",
                 quantity=Decimal(1), unit_price=Decimal("10.01"), discount_percent=Decimal(0))
            for line in (1, 2, 3)
        ],
    )  # fmt: skip

    world = app.open_world(dataset)

    first, second, third = world.table("qbo_customer").find()
    assert (second["FullyQualifiedName"], second["ParentRef"]["value"]) == ("1 Same:2 Same", "1")
    assert (first["Balance"], first["BalanceWithJobs"], second["Balance"]) == (0, 36.04, 36.04)
    assert (third["DisplayName"], third["CurrencyRef"]["value"]) == ("3 Dollars- Inc", "USD")
    names = [row["Name"] for row in world.table("qbo_item").find()]
    assert names == ["Same- thing", "Same- thing (B)", "Same- thing (C) (deleted)"]
    (preferences,) = world.table("qbo_preferences").find()
    assert preferences["CurrencyPrefs"]["MultiCurrencyEnabled"] is True


def test_without_a_data_set_there_is_a_company_to_begin_with():
    world = App(dialect()).open_world()

    assert world.table("qbo_companyinfo").count() == 1
    assert world.table("qbo_taxcode").count() == 2
    assert world.table("qbo_customer").count() == 0
