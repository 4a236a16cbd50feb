"""Values of SData entries, read and written as each dialect has them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.connectors.reading import Row, number_or_none, unfit
from crossdock.connectors.writing import json_number

_TICKS: Final = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/", re.ASCII).fullmatch
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE: Final = frozenset({"Y", "T", "true", "True"})
_FALSE: Final = frozenset({"N", "F", "false", "False", ""})


@frozen
class Reference:
    """The key of another record, to be written."""

    key: str | None


@frozen(kw_only=True)
class Speech:
    """How a dialect writes what SData leaves open.

    Attributes:
        integer_keys: whether keys are numbers.
        objects: whether a reference is an object with a `$key`, and not the bare key.
        letters: whether yes and no are the letters Y and N.
        dates: `ticks` for `/Date(0)/`, milliseconds since 1970; `iso` for ISO 8601.
    """

    integer_keys: bool = False
    objects: bool = True
    letters: bool = False
    dates: Literal["ticks", "iso"] = "ticks"

    def written(self, value: Any, field: str) -> Any:
        """Write one value; nothing and an empty text are null.

        Raises:
            Unwritable: a number has more digits than JSON keeps.
        """
        match value:
            case None | "":
                return None
            case Reference(key):
                if not key:
                    return None
                kept = self.key(key)
                return {"$key": kept} if self.objects else kept
            case bool():
                return ("Y" if value else "N") if self.letters else value
            case Decimal():
                return json_number(value, field)
            case datetime():
                at = value.astimezone(UTC)
                if self.dates == "ticks":
                    return f"/Date({_ticks(at)})/"
                return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            case date():
                if self.dates == "ticks":
                    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
                    return f"/Date({_ticks(midnight)})/"
                return value.isoformat()
            case _:
                return value

    def key(self, key: str) -> str | int:
        """Write a key."""
        return int(key) if self.integer_keys else key


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def text(row: Row, name: str) -> str:
    """Read a text; one that is not set is empty."""
    value = row.get(name)
    if value is None:
        return ""
    if type(value) is str:
        return value
    raise unfit(name, "a text or null", value)


def key(row: Row, name: str) -> str | None:
    """Read the key of a record, or of the one that a reference leads to; `None` for none."""
    value = row.get(name)
    if type(value) is dict:
        value = value.get("$key")
    if value is None or value == "":
        return None
    if type(value) in (str, int):
        return str(value)
    raise unfit(name, "a key", value)


def number(row: Row, name: str) -> Decimal | None:
    """Read a number, without zeros behind its last digit; `None` where it is not set."""
    value = number_or_none(row, name)
    return None if value is None else plain(value)


def number_of_text(row: Row, name: str) -> Decimal | None:
    """Read a number that is kept as a text; `None` where it is not set."""
    value = text(row, name)
    if not value:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        raise unfit(name, "a number", value) from None


def plain(value: Decimal) -> Decimal:
    """Give a number without the zeros behind its last digit."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def flag(row: Row, name: str) -> bool:
    """Read yes or no; what is not set is no."""
    value = row.get(name)
    if value is None or type(value) is bool:
        return bool(value)
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise unfit(name, "yes or no", value)


def instant(row: Row, name: str) -> datetime | None:
    """Read an instant in either form; one without a zone is UTC."""
    value = text(row, name)
    if not value:
        return None
    if ticks := _TICKS(value):
        return _EPOCH + timedelta(milliseconds=int(ticks[1]))
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise unfit(name, "an instant", value) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def day(row: Row, name: str) -> date | None:
    """Read a day, as it is in UTC."""
    at = instant(row, name)
    return None if at is None else at.date()


def resources(row: Row, name: str) -> list[Row]:
    """Read the entries of a collection that was asked for together with its owner."""
    held = row.get(name)
    if held is None:
        return []
    rows = held.get("$resources") if type(held) is dict else None
    if type(rows) is list and all(type(each) is dict for each in rows):
        return rows
    raise unfit(name, "a collection with its entries", held)
