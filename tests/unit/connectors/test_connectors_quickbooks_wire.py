"""QuickBooks' words: queries that hold what people typed, refusals with their kind, unknown tax."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks import pricing, refusals
from crossdock.connectors.quickbooks.customers import Numbering, customer
from crossdock.connectors.quickbooks.items import Product, coded, tax_code
from crossdock.connectors.quickbooks.query import Query, all_rows, among, equal, literal
from crossdock.connectors.quickbooks.wire import Ref
from crossdock.errors import (
    Conflict,
    NotFound,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import PriceRequestLine

D = Decimal


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("O'Brien", r"'O\'Brien'"),
        ("back\\slash", r"'back\\slash'"),
        (r"\' OR Id > '0", r"'\\\' OR Id > \'0'"),
        ("", "''"),
    ],
)
def test_what_was_typed_stays_one_text(typed, written):
    assert literal(typed) == written


def test_a_query_is_one_list_with_its_place():
    query = Query("Invoice", (equal("CustomerRef", "7"), among("Id", ["1", "2"])), "TxnDate DESC")
    assert query.page(start=11, most=10) == (
        "SELECT * FROM Invoice WHERE CustomerRef = '7' AND Id IN ('1', '2') "
        "ORDERBY TxnDate DESC STARTPOSITION 11 MAXRESULTS 10"
    )


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_all_rows_are_read_page_after_page(rows):
    asked = []

    def read(_query, start, most):
        asked.append(start)
        return list(range(rows))[start - 1 : start - 1 + most]

    assert list(all_rows(read, Query("Item"), most=3)) == list(range(rows))
    assert asked == list(range(1, rows + 2, 3))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "120", RemoteUnauthorized),
        (400, "600", Conflict),
        (400, "610", NotFound),
        (400, "2020", RemoteRejectedData),
        (400, "2500", RemoteRefused),
        (400, "4001", RemoteRejectedData),
        (400, "5010", Stale),
        (400, "6000", RemoteRefused),
        (400, "6140", Conflict),
        (400, "6210", RemoteRefused),
        (400, "10000", RemoteUnavailable),
        (401, "003200", RemoteUnauthorized),
        (429, "003001", RemoteUnavailable),
    ],
)
@pytest.mark.parametrize("lower", [False, True])
def test_a_code_is_an_error_by_what_can_be_done(status, code, kind, lower):
    names = ("Fault", "Error", "Message", "Detail")
    fault, errors, message, detail = (n.lower() if lower else n for n in names)
    body = {fault: {errors: [{message: "No", detail: "Because", "code": code}], "type": "X"}}
    complaint = refusals.wording(status, body)
    assert complaint.kind is kind
    assert complaint.code == code.lstrip("0")
    assert complaint.message == "No: Because"


def test_every_error_is_told_with_its_element():
    body = {
        "Fault": {
            "Error": [
                {"Message": "Required", "Detail": "Line", "code": "2020", "element": "Line"},
                {"Message": "Bad", "Detail": "Bad thing", "code": "2010", "element": ""},
            ]
        }
    }
    complaint = refusals.wording(400, body)
    assert [(each.field, each.message) for each in complaint.fields] == [("Line", "Required: Line")]
    assert complaint.message == "Required: Line; Bad thing"


@pytest.mark.parametrize("body", [None, [], "x", {}, {"Fault": 7}, {"Fault": {"Error": 7}}])
def test_rubbish_is_no_complaint(body):
    complaint = refusals.wording(429, body)
    assert (complaint.code, complaint.kind, complaint.retry_after) == ("", None, 15.0)


@pytest.mark.parametrize(
    ("name", "number", "rest"),
    [
        ("C-10001 Acme Ltd", "C-10001", "Acme Ltd"),
        ("C-10001", "C-10001", "7"),
        ("Acme Ltd", "7", "Acme Ltd"),
        ("3M Company", "3M", "Company"),
    ],
)
def test_a_customers_number_begins_its_name_or_is_its_id(name, number, rest):
    row = {"Id": "7", "SyncToken": "0", "DisplayName": name}
    found = customer(row, Numbering("DisplayName"), "USD")
    assert (found.number, found.name) == (number, rest)
    assert Numbering("DisplayName").of_ref(Ref("7", f"Parent Inc:{name}")) == number


@pytest.mark.parametrize(
    ("value", "shown"), [("2200.7", "2200.70"), ("5", "5.00"), ("1.125", "1.125")]
)
def test_an_amount_has_its_currencys_digits(value, shown):
    assert str(of_unit(D(value), "EUR").amount) == shown
    assert str(of_unit(D("5"), "JPY").amount) == "5"


def priced(code_row, *, taxable=True):
    code = tax_code(coded(code_row), {"11": D("0.2"), "12": D("0.05")})
    item = Product(
        id="1", code="BRG", name="Bearing", description="", kind="Service", price=D(10),
        cost=None, tax_code=code.id, taxable=True, category="", active=True,
    )  # fmt: skip
    row = {"Id": "7", "SyncToken": "0", "DisplayName": "C-1 A", "Taxable": taxable}
    wanted = pricing.Wanted(
        line=PriceRequestLine(number=1, item_id="BRG", quantity=D(3)), product=item, price=D(10)
    )
    return pricing.pricing(
        [wanted], customer(row, Numbering("DisplayName"), "USD"), {code.id: code},
        system="books", on=date(2026, 11, 20),
    )  # fmt: skip


def rates(*refs):
    return {"TaxRateDetail": [{"TaxRateRef": {"value": ref}} for ref in refs]}


def test_tax_is_computed_where_its_rates_are_known():
    found = priced({"Id": "2", "Name": "GST + PST", "SalesTaxRateList": rates("11", "12")})
    assert (found.tax.amount, found.gross.amount, found.tax_known) == (D("7.50"), D("37.50"), True)


@pytest.mark.parametrize(
    "code", [{"Id": "TAX"}, {"Id": "2", "SalesTaxRateList": rates("11", "99")}]
)
def test_tax_that_quickbooks_finds_later_is_said_to_be_unknown(code):
    found = priced(code)
    assert (found.tax_known, found.gross, found.taxes) == (False, found.net, ())


def test_who_pays_no_tax_is_known_to_pay_none():
    found = priced({"Id": "TAX"}, taxable=False)
    assert (found.tax_known, found.tax.amount) == (True, 0)
