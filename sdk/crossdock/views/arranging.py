"""Tables as a reader wants them: sorted, searched, page by page, by parameters of their tab.

    lines.sort=-promised    the table `lines`, latest promise first
    lines.find=bearing      only rows in which each of these words stands
    lines.page=2            the second page; `all` for everything

What is unknown comes last, whichever way a table is sorted, as it is neither small nor large.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from crossdock.records.money import Money
from crossdock.views.components import Arrangement, Column, Component, Table, View
from crossdock.views.values import Action, Badge, Link, Percent, Unknown, Value, plain

EVERYTHING: Final = "all"
"""What `page` is for a table that is shown whole."""

_name: Final = re.compile(r"(?P<table>[A-Za-z0-9_-]{1,80})\.(?P<what>sort|find|page)")
_digits: Final = re.compile(r"(\d+)")


def speaks_of_a_table(name: str) -> bool:
    """Whether a parameter arranges a table, such as `lines.sort`; all others are the tab's own."""
    return _name.fullmatch(name) is not None


def arranged(view: View, params: Mapping[str, str], *, target: str) -> View:
    """Give a view with each table that has an id as its reader wants it.

    Args:
        view: what the plugin rendered, without what the reader may not see.
        params: of the tab, as they were asked for. Those of a table that the view does not have
            are passed over: what an account has may have changed since somebody kept the link.
        target: the tab, for links to itself with other parameters.

    Raises:
        ValueError: a column or a page cannot be understood; the text begins with the parameter.
    """
    return View([_component(each, params, target) for each in view.components])


def whole(view: View, params: Mapping[str, str], table_id: str = "") -> Table | None:
    """Give one table with all its rows, sorted and searched as asked, to be taken away.

    Args:
        view: as for `arranged`.
        params: as for `arranged`; what they say of pages is passed over.
        table_id: which table; the first that has an id where none is named.

    Raises:
        ValueError: as `arranged`.
    """
    for table in view.components:
        if isinstance(table, Table) and table.id and table_id in ("", table.id):
            rows = _found(table, params.get(f"{table.id}.find", ""))
            return evolve(
                table, rows=_in_order(table, rows, params.get(f"{table.id}.sort", "").strip())
            )
    return None


def sorted_by(table: Table, key: str) -> Mapping[str, str]:
    """Give the parameters that sort a table by a column, the other way round if it is already."""
    now = _arrangement(table)
    sort = f"-{key}" if now.sort == key else key
    return _changed(now, table.id, sort=sort, page="")


def on_page(table: Table, page: int | str) -> Mapping[str, str]:
    """Give the parameters that show another page of a table, or all of it."""
    return _changed(_arrangement(table), table.id, page="" if page == 1 else str(page))


def without_search(table: Table) -> Mapping[str, str]:
    """Give the parameters that show a table with nothing searched in it."""
    return _changed(_arrangement(table), table.id, find="", page="")


def _arrangement(table: Table) -> Arrangement:
    if table.arranged is None:
        raise ValueError(f"the table {table.title or table.id!r} was not arranged by a host")
    return table.arranged


def _changed(now: Arrangement, table_id: str, **to: str) -> Mapping[str, str]:
    params = dict(now.params) | {f"{table_id}.{what}": value for what, value in to.items()}
    return {name: value for name, value in params.items() if value}


def _component(component: Component, params: Mapping[str, str], target: str) -> Component:
    if not isinstance(component, Table) or not component.id:
        return component
    wanted = {
        what: params.get(f"{component.id}.{what}", "").strip() for what in ("sort", "find", "page")
    }
    rows = _found(component, wanted["find"])
    rows = _in_order(component, rows, wanted["sort"])
    page, pages, first, last = _page(component, len(rows), wanted["page"])
    now = Arrangement(
        target=target,
        params={name: value for name, value in params.items() if value},
        sort=wanted["sort"],
        find=wanted["find"],
        page=page,
        pages=pages,
        first=first + 1 if rows else 0,
        rows=len(rows),
        of=len(component.rows),
    )
    # A total sums up all rows; below some of them it would be taken for theirs.
    total = component.total if len(rows) == len(component.rows) else None
    return evolve(component, rows=rows[first:last], total=total, arranged=now)


def _found(table: Table, find: str) -> Sequence[Mapping[str, Value]]:
    words = find.casefold().split()
    if not words:
        return table.rows
    keys = [column.key for column in table.columns]
    texts = (" ".join(_text(row.get(key)) for key in keys).casefold() for row in table.rows)
    return [
        row
        for row, text in zip(table.rows, texts, strict=True)
        if all(word in text for word in words)
    ]


def _in_order(
    table: Table, rows: Sequence[Mapping[str, Value]], sort: str
) -> Sequence[Mapping[str, Value]]:
    if not sort:
        return rows
    key = sort.removeprefix("-")
    known = [column for column in table.columns if column.sortable]
    if not any(column.key == key for column in known):
        raise ValueError(
            f"{table.id}.sort: there is no column {key!r} to sort by; there are: {_names(known)}"
        )
    told = [row for row in rows if _place(row.get(key)) is not None]
    silent = [row for row in rows if _place(row.get(key)) is None]
    told.sort(key=lambda row: _place(row.get(key)) or (), reverse=sort.startswith("-"))
    return [*told, *silent]


def _page(table: Table, rows: int, wanted: str) -> tuple[int, int, int, int]:
    """Give the page, how many there are, and where it begins and ends."""
    if wanted and wanted != EVERYTHING and not re.fullmatch(r"[1-9]\d{0,8}", wanted, re.ASCII):
        raise ValueError(f"{table.id}.page: {wanted!r} is neither a page's number nor `all`")
    size = table.rows_per_page
    if wanted == EVERYTHING or not size or rows <= size:
        return 1, 1, 0, rows
    pages = -(-rows // size)
    page = min(int(wanted or 1), pages)
    return page, pages, (page - 1) * size, page * size


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(column.key for column in columns) or "none"


def _text(value: Value) -> str:
    match plain(value):
        case None | Action():
            return ""
        case bool() as truth:
            return "yes" if truth else "no"
        case Badge() | Link() as shown:
            return shown.text
        case Money() as money:
            return f"{money.amount:f} {money.currency}"
        case Decimal() as number:
            return f"{number:f}"
        case Percent() as percent:
            return f"{percent.fraction * 100:f}%"
        case date() as day:
            return day.isoformat()
        case Unknown() as unknown:
            return unknown.reason
        case other:
            return str(other)


def _place(value: Value) -> tuple[Any, ...] | None:
    """Give where a value stands among others of its column; `None` where nobody knows."""
    match plain(value):
        case None | "" | Unknown() | Action():
            return None
        case datetime() as instant:
            return (1, instant.timestamp())
        case date() as day:
            return (2, day.toordinal())
        case Money() as money:
            return (3, money.currency, money.amount)
        case Percent() as percent:
            return (4, percent.fraction)
        case Decimal() | int() as number:  # a truth value is a number too: no before yes
            return (4, number)
        case other:
            return (5, *_natural(_text(other)))


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Let numbers in a text count as numbers: SO-9 stands before SO-10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in _digits.split(text.casefold())
        if part
    )
