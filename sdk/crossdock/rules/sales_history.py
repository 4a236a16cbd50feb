"""Sales by month, quarter and year, from what was invoiced and credited, or from what was ordered.

Net, without tax. Invoices and credit notes count in the month of their posting date, so that the
figures agree with the ledger; orders in the month in which they were placed. What is dated after
the as-of day is no part of the history of that day and is told apart, so that nothing vanishes.
Months, quarters and years add up to the total, to the penny.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from crossdock.records import CreditNote, Invoice, Money, Order
from crossdock.rules.sold_lines import counts_as_sale, kept_net
from crossdock.rules.trend import Trend, trend

TREND_MONTHS: Final = 24


@frozen
class Sale:
    """Something sold (positive) or credited (negative) on a day, before tax."""

    on: date
    net: Money


@frozen(kw_only=True)
class YearToDate:
    """This year until a day, beside the same days of last year.

    Attributes:
        until_before: the same day of last year; 28 February for a 29th.
        change: as a fraction of last year; `None` where the two cannot be compared, because last
            year sold nothing or less, or because the first sale came only after its January.
    """

    until: date
    until_before: date
    this_year: Money
    last_year: Money
    change: Decimal | None


@frozen(kw_only=True)
class SalesHistory:
    """Sales of one or many customers in one currency.

    Attributes:
        as_of: the day that it is told on.
        first: the day of the first sale.
        last: the day of the last one.
        months: net by (year, month), only where something was sold or credited.
        later: what is dated after the as-of day, and is no part of the other figures.
    """

    currency: str
    as_of: date
    first: date
    last: date
    months: Mapping[tuple[int, int], Money]
    days: Mapping[date, Money] = field(repr=False)
    later: Money

    @property
    def total(self) -> Money:
        """What was sold until the as-of day, credits taken off."""
        return self._sum(self.months.values())

    @property
    def years(self) -> tuple[int, ...]:
        """Every year from the first sale to the as-of day, oldest first."""
        return tuple(range(self.first.year, self.as_of.year + 1))

    def month(self, year: int, month: int) -> Money | None:
        """Give one month's net: zero if nothing was sold.

        `None` before the first sale's month and after the as-of day's, where there is nothing to
        say: a gap, not a zero.
        """
        if (year, month) in self.months:
            return self.months[year, month]
        first, today = (self.first.year, self.first.month), (self.as_of.year, self.as_of.month)
        return Money.zero(self.currency) if first <= (year, month) <= today else None

    def quarter(self, year: int, quarter: int) -> Money | None:
        """Give one calendar quarter's net, 1 to 4; `None` where none of its months is told.

        Raises:
            ValueError: there is no such quarter.
        """
        if not 1 <= quarter <= 4:
            raise ValueError(f"a year has quarters 1 to 4, not {quarter}")
        months = [self.month(year, month) for month in range(3 * quarter - 2, 3 * quarter + 1)]
        told = [net for net in months if net is not None]
        return self._sum(told) if told else None

    @property
    def quarters(self) -> Mapping[tuple[int, int], Money]:
        """Net by (year, quarter), from the first sale's quarter to the as-of day's."""
        return {
            (year, quarter): net
            for year in self.years
            for quarter in range(1, 5)
            if (net := self.quarter(year, quarter)) is not None
        }

    @property
    def yearly(self) -> Mapping[int, Money]:
        """Net by year, from the first sale's year to the as-of day's."""
        return {year: self.year(year) for year in self.years}

    def year(self, year: int) -> Money:
        """Give one year's net."""
        return self._sum(net for (y, _), net in self.months.items() if y == year)

    def between(self, start: date, end: date) -> Money:
        """Give the net from one day to another, both included."""
        return self._sum(net for on, net in self.days.items() if start <= on <= end)

    def last_months(self, count: int) -> tuple[Money, ...]:
        """Give the net of the last complete months before the as-of day, oldest first.

        A month is complete once its last day is over; the list is shorter where the history is.
        """
        year, month = self.as_of.year, self.as_of.month
        if (self.as_of + timedelta(days=1)).month != month:
            year, month = _step(year, month, 1)  # the as-of day is the month's last
        found: list[Money] = []
        for _ in range(count):
            year, month = _step(year, month, -1)
            net = self.month(year, month)
            if net is None:
                break
            found.append(net)
        return tuple(reversed(found))

    def year_to_date(self) -> YearToDate:
        """Compare this year until the as-of day with the same days of last year."""
        until = self.as_of
        leap_day = (until.month, until.day) == (2, 29)
        before = until.replace(year=until.year - 1, day=28 if leap_day else until.day)
        this_year = self.between(date(until.year, 1, 1), until)
        last_year = self.between(date(before.year, 1, 1), before)
        change = None
        whole = (self.first.year, self.first.month) <= (before.year, 1)
        if whole and last_year.amount > 0:
            change = (this_year.amount - last_year.amount) / last_year.amount
        return YearToDate(
            until=until,
            until_before=before,
            this_year=this_year,
            last_year=last_year,
            change=change,
        )

    def trend(self) -> Trend:
        """Test the net of the last 24 complete months for a trend."""
        return trend([net.amount for net in self.last_months(TREND_MONTHS)])

    def _sum(self, amounts: Iterable[Money]) -> Money:
        return sum(amounts, start=Money.zero(self.currency))


def sales_of_invoices(
    invoices: Iterable[Invoice], credit_notes: Iterable[CreditNote] = ()
) -> tuple[Sale, ...]:
    """Give what was invoiced, and what was credited with the opposite sign. Heads suffice."""
    return (
        *(Sale(invoice.posted_on, invoice.net) for invoice in invoices),
        *(Sale(note.posted_on, -note.net) for note in credit_notes),
    )


def sales_of_orders(orders: Iterable[Order]) -> tuple[Sale, ...]:
    """Give what was ordered and not cancelled.

    Drafts, rejected and cancelled orders are left out; of a line that is cancelled in part, the
    same part of its net is left out. An order without a day or an amount cannot be counted and is
    left out too.
    """
    return tuple(
        Sale(order.ordered_on, net)
        for order in orders
        if counts_as_sale(order)
        and order.ordered_on is not None
        and (net := _net_of(order)) is not None
    )


def sales_history(sales: Iterable[Sale], *, as_of: date) -> tuple[SalesHistory, ...]:
    """Sum up sales by month as of a day, one history for each currency, by its code.

    A currency in which everything is dated after the day has no history yet.
    """
    by_day: dict[str, dict[date, Money]] = defaultdict(dict)
    for sale in sales:
        days = by_day[sale.net.currency]
        days[sale.on] = days[sale.on] + sale.net if sale.on in days else sale.net
    return tuple(
        _history(currency, days, as_of)
        for currency, days in sorted(by_day.items())
        if min(days) <= as_of
    )


def _history(currency: str, every: Mapping[date, Money], as_of: date) -> SalesHistory:
    months: dict[tuple[int, int], Money] = {}
    days = {on: net for on, net in sorted(every.items()) if on <= as_of}
    for on, net in days.items():
        key = (on.year, on.month)
        months[key] = months[key] + net if key in months else net
    return SalesHistory(
        currency=currency,
        as_of=as_of,
        first=min(days),
        last=max(days),
        months=months,
        days=days,
        later=sum((net for on, net in every.items() if on > as_of), start=Money.zero(currency)),
    )


def _net_of(order: Order) -> Money | None:
    kept = [kept_net(line) for line in order.lines]
    nets = [net for net in kept if net is not None]
    if not nets or len(nets) < len(kept):
        return order.net
    return sum(nets, start=Money.zero(order.currency))


def _step(year: int, month: int, by: int) -> tuple[int, int]:
    months = year * 12 + month - 1 + by
    return months // 12, months % 12 + 1
