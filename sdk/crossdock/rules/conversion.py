"""Amounts of several currencies: kept apart, or converted at a rate that somebody states (B1).

A rate is never guessed, turned round or made of two others: what has no rate stays in its own
currency and is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from crossdock.records import ExchangeRate, Money


@frozen(kw_only=True)
class ConvertedPart:
    """One currency's amount in a sum, as it was and as it became.

    Attributes:
        rate: `None` where it was in the sum's currency already.
    """

    original: Money
    converted: Money
    rate: ExchangeRate | None


@frozen(kw_only=True)
class ConvertedSum:
    """Amounts of several currencies in one of them.

    Attributes:
        total: the sum of the converted parts, exactly.
        on: the day whose rates were taken.
        parts: one for each currency, by its code.
        missing: sums in currencies that no rate was stated for; they are no part of the total.
    """

    total: Money
    on: date
    parts: tuple[ConvertedPart, ...] = field(converter=tuple[ConvertedPart, ...])
    missing: tuple[Money, ...] = field(converter=tuple[Money, ...], default=())


def convert(amount: Money, rate: ExchangeRate) -> Money:
    """Convert an amount, rounded half up to the minor unit of its new currency.

    Raises:
        ValueError: the rate is of another currency.
    """
    if amount.currency != rate.of:
        raise ValueError(f"{amount} cannot be converted at a rate of {rate.of} to {rate.to}")
    return Money(amount.amount * rate.rate, rate.to).rounded()


def sums_by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Add up amounts with their currencies kept apart, by the currencies' codes."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        known = sums.get(amount.currency)
        sums[amount.currency] = amount if known is None else known + amount
    return tuple(sums[currency] for currency in sorted(sums))


def rate_on(rates: Iterable[ExchangeRate], of: str, to: str, on: date) -> ExchangeRate | None:
    """Find the newest rate that holds on a day; `None` where none was stated until then."""
    holding = [rate for rate in rates if (rate.of, rate.to) == (of, to) and rate.on <= on]
    return max(holding, key=lambda rate: rate.on, default=None)


def convert_sum(
    amounts: Iterable[Money], to: str, rates: Iterable[ExchangeRate], *, on: date
) -> ConvertedSum:
    """Add up amounts in one currency, at the rates of a day.

    Each currency's sum is converted once, so that only one rounding stands between it and its part
    of the total.

    Args:
        amounts: in any currencies.
        to: the currency of the total.
        rates: what was stated; of several of one pair the newest that is not after `on` counts.
        on: the day.
    """
    stated = tuple(rates)
    parts: list[ConvertedPart] = []
    missing: list[Money] = []
    for original in sums_by_currency(amounts):
        if original.currency == to:
            parts.append(ConvertedPart(original=original, converted=original, rate=None))
        elif rate := rate_on(stated, original.currency, to, on):
            parts.append(
                ConvertedPart(original=original, converted=convert(original, rate), rate=rate)
            )
        else:
            missing.append(original)
    return ConvertedSum(
        total=sum((part.converted for part in parts), start=Money.zero(to)),
        on=on,
        parts=parts,
        missing=missing,
    )
