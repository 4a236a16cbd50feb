"""A company whose costs no other figure could be taken for, and every form that a tab is had in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from crossdock import Table
from crossdock.host.screens.tabs import RenderedTab
from crossdock.render.adaptive_card import render_adaptive_card
from crossdock.render.card import card_document
from crossdock.render.csv import table_csv
from crossdock.render.formats import Formats
from crossdock.render.html import render_html
from crossdock.render.json import view_document
from crossdock.render.text import render_text
from crossdock_mocks.datasets import DataSet, generate
from crossdock_mocks.datasets.form import FORM

_FIRST = Decimal("7001.13")


def _telltale(row: dict[str, Any], number: int) -> dict[str, Any]:
    costs = {"annual_cost": _FIRST + 37 * number, "cost": _FIRST - Decimal("0.17") * number}
    return row | {name: cost for name, cost in costs.items() if row.get(name) is not None}


@pytest.fixture(scope="session")
def company() -> DataSet:
    """Every cost is four digits and two, and stands nowhere else."""
    data = generate(seed=1, scale=0.4)
    tables = {
        kind: [_telltale(row, number) for number, row in enumerate(data.rows(kind))]
        if kind in ("contracts", "items")
        else list(data.rows(kind))
        for kind in FORM
        if data.count(kind)
    }
    return DataSet.of(data.header, tables)


@pytest.fixture(scope="session")
def costs(company: DataSet) -> tuple[Decimal, ...]:
    """Every cost, and every profit that would give one away."""
    contracts = list(company.rows("contracts"))
    figures = [row["annual_cost"] for row in contracts]
    figures += [row["annual_value"] - row["annual_cost"] for row in contracts]
    figures += [row["cost"] for row in company.rows("items")]
    return tuple(Decimal(str(figure)) for figure in figures if figure)


def _forms(rendered: RenderedTab) -> Iterator[tuple[str, str]]:
    view = rendered.view

    def href(target: str, params: Mapping[str, str]) -> str:
        return f"https://crm.example/{target}?{json.dumps(dict(params))}"

    yield "html", str(render_html(view, href=href, forms=True))
    yield "html in German", str(render_html(view, formats=Formats("de_DE")))
    yield "json", json.dumps(view_document(view))
    yield "text", render_text(view, width=240)
    yield "adaptive card", json.dumps(render_adaptive_card(view, limit=10**7))
    yield "short card", json.dumps(card_document(view, title="T", figures=100, rows=1000))
    for table in view.components:
        if isinstance(table, Table) and table.id:
            whole = rendered.table(table.id)
            assert whole is not None
            yield f"csv of {table.id}", table_csv(whole)


@pytest.fixture(scope="session")
def every_form() -> Callable[[RenderedTab], Mapping[str, str]]:
    """Give a tab as everything that a host could show or hand on, by the form's name."""
    return lambda rendered: dict(_forms(rendered))
