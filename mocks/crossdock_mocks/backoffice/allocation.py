"""Who gets which goods when: first come first served, available to promise; pure computation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from crossdock_mocks.backoffice.decimals import ZERO

Basis: TypeAlias = Literal["stock", "incoming", "lead_time", "not_stocked", "unknown"]


@frozen
class Dated:
    """A quantity that comes in, or is needed, on a day."""

    on: date
    quantity: Decimal


@frozen
class AvailableFrom:
    """One step of what can be promised.

    Attributes:
        start: From this day on.
        quantity: What the day adds for new orders (never negative).
        cumulative: What could be promised from that day on.
    """

    start: date
    quantity: Decimal
    cumulative: Decimal


@frozen
class Promise:
    """When a quantity could leave.

    Attributes:
        quantity: The quantity.
        from_stock: How much of it is free now.
        on: The day; None when nothing is coming in and no lead time is known.
        basis: Why.
    """

    quantity: Decimal
    from_stock: Decimal
    on: date | None
    basis: Basis


def available_to_promise(
    free: Decimal, supplies: Iterable[Dated], demands: Iterable[Dated], today: date
) -> list[AvailableFrom]:
    """What could be promised to new orders, step by step, looking ahead.

    On hand less reserved, plus what comes in, less what earlier orders still need, each on its day.
    What is needed later and not covered by then takes from what was available before, so nothing
    is promised twice.

    Args:
        free: On hand and not reserved.
        supplies: Receipts that are due; those before today count today.
        demands: Back-ordered quantities with the day on which they are needed.
        today: The first day.

    Returns:
        One step for today, and one for each later day on which something changes.
    """
    moves: dict[date, Decimal] = {today: free}
    for supply in supplies:
        day = max(supply.on, today)
        moves[day] = moves.get(day, ZERO) + supply.quantity
    for demand in demands:
        day = max(demand.on, today)
        moves[day] = moves.get(day, ZERO) - demand.quantity
    days = sorted(moves)
    levels: list[Decimal] = []
    level = ZERO
    for day in days:
        level += moves[day]
        levels.append(level)
    steps: list[AvailableFrom] = []
    least = levels[-1]
    cumulative = [ZERO] * len(days)
    for position in range(len(days) - 1, -1, -1):
        least = min(least, levels[position])
        cumulative[position] = max(least, ZERO)
    before = ZERO
    for day, reached in zip(days, cumulative, strict=True):
        steps.append(AvailableFrom(day, reached - before, reached))
        before = reached
    return steps


def promise(
    quantity: Decimal,
    steps: Sequence[AvailableFrom],
    *,
    today: date,
    wanted: date | None,
    lead_time_days: int | None,
    taken: Decimal = ZERO,
) -> Promise:
    """The earliest day on which a quantity could leave.

    Args:
        quantity: What is asked for.
        steps: What can be promised (see `available_to_promise`).
        today: Today.
        wanted: Never promised before this day.
        lead_time_days: Days to buy the item; None if not known.
        taken: What earlier lines of the same draft already take.
    """
    earliest = max(today, wanted) if wanted else today
    free = max(ZERO, steps[0].cumulative - taken)
    from_stock = min(quantity, free)
    for position, step in enumerate(steps):
        if step.cumulative >= taken + quantity:
            basis: Basis = "stock" if position == 0 else "incoming"
            return Promise(quantity, from_stock, max(step.start, earliest), basis)
    if lead_time_days is None:
        return Promise(quantity, from_stock, None, "unknown")
    bought = today + timedelta(days=lead_time_days)
    return Promise(quantity, from_stock, max(bought, earliest), "lead_time")


def first_come(available: Decimal, wanted: Sequence[Decimal]) -> list[Decimal]:
    """Share out what is available in the order of asking; the last one may get a part."""
    shares = []
    for want in wanted:
        share = min(want, max(ZERO, available))
        shares.append(share)
        available -= share
    return shares
