"""Values as Tryton's JSON-RPC writes them: decimals, days, instants and files have a class.

Source: `trytond/protocols/jsonrpc.py` of 8.2. Quantities come as numbers, amounts as decimals, and
a database without truth values (SQLite) tells truths as 0 and 1.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from crossdock.connectors.reading import Row, Unreadable, unfit
from crossdock.records import Money

_T = TypeVar("_T")
_CLASS: Final = "__class__"
#: Binary fractions that a quantity picks up on its way are beyond this place.
_QUANTITY_STEP: Final = Decimal("0.000001")


def encoded(value: Any) -> Any:
    """Write a value for the wire."""
    match value:
        case Decimal():
            return {_CLASS: "Decimal", "decimal": f"{value:f}"}
        case datetime():
            at = value.astimezone(UTC) if value.tzinfo else value
            return {
                _CLASS: "datetime",
                "year": at.year, "month": at.month, "day": at.day,
                "hour": at.hour, "minute": at.minute, "second": at.second,
                "microsecond": at.microsecond,
            }  # fmt: skip
        case date():
            return {_CLASS: "date", "year": value.year, "month": value.month, "day": value.day}
        case timedelta():
            return {_CLASS: "timedelta", "seconds": value.total_seconds()}
        case Mapping():
            return {name: encoded(each) for name, each in value.items()}
        case str():
            return value
        case Sequence():
            return [encoded(each) for each in value]
        case _:
            return value


def decoded(value: Any) -> Any:
    """Read a value from the wire; what is of no known class stays as it is."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value.get(_CLASS):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            return datetime(
                value["year"], value["month"], value["day"],
                value["hour"], value["minute"], value["second"], value["microsecond"],
                tzinfo=UTC,
            )  # fmt: skip
        case "timedelta":
            return timedelta(seconds=float(value["seconds"]))
        case "bytes":
            return base64.b64decode(value["base64"])
        case _:
            return {name: decoded(each) for name, each in value.items()}


def rows(value: Any) -> list[Row]:
    """Read the list of records that a search gives."""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    raise unfit("", "a list of records", value)


def key(row: Row, name: str = "id") -> int:
    """Read a record's id."""
    value = row.get(name)
    if type(value) is int:
        return value
    raise _misfit(row, name, "an id")


def key_or_none(row: Row, name: str) -> int | None:
    """Read the id of another record, where there is one."""
    return None if row.get(name) is None else key(row, name)


def keys(row: Row, name: str) -> list[int]:
    """Read the ids of other records."""
    value = row.get(name)
    if isinstance(value, list | tuple) and all(type(each) is int for each in value):
        return list(value)
    raise _misfit(row, name, "a list of ids")


def label(row: Row, name: str) -> str:
    """Read a text, empty where there is none."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise _misfit(row, name, "a text")


def inside(row: Row, name: str) -> Row:
    """Read what was asked of another record by dotted names; empty where there is none."""
    value = row.get(f"{name}.")
    return value if isinstance(value, dict) else {}


def flag(row: Row, name: str) -> bool:
    """Read a truth, also as 0 or 1; nothing is no."""
    value = row.get(name)
    if value in (None, 0, 1):
        return bool(value)
    raise _misfit(row, name, "true or false")


def amount(row: Row, name: str) -> Decimal:
    """Read a decimal, zero where there is none."""
    found = amount_or_none(row, name)
    return Decimal(0) if found is None else found


def amount_or_none(row: Row, name: str) -> Decimal | None:
    """Read a decimal that may be null."""
    value = row.get(name)
    if value is None or isinstance(value, Decimal):
        return value
    if type(value) is int:
        return Decimal(value)
    raise _misfit(row, name, "a decimal")


def money(row: Row, name: str, unit: str) -> Money:
    """Read an amount in a currency, zero where there is none."""
    return Money(amount(row, name), unit)


def quantity(row: Row, name: str) -> Decimal:
    """Read a quantity, which comes as a binary fraction; zero where there is none."""
    value = row.get(name)
    if value is None:
        return Decimal(0)
    if type(value) is int or isinstance(value, Decimal):
        return plain(Decimal(value))
    raise _misfit(row, name, "a quantity")


def plain(value: Decimal) -> Decimal:
    """Give a quantity without binary fractions, and without zeros behind its last digit."""
    rounded = value.quantize(_QUANTITY_STEP).normalize()
    return rounded if rounded.as_tuple().exponent <= 0 else rounded.quantize(Decimal(1))  # type: ignore[operator]


def day(row: Row, name: str) -> date:
    """Read a calendar day."""
    found = day_or_none(row, name)
    if found is None:
        raise _misfit(row, name, "a day")
    return found


def day_or_none(row: Row, name: str) -> date | None:
    """Read a calendar day that may be null."""
    value = row.get(name)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise _misfit(row, name, "a day")


def instant_or_none(row: Row, name: str) -> datetime | None:
    """Read an instant that may be null; Tryton's are in UTC."""
    value = row.get(name)
    if value is None or isinstance(value, datetime):
        return value
    raise _misfit(row, name, "an instant")


def each_read(found: Sequence[Row], parse: Callable[[Row], _T]) -> list[_T]:
    """Read each of some records; a mistake names its place."""
    read: list[_T] = []
    try:
        for row in found:
            read.append(parse(row))  # noqa: PERF401 - the place of a mistake is counted
    except Unreadable as bad:
        raise bad.inside(len(read)) from None
    return read


def _misfit(row: Row, name: str, expected: str) -> Unreadable:
    return unfit(name, expected, row[name]) if name in row else Unreadable(name, "is missing")
