"""What a column of a data set file holds: its type, how it is read from text and written to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from attrs import frozen

__all__ = ["Column", "LineReference", "Value"]

Value = str | Decimal | date | datetime | int | bool | None

_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,12})?")
_INTEGER = re.compile(r"-?\d{1,18}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")


@frozen(kw_only=True)
class LineReference:
    """A line number that names a line of another document, found through the own document's head.

    ``shipment_lines.order_line`` names a line of the order that the shipment's head names:
    ``LineReference(through="order_id", lines="order_lines")``.
    """

    through: str
    lines: str


@frozen(kw_only=True)
class Column:
    """One column of a record kind.

    Attributes:
        name: as in the file's header row.
        type: text, decimal, integer, boolean, date, instant, country or currency.
        required: the column must be in the file, and no value may be blank.
        default: what a blank means; ``None`` = not known or not given.
        references: the record kind whose ``id`` the value is.
        line_reference: the line of another document that the value is.
        choices: the only texts allowed.
        minimum: the smallest number allowed.
        positive: the number must be above zero.
        note: unit and meaning, where the name does not say it.
    """

    name: str
    type: str
    required: bool = False
    default: Value = None
    references: str | None = None
    line_reference: LineReference | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    positive: bool = False
    note: str = ""

    @property
    def expected(self) -> str:
        """What the column holds, in words, for an error message."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        words = _EXPECTED[self.type]
        if self.positive:
            words += ", above 0"
        elif self.minimum is not None:
            words += f", {self.minimum} or more"
        return words

    def read(self, text: str) -> Value:
        """The typed value of a field; a blank one gives the default.

        Raises:
            ValueError: the text is not what the column holds, or is blank where it must not be.
        """
        if text == "":
            if self.required:
                msg = "blank"
                raise ValueError(msg)
            return self.default
        value = _READ[self.type](text)
        if self.choices and text not in self.choices:
            raise ValueError(text)
        if (self.positive or self.minimum is not None) and isinstance(value, Decimal | int):
            floor = 0 if self.minimum is None else self.minimum
            if value < floor or (self.positive and value == 0):
                raise ValueError(text)
        return value


def write(value: Value) -> str:
    """A value as it stands in a data set file; ``None`` is blank."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).astimezone(UTC)


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise ValueError(text)
    return text


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise ValueError(text)
    return text


_READ: dict[str, Callable[[str], Value]] = {
    "text": str,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
    "country": _country,
    "currency": _currency,
}

_EXPECTED = {
    "text": "a text",
    "decimal": "a decimal number such as 1234.50",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date such as 2026-11-20",
    "instant": "an instant such as 2026-11-20T08:30:00Z",
    "country": "an ISO 3166 country code such as GB",
    "currency": "an ISO 4217 currency code such as EUR",
}
