"""Available to promise: what of the stock and of what comes in is not spoken for yet, by period.

`(on hand - reserved) + (scheduled receipts - reserved) - (gross requirements - reserved)`, looking
ahead: what a receipt brings has to last until the next one, so the requirements up to there are
taken off it at once, and where it does not suffice, what was available earlier is held back for it.
Discrete is what a period's own receipt leaves, cumulative what there is until then (JD Edwards
EnterpriseOne, Requirements Planning, "time series": 25, 25, 45, 45, 45, 70, 70, 70).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise

from attrs import frozen

from crossdock.records import Availability

_ZERO = Decimal(0)


@frozen(kw_only=True)
class Movement:
    """Something that comes in (a scheduled receipt) or is needed (a requirement) on a day.

    Attributes:
        quantity: in the item's unit.
        reserved: the part of it that is spoken for already: of a receipt what was reserved for
            somebody, of a requirement what stock or a receipt was reserved for.
    """

    due_on: date
    quantity: Decimal
    reserved: Decimal = _ZERO

    @property
    def free(self) -> Decimal:
        """What is not spoken for."""
        return self.quantity - self.reserved


@frozen(kw_only=True)
class PromisePeriod:
    """One period, from `start` until the next one starts.

    Attributes:
        supply: what comes in and is free; in the first period with what is on hand and free.
        demand: what is needed and not reserved.
        discrete: what the supply of this period leaves; below zero only in the first one, where
            more is spoken for than ever comes in before it is needed.
        cumulative: what may be promised for a day in this period.
    """

    start: date
    supply: Decimal
    demand: Decimal
    discrete: Decimal
    cumulative: Decimal


def available_to_promise(
    on_hand: Decimal,
    reserved: Decimal,
    receipts: Iterable[Movement],
    requirements: Iterable[Movement],
    *,
    periods: Sequence[date],
) -> tuple[PromisePeriod, ...]:
    """Say how much can be promised, by period.

    Args:
        on_hand: in stock now.
        reserved: the part of it that is spoken for.
        receipts: what is scheduled to come in; what is overdue counts in the first period.
        requirements: what is needed, forecasts left out; what is overdue counts in the first
            period.
        periods: the days on which they start, in order; the last one has no end.

    Raises:
        ValueError: there is no period, or they are not in order.
    """
    if not periods or any(a >= b for a, b in pairwise(periods)):
        raise ValueError("periods are days on which they start, each after the one before")
    supply, demand = [_ZERO] * len(periods), [_ZERO] * len(periods)
    supply[0] = on_hand - reserved
    for column, movements in ((supply, receipts), (demand, requirements)):
        for each in movements:
            column[max(bisect_right(periods, each.due_on) - 1, 0)] += each.free
    discrete = _left(supply, demand)
    return tuple(
        PromisePeriod(start=start, supply=s, demand=d, discrete=left, cumulative=until)
        for start, s, d, left, until in zip(
            periods, supply, demand, discrete, accumulate(discrete), strict=True
        )
    )


def promise_of(availability: Availability, *, as_of: date) -> tuple[PromisePeriod, ...]:
    """Say how much of an item can be promised, from what an ERP tells of its stock.

    One period begins today and one with each receipt that is expected. Requirements are those that
    the ERP reserved stock for; an ERP that promises by its own calendar may know of more.
    """
    receipts = [
        Movement(due_on=receipt.due_on, quantity=receipt.quantity)
        for receipt in availability.incoming
    ]
    days = {each.due_on for each in receipts if each.due_on > as_of}
    return available_to_promise(
        availability.on_hand,
        availability.reserved,
        receipts,
        (),
        periods=(as_of, *sorted(days)),
    )


def earliest(periods: Iterable[PromisePeriod], quantity: Decimal) -> date | None:
    """Give the start of the first period in which a quantity can be promised; `None` if in none."""
    return next((each.start for each in periods if each.cumulative >= quantity), None)


def _left(supply: Sequence[Decimal], demand: Sequence[Decimal]) -> list[Decimal]:
    """Take the demand until the next supply off each supply, the last one first.

    What a supply cannot cover is taken off the one before, so that nobody is promised today what
    somebody else was promised for tomorrow.
    """
    discrete = [_ZERO] * len(supply)
    needed = _ZERO
    for index in reversed(range(len(supply))):
        needed += demand[index]
        if not supply[index] and index:
            continue
        left = supply[index] - needed
        discrete[index] = left if index == 0 else max(left, _ZERO)
        needed = max(-left, _ZERO)
    return discrete
