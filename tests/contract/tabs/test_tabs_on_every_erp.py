"""The same tabs on every ERP: figures as the company's own books have them, the rest said.

A new ERP is one name in `ERPS`. What each of them cannot tell is gathered from the tabs themselves
and stands in docs/erp-tabs.md; `pytest tests/contract/tabs --update-views` writes it anew.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock import Chart, Fields, Metrics, Notice, Table, Unknown
from crossdock.testing.dock import Dock
from crossdock.testing.setting import Setting
from crossdock.views.values import plain

ERPS = {
    "erp": "Reference ERP",
    "quickbooks": "QuickBooks Online",
    "business-central": "Business Central",
}
PAGE = Path(__file__).parents[3] / "docs" / "erp-tabs.md"
_CENT = Decimal("0.01")


class Books:
    """What the data set says of one customer, counted without any of our rules."""

    def __init__(self, company, account):
        (row,) = [each for each in company.rows("accounts") if each["id"] == account]
        self.company, self.account, self.customer = company, account, row["customer_id"]
        self.invoices = self._heads("invoices")
        self.notes = self._heads("credit_notes")
        lines = {"invoice_lines": (self.invoices, 1), "credit_note_lines": (self.notes, -1)}
        self.by_month = defaultdict(Decimal)
        self.by_item = Counter()
        for kind, (heads, sign) in lines.items():
            key = kind.removesuffix("_lines") + "_id"
            for line in company.rows(kind):
                if (head := heads.get(line[key])) is not None:
                    off = 1 - Decimal(line["discount_percent"] or 0) / 100
                    net = (line["quantity"] * line["unit_price"] * off).quantize(_CENT)
                    on = head["posted_on"]
                    self.by_month[on.year, on.month] += sign * net
                    self.by_item[line["item_id"]] += sign * line["quantity"]

    def _heads(self, kind):
        rows = self.company.rows(kind)
        return {row["id"]: row for row in rows if row["customer_id"] == self.customer}

    def count(self, kind):
        return sum(row["customer_id"] == self.customer for row in self.company.rows(kind))


class Office:
    """One ERP behind a host, and somebody who may see everything."""

    def __init__(self, name, dock, books):
        self.name, self.dock, self.books = name, dock, books
        self.boss = dock.user("manager")
        self.can = dock.host.erp.using("main").capabilities

    def open(self, tab, account="", **params):
        account = account or self.books.account
        asked = {name: str(value) for name, value in params.items()}
        return self.dock.host.render_tab(f"erp-tabs/{tab}", account, user=self.boss, params=asked)

    def table(self, tab, table="", **params):
        rendered = self.open(tab, **params)
        assert rendered.fault is None
        return rendered.table(table)

    def told(self, tab, **params):
        view = self.open(tab, **params).view
        return {n.title: n.text for n in view.components if isinstance(n, Notice)}


@pytest.fixture(scope="module", params=ERPS)
def office(request, _crossdock_shelf, company, tmp_path_factory):
    setting = Setting.of("erp-tabs", erp=request.param, data=company)
    with Dock(setting, _crossdock_shelf, tmp_path_factory.mktemp("tabs")) as dock:
        account = dock.story["account"]
        yield Office(request.param, dock, Books(company, account))


def test_every_tab_opens_and_every_figure_says_where_it_came_from(office):
    for handle in office.dock.host.account_tabs(office.books.account, user=office.boss):
        rendered = office.open(handle.tab.id)
        assert rendered.fault is None, handle.address
        with_figures = [
            each
            for each in rendered.view.components
            if isinstance(each, Chart | Fields | Metrics | Table)
        ]
        assert with_figures or office.told(handle.tab.id), handle.address
        for each in with_figures:
            assert each.provenance is not None, (handle.address, each.title)
            assert set(each.provenance.source.split(", ")) <= {"main", "crm"}
            assert each.provenance.as_of


def test_sales_by_month_are_those_of_the_books_and_lead_to_documents_that_add_up(office):
    table = office.table("sales", years=9)
    shown = {
        (int(column.key), month): plain(row[column.key]).amount
        for month, row in enumerate(table.rows, start=1)
        for column in table.columns
        if column.key.isdigit() and row[column.key] is not None
    }
    expected = {key: net for key, net in office.books.by_month.items() if net}
    assert {key: net for key, net in shown.items() if net} == expected
    (year, month) = max(expected, key=expected.get)
    drill = table.rows[month - 1][str(year)]
    name = drill.target.rpartition("/")[2]
    documents = office.table(name, "invoices", **drill.params)
    assert documents.total["net"] == drill.value


def test_purchases_are_counted_item_by_item(office):
    table = office.table("purchases")
    shown = {row["item"].text: row["quantity"] for row in table.rows}
    assert shown == dict(office.books.by_item)
    assert sum((row["net"].amount for row in table.rows), Decimal(0)) == sum(
        office.books.by_month.values()
    )
    one = max(table.rows, key=lambda row: row["times"])["item"]
    lines = office.table("purchases", "lines", item=one.params["item"])
    assert lines.total["quantity"] == shown[one.text]
    assert table.total["net"].amount == sum(row["net"].amount for row in table.rows)


def test_product_lines_add_up_to_all_sales(office):
    table = office.table("products", "product-lines")
    assert table.total["net"].amount == sum(office.books.by_month.values())
    assert table.total["net"].amount == sum(row["net"].amount for row in table.rows)


def test_buckets_and_unapplied_credits_are_the_balance(office):
    table = office.table("aging")
    for row in table.rows:
        figures = [plain(row[column.key]).amount for column in table.columns[1:]]
        assert sum(figures[:-1]) == figures[-1]
    (metrics,) = [
        each
        for each in office.open("overview").view.components
        if isinstance(each, Metrics) and each.title.startswith("Receivables")
    ]
    balance = next(each.value for each in metrics.metrics if each.label == "Balance")
    if "payments" in office.can:  # else what was paid and settles nothing is not in the aging
        assert balance.amount == sum(plain(row["balance"]).amount for row in table.rows)


def test_every_invoice_is_there_with_its_payment_status(office):
    table = office.table("invoices", "invoices")
    count = office.books.count("invoices") + office.books.count("credit_notes")
    assert len(table.rows) == count
    assert all(row["status"].text for row in table.rows)
    if "payments" in office.can:
        payments = office.table("invoices", "payments")
        assert len(payments.rows) == office.books.count("payments")
    else:
        assert all(isinstance(row["paid"], Unknown) for row in table.rows if "due" in row)


@pytest.mark.parametrize(
    ("tab", "table", "kind"),
    [
        ("shipments", "shipments", "shipments"),
        ("returns", "returns", "returns"),
        ("contracts", "contracts", "contracts"),
    ],
)
def test_what_an_erp_records_is_all_there_and_what_it_does_not_is_said(office, tab, table, kind):
    found = office.table(tab, table)
    if kind in office.can:
        assert len(found.rows) == office.books.count(kind) > 0
        assert office.told(tab) == {}
    else:
        assert found is None
        (title,) = office.told(tab)
        assert title == f"main:{office.books.customer} cannot tell {kind}"
    assert len(office.table("returns", "credit-notes").rows) == office.books.count("credit_notes")


def test_orders_show_late_lines_first_or_say_that_nobody_knows(office):
    table = office.table("orders", show="all")
    late = [row["late"] for row in table.rows]
    if "shipments" not in office.can:
        assert all(isinstance(row["shipped"], Unknown) for row in table.rows)
        return
    counted = [days for days in late if days]
    assert counted == sorted(counted, reverse=True) == late[: len(counted)]
    assert {row["item"] for row in table.rows}
    reserved = [isinstance(row["reserved"], Unknown) for row in table.rows]
    assert all(reserved) if "reservations" not in office.can else not any(reserved)


def test_quotes_of_the_crm_stand_beside_those_of_the_erp(office):
    table = office.table("quotes", show="all")
    mine = {
        row["id"]
        for row in office.books.company.rows("quotes")
        if row["account_id"] == office.books.account
    }
    shown = {row["quote"].text for row in table.rows if row["from"] == "crm (CRM)"}
    assert shown == mine
    theirs = [row for row in table.rows if row["from"] == "main (ERP)"]
    assert theirs == [] or "quotes" in office.can


def test_the_price_list_is_searched_and_gone_through_to_its_end(office):
    codes = {row["id"] for row in office.books.company.rows("items") if row["active"]}
    seen, params = set(), {}
    while True:
        rendered = office.open("prices", **params)
        table = rendered.table("items")
        seen |= {row["item"] for row in table.rows}
        (*_, last) = rendered.view.components
        if getattr(last, "label", "") != "Next items":
            break
        params = dict(last.params)
    assert seen == codes
    one = min(codes)
    (row,) = office.table("prices", search=one).rows
    assert row["item"] == one
    assert row["price"].amount > 0


# What each ERP cannot tell.


def _unknown(view):
    """Give what nobody knows in a whole tab: labels by the reason that is shown."""
    reasons = defaultdict(list)
    for each in view.components:
        if isinstance(each, Table):
            for column in each.columns:
                values = [row.get(column.key) for row in each.rows]
                if values and all(isinstance(value, Unknown) for value in values):
                    for reason in dict.fromkeys(value.reason for value in values):
                        reasons[reason].append(column.label)
        elif isinstance(each, Metrics):
            for metric in each.metrics:
                if isinstance(metric.value, Unknown):
                    reasons[metric.value.reason].append(metric.label)
        elif isinstance(each, Notice) and each.tone == "info":
            reasons[each.text].append("")
    return reasons


def _cell(reasons, customer):
    said = []
    for reason, labels in reasons.items():
        names = ", ".join(dict.fromkeys(label for label in labels if label))
        text = reason.replace(" (main)", "").replace(f" {customer}", "").rstrip(".")
        text = re.sub(r"\b[A-Z]{3}-\d{4}\b", "an item", text)
        said.append(f"{names}: {text}" if names else text)
    return "; ".join(said) or "all of it"


@pytest.fixture(scope="module")
def differences(_crossdock_shelf, company, tmp_path_factory):
    """The table for people, as the tabs of one account tell it on each ERP."""
    titles, found = {}, {}
    for name in ERPS:
        setting = Setting.of("erp-tabs", erp=name, data=company)
        with Dock(setting, _crossdock_shelf, tmp_path_factory.mktemp("differences")) as dock:
            office = Office(name, dock, Books(company, dock.story["account"]))
            for handle in dock.host.account_tabs(office.books.account, user=office.boss):
                tab = handle.tab
                titles[tab.id] = tab.title
                params = {"show": "all"} if tab.id in ("orders", "quotes") else {}
                found[tab.id, name] = _unknown(office.open(tab.id, **params).view)
            customer = office.books.customer
    cells = {}
    for tab in titles:
        every = [found[tab, name] for name in ERPS]
        for name in ERPS:  # what they all say is no difference between them
            mine = found[tab, name]
            own = {each: mine[each] for each in mine if not all(each in said for said in every)}
            cells[tab, name] = _cell(own, customer)
    head = "| tab | " + " | ".join(ERPS.values()) + " |"
    rule = "|---|" + "---|" * len(ERPS)
    rows = [
        f"| {title} | " + " | ".join(cells[tab, name] for name in ERPS) + " |"
        for tab, title in titles.items()
    ]
    return "\n".join([head, rule, *rows]) + "\n"


def test_the_page_lists_what_each_erp_cannot_tell(differences, request):
    text = (
        "# ERP tabs on each ERP\n\n"
        "<!-- Written by `pytest tests/contract/tabs --update-views`. -->\n\n"
        "The tabs of the plugin `erp-tabs` are the same on every ERP. What an ERP does not record "
        "is said in its place and is never a zero. This is what the tabs of one account say on "
        "each, for somebody who may see everything; where it says *all of it*, nothing is "
        "missing.\n\n" + differences.replace("all of it", "*all of it*")
    )
    if request.config.getoption("--update-views"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run pytest with --update-views"
