"""Amounts of systems that write them as JSON numbers."""

from __future__ import annotations

from decimal import Decimal

from crossdock.records import Money, minor_units


def of_unit(value: Decimal, unit: str) -> Money:
    """Give an amount with at least the currency's digits: a JSON number has lost its zeros."""
    places = minor_units(unit)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -places:
        value = value.quantize(Decimal(1).scaleb(-places))
    return Money(value, unit)
