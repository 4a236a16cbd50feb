"""A view without what its reader may not see: the second line of defence.

A plugin gets masked records, so what it computes of them has nothing hidden in it. But it may have
kept something from another call, or have a source of its own. What it labels as sensitive is taken
out of the view here, whatever way it came in: the figure, its tone, its total, its bars, and the
order of rows that would tell which is larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from crossdock.host.gateway.rights import may_open
from crossdock.records import Money, User
from crossdock.views import (
    Action,
    Chart,
    Column,
    Component,
    Fields,
    Metric,
    Metrics,
    Notice,
    Percent,
    Table,
    Timeline,
    Unknown,
    Value,
    View,
)

NOT_VISIBLE: Final = Unknown("not visible for your role")
_SENTENCE: Final = "Not visible for your role."


def visible(view: View, user: User, hidden: frozenset[str]) -> View:
    """Give a view as a user may see it.

    Args:
        view: as the plugin rendered it.
        user: who looks; actions for other roles are left out (F4).
        hidden: the sensitivities that the user may not see.
    """
    components = [
        _component(_open_to(component, user), hidden)
        for component in view.components
        if not isinstance(component, Action) or may_open(component.roles, user)
    ]
    if len(components) == len(view.components) and all(
        new is old for new, old in zip(components, view.components, strict=True)
    ):
        return view
    return View(components)


def _open_to(component: Component, user: User) -> Component:
    """Give a table without the actions of rows that are for other roles."""

    def closed(value: Value) -> bool:
        return isinstance(value, Action) and not may_open(value.roles, user)

    if not isinstance(component, Table) or not any(
        closed(value) for row in component.rows for value in row.values()
    ):
        return component
    return evolve(
        component,
        rows=[
            {key: None if closed(value) else value for key, value in row.items()}
            for row in component.rows
        ],
    )


def _component(component: Component, hidden: frozenset[str]) -> Component:
    match component:
        case Metrics() if any(metric.sensitive in hidden for metric in component.metrics):
            return evolve(component, metrics=[_metric(each, hidden) for each in component.metrics])
        case Table() if any(column.sensitive in hidden for column in component.columns):
            return _table(component, hidden)
        case Chart() if component.sensitive in hidden or any(
            series.sensitive in hidden for series in component.series
        ):
            return _chart(component, hidden)
        case Fields() if not hidden.isdisjoint(component.sensitive.values()):
            return evolve(
                component,
                items=[
                    (label, NOT_VISIBLE if component.sensitive.get(label) in hidden else value)
                    for label, value in component.items
                ],
            )
        case Timeline() if any(entry.sensitive in hidden for entry in component.entries):
            return evolve(
                component,
                entries=[
                    evolve(entry, text=_SENTENCE, tone="neutral")
                    if entry.sensitive in hidden
                    else entry
                    for entry in component.entries
                ],
            )
        case Notice() if component.sensitive in hidden:
            return evolve(component, text=_SENTENCE, tone="neutral")
    return component


def _metric(metric: Metric, hidden: frozenset[str]) -> Metric:
    if metric.sensitive not in hidden:
        return metric
    return evolve(metric, value=NOT_VISIBLE, tone="neutral", help="")


def _table(table: Table, hidden: frozenset[str]) -> Table:
    covered = [column.key for column in table.columns if column.sensitive in hidden]
    rows = table.rows
    if any(_sorted_by(key, rows) for key in covered):
        rows = tuple(sorted(rows, key=lambda row: _place(row, table.columns, covered)))
    return evolve(
        table,
        rows=[_covered(row, covered) for row in rows],
        total=None if table.total is None else _covered(table.total, covered),
    )


def _covered(row: Mapping[str, Value], keys: Sequence[str]) -> Mapping[str, Value]:
    return {key: NOT_VISIBLE if key in keys else value for key, value in row.items()}


def _sorted_by(key: str, rows: Sequence[Mapping[str, Value]]) -> bool:
    """Whether the order of the rows tells how the values of a column compare."""
    values = [number for row in rows if (number := _number(row.get(key))) is not None]
    if len(values) < 2 or len(set(values)) == 1:
        return False
    return values == sorted(values) or values == sorted(values, reverse=True)


def _number(value: Value) -> Decimal | None:
    match value:
        case bool() | None:
            return None
        case Money():
            return value.amount
        case Percent():
            return value.fraction
        case Decimal() | int():
            return Decimal(value)
        case date() | datetime():
            return Decimal(value.toordinal())
    return None


def _place(
    row: Mapping[str, Value], columns: Sequence[Column], covered: Sequence[str]
) -> tuple[Any, ...]:
    return tuple(str(row.get(column.key)) for column in columns if column.key not in covered)


def _chart(chart: Chart, hidden: frozenset[str]) -> Chart:
    whole = chart.sensitive in hidden
    return evolve(
        chart,
        series=[
            evolve(series, values=[None] * len(series.values))
            if whole or series.sensitive in hidden
            else series
            for series in chart.series
        ],
        summary=_SENTENCE if whole else f"Part of this chart is hidden. {_SENTENCE}",
    )
