"""Values of fields: what is not set is null, numbers are JSON numbers, details are JSON texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from crossdock.connectors.reading import Row, number_or_none, unfit
from crossdock.connectors.writing import Unwritable, json_number
from crossdock.records import Money

Written = str | int | float | bool | None
_CENT: Final = Decimal("0.01")
_MOST_DIGITS: Final = 6


def text(row: Row, name: str) -> str:
    """Read a text; one that is not set is empty."""
    return text_or_none(row, name) or ""


def text_or_none(row: Row, name: str) -> str | None:
    """Read a text that may not be set; Salesforce keeps no empty ones."""
    value = row.get(name)
    if value is None or type(value) is str:
        return value or None
    raise unfit(name, "a text or null", value)


def decimal(row: Row, name: str, default: int = 0) -> Decimal:
    """Read a number; one that is not set is the default."""
    value = number_or_none(row, name)
    return Decimal(default) if value is None else plain(value)


def decimal_or_none(row: Row, name: str) -> Decimal | None:
    """Read a number that may not be set."""
    value = number_or_none(row, name)
    return None if value is None else plain(value)


def plain(value: Decimal) -> Decimal:
    """Write a number without the zeros behind its last digit: `3.0` came for 3."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def whole_or_none(row: Row, name: str) -> int | None:
    """Read a whole number that may not be set."""
    value = number_or_none(row, name)
    if value is not None and value != value.to_integral_value():
        raise unfit(name, "a whole number", value)
    return None if value is None else int(value)


def money_or_none(row: Row, name: str, currency: str) -> Money | None:
    """Read an amount that may not be set; JSON numbers lose the zeros at their ends."""
    value = number_or_none(row, name)
    return None if value is None else money(value, currency)


def money(value: Decimal, currency: str) -> Money:
    """Give an amount with two digits at least, as people read it."""
    short = cents(value)
    return Money(short if short == value else value, currency)


def truth(row: Row, name: str) -> bool:
    """Read yes or no; a formula over what is not there is null, and no."""
    value = row.get(name)
    if value is None or type(value) is bool:
        return bool(value)
    raise unfit(name, "true or false", value)


def instant_or_none(row: Row, name: str) -> datetime | None:
    """Read an instant that may not be set, such as `2026-11-20T12:00:00.000+0000`."""
    value = text_or_none(row, name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise unfit(name, "an instant", value) from None
    if at.tzinfo is None:
        raise unfit(name, "an instant with a time zone", value)
    return at.astimezone(UTC)


def instant(row: Row, name: str) -> datetime:
    """Read an instant."""
    at = instant_or_none(row, name)
    if at is None:
        raise unfit(name, "an instant", None)
    return at


def day_or_none(row: Row, name: str) -> date | None:
    """Read a day that may not be set."""
    value = text_or_none(row, name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise unfit(name, "a day", value) from None


def word(row: Row, name: str, allowed: frozenset[str], default: str) -> Any:
    """Read one of a closed list of words; one that is not set is the default."""
    value = text_or_none(row, name) or default
    if value in allowed:
        return value
    raise unfit(name, f"one of {', '.join(sorted(allowed))}", value)


def object_or_empty(row: Row, name: str) -> dict[str, str]:
    """Read texts by name that are kept as JSON."""
    read = _json(row, name, {})
    if isinstance(read, dict) and all(isinstance(each, str) for each in read.values()):
        return read
    raise unfit(name, "an object of texts", text(row, name))


def rows_or_empty(row: Row, name: str) -> list[Row]:
    """Read objects that are kept as JSON."""
    read = _json(row, name, [])
    if isinstance(read, list) and all(isinstance(each, dict) for each in read):
        return read
    raise unfit(name, "a list of objects", text(row, name))


def _json(row: Row, name: str, empty: Any) -> Any:
    value = text_or_none(row, name)
    if value is None:
        return empty
    try:
        return json.loads(value)
    except ValueError:
        raise unfit(name, "JSON", value) from None


def parent(row: Row, name: str) -> Row:
    """Give what a reference leads to; empty where it leads to nothing."""
    value = row.get(name)
    if value is None:
        return {}
    if type(value) is dict:
        return value
    raise unfit(name, "an object or null", value)


def as_text(value: str | None) -> str | None:
    """Write a text; an empty one is null."""
    return value or None


def as_json(value: Any) -> str | None:
    """Write plain data as JSON text; nothing at all is null."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None


def as_number(value: Decimal | int | None, field: str, digits: int = _MOST_DIGITS) -> Written:
    """Write a number of at most so many digits behind the point.

    Raises:
        Unwritable: it has more, which Salesforce would round off without a word.
    """
    if value is None:
        return None
    exact = Decimal(value)
    if exact != exact.quantize(Decimal(1).scaleb(-digits)):
        raise Unwritable(field, f"{value} has more than {digits} digits behind the point")
    return json_number(exact, field)


def as_amount(value: Money | None, currency: str, field: str) -> Written:
    """Write an amount of a document, whose currency it must share."""
    if value is None:
        return None
    if value.currency != currency:
        raise Unwritable(field, f"is in {value.currency}, the document in {currency}")
    return as_number(value.amount, field)


def as_cents(value: Decimal, field: str) -> Written:
    """Write an amount rounded to two digits, as the platform's own price fields keep it."""
    return json_number(cents(value), field)


def cents(value: Decimal) -> Decimal:
    """Round half up to two digits."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def as_day(value: date | None) -> str | None:
    """Write a day."""
    return None if value is None else value.isoformat()


def as_instant(value: datetime | None) -> str | None:
    """Write an instant in UTC, to the millisecond."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def differing(wanted: Mapping[str, Written], now: Row) -> dict[str, Written]:
    """Give the fields that differ; numbers and instants by what they mean, not how they read."""
    return {name: value for name, value in wanted.items() if not _same(value, now.get(name))}


def _same(one: Written, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other or (one is None and other == "")
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip() or _same_instant(one, other)
    if isinstance(one, str) or isinstance(other, str):
        return False
    return Decimal(str(one)) == Decimal(str(other))


def _same_instant(one: str, other: str) -> bool:
    if "T" not in one or "T" not in other:
        return False
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (ValueError, TypeError):  # texts that are no instants
        return False
