"""What the rules say of every customer of Northwind, against SQL over the raw files.

Raw files -> `crossdock data import` -> mock ERP -> connector -> records -> rules on the one side,
plain tables of texts and SQL on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from attrs import frozen

from crossdock.records import Invoice, Item, Money, Order, Shipment
from crossdock.rules import (
    Basket,
    basket_of,
    delivery_record,
    late_lines,
    late_shipments,
    line_gaps,
    lines_of_invoices,
    lines_of_orders,
    peers_of,
    product_line_sales,
    purchase_history,
    purchase_rhythm,
    unshipped_orders,
)

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.timeout(200),
    pytest.mark.xdist_group("northwind"),
]

AS_OF = date(1998, 5, 7)

# A line in whole cents, rounded half up; prices have whole cents and discounts whole per cents.
CENTS = """
    (CAST(round(d.UnitPrice * 100) AS INTEGER) * CAST(Quantity AS INTEGER)
     * (100 - CAST(round(Discount * 100) AS INTEGER)) + 50) / 100
"""
SHIPMENTS = """
    SELECT o.CustomerID, 'SH-' || OrderID, substr(ShippedDate, 1, 10), s.CompanyName, ShipName,
           (SELECT sum(Quantity) FROM raw_order_details d WHERE d.OrderID = o.OrderID),
           (SELECT group_concat(ProductID, ' ') FROM
               (SELECT ProductID FROM raw_order_details d WHERE d.OrderID = o.OrderID
                ORDER BY CAST(ProductID AS INTEGER)))
    FROM raw_orders o JOIN raw_shippers s ON s.ShipperID = o.ShipVia WHERE ShippedDate <> ''
"""
LATE = """
    SELECT OrderID, substr(RequiredDate, 1, 10),
           CAST(julianday(substr(ShippedDate, 1, 10)) - julianday(substr(RequiredDate, 1, 10))
                AS INTEGER)
    FROM raw_orders WHERE ShippedDate <> '' AND ShippedDate > RequiredDate
"""
UNSHIPPED = """
    SELECT OrderID, substr(RequiredDate, 1, 10),
           max(0, CAST(julianday('1998-05-07') - julianday(substr(RequiredDate, 1, 10))
                       AS INTEGER))
    FROM raw_orders WHERE ShippedDate = ''
"""
LATE_LINES = """
    SELECT OrderID, count(*) + 1 FROM raw_order_details JOIN raw_orders USING (OrderID)
    WHERE ShippedDate = '' AND substr(RequiredDate, 1, 10) < '1998-05-07' GROUP BY 1
"""
PRODUCT_LINES = f"""
    SELECT o.CustomerID, CategoryName, CAST(substr({{day}}, 1, 4) AS INTEGER), sum({CENTS})
    FROM raw_order_details d JOIN raw_orders o USING (OrderID)
    JOIN raw_products p USING (ProductID) JOIN raw_categories USING (CategoryID)
    WHERE {{day}} <> '' GROUP BY 1, 2, 3
"""
ITEMS = f"""
    WITH lines AS (
        SELECT o.CustomerID, d.ProductID, Quantity, {CENTS} AS cents, OrderID,
               CAST(round(d.UnitPrice * 100) AS INTEGER) AS price,
               CAST(round(Discount * 100) AS INTEGER) AS discount,
               substr(ShippedDate, 1, 10) AS day,
               row_number() OVER (
                   PARTITION BY o.CustomerID, d.ProductID ORDER BY ShippedDate DESC, OrderID DESC
               ) AS back
        FROM raw_order_details d JOIN raw_orders o USING (OrderID) WHERE ShippedDate <> ''
    )
    SELECT l.CustomerID, l.ProductID, ProductName, sum(Quantity), sum(cents), count(*), max(day),
           max(iif(back = 1, price, NULL)), max(iif(back = 1, discount, NULL))
    FROM lines l JOIN raw_products USING (ProductID) GROUP BY 1, 2
"""
RHYTHM = """
    WITH days AS (
        SELECT CustomerID, day,
               row_number() OVER (PARTITION BY CustomerID ORDER BY day DESC) AS back
        FROM (SELECT DISTINCT CustomerID, substr(OrderDate, 1, 10) AS day FROM raw_orders)
    ), recent AS (
        SELECT CustomerID, count(*) - 1 AS gaps,
               CAST(julianday(max(day)) - julianday(min(day)) AS INTEGER) AS span
        FROM days WHERE back <= 5 GROUP BY 1
    )
    SELECT CustomerID, count(*), min(substr(OrderDate, 1, 10)), max(substr(OrderDate, 1, 10)),
           iif(gaps > 0, date(max(substr(OrderDate, 1, 10)),
                              '+' || ((2 * span + gaps) / (2 * gaps)) || ' days'), NULL)
    FROM raw_orders JOIN recent USING (CustomerID) GROUP BY 1
"""


@frozen
class Customer:
    orders: tuple[Order, ...]
    shipments: tuple[Shipment, ...]
    invoices: tuple[Invoice, ...]


@pytest.fixture(scope="module")
def known(northwind, erp_on) -> tuple[dict[str, Customer], dict[str, Item]]:
    """Everything of every customer, read as a plugin reads it."""
    _, folder = northwind
    erp = erp_on(folder)
    customers = {
        customer.id: Customer(
            tuple(erp.orders(customer)),
            tuple(erp.shipments(customer)),
            tuple(erp.invoices(customer, lines=True)),
        )
        for customer in erp.customers(limit=200).items
    }
    # The list has active items only; those that are not sold any more are read one by one.
    items = {item.id: item for item in erp.items(limit=200).items}
    bought = {line.item_id for each in customers.values() for o in each.orders for line in o.lines}
    items |= {missing: erp.item(missing) for missing in sorted(bought - items.keys())}
    return customers, items


def cents(money: Money | None) -> int:
    assert money is not None
    assert money.amount * 100 == int(money.amount * 100)
    return int(money.amount * 100)


def all_orders(customers: dict[str, Customer]) -> Iterator[Order]:
    for each in customers.values():
        yield from each.orders


def test_the_shipping_history_of_everybody_equals_the_raw_files(northwind, known):
    customers, _ = known
    ours = {
        (
            who,
            shipment.id,
            shipment.shipped_on.isoformat(),
            shipment.carrier,
            shipment.ship_to.name,
            sum(line.quantity for line in shipment.lines if line.item_id != "FREIGHT"),
            " ".join(
                sorted(
                    (line.item_id for line in shipment.lines if line.item_id != "FREIGHT"), key=int
                )
            ),
        )
        for who, each in customers.items()
        for shipment in each.shipments
    }
    assert set(northwind[0].execute(SHIPMENTS)) == ours
    assert len(ours) == 830 - 21


def test_late_shipments_and_unshipped_orders_equal_the_raw_files(northwind, known):
    both, _ = northwind
    customers, _ = known
    late = {
        (found.order.id, found.promised_on.isoformat(), found.days)
        for each in customers.values()
        for found in late_shipments(each.orders, each.shipments)
    }
    assert set(both.execute(LATE)) == late
    assert len(late) == 37
    unshipped = unshipped_orders(all_orders(customers), as_of=AS_OF)
    assert set(both.execute(UNSHIPPED)) == {
        (found.order.id, found.promised_on.isoformat(), found.days_late) for found in unshipped
    }
    assert len(unshipped) == 21
    # Freight is a line of its own, and waits with the goods.
    waiting = Counter(found.order.id for found in late_lines(all_orders(customers), as_of=AS_OF))
    assert dict(both.execute(LATE_LINES)) == waiting


def test_how_reliably_each_was_delivered_to_equals_the_raw_files(northwind, known):
    customers, _ = known
    raw = northwind[0].execute(
        "SELECT CustomerID, count(*), sum(ShippedDate > RequiredDate) FROM raw_orders"
        " WHERE ShippedDate <> '' GROUP BY 1"
    )
    ours = {who: delivery_record(each.orders, each.shipments) for who, each in customers.items()}
    assert {
        (who, record.promised, record.late) for who, record in ours.items() if record.shipments
    } == set(raw)
    assert sum(record.shipments for record in ours.values()) == 809


@pytest.mark.parametrize("day", ["OrderDate", "ShippedDate"])
def test_product_lines_by_customer_and_year_equal_the_raw_files(northwind, known, day):
    customers, items = known
    found = {}
    for who, each in customers.items():
        ordered = lines_of_orders(each.orders)
        lines = ordered if day == "OrderDate" else lines_of_invoices(each.invoices)
        for lines_of_one in product_line_sales(lines, items, as_of=AS_OF):
            for line in lines_of_one.lines:
                if line.product_line != "Freight":
                    for year, net in line.by_year.items():
                        found[who, line.product_line, year] = cents(net)
    raw = northwind[0].execute(PRODUCT_LINES.format(day=day))
    assert {(who, line, year): net for who, line, year, net in raw} == found


def test_quantities_prices_and_discounts_by_item_equal_the_raw_files(northwind, known):
    customers, items = known
    ours = set()
    for who, each in customers.items():
        for found in purchase_history(lines_of_invoices(each.invoices), items, as_of=AS_OF):
            ours |= {
                (
                    who,
                    item.item_id,
                    item.name,
                    int(item.quantity),
                    cents(item.net),
                    item.times,
                    item.last_on.isoformat() if item.last_on else None,
                    cents(item.unit_price),
                    int(item.discount_percent),
                )
                for item in found.items
                if item.item_id != "FREIGHT"
            }
    raw = set(northwind[0].execute(ITEMS))
    assert raw == ours
    assert {discount for *_, discount in raw} >= {0, 5, 10, 15, 20, 25}


def test_the_rhythm_of_orders_equals_the_raw_files(northwind, known):
    customers, _ = known
    ours = set()
    for who, each in customers.items():
        for found in purchase_rhythm((), (), each.orders, as_of=AS_OF):
            assert found.first_on is not None
            assert found.last_on is not None
            expected = found.expected_next_on.isoformat() if found.expected_next_on else None
            ours.add(
                (who, found.orders, found.first_on.isoformat(), found.last_on.isoformat(), expected)
            )
    assert set(northwind[0].execute(RHYTHM)) == ours
    assert len(ours) == 89


def test_gaps_are_what_sql_finds_that_the_most_similar_customers_buy(northwind, known):
    both, _ = northwind
    customers, items = known
    baskets: list[Basket] = [
        basket_of(who, lines_of_invoices(each.invoices), currency="USD")
        for who, each in customers.items()
    ]
    bought = {
        (who, product)
        for who, product in both.execute(
            "SELECT DISTINCT CustomerID, ProductID FROM raw_order_details"
            " JOIN raw_orders USING (OrderID) WHERE ShippedDate <> ''"
        )
    }
    assert bought == {
        (basket.customer_id, item) for basket in baskets for item in basket.items - {"FREIGHT"}
    }
    found = 0
    for basket in baskets:
        peers = peers_of(basket, baskets)
        gaps = line_gaps(basket, baskets, items, peers=peers)
        found += len(gaps)
        near = [peer.customer_id for peer in peers]
        places = ", ".join("?" * len(near))
        raw = both.execute(
            f"""
            SELECT CategoryName, count(DISTINCT CustomerID) AS buyers
            FROM raw_order_details JOIN raw_orders USING (OrderID)
            JOIN raw_products USING (ProductID) JOIN raw_categories USING (CategoryID)
            WHERE ShippedDate <> '' AND CustomerID IN ({places}) AND CategoryID NOT IN (
                SELECT CategoryID FROM raw_order_details JOIN raw_orders USING (OrderID)
                JOIN raw_products USING (ProductID)
                WHERE ShippedDate <> '' AND CustomerID = ?)
            GROUP BY 1 HAVING buyers >= ? * 0.3
            """,
            [*near, basket.customer_id, len(near)],
        )
        assert dict(raw) == {gap.name: gap.buyers for gap in gaps}
        assert all(gap.share >= Decimal("0.3") for gap in gaps)
    assert found > 50
