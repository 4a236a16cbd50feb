"""A CRM's own arithmetic: decimals per currency, half up, as text on the way in and out.

It computes what a salesperson's draft comes to when no pricing system says so. It shares nothing
with the rules that plugins use, nor with the back office's pricing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

# ISO 4217, where it is not two.
_WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS: Final = {
    **dict.fromkeys(_WITHOUT.split(), 0),
    **dict.fromkeys(_WITH_THREE.split(), 3),
}
# Sums of many documents with many digits must not lose a penny, nor fail.
_EXACT: Final = Context(prec=60)


def decimals(currency: str) -> int:
    """How many decimals amounts of a currency have."""
    return _DECIMALS.get(currency, 2)


def rounded(value: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's decimals."""
    return value.quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP, _EXACT)


def text(value: Decimal | str, currency: str) -> str:
    """Write an amount or price with at least the currency's decimals; more are kept."""
    amount = Decimal(value)
    shortest = rounded(amount, currency)
    return format(shortest if shortest == amount else amount, "f")


def line_net(
    quantity: Decimal, unit_price: Decimal, discount_percent: Decimal, currency: str
) -> Decimal:
    """Quantity times unit price less discount, rounded once at the end."""
    with localcontext(_EXACT):
        return rounded(quantity * unit_price * (100 - discount_percent) / 100, currency)


def line_tax(net: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Tax on a net amount; `rate` is a fraction."""
    with localcontext(_EXACT):
        return rounded(net * rate, currency)


def total(amounts: Iterable[str | None], currency: str) -> str | None:
    """Sum amounts; `None` while one of them is not known. No amounts sum to zero."""
    known = list(amounts)
    if any(amount is None for amount in known):
        return None
    return text(
        sum((Decimal(amount) for amount in known if amount is not None), Decimal(0)), currency
    )
