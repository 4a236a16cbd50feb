"""Who may not see costs and margins sees every tab complete, and those figures nowhere.

Not in a total, a tooltip, a chart, a file, a card or the order of rows: every tab, with every
choice of its parameters and in every form that it is had in, is searched for every cost there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from crossdock import Param, Table


def choices(params: tuple[Param, ...]) -> Iterator[Mapping[str, str]]:
    """Give each choice of each parameter, one at a time; the first is that of nobody."""
    yield {}
    for param in params:
        if param.kind == "choice":
            for choice in param.choices:
                if choice != param.default:
                    yield {param.name: choice}


def ways_to_write(figure: Decimal) -> set[str]:
    """Give an amount as anything here could write it, with and without its sign."""
    plain, grouped = f"{abs(figure):.2f}", f"{abs(figure):,.2f}"
    german = grouped.translate(str.maketrans(",.", ".,"))
    return {plain, grouped, german, plain.rstrip("0")}


def search_for(figures):
    """Look for amounts that stand by themselves, and not within a longer number."""
    ways = sorted({re.escape(way) for figure in figures for way in ways_to_write(figure)})
    return re.compile(rf"(?<![\d.,])(?:{'|'.join(ways)})(?![\d])")


@pytest.fixture
def dock(open_dock):
    return open_dock("erp-tabs")


@pytest.fixture(scope="session")
def buyers(company):
    """Accounts with a contract."""
    with_contract = {row["customer_id"] for row in company.rows("contracts")}
    found = [row["id"] for row in company.rows("accounts") if row["customer_id"] in with_contract]
    assert len(found) > 3
    return found


@pytest.mark.parametrize("isolation", ["inline", "process"])
def test_costs_and_margins_are_nowhere_for_those_who_may_not_see_them(
    open_dock, isolation, buyers, costs, every_form, chaos
):
    dock = open_dock("erp-tabs", inline=isolation == "inline")
    forbidden = search_for(costs)
    host, kim = dock.host, dock.user("sales")
    assert {"cost", "margin"} <= host.hidden_from(kim)
    seen = 0
    most = len(buyers) if chaos else 3 if isolation == "inline" else 1
    for place, account in enumerate(buyers[:most]):
        for handle in host.account_tabs(account, user=kim):
            every = choices(handle.tab.params) if not place and isolation == "inline" else ({},)
            for params in every:
                rendered = host.render_tab(handle.address, account, user=kim, params=params)
                assert rendered.fault is None, (handle.address, params)
                for form, text in every_form(rendered).items():
                    found = forbidden.search(text)
                    assert found is None, (handle.address, params, form, found)
                    seen += 1
    assert seen > 50


def test_who_may_see_them_does(dock, buyers, costs, every_form):
    account = buyers[0]
    boss = dock.host.render_tab("erp-tabs/contracts", account, user=dock.user("manager"))
    for form, text in every_form(boss).items():
        told = search_for(costs).search(text)
        assert told, form


def test_a_tab_without_those_figures_is_complete(dock, buyers):
    def shape(who):
        view = dock.host.render_tab("erp-tabs/contracts", buyers[0], user=dock.user(who)).view
        return [
            (type(each), getattr(each, "title", ""), len(getattr(each, "rows", ())))
            for each in view.components
        ]

    assert shape("sales") == shape("manager")


@pytest.mark.parametrize("column", ["cost", "profit", "margin"])
def test_no_order_of_rows_tells_what_is_hidden(dock, buyers, column):
    def rows(**params):
        view = dock.host.render_tab(
            "erp-tabs/contracts", buyers[0], user=dock.user("sales"), params=params
        ).view
        (table,) = [each for each in view.components if isinstance(each, Table)]
        return [row["contract"] for row in table.rows]

    assert rows() == rows(**{"contracts.sort": column}) == rows(**{"contracts.sort": f"-{column}"})
    assert rows(**{"contracts.find": "7,0"}) == []


def test_credit_is_named_as_not_visible_to_who_may_not_see_it(dock, buyers):
    sam = dock.user("service")
    hidden = dock.host.hidden_from(sam)
    view = dock.host.render_tab("erp-tabs/credit", buyers[0], user=sam)
    assert view.fault is None
    if "credit" in hidden:
        (metrics, *_) = [each for each in view.view.components if hasattr(each, "metrics")]
        limit = next(each for each in metrics.metrics if each.label == "Credit limit")
        assert "not visible" in limit.value.reason
