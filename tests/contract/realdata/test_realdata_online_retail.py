"""Online Retail imported, against SQL over the raw file."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock import Money, Table
from crossdock.views.values import plain
from crossdock_mocks.datasets import DataSet

pytestmark = [pytest.mark.realdata, pytest.mark.timeout(400)]

BY_MONTH = """
    SELECT customer, substr(day, 1, 7),
           sum((abs(quantity) * price + 5) / 10 * iif(quantity < 0, -1, 1)) AS pennies, count(*)
    FROM {lines} WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2
"""
WANTED = """
    document NOT LIKE 'A%'
    AND NOT (customer = 'ANONYMOUS' AND document NOT LIKE 'C%' AND quantity < 0 AND price = 0)
"""

Imported = tuple[sqlite3.Connection, Path]


def assert_sales_equal(both: sqlite3.Connection) -> list[tuple]:
    raw = both.execute(BY_MONTH.format(lines="raw_lines", where=WANTED)).fetchall()
    ours = both.execute(BY_MONTH.format(lines="our_lines", where="true")).fetchall()
    assert raw == ours
    return ours


def assert_lines_equal(both: sqlite3.Connection) -> None:
    """Each kept line is there as often as in the raw file, and no other."""
    columns = "document, item, description, quantity, price, customer, day"
    query = f"""
        SELECT {columns}, sum(n) FROM (
            SELECT {columns}, 1 AS n FROM raw_lines WHERE {WANTED}
            UNION ALL SELECT {columns}, -1 FROM our_lines
        ) GROUP BY {columns} HAVING sum(n) <> 0 LIMIT 5
    """
    assert both.execute(query).fetchall() == []


@pytest.mark.xdist_group("online retail sample")
def test_sales_by_customer_and_month_equal_sql_over_the_raw_file_in_a_sample(sample: Imported):
    both, folder = sample
    assert len(assert_sales_equal(both)) > 300
    assert_lines_equal(both)
    report = json.loads((folder / "import-report.json").read_text())
    (source,) = report["sources"]
    assert 15_000 == source["read"] == source["kept"] + sum(source["refused"].values())


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_sales_by_customer_and_month_equal_sql_over_the_raw_file(whole: Imported):
    both, _ = whole
    months = assert_sales_equal(both)
    assert len({customer for customer, *_ in months}) == 4372 + 1
    assert sum(lines for *_, lines in months) == 540_570


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_every_kept_line_is_there_exactly_as_in_the_raw_file(whole: Imported):
    assert_lines_equal(whole[0])


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_every_line_is_kept_or_refused_by_the_closed_list(whole: Imported):
    both, folder = whole

    def count(where: str, lines: str = "raw_lines") -> int:
        return int(both.execute(f"SELECT count(*) FROM {lines} WHERE {where}").fetchone()[0])

    known, anonymous = "customer <> 'ANONYMOUS'", "customer = 'ANONYMOUS'"
    assert count("true") == 541_909
    assert 406_829 == count(known) == count(known, "our_lines")
    assert count(f"{known} AND quantity > 0 AND price > 0") == 397_884
    assert 40 == count(f"{known} AND price = 0") == count(f"{known} AND price = 0", "our_lines")
    assert count(f"{known} AND quantity < 0", "our_lines") == 8_905
    assert count(anonymous, "our_lines") == 135_080 - 1_336 - 3
    assert count(anonymous, "our_lines") == 132_219 + 1_139 + 383
    report = json.loads((folder / "import-report.json").read_text())
    (source,) = report["sources"]
    assert source["refused"] == {"bad_debt_adjustment": 3, "stock_adjustment": 1_336}
    assert 541_909 == source["read"] == source["kept"] + 1_339
    assert (source["unreadable"], source["unplaced"]) == (0, 0)
    assert report["ok"] is True


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_refused_lines_are_listed_with_their_place_in_the_file(whole: Imported):
    both, folder = whole
    with (folder / "refused.csv").open(newline="", encoding="utf-8") as stream:
        refused = list(csv.DictReader(stream))
    unwanted = f"SELECT rowid FROM raw_lines WHERE NOT ({WANTED})"
    raw = both.execute(
        f"SELECT rowid + 1, InvoiceNo FROM raw WHERE rowid IN ({unwanted}) ORDER BY rowid"
    ).fetchall()
    assert raw == [(int(row["line"]), json.loads(row["row"])[0]) for row in refused]


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_documents_customers_and_items_equal_the_raw_file(whole: Imported):
    both, _ = whole

    def column(query: str) -> list:
        return [one for (one,) in both.execute(query)]

    documents = (
        f"SELECT DISTINCT document FROM raw_lines WHERE {WANTED} AND document {{}} ORDER BY 1"
    )
    assert column(documents.format("LIKE 'C%'")) == column("SELECT id FROM credit_notes ORDER BY 1")
    assert column(documents.format("NOT LIKE 'C%'")) == column("SELECT id FROM invoices ORDER BY 1")
    assert len(column("SELECT id FROM credit_notes")) == 3_836
    assert column("SELECT DISTINCT customer FROM raw_lines ORDER BY 1") == column(
        "SELECT id FROM customers ORDER BY 1"
    )
    assert column(f"SELECT DISTINCT item FROM raw_lines WHERE {WANTED} ORDER BY 1") == column(
        "SELECT id FROM items ORDER BY 1"
    )


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_a_credited_invoice_is_of_the_same_customer_earlier_and_has_the_lines(whole: Imported):
    both, _ = whole
    linked = "SELECT count(*) FROM credit_notes WHERE invoice_id <> ''"
    assert both.execute(linked).fetchone()[0] > 500
    wrong = """
        SELECT n.id FROM credit_notes n JOIN invoices i ON i.id = n.invoice_id
        WHERE i.customer_id <> n.customer_id OR i.issued_on > n.issued_on
           OR EXISTS (
               SELECT 1 FROM credit_note_lines c WHERE c.credit_note_id = n.id AND NOT EXISTS (
                   SELECT 1 FROM invoice_lines l WHERE l.invoice_id = n.invoice_id
                      AND l.item_id = c.item_id AND l.quantity = c.quantity
                      AND l.unit_price = c.unit_price))
    """
    both.execute("CREATE INDEX IF NOT EXISTS by_invoice ON invoice_lines (invoice_id)")
    both.execute("CREATE INDEX IF NOT EXISTS by_note ON credit_note_lines (credit_note_id)")
    both.execute("CREATE INDEX IF NOT EXISTS by_id ON invoices (id)")
    assert both.execute(wrong).fetchall() == []


@pytest.mark.full
@pytest.mark.xdist_group("online retail")
def test_what_was_filled_in_is_named_and_adds_up(whole: Imported):
    _, folder = whole
    dataset = DataSet.load(folder)
    assert {
        "anonymous_account",
        "payments",
        "credit_limits",
        "due_dates",
        "stock",
        "stock_adjustment",
    } <= {rule.id for rule in dataset.rules}
    paid = {row["id"]: row["amount"] for row in dataset.rows("payments")}
    for row in dataset.rows("payment_applications"):
        assert row["applied_on"] <= dataset.as_of
        if row["payment_id"]:
            paid[row["payment_id"]] -= row["amount"]
    assert {0} == set(paid.values())
    assert {"account", "quote", "over_limit_account", "over_limit_quote"} <= set(dataset.story)


def tab_sales(host_on, folder: Path, customers: Iterable[str]) -> dict[tuple[str, str], int]:
    """What the sales tab shows: pennies by customer and month, months of nothing left out."""
    with host_on(folder) as host:
        shown = {}
        for customer in customers:
            view = host.render_tab(
                "erp-tabs/sales",
                f"A-{customer}",
                user="kim",
                params={"years": Decimal(3)},
            ).view
            tables = [each for each in view.components if isinstance(each, Table)]
            for table in tables:
                years = [column.key for column in table.columns if column.key.isdigit()]
                for number, row in enumerate(table.rows, start=1):
                    for year in years:
                        amount = plain(row[year])
                        if isinstance(amount, Money) and amount:
                            pennies = amount.amount * 100
                            assert pennies == int(pennies)
                            shown[customer, f"{year}-{number:02}"] = int(pennies)
        return shown


def raw_sales(both: sqlite3.Connection, customers: Iterable[str]) -> dict[tuple[str, str], int]:
    rows = both.execute(BY_MONTH.format(lines="raw_lines", where=WANTED)).fetchall()
    wanted = set(customers)
    return {(who, month): sum_ for who, month, sum_, _ in rows if who in wanted and sum_}


@pytest.mark.xdist_group("online retail sample")
def test_the_sales_tab_shows_what_sql_over_the_raw_file_gives_in_a_sample(
    sample: Imported, host_on
):
    both, folder = sample
    rows = both.execute("SELECT DISTINCT customer FROM raw_lines ORDER BY 1").fetchall()
    customers = [customer for (customer,) in rows][::8]
    assert len(customers) > 40
    assert raw_sales(both, customers) == tab_sales(host_on, folder, customers)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("online retail")
def test_the_sales_tab_shows_what_sql_over_the_raw_file_gives_for_everybody(
    whole: Imported, host_on
):
    both, folder = whole
    rows = both.execute("SELECT DISTINCT customer FROM raw_lines").fetchall()
    customers = [customer for (customer,) in rows if customer != "ANONYMOUS"]
    assert len(customers) == 4372
    assert raw_sales(both, customers) == tab_sales(host_on, folder, customers)
