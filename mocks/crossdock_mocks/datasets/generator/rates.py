"""What other currencies are worth in the company's own: invented, and steady as they go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from crossdock_mocks.datasets.generator.people import Row

__all__ = ["exchange_rates"]

_AROUND = {"USD": Decimal("0.9150"), "GBP": Decimal("1.1620"), "CHF": Decimal("1.0480")}
_QUARTERS = 8


def exchange_rates(rng: Random, as_of: date) -> list[Row]:
    """A rate for each currency from the first day of each of the last quarters on."""
    quarter = 4 * as_of.year + (as_of.month - 1) // 3
    return [
        {
            "currency": currency,
            "rate": around + Decimal(rng.randint(-300, 300)) / 10_000,
            "valid_from": date(number // 4, 1 + 3 * (number % 4), 1),
        }
        for currency, around in _AROUND.items()
        for number in range(quarter - _QUARTERS + 1, quarter + 1)
    ]
