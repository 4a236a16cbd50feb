"""Values of properties: HubSpot keeps every one of them as a text, or none."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape, unescape
from typing import Any, Final

from crossdock.connectors.reading import Row, unfit
from crossdock.connectors.writing import number
from crossdock.records import Money

_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,12})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_MILLISECONDS: Final = re.compile(r"-?[0-9]{9,15}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_BREAK: Final = re.compile(r"<br\s*/?>|</p>|</div>|</li>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")


def text(row: Row, name: str) -> str:
    """Read a text; one that is not set is empty."""
    return text_or_none(row, name) or ""


def text_or_none(row: Row, name: str) -> str | None:
    """Read a text that may not be set; HubSpot keeps no empty ones."""
    value = row.get(name)
    if value is None or type(value) is str:
        return value or None
    raise unfit(name, "a text or null", value)


def decimal_or_none(row: Row, name: str) -> Decimal | None:
    """Read a number that may not be set."""
    value = text_or_none(row, name)
    if value is None:
        return None
    if _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise unfit(name, "a number", value)


def decimal(row: Row, name: str, default: int = 0) -> Decimal:
    """Read a number; one that is not set is the default."""
    value = decimal_or_none(row, name)
    return Decimal(default) if value is None else value


def whole_or_none(row: Row, name: str) -> int | None:
    """Read a whole number that may not be set."""
    value = decimal_or_none(row, name)
    if value is not None and value != value.to_integral_value():
        raise unfit(name, "a whole number", str(value))
    return None if value is None else int(value)


def money_or_none(row: Row, name: str, currency: str) -> Money | None:
    """Read an amount that may not be set."""
    value = decimal_or_none(row, name)
    return None if value is None else Money(value, currency)


def currency_or_none(row: Row, name: str) -> str | None:
    """Read an ISO 4217 code that may not be set."""
    value = text_or_none(row, name)
    if value is None or _CURRENCY.fullmatch(value):
        return value
    raise unfit(name, "a currency code such as EUR", value)


def instant_or_none(row: Row, name: str) -> datetime | None:
    """Read an instant that may not be set: ISO 8601, or milliseconds since 1970."""
    value = text_or_none(row, name)
    if value is None:
        return None
    try:
        if _MILLISECONDS.fullmatch(value):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        at = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise unfit(name, "an instant", value) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def day_or_none(row: Row, name: str) -> date | None:
    """Read a day that may not be set; an instant stands for its day in UTC."""
    at = instant_or_none(row, name)
    return None if at is None else at.date()


def word(row: Row, name: str, allowed: frozenset[str], default: str) -> Any:
    """Read one of a closed list of words; one that is not set is the default."""
    value = text_or_none(row, name) or default
    if value in allowed:
        return value
    raise unfit(name, f"one of {', '.join(sorted(allowed))}", value)


def object_or_empty(row: Row, name: str) -> dict[str, str]:
    """Read texts by name that are kept as JSON."""
    value = text_or_none(row, name)
    if value is None:
        return {}
    try:
        read = json.loads(value)
    except ValueError:
        raise unfit(name, "JSON", value) from None
    if isinstance(read, dict) and all(isinstance(each, str) for each in read.values()):
        return read
    raise unfit(name, "an object of texts", value)


def rows_or_empty(row: Row, name: str) -> list[Row]:
    """Read objects that are kept as JSON."""
    value = text_or_none(row, name)
    if value is None:
        return []
    try:
        read = json.loads(value)
    except ValueError:
        raise unfit(name, "JSON", value) from None
    if isinstance(read, list) and all(isinstance(each, dict) for each in read):
        return read
    raise unfit(name, "a list of objects", value)


def as_json(value: Any) -> str:
    """Write plain data as JSON text; nothing at all is an empty text, which clears a property."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


def as_number(value: Decimal | int | None) -> str:
    """Write a number; none clears the property."""
    return "" if value is None else number(Decimal(value))


def as_day(value: date | None) -> str:
    """Write a day; none clears the property."""
    return "" if value is None else value.isoformat()


def as_midnight(value: date | None) -> str:
    """Write a day where an instant is wanted: its beginning in UTC."""
    return "" if value is None else f"{value.isoformat()}T00:00:00.000Z"


def as_instant(value: datetime | None) -> str:
    """Write an instant in UTC, to the millisecond, which is all that HubSpot keeps."""
    if value is None:
        return ""
    text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def rich(plain_text: str) -> str:
    """Write plain text as the HTML that bodies of notes and tasks are."""
    return escape(plain_text, quote=False).replace("\n", "<br>")


def plain(html: str) -> str:
    """Give the text of an HTML body."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", html))).strip()
