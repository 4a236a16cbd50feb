"""Queries in OData, as Business Central takes them.

Each text that goes into a filter goes through `literal`: what a person typed can never become
another condition. Conditions on one field may be joined by `or`; on several only by `and`, as
Business Central refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

from attrs import frozen

AT_ONCE: Final = 40
"""Values in one condition; longer lists are asked for in pieces, as an address has an end."""


def literal(value: str) -> str:
    """Write a text into a filter."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def equal(field: str, value: str) -> str:
    """Ask for an exact text."""
    return f"{field} eq {literal(value)}"


def unlike(field: str, value: str) -> str:
    """Ask for anything but a text."""
    return f"{field} ne {literal(value)}"


def among(field: str, values: Iterable[str]) -> str:
    """Ask for one of several texts."""
    return f"({' or '.join(equal(field, value) for value in values)})"


def contains(field: str, typed: str) -> str:
    """Ask for texts that hold what was typed, in letters of any case."""
    return f"contains(tolower({field}),{literal(typed.lower())})"


def since_day(field: str, day: date | None) -> str:
    """Ask for a day and what follows; nothing where there is no day."""
    return "" if day is None else f"{field} ge {day.isoformat()}"


def since_instant(field: str, at: datetime) -> str:
    """Ask for an instant and what follows, to the millisecond."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{field} ge {moment}"


def every(*conditions: str) -> str:
    """Join conditions that must all hold; empty ones are left out."""
    return " and ".join(filter(None, conditions))


@frozen(kw_only=True)
class Query:
    """What is asked of a list, besides where it goes on.

    Attributes:
        filter: a condition; empty for all.
        order: a property, with ` desc` behind it for the latest first.
        expand: what is wanted beside each, as OData writes it.
        select: the properties wanted; empty for all.
    """

    filter: str = ""
    order: str = ""
    expand: str = ""
    select: str = ""

    def parameters(self, *, top: int | None = None, skip: int = 0) -> dict[str, str | int]:
        """Write it as parameters of an address."""
        given: dict[str, str | int] = {
            "$filter": self.filter,
            "$orderby": self.order,
            "$expand": self.expand,
            "$select": self.select,
        }
        if top is not None:
            given["$top"] = top
        if skip:
            given["$skip"] = skip
        return {name: value for name, value in given.items() if value != ""}
