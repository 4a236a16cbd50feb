"""Values as the wire wants them: decimal strings, days, instants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from crossdock.records import Money


class Unwritable(Exception):  # noqa: N818 - it says what the record is
    """A record holds what the remote system's form cannot carry.

    Attributes:
        field: dotted, as in `lines.0.unit_price`.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem


def number(value: Decimal) -> str:
    """Write a quantity, rate or percentage: plain digits, no zeros after the last digit."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def json_number(value: Decimal, field: str) -> int | float:
    """Write a decimal as a JSON number, digit for digit.

    A float is only what carries it to the encoder: where its digits would be others, the value is
    refused.
    """
    if value == value.to_integral_value():
        return int(value)
    carried = float(value)
    if Decimal(repr(carried)) != value:
        raise Unwritable(field, f"{value} has more digits than a JSON number keeps")
    return carried


def amount(value: Money, currency: str, field: str) -> str:
    """Write an amount of a document, whose currency it must share."""
    if value.currency != currency:
        raise Unwritable(field, f"is in {value.currency}, the document in {currency}")
    return f"{value.amount:f}"


def amount_or_none(value: Money | None, currency: str, field: str) -> str | None:
    """Write an amount that may be unknown."""
    return None if value is None else amount(value, currency, field)


def day_or_none(value: date | None) -> str | None:
    """Write a calendar day that may be missing."""
    return None if value is None else value.isoformat()


def instant(value: datetime, field: str) -> str:
    """Write an instant in UTC with Z."""
    if value.tzinfo is None:
        raise Unwritable(field, "is an instant without a time zone")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
