"""What leads from an arranged table to itself in another order, on another page, or as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from attrs import evolve, frozen

from crossdock.render.addresses import no_links
from crossdock.views import Action, Arrangement, Column, Table
from crossdock.views.arranging import (
    EVERYTHING,
    on_page,
    sorted_by,
    speaks_of_a_table,
    without_search,
)

Address = Callable[[str, Mapping[str, str]], str | None]
"""Gives the safe address of a target with parameters; `None` where the host has no such page."""

CSV: Final = "csv"
"""The kind of target that a table as a file has: `csv/<plugin>/<tab>`, with `table` beside the
tab's own parameters."""
_SEARCHED_FROM: Final = 15  # fewer rows are seen at a glance


@frozen(kw_only=True)
class Head:
    """The head of a column, and where it leads: to the table in its order, or the other way round.

    Attributes:
        order: how the table is sorted by it now; empty where it is not.
    """

    column: Column
    order: Literal["ascending", "descending", ""] = ""
    address: str | None = None


@frozen(kw_only=True)
class Tools:
    """What stands beside an arranged table.

    Attributes:
        find: the parameter for words to search; empty where there is nothing to search in.
        words: what is searched now.
        kept: the other parameters, which a form has to send along.
        csv: where the table is to be had as a file.
        everything: where the table stands without searching.
        pages: what leads to other pages: words, address.
    """

    now: Arrangement
    find: str
    words: str
    kept: tuple[tuple[str, str], ...]
    csv: str | None
    everything: str | None
    pages: tuple[tuple[str, str], ...]


def told(table: Table, address: Address = no_links) -> Table:
    """Give a table without the columns of actions none of which leads anywhere.

    The first column stays, as it is the head of each row.
    """

    def in_vain(column: Column) -> bool:
        actions = [each for row in table.rows if isinstance(each := row.get(column.key), Action)]
        return bool(actions) and all(address(each.target, each.params) is None for each in actions)

    columns = [column for at, column in enumerate(table.columns) if not at or not in_vain(column)]
    return table if len(columns) == len(table.columns) else evolve(table, columns=columns)


def heads(table: Table, address: Address) -> tuple[Head, ...]:
    """Give the heads of a table's columns."""
    now = table.arranged
    if now is None or now.of < 2:
        return tuple(Head(column=column) for column in table.columns)
    found: list[Head] = []
    for column in table.columns:
        order: Literal["ascending", "descending", ""] = ""
        if now.sort == column.key:
            order = "ascending"
        elif now.sort == f"-{column.key}":
            order = "descending"
        leads = column.sortable and bool(column.label)
        where = address(now.target, sorted_by(table, column.key)) if leads else None
        found.append(Head(column=column, order=order, address=where))
    return tuple(found)


def rows_of(table: Table) -> int:
    """Count the rows of a table, those on other pages too."""
    return len(table.rows) if table.arranged is None else table.arranged.rows


def tools(table: Table, address: Address) -> Tools | None:
    """Give what stands beside a table; `None` for one that no host has arranged."""
    now = table.arranged
    if now is None:
        return None
    find = f"{table.id}.find" if now.find or now.of >= _SEARCHED_FROM else ""
    own = (find, f"{table.id}.page")
    file = f"{CSV}/{now.target.partition('/')[2]}"
    whole = {name: value for name, value in now.params.items() if name != f"{table.id}.page"}
    return Tools(
        now=now,
        find=find,
        words=now.find,
        kept=tuple((name, value) for name, value in now.params.items() if name not in own),
        csv=address(file, whole | {"table": table.id}) if now.of else None,
        everything=address(now.target, without_search(table)) if now.find else None,
        pages=tuple(_pages(table, now, address)),
    )


def tables_kept(params: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give what a form of the tab's own parameters sends along: the tables' order and search.

    Not their pages: with other parameters there are other rows.
    """
    return tuple(
        (name, value)
        for name, value in params.items()
        if value and speaks_of_a_table(name) and not name.endswith(".page")
    )


def _pages(table: Table, now: Arrangement, address: Address) -> list[tuple[str, str]]:
    wanted: list[tuple[str, int | str]] = []
    if now.page > 1:
        wanted += [("First", 1), ("Previous", now.page - 1)]
    if now.page < now.pages:
        wanted += [("Next", now.page + 1), ("Last", now.pages)]
    if now.pages > 1:
        wanted.append(("All on one page", EVERYTHING))
    elif table.rows_per_page and now.rows > table.rows_per_page:
        wanted.append(("Page by page", 1))
    found = ((words, address(now.target, on_page(table, page))) for words, page in wanted)
    return [(words, where) for words, where in found if where is not None]
