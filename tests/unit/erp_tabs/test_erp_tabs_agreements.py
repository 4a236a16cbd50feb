"""Contracts, quotes, prices, and sums over several currencies."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crossdock import Action, Badge, Link, Money, Notice, Percent, Table, Unknown
from crossdock.errors import NotSupported
from crossdock.records import Contract, ExchangeRate, Item, Quote
from crossdock_plugins.erp_tabs.aging import aging_view
from crossdock_plugins.erp_tabs.contracts import contracts_view
from crossdock_plugins.erp_tabs.overview import overview_view
from crossdock_plugins.erp_tabs.prices import prices_view
from crossdock_plugins.erp_tabs.quotes import quotes_view

D = Decimal


def contract(erp, shop, number, *, ends_in, value=1200, cost=900, **more):
    ends = None if ends_in is None else shop.today + timedelta(days=ends_in)
    erp.documents["contracts"].append(
        Contract(
            id=number, system="main", customer_id="C-1", kind="sla", name=f"Service {number}",
            starts_on=date(2020, 1, 1), ends_on=ends, annual_value=erp.money(value),
            annual_cost=None if cost is None else erp.money(cost), **more,
        )
    )  # fmt: skip


def rows_of(view, shop, title=""):
    (found,) = [each for each in shop.components(view, Table) if title in each.title]
    return found.rows


# Contracts.


def test_contracts_tell_their_state_and_their_profit_those_that_need_somebody_first(erp, shop):
    contract(erp, shop, "CT-1", ends_in=400)
    contract(erp, shop, "CT-2", ends_in=10, value=1000, cost=1500)
    contract(erp, shop, "CT-3", ends_in=-10)
    contract(erp, shop, "CT-4", ends_in=None)

    view = contracts_view(shop.Ctx(erp), shop.account, {})

    rows = rows_of(view, shop)
    assert [(row["contract"], row["status"].text) for row in rows] == [
        ("CT-2", "expiring"), ("CT-3", "lapsed"), ("CT-1", "current"), ("CT-4", "current"),
    ]  # fmt: skip
    assert (rows[0]["profit"], rows[0]["margin"]) == (erp.money(-500), Percent(D("-0.5")))
    assert rows[3]["ends"] == "runs on"
    found = shop.metrics_of(view)
    assert (found["In force"].value, found["Expiring"].value) == (3, 1)
    assert (found["Value a year"].value, found["Profit a year"].value) == (
        erp.money(3400), erp.money(100),
    )  # fmt: skip
    assert any("Service CT-2" in each.text for each in shop.components(view, Notice))


def test_a_contract_stands_as_of_the_day_that_was_asked_for(erp, shop):
    contract(erp, shop, "CT-1", ends_in=-10)

    view = contracts_view(shop.Ctx(erp), shop.account, {"as_of": shop.days_ago(200)})

    (row,) = rows_of(view, shop)
    assert row["status"] == Badge("current", "good")


@pytest.mark.parametrize(("hidden", "reason"), [({"cost"}, "visible"), (set(), "does not tell")])
def test_a_cost_that_is_hidden_is_told_from_one_that_is_not_kept(erp, shop, hidden, reason):
    contract(erp, shop, "CT-1", ends_in=400, cost=None)
    ctx = shop.Ctx(erp)
    ctx.hidden = frozenset(hidden)

    view = contracts_view(ctx, shop.account, {})

    (row,) = rows_of(view, shop)
    assert all(reason in row[key].reason for key in ("cost", "profit", "margin"))
    assert reason in shop.metrics_of(view)["Profit a year"].value.reason


# Quotes.


def test_quotes_of_crm_and_erp_stand_together_newest_first(erp, shop):
    erp.documents["quotes"].append(
        Quote(
            id="1007", account_id="", currency="GBP", status="accepted", net=erp.money(50),
            gross=erp.money(60), created_at=shop.now - timedelta(days=1), order_id="",
        )
    )  # fmt: skip

    view = quotes_view(shop.Ctx(erp), shop.account, {"show": "open"})

    assert [(row["quote"], row["from"]) for row in rows_of(view, shop)] == [
        ("1007", "main (ERP)"), (Link("Q-1", "quote/Q-1"), "crm (CRM)"),
    ]  # fmt: skip
    assert rows_of(view, shop)[1]["status"] == Badge("sent, past its date", "warning")
    found = shop.metrics_of(view)
    assert (found["Open quotes"].value, found["Their value"].value) == (2, erp.money(450))
    assert found["Past their date"].value == 1
    everything = quotes_view(shop.Ctx(erp), shop.account, {"show": "all"})
    assert rows_of(everything, shop)[-1]["net"] == Unknown("not priced yet")


def test_an_erp_without_quotes_of_its_own_is_not_asked(erp, shop):
    erp.capabilities -= {"quotes"}

    quotes_view(shop.Ctx(erp), shop.account, {})

    assert "quotes" not in erp.asked


# Prices and stock.


@pytest.fixture
def catalogue(erp):
    erp.documents["items"] += [
        Item(id=f"B-{n:02}", name="Bearing", system="main", list_price=erp.money(10))
        for n in range(1, 31)
    ]
    erp.documents["items"].append(
        Item(id="F-1", name="Freight", system="main", kind="charge", list_price=erp.money(5))
    )
    return erp


def test_the_catalogue_is_priced_for_the_customer_page_by_page(catalogue, shop):
    view = prices_view(shop.Ctx(catalogue), shop.account, {})

    rows = rows_of(view, shop)
    assert len(rows) == 20
    assert (rows[0]["list"], rows[0]["price"]) == (catalogue.money(10), catalogue.money("9.50"))
    assert (rows[0]["discount"], rows[0]["rule"]) == (Percent(D("0.05")), "customer contract")
    assert (rows[0]["stock"], rows[0]["available"]) == (Badge("in stock", "good"), 4)
    assert catalogue.asked.count("price") == 1, "one request for all of them"
    (more,) = shop.components(view, Action)
    rest = prices_view(shop.Ctx(catalogue), shop.account, dict(more.params))
    assert len(rows_of(rest, shop)) == 11
    assert rows_of(rest, shop)[-1]["stock"] == Unknown("not kept in stock")
    assert [each.label for each in shop.components(rest, Action)] == ["First items"]


def test_the_catalogue_is_searched(catalogue, shop):
    (row,) = rows_of(prices_view(shop.Ctx(catalogue), shop.account, {"search": "freight"}), shop)
    assert row["item"] == "F-1"
    nothing = prices_view(shop.Ctx(catalogue), shop.account, {"search": "zebra"})
    (table,) = shop.components(nothing, Table)
    assert "zebra" in table.empty


def test_without_prices_the_list_and_the_stock_are_still_there(catalogue, shop):
    catalogue.failing["price"] = NotSupported("main prices no drafts")

    view = prices_view(shop.Ctx(catalogue), shop.account, {"search": "b-01"})

    (row,) = rows_of(view, shop)
    assert row["price"] == Unknown("the ERP cannot tell")
    assert (row["list"], row["available"]) == (catalogue.money(10), 4)


# Several currencies.


@pytest.fixture
def two(shop):
    main, de = shop.Erp("main"), shop.Erp("de", "EUR", id="C-3")
    main.invoice("IN-1", 100, shop.days_ago(5))
    de.invoice("IN-1", 100, shop.days_ago(5))
    return shop.Ctx(main, de)


def test_currencies_are_added_up_at_stated_rates_only_where_somebody_asks(two, shop):
    two.rates = (ExchangeRate(of="EUR", to="GBP", rate=D("0.8"), on=shop.days_ago(1), source="de"),)

    apart = aging_view(two, shop.account, {"basis": "due", "currency": "each"})
    assert not [each for each in shop.components(apart, Table) if "of all" in each.title]
    view = aging_view(two, shop.account, {"basis": "due", "currency": "GBP"})

    (total,) = [each for each in shop.components(view, Table) if "of all" in each.title]
    assert total.total["converted"] == Money("180", "GBP")
    euros = total.rows[0]
    assert (euros["amount"], euros["rate"], euros["source"], euros["on"]) == (
        Money("100", "EUR"), D("0.8"), "de", shop.days_ago(1),
    )  # fmt: skip


def test_what_has_no_rate_is_left_out_of_the_sum_and_said(two, shop):
    view = overview_view(two, shop.account, {"currency": "GBP"})

    (total,) = [each for each in shop.components(view, Table) if "of all" in each.title]
    assert total.total == {"amount": "What is known, in all", "converted": Money("300", "GBP")}
    assert any("No rate from EUR to GBP" in each.title for each in shop.components(view, Notice))


# What the overview says of the rest.


def test_the_overview_tells_of_contracts_quotes_and_the_next_purchase(erp, shop):
    for back in (100, 70, 40):
        erp.invoice(f"IN-{back}", 100, shop.days_ago(back))
    contract(erp, shop, "CT-1", ends_in=10)

    found = shop.metrics_of(overview_view(shop.Ctx(erp), shop.account, {}))

    assert found["Next purchase expected"].value == shop.days_ago(10)
    assert (found["Next purchase expected"].tone, found["Expiring"].value) == ("warning", 1)
    assert "every 30 days" in found["Next purchase expected"].help
    assert (found["Open quotes"].value, found["Quoted"].value) == (1, erp.money(400))
