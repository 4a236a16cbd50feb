"""How often a customer buys, and when it may be expected next.

The expected next order is the last day plus the mean interval between the last five orders; where
there are fewer, those there are; quotes and deleted orders are left out (Greytrix, "Warning message
on company summary screen if the client orders fall off", GUMU for Sage CRM and Sage 100, 2026).
Orders of one day are one occasion here: three invoices for one order of a morning are no sign that
the customer buys three times a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import frozen

from crossdock.records import CreditNote, Invoice, Money, Order
from crossdock.rules.sold_lines import counts_as_sale

RECENT: Final = 5
"""Occasions whose intervals make the expected next one."""


@frozen(kw_only=True)
class PurchaseRhythm:
    """A customer's rhythm in one currency. Amounts are before tax.

    Attributes:
        first_on, last_on: of the days on which something was bought; `None` where nothing was.
        orders: how many orders there are; `None` where orders were not read.
        invoices, credit_notes: how many there are.
        gross: what was invoiced.
        credits: what was credited; positive.
        net: gross less credits.
        occasions: distinct days on which something was bought.
        mean_interval: days between two occasions, over all of them; `None` below two.
        recent_interval: days between two of the last five occasions; `None` below two.
        days_since_last: from the last occasion to the as-of day.
        active_months: months in which something was bought.
        expected_next_on: the last occasion plus the recent interval, in whole days, half up.
    """

    currency: str
    as_of: date
    first_on: date | None
    last_on: date | None
    orders: int | None
    invoices: int
    credit_notes: int
    gross: Money
    credits: Money
    net: Money
    occasions: int
    mean_interval: Decimal | None
    recent_interval: Decimal | None
    days_since_last: int | None
    active_months: int
    expected_next_on: date | None

    @property
    def days_overdue(self) -> int:
        """For how many days the next order has been expected; 0 where it is still to come."""
        if self.expected_next_on is None:
            return 0
        return max(0, (self.as_of - self.expected_next_on).days)


def purchase_rhythm(
    invoices: Iterable[Invoice],
    credit_notes: Iterable[CreditNote] = (),
    orders: Iterable[Order] | None = None,
    *,
    as_of: date,
) -> tuple[PurchaseRhythm, ...]:
    """Say how often a customer buys.

    Args:
        invoices: heads suffice.
        credit_notes: they count in the amounts, and are no occasion.
        orders: where given, an occasion is a day on which orders were placed, else one on which
            invoices were posted. Drafts, rejected and cancelled ones are left out.
        as_of: documents after this day are left out.

    Returns:
        One rhythm for each currency, by its code.
    """
    billed = [invoice for invoice in invoices if invoice.posted_on <= as_of]
    credited = [note for note in credit_notes if note.posted_on <= as_of]
    placed = None
    if orders is not None:
        placed = [
            (order.currency, order.ordered_on)
            for order in orders
            if counts_as_sale(order) and order.ordered_on is not None and order.ordered_on <= as_of
        ]
    currencies = {invoice.currency for invoice in billed} | {note.currency for note in credited}
    currencies |= {currency for currency, _ in placed or ()}
    return tuple(
        _rhythm(
            currency,
            [invoice for invoice in billed if invoice.currency == currency],
            [note for note in credited if note.currency == currency],
            None if placed is None else [on for of, on in placed if of == currency],
            as_of,
        )
        for currency in sorted(currencies)
    )


def mean_interval(days: Sequence[date]) -> Decimal | None:
    """Give the mean number of days between days in order; `None` where there are fewer than two."""
    if len(days) < 2:
        return None
    return Decimal((days[-1] - days[0]).days) / (len(days) - 1)


def _rhythm(
    currency: str,
    invoices: Sequence[Invoice],
    credit_notes: Sequence[CreditNote],
    placed: Sequence[date] | None,
    as_of: date,
) -> PurchaseRhythm:
    zero = Money.zero(currency)
    gross = sum((invoice.net for invoice in invoices), start=zero)
    credits_ = sum((note.net for note in credit_notes), start=zero)
    days = sorted({invoice.posted_on for invoice in invoices} if placed is None else set(placed))
    recent = mean_interval(days[-RECENT:])
    last = days[-1] if days else None
    expected = None
    if last is not None and recent is not None:
        expected = last + timedelta(days=int(recent.to_integral_value(rounding=ROUND_HALF_UP)))
    return PurchaseRhythm(
        currency=currency,
        as_of=as_of,
        first_on=days[0] if days else None,
        last_on=last,
        orders=None if placed is None else len(placed),
        invoices=len(invoices),
        credit_notes=len(credit_notes),
        gross=gross,
        credits=credits_,
        net=gross - credits_,
        occasions=len(days),
        mean_interval=mean_interval(days),
        recent_interval=recent,
        days_since_last=None if last is None else (as_of - last).days,
        active_months=len({(day.year, day.month) for day in days}),
        expected_next_on=expected,
    )
