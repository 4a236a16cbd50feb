"""What the rules say of every customer, read through the product, against SQL over the raw file.

Raw file -> `crossdock data import` -> mock ERP -> connector -> records -> rules on the one side, a
plain table of texts and SQL on the other. `shop.csv` is a small shop of our own with every kind of
dirt that the real file has: cancellations with and without an invoice, lines without a customer,
gifts, prices in thousandths, codes that differ by case, book entries.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.ports import ErpPort
from crossdock.records import Item, Money, TradingAccount
from crossdock.rules import (
    lines_of_invoices,
    purchase_history,
    purchase_rhythm,
    sales_history,
    sales_of_invoices,
)
from crossdock_mocks.datasets import DataSet

# One row for each line that is a sale or a credit; pennies are rounded on each line, half up.
WANTED = """
    CREATE TABLE wanted AS
    SELECT *, document LIKE 'C%' AS credit, length(document) AS digits, rowid AS place,
           (abs(quantity) * price + 5) / 10 * iif(quantity < 0, -1, 1) AS pennies
    FROM raw_lines
    WHERE document NOT LIKE 'A%'
      AND NOT (customer = 'ANONYMOUS' AND document NOT LIKE 'C%' AND quantity < 0 AND price = 0)
"""
MONTHS = "SELECT customer, substr(day, 1, 7), sum(pennies) FROM wanted GROUP BY 1, 2"
# Days of purchase are counted once; an expected day is rounded to a whole one, half up.
RHYTHM = """
    WITH days AS (
        SELECT customer, day, row_number() OVER (PARTITION BY customer ORDER BY day DESC) AS back
        FROM (SELECT DISTINCT customer, day FROM wanted WHERE NOT credit)
    ), spans AS (
        SELECT customer, min(day) AS first, max(day) AS last, count(*) AS occasions,
               CAST(julianday(max(day)) - julianday(min(day)) AS INTEGER) AS span,
               count(DISTINCT substr(day, 1, 7)) AS months
        FROM days GROUP BY 1
    ), recent AS (
        SELECT customer, count(*) - 1 AS gaps,
               CAST(julianday(max(day)) - julianday(min(day)) AS INTEGER) AS span
        FROM days WHERE back <= 5 GROUP BY 1
    )
    SELECT w.customer,
           coalesce(sum(pennies) FILTER (WHERE NOT credit), 0),
           coalesce(-sum(pennies) FILTER (WHERE credit), 0),
           sum(pennies),
           count(DISTINCT document) FILTER (WHERE NOT credit),
           count(DISTINCT document) FILTER (WHERE credit),
           s.first, s.last, coalesce(s.occasions, 0), iif(s.occasions > 1, s.span, NULL),
           coalesce(s.months, 0),
           iif(r.gaps > 0,
               date(s.last, '+' || ((2 * r.span + r.gaps) / (2 * r.gaps)) || ' days'), NULL),
           CAST(julianday(:as_of) - julianday(s.last) AS INTEGER),
           count(DISTINCT item) FILTER (WHERE NOT credit), sum(quantity)
    FROM wanted w LEFT JOIN spans s USING (customer) LEFT JOIN recent r USING (customer)
    GROUP BY 1
"""
ITEMS = """
    WITH last AS (
        SELECT customer, item, price, day, row_number() OVER (
            PARTITION BY customer, item ORDER BY day DESC, digits DESC, document DESC, place DESC
        ) AS back
        FROM wanted WHERE NOT credit
    )
    SELECT w.customer, w.item, sum(quantity),
           coalesce(sum(quantity) FILTER (WHERE NOT credit), 0), sum(pennies),
           count(DISTINCT document) FILTER (WHERE NOT credit),
           min(w.day) FILTER (WHERE NOT credit), l.day, l.price
    FROM wanted w LEFT JOIN last l ON l.customer = w.customer AND l.item = w.item AND back = 1
    GROUP BY 1, 2
"""
TOP = """
    SELECT customer, item FROM (
        SELECT customer, item, sum(pennies) AS net, row_number() OVER (
            PARTITION BY customer ORDER BY sum(pennies) DESC, item
        ) AS place
        FROM wanted GROUP BY 1, 2
    ) WHERE place = 1 AND net > 0
"""


def pennies(money: Money) -> int:
    amount = money.amount * 100
    assert amount == int(amount)
    return int(amount)


def text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class Figures:
    """What the rules say, in the columns of the queries."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.months: dict[tuple[str, str], int] = {}
        self.rhythm: dict[str, tuple] = {}
        self.items: dict[tuple[str, str], tuple] = {}
        self.top: dict[str, str] = {}

    def add(self, erp: ErpPort, customer: TradingAccount, items: dict[str, Item]) -> None:
        invoices = erp.invoices(customer, lines=True)
        notes = erp.credit_notes(customer, lines=True)
        if not invoices and not notes:
            return
        (history,) = sales_history(sales_of_invoices(invoices, notes), as_of=self.as_of)
        for (year, month), net in history.months.items():
            self.months[customer.id, f"{year}-{month:02}"] = pennies(net)
        (rhythm,) = purchase_rhythm(invoices, notes, as_of=self.as_of)
        (bought,) = purchase_history(lines_of_invoices(invoices, notes), items, as_of=self.as_of)
        assert rhythm.net == bought.net == history.total
        span = None
        if rhythm.mean_interval is not None:
            assert rhythm.first_on is not None
            assert rhythm.last_on is not None
            span = (rhythm.last_on - rhythm.first_on).days
            assert rhythm.mean_interval == Decimal(span) / (rhythm.occasions - 1)
        self.rhythm[customer.id] = (
            pennies(rhythm.gross),
            pennies(rhythm.credits),
            pennies(rhythm.net),
            rhythm.invoices,
            rhythm.credit_notes,
            text(rhythm.first_on),
            text(rhythm.last_on),
            rhythm.occasions,
            span,
            rhythm.active_months,
            text(rhythm.expected_next_on),
            rhythm.days_since_last,
            bought.distinct_items,
            bought.quantity,
        )
        for item in bought.items:
            assert item.name == items[item.item_id].name
            self.items[customer.id, item.item_id] = (
                item.quantity,
                item.bought,
                pennies(item.net),
                item.times,
                text(item.first_on),
                text(item.last_on),
                None if item.unit_price is None else item.unit_price.amount * 1000,
            )
        if bought.top_item is not None:
            self.top[customer.id] = bought.top_item.item_id


def read_all(erp: ErpPort, as_of: date) -> Figures:
    """Ask for every customer as a plugin does, page by page."""
    figures = Figures(as_of)
    items = {item.id: item for item in pages(erp.items)}
    for customer in pages(erp.customers):
        figures.add(erp, customer, items)
    return figures


def pages(method) -> Iterator:
    after = None
    while True:
        page = method(after=after, limit=200)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def assert_figures_equal(both: sqlite3.Connection, folder: Path, erp_on) -> Figures:
    as_of = DataSet.load(folder).as_of
    both.execute("DROP TABLE IF EXISTS wanted")
    both.execute(WANTED)
    found = read_all(erp_on(folder), as_of)
    assert dict(rows(both, MONTHS, key=2, one=True)) == found.months
    assert dict(rows(both, RHYTHM, as_of=text(as_of))) == found.rhythm
    assert dict(rows(both, ITEMS, key=2)) == found.items
    assert dict(both.execute(TOP)) == found.top
    return found


def rows(both: sqlite3.Connection, query: str, *, key: int = 1, one: bool = False, **values):
    for row in both.execute(query, values):
        left, right = row[:key], row[key:]
        yield (left if key > 1 else left[0]), (right[0] if one else right)


def test_all_figures_of_a_small_dirty_shop_equal_sql_over_its_raw_file(shop, erp_on):
    both, folder = shop

    found = assert_figures_equal(both, folder, erp_on)

    assert len(found.rhythm) == 25
    never = [who for who, figures in found.rhythm.items() if figures[3] == 0]
    assert never == ["10023"]  # only ever credited: no purchase, no top item, no rhythm
    assert never[0] not in found.top
    several = Counter(figures[3] > figures[7] for figures in found.rhythm.values())
    assert several[True] > 5  # with several invoices of one day
    assert (
        (Decimal(1), 16, 127)
        == (
            found.items["10024", "20004"][6],  # a thousandth for one
            *found.items["10024", "20004"][1:3],
        )
    )
    assert found.items["10024", "70002"][6] == 0  # a gift is a purchase at no price


@pytest.mark.realdata
@pytest.mark.xdist_group("online retail sample")
def test_all_figures_of_a_sample_equal_sql_over_the_raw_file(sample, erp_on):
    both, folder = sample

    assert len(assert_figures_equal(both, folder, erp_on).rhythm) > 300


@pytest.mark.realdata
@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("online retail")
def test_all_figures_of_everybody_equal_sql_over_the_raw_file(whole, erp_on):
    both, folder = whole

    found = assert_figures_equal(both, folder, erp_on)

    assert len(found.rhythm) == 4_372 + 1
    assert sum(figures[3] for figures in found.rhythm.values()) == 20_725
    assert sum(figures[4] for figures in found.rhythm.values()) == 3_836
    assert len({item for _, item in found.items}) == 3_956
