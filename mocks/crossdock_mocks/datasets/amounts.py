"""Amounts of documents in a data set: net by line, tax by line or by rate.

Used to make payments that fit their invoices. The reference ERP computes its own figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

__all__ = ["document_total", "line_net", "to_penny"]

_PENNY = Decimal("0.01")
_HUNDRED = Decimal(100)


def to_penny(amount: Decimal) -> Decimal:
    """Rounded to two decimals, half away from zero."""
    return amount.quantize(_PENNY, ROUND_HALF_UP)


@lru_cache(maxsize=65_536)
def line_net(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    """Net amount of a line: the discounted price times the quantity, rounded once."""
    if not discount_percent:
        return to_penny(quantity * unit_price)
    return to_penny(quantity * unit_price * (_HUNDRED - discount_percent) / _HUNDRED)


def document_total(lines: Iterable[tuple[Decimal, Decimal]], rounding: str) -> Decimal:
    """Gross amount of a document.

    Args:
        lines: (net amount, tax rate as a fraction) of each.
        rounding: ``line``: tax is rounded on each line; ``document``: on the sum per rate.
    """
    net = Decimal(0)
    tax = Decimal(0)
    bases: dict[Decimal, Decimal] = {}
    for amount, rate in lines:
        net += amount
        if rounding == "line":
            tax += to_penny(amount * rate)
        else:
            bases[rate] = bases.get(rate, Decimal(0)) + amount
    for rate, base in bases.items():
        tax += to_penny(base * rate)
    return net + tax
