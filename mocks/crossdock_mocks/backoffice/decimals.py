"""Decimal numbers as the back office computes and writes them: exact, rounded half up, as text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

_NO_MINOR_UNITS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_MINOR_UNITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def minor_units(currency: str) -> int:
    """Decimal places of a currency, by ISO 4217."""
    if currency in _NO_MINOR_UNITS:
        return 0
    return 3 if currency in _THREE_MINOR_UNITS else 2


@cache
def unit_of(places: int) -> Decimal:
    """The smallest amount with so many decimal places."""
    return Decimal(1).scaleb(-places)


def rounded(value: Decimal, places: int) -> Decimal:
    """The amount to so many places, half away from zero."""
    return value.quantize(unit_of(places), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A quantity, rate or percentage as text: no exponent, no trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def price_text(value: Decimal, places: int) -> str:
    """A unit price as text: at least the currency's places, more where it has them."""
    text = plain(value)
    whole, _, decimals = text.partition(".")
    if len(decimals) >= places:
        return text
    return f"{whole}.{decimals.ljust(places, '0')}"


def amount_text(value: Decimal, places: int) -> str:
    """An amount as text, to exactly the currency's places."""
    return format(rounded(value, places), "f")
