"""Rows and columns of an Adaptive Card: a `Table` where there is one (1.5), else column sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from crossdock.render.adaptive_card.text import Element, Run, paragraphs, small

_NARROWEST: Final = 5
_WIDEST: Final = 24  # so that one long text does not press the figures together


@frozen(kw_only=True)
class Lane:
    """A column.

    Attributes:
        weight: how wide it is beside the others; the number of letters will do.
        end: whether its cells stand at the right.
    """

    weight: int
    label: str
    end: bool = False

    @property
    def width(self) -> int:
        """Its share of the whole width."""
        return max(_NARROWEST, min(self.weight, _WIDEST), min(len(self.label), _WIDEST // 2))


@frozen
class Cell:
    """What stands in a row of a column; `strong` marks the row of a total."""

    run: Run
    strong: bool = False


def grid(lanes: Sequence[Lane], rows: Sequence[Sequence[Cell]], *, elements: bool) -> Element:
    """Make rows and columns.

    Args:
        lanes: the columns; their labels are the first row, unless all are empty.
        rows: the cells of each row.
        elements: whether the host knows `Table`.
    """
    head = [Cell(small(lane.label)) for lane in lanes] if any(each.label for each in lanes) else []
    if elements:
        return _table(lanes, rows, head)
    first = [head] if head else []
    return {
        "type": "Container",
        "items": [
            _column_set(lanes, row, separated=at > 0) for at, row in enumerate([*first, *rows])
        ],
    }


def _table(lanes: Sequence[Lane], rows: Sequence[Sequence[Cell]], head: Sequence[Cell]) -> Element:
    first = [_table_row(head)] if head else []
    return {
        "type": "Table",
        "firstRowAsHeader": bool(head),
        "showGridLines": True,
        "columns": [
            {
                "type": "TableColumnDefinition",
                "width": lane.width,
                "horizontalCellContentAlignment": _side(lane),
            }
            for lane in lanes
        ],
        "rows": [*first, *(_table_row(row) for row in rows)],
    }


def _table_row(row: Sequence[Cell]) -> Element:
    cells = [{"type": "TableCell", "items": paragraphs([cell.run])} for cell in row]
    made: Element = {"type": "TableRow", "cells": cells}
    return made | {"style": "emphasis"} if any(cell.strong for cell in row) else made


def _column_set(lanes: Sequence[Lane], row: Sequence[Cell], *, separated: bool) -> Element:
    columns = [
        {
            "type": "Column",
            "width": lane.width,
            "items": paragraphs([cell.run], horizontalAlignment=_side(lane)),
            "spacing": "small",
        }
        for lane, cell in zip(lanes, row, strict=True)
    ]
    return {
        "type": "ColumnSet",
        "columns": columns,
        "separator": separated,
        "spacing": "small" if separated else "none",
    }


def _side(lane: Lane) -> str:
    return "right" if lane.end else "left"
