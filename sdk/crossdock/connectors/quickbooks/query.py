"""QuickBooks' query language: one entity, conditions joined by AND, pages by position.

Each text that goes into a query goes through `literal`: what a person typed can never become
another condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from attrs import frozen

from crossdock.connectors.http import Answer
from crossdock.connectors.reading import Row, each, instant, part

_T = TypeVar("_T")
MOST: Final = 1000
"""Rows of one answer."""
AT_ONCE: Final = 100
"""Ids in one list of an IN; longer ones are asked for in pieces."""
WITH_INACTIVE: Final = "Active IN (true, false)"
"""Lists of names leave out what is inactive unless it is asked for."""

Ask = Callable[[str], Answer]


def literal(value: str) -> str:
    """Write a text into a query."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def equal(field: str, value: str) -> str:
    """Ask for an exact value."""
    return f"{field} = {literal(value)}"


def among(field: str, values: Iterable[str]) -> str:
    """Ask for one of several values."""
    return f"{field} IN ({', '.join(map(literal, values))})"


def moment(at: datetime) -> str:
    """Write an instant."""
    return literal(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


@frozen
class Query:
    """What to ask for, besides where to begin and how much.

    Attributes:
        entity: as QuickBooks calls it.
        conditions: all of them must hold.
        order: a field, with `DESC` behind it for the latest first.
    """

    entity: str
    conditions: tuple[str, ...] = ()
    order: str = ""

    def page(self, *, start: int = 1, most: int = MOST) -> str:
        """Write it for the rows from `start`, counted from 1."""
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        order = f" ORDERBY {self.order}" if self.order else ""
        rows = f"STARTPOSITION {start} MAXRESULTS {most}"
        return f"SELECT * FROM {self.entity}{where}{order} {rows}"  # noqa: S608 - no SQL; see `literal`


def rows_of(body: Row, entity: str, parse: Callable[[Row], _T]) -> tuple[_T, ...]:
    """Read the rows of an answer; without any, not even their name is in it."""

    def response(told: Row) -> tuple[_T, ...]:
        return each(told, entity, parse) if entity in told else ()

    return part(body, "QueryResponse", response)


def time_of(body: Row) -> datetime:
    """Read when QuickBooks answered, by its own clock."""
    return instant(body, "time")


def all_rows(
    read: Callable[[Query, int, int], Sequence[_T]], query: Query, *, most: int = MOST
) -> Iterator[_T]:
    """Read page after page, each when it is needed."""
    start = 1
    while True:
        rows = read(query, start, most)
        yield from rows
        if len(rows) < most:
            return
        start += len(rows)
