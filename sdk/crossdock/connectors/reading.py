"""Strict reading of JSON: a value is what the document says, or the answer is at fault.

Each function takes one field out of an object. What is missing, of the wrong type, or outside the
allowed words raises `Unreadable`, which collects the JSON pointer on its way out: nothing is built
for answers that are as they should be, which are thousands of lines long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from crossdock.records import Money

_T = TypeVar("_T")
Row = Mapping[str, Any]

_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,12})?", re.ASCII).fullmatch
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII).fullmatch
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9:]{5})",
    re.ASCII,
).fullmatch
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII).fullmatch
_TYPES: Final = {dict: "an object", list: "a list", type(None): "null"}


class Unreadable(Exception):  # noqa: N818 - it says what the answer is
    """A part of an answer is not what the document promises.

    Attributes:
        pointer: where, as a JSON pointer into the answer.
        problem: what was expected and what came.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.pointer = _token(name)
        self.problem = problem

    def inside(self, *names: str | int) -> Unreadable:
        """Put the enclosing names before the pointer."""
        self.pointer = "".join(_token(str(name)) for name in names) + self.pointer
        return self


def _token(name: str) -> str:
    return f"/{name.replace('~', '~0').replace('/', '~1')}" if name else ""


def unfit(name: str, expected: str, value: object) -> Unreadable:
    """Make the complaint about a value; it shows at most forty characters of it."""
    got = _TYPES.get(type(value)) or repr(value)
    return Unreadable(
        name, f"expected {expected}, got {got if len(got) <= 40 else got[:37] + '...'}"
    )


def _field(row: Row, name: str) -> Any:
    try:
        return row[name]
    except KeyError:
        raise Unreadable(name, "is missing") from None
    except TypeError:
        raise unfit("", "an object", row) from None


def text(row: Row, name: str) -> str:
    """Read a text."""
    value = _field(row, name)
    if type(value) is str:
        return value
    raise unfit(name, "a text", value)


def text_or_none(row: Row, name: str) -> str | None:
    """Read a text that may be null."""
    value = _field(row, name)
    if value is None or type(value) is str:
        return value
    raise unfit(name, "a text or null", value)


def text_or_empty(row: Row, name: str) -> str:
    """Read a text that may be null, which is an empty one in our records."""
    return text_or_none(row, name) or ""


def optional_text(row: Row, name: str) -> str:
    """Read a text that may be left out or null."""
    return text_or_empty(row, name) if name in row else ""


def word(row: Row, name: str, allowed: frozenset[str]) -> Any:
    """Read one of a closed list of words."""
    value = _field(row, name)
    if type(value) is str and value in allowed:
        return value
    raise unfit(name, f"one of {', '.join(sorted(allowed))}", value)


def whole(row: Row, name: str) -> int:
    """Read a whole number."""
    value = _field(row, name)
    if type(value) is int:
        return value
    raise unfit(name, "a whole number", value)


def whole_or_none(row: Row, name: str) -> int | None:
    """Read a whole number that may be null."""
    return None if _field(row, name) is None else whole(row, name)


def optional_whole(row: Row, name: str) -> int | None:
    """Read a whole number that may be left out or null."""
    return whole_or_none(row, name) if name in row else None


def truth(row: Row, name: str) -> bool:
    """Read true or false."""
    value = _field(row, name)
    if type(value) is bool:
        return value
    raise unfit(name, "true or false", value)


def decimal(row: Row, name: str) -> Decimal:
    """Read a decimal string; a JSON number is refused, as it has been a float on its way."""
    value = _field(row, name)
    if type(value) is str and _DECIMAL(value):
        return Decimal(value)
    raise unfit(name, "a decimal string", value)


def decimal_or_none(row: Row, name: str) -> Decimal | None:
    """Read a decimal string that may be null."""
    return None if _field(row, name) is None else decimal(row, name)


def currency(row: Row, name: str = "currency") -> str:
    """Read an ISO 4217 code."""
    value = _field(row, name)
    if type(value) is str and _CURRENCY(value):
        return value
    raise unfit(name, "a currency code such as EUR", value)


def money(row: Row, name: str, currency: str) -> Money:
    """Read an amount in the document's currency."""
    return Money(decimal(row, name), currency)


def money_or_none(row: Row, name: str, currency: str) -> Money | None:
    """Read an amount that is null while it is not known."""
    return None if _field(row, name) is None else Money(decimal(row, name), currency)


def day(row: Row, name: str) -> date:
    """Read a calendar day."""
    value = _field(row, name)
    if type(value) is str and _DAY(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the thirtieth of February: said below like any other misfit
    raise unfit(name, "a day such as 2026-11-21", value)


def day_or_none(row: Row, name: str) -> date | None:
    """Read a calendar day that may be null."""
    return None if _field(row, name) is None else day(row, name)


def instant(row: Row, name: str) -> datetime:
    """Read an instant, as aware UTC."""
    value = _field(row, name)
    if type(value) is str and _INSTANT(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            pass  # the twenty-fifth hour: said below like any other misfit
    raise unfit(name, "an instant such as 2026-11-21T09:30:00Z", value)


def instant_or_none(row: Row, name: str) -> datetime | None:
    """Read an instant that may be null."""
    return None if _field(row, name) is None else instant(row, name)


def part(row: Row, name: str, parse: Callable[[Row], _T]) -> _T:
    """Read an object inside the object."""
    value = _field(row, name)
    if type(value) is not dict:
        raise unfit(name, "an object", value)
    try:
        return parse(value)
    except Unreadable as bad:
        raise bad.inside(name) from None


def part_or_none(row: Row, name: str, parse: Callable[[Row], _T]) -> _T | None:
    """Read an object that may be null."""
    return None if _field(row, name) is None else part(row, name, parse)


def each(row: Row, name: str, parse: Callable[[Row], _T]) -> tuple[_T, ...]:
    """Read a list of objects."""
    rows = _field(row, name)
    if type(rows) is not list:
        raise unfit(name, "a list", rows)
    read: list[_T] = []
    try:
        for item in rows:
            read.append(parse(item))  # noqa: PERF401 - its length names the item at fault
    except Unreadable as bad:
        raise bad.inside(name, len(read)) from None
    return tuple(read)


def texts(row: Row, name: str) -> dict[str, str]:
    """Read an object whose values are all texts."""
    value = _field(row, name)
    if type(value) is not dict:
        raise unfit(name, "an object", value)
    for key in value:
        try:
            text(value, key)
        except Unreadable as bad:
            raise bad.inside(name) from None
    return dict(value)
