"""Amounts of a great many imported lines: the same figures as elsewhere, each computed once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from crossdock_mocks.backoffice.decimals import amount_text, plain, price_text, rounded
from crossdock_mocks.backoffice.tax import net_amount

_REMEMBERED = 50_000


class LineAmounts(NamedTuple):
    """What one line comes to.

    Attributes:
        net: Net amount.
        tax: Tax rounded by line.
        fields: The line's fields, as they are kept.
    """

    net: Decimal
    tax: Decimal
    fields: dict[str, str]


class AmountBook:
    """Line amounts by quantity, price, discount and tax code: the same ones come again and again.

    Args:
        rates: Rate of each tax code.
        places: Decimal places of the currency.
    """

    def __init__(self, rates: dict[str, Decimal], places: int) -> None:
        self._rates = rates
        self._places = places
        self._known: dict[tuple[Any, ...], LineAmounts] = {}

    def of(self, row: dict[str, Any]) -> LineAmounts:
        """What a row of a data set with quantity, price, discount and tax code comes to."""
        key = (row["quantity"], row["unit_price"], row["discount_percent"], row["tax_code"])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._compute(*key)
        return found

    def _compute(
        self, quantity: Decimal, price: Decimal, discount: Decimal, code: str
    ) -> LineAmounts:
        rate, places = self._rates[code], self._places
        net = net_amount(quantity, price, discount, places)
        tax = rounded(net * rate, places)
        return LineAmounts(
            net,
            tax,
            {
                "quantity": plain(quantity),
                "unitPrice": price_text(price, places),
                "discountPercent": plain(discount),
                "net": amount_text(net, places),
                "taxCode": code,
                "taxRate": plain(rate),
                "tax": amount_text(tax, places),
            },
        )
