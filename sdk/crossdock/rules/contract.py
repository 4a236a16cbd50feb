"""Service contracts: where they stand on a day, and whether they are delivered at a profit (A9)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from crossdock.records import Contract, Money
from crossdock.rules.profit import Profit, total_profit

ContractState = Literal["future", "current", "expiring", "lapsed"]
NOTICE_DAYS: Final = 30
"""Days before its end from which on a contract counts as expiring, where nobody says otherwise."""


def contract_state(
    contract: Contract, *, as_of: date, notice_days: int = NOTICE_DAYS
) -> ContractState:
    """Say where a contract stands on a day, by its own dates.

    Args:
        contract: holds from its first day to its last, both included; without an end it runs on.
        as_of: the day.
        notice_days: from so many days before the last day on it is expiring.
    """
    if contract.ends_on is not None and contract.ends_on < as_of:
        return "lapsed"
    if contract.starts_on > as_of:
        return "future"
    if contract.ends_on is not None and (contract.ends_on - as_of).days <= notice_days:
        return "expiring"
    return "current"


def contract_profit(contract: Contract) -> Profit:
    """Give what a contract brings and costs in a year."""
    return Profit(revenue=contract.annual_value, cost=contract.annual_cost)


def contract_profit_between(contract: Contract, start: date, end: date) -> Profit:
    """Give what a contract brought and cost from one day to another, as far as it ran then.

    Each day earns its part of the year that it lies in, so that a calendar year earns the annual
    value exactly (the convention Actual/Actual of the ISDA Definitions 2006, 4.16 (b)).

    Args:
        contract: with its annual value and cost.
        start: the first day that counts.
        end: the last day that counts.
    """
    first = max(start, contract.starts_on)
    last = end if contract.ends_on is None else min(end, contract.ends_on)
    years = years_between(first, last)
    cost = contract.annual_cost
    return Profit(
        revenue=_share(contract.annual_value, years),
        cost=None if cost is None else _share(cost, years),
    )


def total_contract_profit(contracts: Iterable[Contract]) -> tuple[Profit, ...]:
    """Add up what contracts bring and cost in a year, one answer for each currency."""
    return total_profit(contract_profit(contract) for contract in contracts)


def years_between(first: date, last: date) -> Fraction:
    """Give the years from one day to another, both included; zero where they are the wrong way.

    A day is 1/366 of a leap year and 1/365 of any other.
    """
    if last < first:
        return Fraction(0)
    years = Fraction(0)
    for year in range(first.year, last.year + 1):
        begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        years += Fraction((end - begin + timedelta(days=1)).days, 366 if isleap(year) else 365)
    return years


def _share(annual: Money, years: Fraction) -> Money:
    return (annual * (Decimal(years.numerator) / years.denominator)).rounded()
