"""Tables and charts of an Adaptive Card: rows of cells, cut where there is no room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock.records import Money
from crossdock.render.adaptive_card.grid import Cell, Lane, grid
from crossdock.render.adaptive_card.text import Element, Run, paragraph, paragraphs, run, small
from crossdock.render.adaptive_card.writer import Writer
from crossdock.render.bars import bar
from crossdock.render.tables import rows_of, told
from crossdock.views import Chart, Column, Table, Unknown, Value

_MOST_COLUMNS: Final = 6
_WIDEST_ROW: Final = 62  # characters that fit beside each other in the width of a chat
_LONGEST_BAR: Final = 10
_MOST_SERIES: Final = 4


def table_elements(writer: Writer, table: Table) -> Iterator[Element]:
    """Write a table; a wide one as a paragraph for each row."""
    table = told(table, writer.address)
    if not table.rows:
        yield from paragraphs([run(writer.say(table.empty), isSubtle=True)])
        return
    shown = table.rows[: writer.rows]
    total = [] if table.total is None else [table.total]
    if _is_wide(writer, table, shown):
        for row in shown:
            yield _stacked(writer, table.columns, row)
        yield from writer.rest(rows_of(table) - len(shown))
        for row in total:
            yield _stacked(writer, table.columns, row, head="Total")
        return
    lanes = [
        Lane(
            weight=max(len(writer.formats.text(row.get(column.key))) for row in (*shown, *total)),
            label=writer.say(column.label),
            end=column.align == "end",
        )
        for column in table.columns
    ]
    cells = [_cells(writer, table.columns, row) for row in shown]
    cells += [_cells(writer, table.columns, row, head="Total", weight="bolder") for row in total]
    yield grid(lanes, cells, elements=writer.has_tables)
    yield from writer.rest(rows_of(table) - len(shown))


def chart_elements(writer: Writer, chart: Chart) -> Iterator[Element]:
    """Write a chart as its figures, with bars for the newest series."""
    yield from paragraphs([run(writer.say(chart.summary), isSubtle=True)])
    series = chart.series[-_MOST_SERIES:]
    left_out = len(chart.series) - len(series)
    first = max(len(chart.categories) - max(writer.rows, 1), 0)
    known = [value for each in series for value in each.values[first:] if value is not None]
    if not known:
        return
    highest = max(abs(value) for value in known)
    newest = series[-1]
    lanes = [
        Lane(weight=max(map(len, chart.categories[first:])), label="Category"),
        Lane(weight=_LONGEST_BAR, label=writer.say(newest.label) if len(series) > 1 else "Bars"),
        *(Lane(weight=9, label=writer.say(each.label), end=True) for each in series),
    ]
    rows = []
    for at in range(first, len(chart.categories)):
        values = [each.values[at] if at < len(each.values) else None for each in series]
        row = [Cell(run(writer.say(chart.categories[at]))), Cell(_bar(values[-1], highest))]
        row += [Cell(writer.value(_amount(value, chart.currency))) for value in values]
        rows.append(row)
    yield grid(lanes, rows, elements=writer.has_tables)
    if left_out:
        yield paragraph([small(f"Only the last {_MOST_SERIES} series are shown here.")])
    yield from writer.rest(first)


def _is_wide(writer: Writer, table: Table, rows: Sequence[Mapping[str, Value]]) -> bool:
    if len(table.columns) > _MOST_COLUMNS:
        return True
    widths = (
        max(len(writer.formats.text(row.get(column.key))) for row in rows)
        for column in table.columns
    )
    return sum(widths) > _WIDEST_ROW


def _cells(
    writer: Writer,
    columns: Sequence[Column],
    row: Mapping[str, Value],
    *,
    head: str = "",
    **more: Any,
) -> list[Cell]:
    values = [row.get(column.key) for column in columns]
    if head and values and values[0] is None:
        values[0] = head
    return [Cell(writer.value(value, **more), strong=bool(head)) for value in values]


def _stacked(
    writer: Writer, columns: Sequence[Column], row: Mapping[str, Value], *, head: str = ""
) -> Element:
    """Write a row as a heading and one paragraph, where its cells do not fit side by side."""
    first = row.get(columns[0].key) if columns else None
    title = writer.value(head if first is None else first, weight="bolder")
    runs: list[Run] = []
    for column in columns[1:]:
        value = writer.value(row.get(column.key), size="small")
        if value["text"]:
            label = f"{' · ' if runs else ''}{writer.say(column.label)} "
            runs += [small(label), value]
    items = [*paragraphs([title]), *paragraphs(runs, spacing="none")]
    return {"type": "Container", "items": items, "separator": True, "spacing": "small"}


def _amount(value: Decimal | None, currency: str | None) -> Value:
    if value is None:
        return Unknown("-")
    return value if currency is None else Money(value, currency)


def _bar(value: Decimal | None, highest: Decimal) -> Run:
    if value is None or not highest:
        return run("")
    drawn = bar(abs(value) / highest * _LONGEST_BAR) or "▏"  # a zero is a hairline, and no gap
    return run(drawn, tone="bad" if value < 0 else "info")
