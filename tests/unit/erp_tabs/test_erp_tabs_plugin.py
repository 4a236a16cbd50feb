import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import crossdock_plugins.erp_tabs
from crossdock import Badge, Notice, Provenance, Table, Unknown
from crossdock.errors import AccessDenied, NotSupported
from crossdock.host.loading.manifest import Manifest
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.records import AccountLink
from crossdock.render.html import render_html
from crossdock.render.json import view_document
from crossdock.render.text import render_text
from crossdock.specifications import specification
from crossdock_plugins.erp_tabs.plugin import account_tabs

FOLDER = Path(crossdock_plugins.erp_tabs.__file__).parent
TABS = (
    "overview", "sales", "products", "purchases", "aging", "credit", "orders", "shipments",
    "invoices", "returns", "contracts", "quotes", "prices",
)  # fmt: skip
# These have something to show without an ERP.
WHICH = "trading_account"
OF_THE_CRM = ("overview", "quotes")


def open_tab(ctx, account, tab_id, **params):
    (tab,) = [tab for tab in account_tabs(ctx, account) if tab.id == tab_id]
    defaults = {param.name: param.default for param in tab.params}
    return tab.render(ctx, account, defaults | params)


@pytest.fixture
def busy(erp, shop):
    """An ERP with something in every book."""
    erp.invoice("IN-1", 100, shop.days_ago(400), tax=20, open=0)
    erp.invoice("IN-2", 200, shop.days_ago(40), reference="PO 7")
    erp.credit_note("CN-1", 30, shop.days_ago(5))
    erp.payment("PY-1", 120, shop.days_ago(370), for_invoice="IN-1")
    erp.order(
        "SO-1",
        {"quantity": 10, "shipped": 4, "reserved": 6, "promised_on": shop.days_ago(3)},
        promised_on=shop.days_ago(3),
    )
    return erp


def test_the_manifest_names_the_scopes_of_the_calls_that_the_code_makes_and_no_other():
    manifest = Manifest.read(FOLDER)
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    scopes = {"erp": scopes_of(ErpPort), "crm": scopes_of(CrmPort)}

    used = {
        scopes[port][method]
        for port, method in re.findall(r"\b(erp|crm)\.(\w+)", code)
        if method in scopes[port]
    }

    # `ctx.links` and `ctx.exchange_rates` need scopes of their own.
    fields = {"field:cost", "field:credit", "field:margin"}
    assert {*used, "erp.customers:read", "erp.rates:read", *fields} == manifest.scopes


def test_its_settings_have_a_schema_with_defaults():
    manifest = Manifest.read(FOLDER)

    assert manifest.settings({}) == {"years": 3, "compared_customers": 25}


def test_naming_the_tabs_reads_nothing(erp, shop):
    tabs = account_tabs(shop.Ctx(erp), shop.account)

    assert list(TABS) == [tab.id for tab in sorted(tabs, key=lambda tab: tab.order)]
    assert erp.asked == []


def test_a_trading_account_is_offered_to_choose_only_where_there_are_several(erp, shop):
    one = account_tabs(shop.Ctx(erp), shop.account)
    many = account_tabs(shop.Ctx(erp, shop.Erp("uk", "EUR", id="C-9")), shop.account)

    assert not any(param.shown for tab in one for param in tab.params if param.name == WHICH)
    for tab in many:
        assert tab.params[-1].name == WHICH
        assert tab.params[-1].choices == ("all", "main:C-1", "uk:C-9")
    (overview,) = [tab for tab in many if tab.id == "overview"]
    assert overview.params[0].choices == ("each", "EUR", "GBP")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_fits_the_schema_and_every_renderer(busy, shop, tab):
    view = open_tab(shop.Ctx(busy), shop.account, tab)

    document = json.loads(specification("view.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(document).validate(view_document(view))
    assert "cd-view" in render_html(view)
    assert "main" in render_text(view)


@pytest.mark.parametrize("tab", TABS)
def test_every_figure_says_where_it_came_from(busy, shop, tab):
    view = open_tab(shop.Ctx(busy), shop.account, tab)

    with_figures = [c for c in view.components if hasattr(c, "provenance")]
    assert with_figures
    for component in with_figures:
        assert isinstance(component.provenance, Provenance)
        assert component.provenance.source in ("main", "crm", "crm, main")
        if component.provenance.source == "main":
            assert component.provenance.trading_account == "C-1"


@pytest.mark.parametrize("tab", TABS)
def test_an_account_without_a_trading_account_is_told_so(erp, shop, tab):
    view = open_tab(shop.Ctx(erp, linked=[]), shop.account, tab)

    assert any("not linked" in notice.text for notice in shop.components(view, Notice))


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab not in OF_THE_CRM])
def test_when_the_only_erp_is_away_the_tab_says_that_it_is(erp, shop, tab):
    away = erp.failing["customer"] = shop.away("main")

    with pytest.raises(type(away), match="does not answer"):
        open_tab(shop.Ctx(erp), shop.account, tab)


def test_when_the_only_erp_is_away_the_overview_still_tells_what_the_crm_knows(erp, shop):
    erp.failing["customer"] = shop.away("main")

    view = open_tab(shop.Ctx(erp), shop.account, "overview")

    assert [notice.tone for notice in shop.components(view, Notice)] == ["bad"]
    assert shop.metrics_of(view)["Open opportunities"].value == 2
    assert isinstance(shop.metrics_of(view)["Balance"].value, Unknown)


@pytest.mark.parametrize("tab", TABS)
def test_one_erp_that_is_away_leaves_the_others_and_is_not_asked_again(busy, shop, tab):
    other = shop.Erp("uk", "EUR", id="C-9")
    other.failing["customer"] = shop.away("uk")

    view = open_tab(shop.Ctx(busy, other), shop.account, tab)

    notices = [n for n in shop.components(view, Notice) if "uk:C-9" in n.title]
    assert [notice.tone for notice in notices] == ["bad"]
    assert any(getattr(c, "provenance", None) for c in view.components)
    assert other.asked == ["customer"]


def test_a_customer_that_its_erp_has_no_longer_is_said_and_not_read(busy, shop):
    gone = AccountLink(system="uk", customer_id="C-9", lost=True)
    elsewhere = AccountLink(system="us", customer_id="C-7")
    here = AccountLink(system="main", customer_id="C-1", default=True)
    other = shop.Erp("uk", id="C-9")

    view = open_tab(shop.Ctx(busy, other, linked=[here, gone, elsewhere]), shop.account, "credit")

    told = {n.title: n.text for n in shop.components(view, Notice)}
    assert "no customer C-9 any more" in told["uk:C-9 is gone"]
    assert "No ERP is called us" in told["us:C-7 is gone"]
    assert other.asked == []


@pytest.mark.parametrize(
    ("tab", "method"),
    [
        ("sales", "invoices"),
        ("sales", "credit_notes"),
        ("aging", "payments"),
        ("credit", "credit"),
        ("orders", "orders"),
        ("invoices", "invoices"),
    ],
)
def test_a_book_that_cannot_be_read_is_said_once_and_the_other_account_still_shown(
    busy, shop, tab, method
):
    other = shop.Erp("uk", id="C-9")
    other.invoice("IN-9", 70, shop.days_ago(10))
    other.failing[method] = shop.away("uk")

    view = open_tab(shop.Ctx(busy, other), shop.account, tab)

    bad = [n for n in shop.components(view, Notice) if "could not be read" in n.title]
    assert len(bad) == 1
    assert "uk:C-9" in bad[0].title
    assert "uk does not answer" in bad[0].text


def test_what_an_erp_cannot_tell_is_no_failure(busy, shop):
    busy.failing["credit"] = NotSupported("main keeps no credit limits")

    view = open_tab(shop.Ctx(busy), shop.account, "credit")

    (notice,) = shop.components(view, Notice)
    assert (notice.tone, notice.text) == ("info", "main keeps no credit limits")


def test_what_a_user_may_not_see_is_no_failure(busy, shop):
    busy.failing["credit"] = AccessDenied("needs erp.credit:read", scope="erp.credit:read")

    view = open_tab(shop.Ctx(busy), shop.account, "overview")

    (notice,) = shop.components(view, Notice)
    assert notice.tone == "info"
    assert "may not see" in notice.title
    assert isinstance(shop.metrics_of(view)["Balance"].value, Unknown)


def test_one_trading_account_may_be_chosen(busy, shop):
    other = shop.Erp("uk", "EUR", id="C-9")
    ctx = shop.Ctx(busy, other)

    view = open_tab(ctx, shop.account, "credit", trading_account="uk:C-9")

    assert {"uk"} == {
        c.provenance.source for c in view.components if getattr(c, "provenance", None)
    }
    assert busy.asked == []


def test_a_trading_account_that_is_not_the_accounts_is_refused_with_those_that_are(busy, shop):
    view = open_tab(shop.Ctx(busy), shop.account, "credit", trading_account="main:C-777")

    (notice,) = view.components
    assert "main:C-1" in notice.text


def test_the_overview_shows_open_cases_and_the_last_communications(busy, shop):
    view = open_tab(shop.Ctx(busy), shop.account, "overview")
    tables = {table.title: table for table in shop.components(view, Table)}

    (case,) = tables["Open service cases"].rows
    assert (case["case"], case["state"]) == ("CS-1", "waiting")
    assert case["priority"] == Badge("urgent", "bad")
    assert shop.metrics_of(view)["Open service cases"].value == 1
    (said,) = tables["Last communications"].rows
    assert (said["kind"], said["subject"]) == ("call", "Autumn offer")


def test_a_crm_that_keeps_no_cases_is_said_not_to(busy, shop):
    ctx = shop.Ctx(busy)
    ctx.crm.keeps_cases = False

    view = open_tab(ctx, shop.account, "overview")

    assert shop.metrics_of(view)["Open service cases"].value == Unknown("the CRM cannot tell")
    assert "Open service cases" not in [table.title for table in shop.components(view, Table)]


def test_the_overview_is_light_and_leads_on(busy, shop):
    view = open_tab(shop.Ctx(busy), shop.account, "overview")
    found = shop.metrics_of(view)

    assert busy.money(300) == found["Balance"].value
    assert busy.money(500) == found["Credit available"].value
    assert found["Open orders"].value == 1
    assert found["Late lines"].value == 1
    assert busy.money(170) == found["This year to date"].value
    assert Unknown("sales began in October 2025") == found["Change"].value
    assert busy.money(1000) == found["Their value"].value
    assert found["Last communication"].help == "Autumn offer"
    assert "payments" not in busy.asked
    assert "tab/erp-tabs/aging" in [getattr(c, "target", "") for c in view.components]
