"""A table that a reader arranged: what each renderer shows of it, and the file that it becomes."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from crossdock import (
    Badge,
    Column,
    Drill,
    Link,
    Money,
    Percent,
    Provenance,
    Table,
    Unknown,
    View,
)
from crossdock.render.adaptive_card import render_adaptive_card
from crossdock.render.card import card_document
from crossdock.render.csv import file_name, table_csv
from crossdock.render.formats import Formats
from crossdock.render.html import render_html
from crossdock.render.json import view_document
from crossdock.render.languages import speaking
from crossdock.render.text import render_text
from crossdock.views.arranging import arranged

PROVENANCE = Provenance(
    source="main", trading_account="C-1", as_of=datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
)


def href(target, params):
    return f"/{target}?{urlencode(params)}"


@pytest.fixture
def invoices():
    return Table(
        id="invoices",
        title="Invoices",
        columns=[
            Column(key="document", label="Invoice"),
            Column(key="on", label="Date"),
            Column(key="net", label="Net", align="end"),
            Column(key="share", label="Share", align="end", sortable=False),
        ],
        rows=[
            {
                "document": Link(f"IN-{n}", f"invoice/IN-{n}", {"system": "uk"}),
                "on": date(2026, 1, n),
                "net": Money(f"{n}00.50", "GBP"),
                "share": Percent(Decimal(n) / 100),
            }
            for n in range(1, 17)
        ],
        rows_per_page=7,
        provenance=PROVENANCE,
    )


@pytest.fixture
def view(invoices):
    asked = {"show": "all", "invoices.sort": "-net", "invoices.page": "2"}
    return arranged(View([invoices]), asked, target="tab/erp-tabs/invoices")


def test_heads_lead_to_the_table_in_their_order_and_say_which_it_has(view):
    html = render_html(view, href=href)

    assert 'aria-sort="descending"><a class="cd-sort"' in html
    assert html.count("aria-sort") == 1
    assert html.count('class="cd-sort"') == 3, "one column is not for sorting"
    assert "/tab/erp-tabs/invoices?show=all&amp;invoices.sort=net" in html
    assert "/invoice/IN-6?system=uk" in html
    assert "cd-sort" not in render_html(view), "where links lead nowhere there are none"


def test_pages_and_the_file_are_led_to_below_the_table(view):
    html = str(render_html(view, href=href))

    assert "Page 2 of 3, 16 rows" in html
    for words in ("First", "Previous", "Next", "Last", "All on one page", "Download as CSV"):
        assert f">{words}</a>" in html
    (file,) = [part.split('"')[0] for part in html.split('href="') if part.startswith("/csv/")]
    assert parse_qs(urlsplit(file.replace("&amp;", "&")).query) == {
        "show": ["all"],
        "invoices.sort": ["-net"],
        "table": ["invoices"],
    }


def test_a_form_searches_a_table_and_keeps_what_else_was_asked_for(view):
    html = render_html(view, href=href, forms=True)

    assert '<input type="hidden" name="show" value="all">' in html
    assert '<input type="hidden" name="invoices.sort" value="-net">' in html
    assert "invoices.page" not in html.partition("</form>")[0]
    assert 'name="invoices.find"' in html
    assert "<form" not in render_html(view, href=href)


def test_what_was_not_found_is_said_with_a_way_back(invoices):
    none = arranged(View([invoices]), {"invoices.find": "<zebra>"}, target="tab/a/b")

    html = render_html(none, href=href, forms=True)

    assert "No row has “&lt;zebra&gt;” in it." in html
    assert "Show every row" in html
    assert "No row has “<zebra>” in it." in render_text(none)


def test_programs_are_told_how_a_table_is_arranged(view):
    (table,) = view_document(view)["components"]

    assert table["id"] == "invoices"
    assert table["arranged"] == {
        "target": "tab/erp-tabs/invoices",
        "params": {"show": "all", "invoices.sort": "-net", "invoices.page": "2"},
        "sort": "-net", "find": "", "page": 2, "pages": 3, "first": 8, "rows": 16, "of": 16,
    }  # fmt: skip


def test_cards_count_the_rows_of_all_pages(view):
    assert card_document(view, title="T", rows=3)["table"]["more"] == 13
    assert "and 9 more" in str(render_adaptive_card(view))


def test_a_terminal_is_told_with_which_parameter_to_go_on(view):
    text = render_text(view)

    assert "Page 2 of 3, 16 rows; next: invoices.page=3; all: invoices.page=all" in text


def read(table):
    return list(csv.reader(io.StringIO(table_csv(table))))


def test_a_file_has_figures_that_programs_read_with_their_currency_and_source(invoices):
    head, first, *rest = read(invoices)

    assert head == ["Invoice", "Date", "Net (GBP)", "Share", "Source", "Source's account", "As of"]
    assert first == ["IN-1", "2026-01-01", "100.50", "0.01", "main", "C-1", "2026-11-21T14:05:00Z"]
    assert len(rest) == 15


def test_two_currencies_of_a_column_stand_beside_their_amounts_and_unknown_is_no_zero():
    rows = read(
        Table(
            columns=[Column(key="net", label="Net"), Column(key="late", label="Late")],
            rows=[
                {"net": Money("1", "GBP"), "late": Unknown("the ERP records no shipments")},
                {"net": Drill(Money("2", "EUR"), "tab/x/y"), "late": True},
                {"late": Badge("late", "bad")},
            ],
        )
    )

    assert rows == [
        ["Net", "Net, currency", "Late"],
        ["1", "GBP", "the ERP records no shipments"],
        ["2", "EUR", "yes"],
        ["", "", "late"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=cmd|" /C calc"!A0'])
def test_no_text_is_a_formula_in_a_spreadsheet(text):
    ((_, (cell,))) = read(Table(columns=[Column(key="a", label="A")], rows=[{"a": text}]))

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert read(Table(columns=[Column(key="a", label="A")], rows=[{"a": Decimal(-1)}]))[1] == ["-1"]


def test_the_name_of_a_file_holds_no_path_and_no_quotation_mark():
    assert file_name('../Müller & "Sons"', "Aging") == "M-ller-Sons-Aging.csv"


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("", "1,234.5"),
        ("de-DE,de;q=0.9,en;q=0.1", "1.234,5"),
        ("en-US", "1,234.5"),
        ("xx, fr;q=0.5", "1\N{NARROW NO-BREAK SPACE}234,5"),
        ("de;q=0, *", "1,234.5"),
        ("de;q=nonsense", "1,234.5"),
    ],
)
def test_figures_are_written_in_the_language_that_a_browser_asks_for(asked, written):
    assert speaking(asked, Formats()).number(Decimal("1234.5")) == written


def test_a_reader_of_the_same_language_gets_the_form_of_the_house():
    house = Formats("en_GB")

    assert speaking("en-US,en;q=0.9", house) is house
