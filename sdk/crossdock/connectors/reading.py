"""Strict reading of JSON: a value is what the document says, or the answer is at fault.

Each function takes one field out of a decoded object. What is missing, of the wrong type, or
outside the allowed words raises `Unreadable`, which collects the JSON pointer on its way out:
nothing is built for answers that are as they should be, which are thousands of lines long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar

from crossdock.records import Money

_T = TypeVar("_T")
Row = dict[str, Any]

_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,12})?", re.ASCII).fullmatch
_LONGEST: Final = 44  # letters of a decimal string
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
    got = str(value) if isinstance(value, Decimal) else _TYPES.get(type(value)) or repr(value)
    return Unreadable(
        name, f"expected {expected}, got {got if len(got) <= 40 else got[:37] + '...'}"
    )


def _misfit(row: Row, name: str, expected: str) -> Unreadable:
    return unfit(name, expected, row[name]) if name in row else Unreadable(name, "is missing")


def _is_null(row: Row, name: str) -> bool:
    return name in row and row[name] is None


def text(row: Row, name: str) -> str:
    """Read a text."""
    value = row.get(name)
    if type(value) is str:
        return value
    raise _misfit(row, name, "a text")


def text_or_none(row: Row, name: str) -> str | None:
    """Read a text that may be null."""
    value = row.get(name)
    if type(value) is str:
        return value
    if _is_null(row, name):
        return None
    raise _misfit(row, name, "a text or null")


def text_or_empty(row: Row, name: str) -> str:
    """Read a text that may be null, which is an empty one in our records."""
    return text_or_none(row, name) or ""


def optional_text(row: Row, name: str) -> str:
    """Read a text that may be left out or null."""
    return text_or_empty(row, name) if name in row else ""


def word(row: Row, name: str, allowed: frozenset[str]) -> Any:
    """Read one of a closed list of words."""
    value = row.get(name)
    if type(value) is str and value in allowed:
        return value
    raise _misfit(row, name, f"one of {', '.join(sorted(allowed))}")


def whole(row: Row, name: str) -> int:
    """Read a whole number."""
    value = row.get(name)
    if type(value) is int:
        return value
    raise _misfit(row, name, "a whole number")


def whole_or_none(row: Row, name: str) -> int | None:
    """Read a whole number that may be null."""
    return None if _is_null(row, name) else whole(row, name)


def optional_whole(row: Row, name: str) -> int | None:
    """Read a whole number that may be left out or null."""
    return whole_or_none(row, name) if name in row else None


def truth(row: Row, name: str) -> bool:
    """Read true or false."""
    value = row.get(name)
    if type(value) is bool:
        return value
    raise _misfit(row, name, "true or false")


# The same few amounts, quantities and rates stand on thousands of lines, and neither a decimal nor
# an amount ever changes: what a text means is found out once.
@lru_cache(maxsize=8_192)
def _decimal_of(value: str) -> Decimal | None:
    return Decimal(value) if _DECIMAL(value) else None


@lru_cache(maxsize=8_192)
def _money_of(value: str, currency: str) -> Money | None:
    found = _decimal_of(value)
    return None if found is None else Money(found, currency)


def decimal(row: Row, name: str) -> Decimal:
    """Read a decimal string; a JSON number is refused, as it has been a float on its way."""
    value = row.get(name)
    found = _decimal_of(value) if type(value) is str and len(value) <= _LONGEST else None
    if found is None:
        raise _misfit(row, name, "a decimal string")
    return found


def number(row: Row, name: str) -> Decimal:
    """Read a JSON number, of a system that writes amounts as such; decoded without a float."""
    value = row.get(name)
    if type(value) is int or (type(value) is Decimal and value.is_finite()):
        return Decimal(value)
    raise _misfit(row, name, "a number")


def number_or_none(row: Row, name: str) -> Decimal | None:
    """Read a JSON number that may be left out or null."""
    return number(row, name) if row.get(name) is not None else None


def decimal_or_none(row: Row, name: str) -> Decimal | None:
    """Read a decimal string that may be null."""
    return None if _is_null(row, name) else decimal(row, name)


def currency(row: Row, name: str = "currency") -> str:
    """Read an ISO 4217 code."""
    value = row.get(name)
    if type(value) is str and _CURRENCY(value):
        return value
    raise _misfit(row, name, "a currency code such as EUR")


def money(row: Row, name: str, currency: str) -> Money:
    """Read an amount in the document's currency."""
    value = row.get(name)
    if type(value) is str and len(value) <= _LONGEST:
        found = _money_of(value, currency)
        if found is not None:
            return found
    raise _misfit(row, name, "a decimal string")


def money_or_none(row: Row, name: str, currency: str) -> Money | None:
    """Read an amount that is null while it is not known."""
    return None if _is_null(row, name) else money(row, name, currency)


def day(row: Row, name: str) -> date:
    """Read a calendar day."""
    value = row.get(name)
    if type(value) is str and _DAY(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the thirtieth of February: said below like any other misfit
    raise _misfit(row, name, "a day such as 2026-11-21")


def day_or_none(row: Row, name: str) -> date | None:
    """Read a calendar day that may be null."""
    return None if _is_null(row, name) else day(row, name)


def instant(row: Row, name: str) -> datetime:
    """Read an instant, as aware UTC."""
    value = row.get(name)
    if type(value) is str and _INSTANT(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            pass  # the twenty-fifth hour: said below like any other misfit
    raise _misfit(row, name, "an instant such as 2026-11-21T09:30:00Z")


def instant_or_none(row: Row, name: str) -> datetime | None:
    """Read an instant that may be null."""
    return None if _is_null(row, name) else instant(row, name)


def whole_answer(value: Any) -> Row:
    """Read the object that an answer is."""
    if type(value) is dict:
        return value
    raise unfit("", "an object", value)


def part(row: Row, name: str, parse: Callable[[Row], _T]) -> _T:
    """Read an object inside the object."""
    value = row.get(name)
    if type(value) is not dict:
        raise _misfit(row, name, "an object")
    try:
        return parse(value)
    except Unreadable as bad:
        raise bad.inside(name) from None


def part_or_none(row: Row, name: str, parse: Callable[[Row], _T]) -> _T | None:
    """Read an object that may be null."""
    return None if _is_null(row, name) else part(row, name, parse)


def each(row: Row, name: str, parse: Callable[[Row], _T]) -> tuple[_T, ...]:
    """Read a list of objects."""
    rows = row.get(name)
    if type(rows) is not list:
        raise _misfit(row, name, "a list")
    read: list[_T] = []
    try:
        for item in rows:
            if type(item) is not dict:
                raise unfit("", "an object", item)
            read.append(parse(item))
    except Unreadable as bad:
        raise bad.inside(name, len(read)) from None
    return tuple(read)


def texts(row: Row, name: str) -> dict[str, str]:
    """Read an object whose values are all texts."""

    def read(value: Row) -> dict[str, str]:
        return {key: text(value, key) for key in value}

    return part(row, name, read)
