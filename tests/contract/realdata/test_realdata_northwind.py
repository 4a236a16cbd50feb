"""Northwind imported, against SQL over the raw files."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pytest

from crossdock_mocks.datasets import DataSet

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.timeout(200),
    pytest.mark.xdist_group("northwind"),
]

# Whole cents, whole pieces and whole per cents: an amount is a whole number of 1/10000, rounded
# to the cent on its line, half up.
RAW_NET = """
    SELECT o.CustomerID, substr({day}, 1, 7),
           sum((CAST(round(UnitPrice * 100) AS INTEGER) * CAST(Quantity AS INTEGER)
                * (100 - CAST(round(Discount * 100) AS INTEGER)) + 50) / 100), count(*)
    FROM raw_order_details JOIN raw_orders o USING (OrderID)
    WHERE {day} <> '' GROUP BY 1, 2 ORDER BY 1, 2
"""
OUR_NET = """
    SELECT customer_id, substr({day}, 1, 7),
           sum((CAST(round(unit_price * 100) AS INTEGER) * CAST(quantity AS INTEGER)
                * (100 - CAST(discount_percent AS INTEGER)) + 50) / 100), count(*)
    FROM our_{head}_lines JOIN our_{head}s h ON h.id = {head}_id
    WHERE item_id <> 'FREIGHT' GROUP BY 1, 2 ORDER BY 1, 2
"""


@pytest.mark.parametrize(
    ("raw_day", "our_day", "head", "lines"),
    [("OrderDate", "ordered_on", "order", 2155), ("ShippedDate", "issued_on", "invoice", 2082)],
)
def test_net_by_customer_and_month_equals_sql_over_the_raw_files(
    northwind, raw_day: str, our_day: str, head: str, lines: int
):
    both, _ = northwind
    raw = both.execute(RAW_NET.format(day=raw_day)).fetchall()
    ours = both.execute(OUR_NET.format(day=our_day, head=head)).fetchall()
    assert raw == ours
    assert lines == sum(count for *_, count in ours)


def test_every_row_is_accounted_for(northwind):
    _, folder = northwind
    report = json.loads((folder / "import-report.json").read_text())
    told = {one["name"]: one for one in report["sources"]}
    assert {name: one["read"] for name, one in told.items()} == {
        "customers": 93,
        "employees": 9,
        "products": 77,
        "categories": 8,
        "shippers": 3,
        "orders": 830,
        "order_details": 2155,
        "suppliers": 29,
    }
    for one in told.values():
        assert one["read"] == one["kept"] + one["looked_up"] + one["not_used"] + sum(
            one["refused"].values()
        )
    assert told["customers"]["refused"] == {"junk_customer": 2}
    assert told["suppliers"]["not_used"] == 29


def test_the_refused_customers_are_the_two_that_never_ordered_and_have_no_address(northwind):
    both, _ = northwind
    junk = both.execute(
        "SELECT trim(CustomerID) FROM raw_customers WHERE Address = '' AND Country = ''"
        " AND CustomerID NOT IN (SELECT CustomerID FROM raw_orders)"
    ).fetchall()
    missing = both.execute(
        "SELECT trim(CustomerID) FROM raw_customers WHERE trim(CustomerID) NOT IN"
        " (SELECT id FROM our_customers)"
    ).fetchall()
    assert [("VALON",), ("Val2",)] == sorted(junk) == sorted(missing)


def test_orders_that_were_not_shipped_are_open_and_nothing_else_is(northwind):
    both, _ = northwind
    raw = both.execute(
        "SELECT OrderID FROM raw_orders WHERE ShippedDate = '' ORDER BY 1"
    ).fetchall()
    ours = both.execute("SELECT id FROM our_orders WHERE status = 'open' ORDER BY 1").fetchall()
    assert len(raw) == 21
    assert raw == ours
    without = both.execute(
        "SELECT id FROM our_orders WHERE id NOT IN (SELECT order_id FROM our_shipments) ORDER BY 1"
    ).fetchall()
    assert raw == without


def test_freight_is_the_last_line_of_each_order(northwind):
    both, _ = northwind
    raw = both.execute(
        "SELECT OrderID, CAST(round(Freight * 100) AS INTEGER),"
        " (SELECT count(*) + 1 FROM raw_order_details d WHERE d.OrderID = o.OrderID)"
        " FROM raw_orders o ORDER BY 1"
    ).fetchall()
    ours = both.execute(
        "SELECT order_id, CAST(round(unit_price * 100) AS INTEGER), CAST(line AS INTEGER)"
        " FROM our_order_lines WHERE item_id = 'FREIGHT' ORDER BY 1"
    ).fetchall()
    assert raw == ours


def test_shipped_dates_carriers_and_promises_are_the_raw_ones(northwind):
    both, _ = northwind
    raw = both.execute(
        "SELECT OrderID, substr(ShippedDate, 1, 10), substr(RequiredDate, 1, 10)"
        " FROM raw_orders WHERE ShippedDate <> '' ORDER BY 1"
    ).fetchall()
    ours = both.execute(
        "SELECT order_id, shipped_on, promised_on FROM our_shipments"
        " JOIN our_orders o ON o.id = order_id ORDER BY 1"
    ).fetchall()
    assert raw == ours


def test_users_stock_and_inactive_items(northwind):
    both, folder = northwind
    dataset = DataSet.load(folder)
    assert dataset.count("users") == 9
    assert {"U-andrew"} == {row["id"] for row in dataset.rows("users") if not row["manager_id"]}
    stock = {row["item_id"]: row["on_hand"] for row in dataset.rows("stock")}
    raw = both.execute("SELECT ProductID, UnitsInStock, Discontinued FROM raw_products").fetchall()
    assert {item: Decimal(units) for item, units, _ in raw} == stock
    inactive = {row["id"] for row in dataset.rows("items") if not row["active"]}
    assert {item for item, _, discontinued in raw if discontinued == "1"} == inactive
    assert len(inactive) == 8


def test_an_account_belongs_to_the_employee_who_took_most_of_its_orders(northwind):
    both, folder = northwind
    taken: dict[str, Counter] = {}
    names = dict(both.execute("SELECT EmployeeID, lower(FirstName) FROM raw_employees"))
    for customer, employee in both.execute("SELECT CustomerID, EmployeeID FROM raw_orders"):
        taken.setdefault(customer, Counter())[f"U-{names[employee]}"] += 1
    for row in DataSet.load(folder).rows("accounts"):
        counts = taken.get(row["customer_id"], Counter())
        assert counts[row["owner_id"]] == max(counts.values(), default=0)


def test_invoices_are_paid_in_full_or_not_yet(northwind):
    _, folder = northwind
    dataset = DataSet.load(folder)
    applied: Counter = Counter()
    for row in dataset.rows("payment_applications"):
        applied[row["invoice_id"]] += row["amount"]
    total: Counter = Counter()
    for line in dataset.rows("invoice_lines"):
        share = line["quantity"] * line["unit_price"] * (100 - line["discount_percent"]) / 100
        total[line["invoice_id"]] += share.quantize(Decimal("0.01"), "ROUND_HALF_UP")
    due = {row["id"]: row["due_on"] for row in dataset.rows("invoices")}
    assert len(applied) == 717
    assert all(total[invoice] == amount for invoice, amount in applied.items())
    assert all((dataset.as_of - due[one]).days < 22 for one in total if one not in applied)
