"""What one currency is in another, on a day and by whose word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from attrs import field, frozen


def _rate(_instance: object, _attribute: object, value: Decimal) -> None:
    if not isinstance(value, Decimal):
        raise TypeError("a rate is a Decimal, never a float")
    if not value.is_finite() or value <= 0:
        raise ValueError(f"a rate is a number above zero, not {value}")


@frozen(kw_only=True)
class ExchangeRate:
    """What one unit of a currency is worth in another, on a day, and who says so.

    Attributes:
        of: the currency that is converted, ISO 4217.
        to: the currency that it becomes.
        rate: units of `to` for one unit of `of`.
        on: the day from which on it holds.
        source: who states it: an ERP by its configured name, or `crossdock.toml`.
    """

    of: str
    to: str
    rate: Decimal = field(validator=_rate)
    on: date
    source: str
