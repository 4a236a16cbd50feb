"""What an order's status is, derived from the quantities of its lines.

ordered = cancelled + shipped + open; open = reserved + back-ordered; returned <= shipped; invoiced
<= shipped unless prepaid. Held, approved and acknowledged are marks on the way, not quantities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from crossdock.records import Order, OrderLine

OrderStatus = Literal[
    "draft",
    "submitted",
    "awaiting_approval",
    "accepted",
    "on_hold",
    "rejected",
    "confirmed",
    "partly_shipped",
    "shipped",
    "partly_invoiced",
    "invoiced",
    "paid",
    "cancelled",
    "returned",
]
LineStatus = Literal[
    "open",
    "reserved",
    "back_ordered",
    "partly_shipped",
    "shipped",
    "partly_invoiced",
    "invoiced",
    "cancelled",
    "returned",
]
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class LateLine:
    """A line that was promised for an earlier day and is not shipped in full.

    Attributes:
        open: the quantity that is missing.
        days: from the promised day to the as-of day.
    """

    order: Order
    line: OrderLine
    promised_on: date
    open: Decimal
    days: int


def open_quantity(line: OrderLine) -> Decimal:
    """Give what is neither shipped nor cancelled."""
    return line.quantity - line.cancelled - line.shipped


def to_invoice(line: OrderLine) -> Decimal:
    """Give what is shipped, did not come back and is not invoiced; never below zero."""
    return max(line.shipped - line.returned - line.invoiced, _ZERO)


def line_status(line: OrderLine) -> LineStatus:
    """Say how far a line has come."""
    left = open_quantity(line)
    if left <= 0:
        return _done(line)
    if line.shipped > 0:
        return "partly_shipped"
    if line.back_ordered > 0:
        return "back_ordered"
    return "reserved" if line.reserved >= left else "open"


def order_status(
    lines: Sequence[OrderLine], *, mark: OrderStatus = "confirmed", paid: bool = False
) -> OrderStatus:
    """Say how far an order has come.

    Args:
        lines: its lines; an order without lines stays at its mark.
        mark: what it is while nothing has moved: draft, submitted, awaiting_approval, accepted,
            on_hold, rejected or confirmed.
        paid: whether its invoices are settled.
    """
    if not lines or mark in ("draft", "rejected"):
        return mark
    shipped = sum((line.shipped for line in lines), start=_ZERO)
    still_open = any(open_quantity(line) > 0 for line in lines)
    if not shipped:
        prepaid = any(line.invoiced > 0 for line in lines)
        if still_open:
            return "partly_invoiced" if prepaid and mark == "confirmed" else mark
        return "cancelled"
    if all(line.returned >= line.shipped for line in lines) and not still_open:
        return "returned"
    if still_open:
        return mark if mark == "on_hold" else "partly_shipped"
    if any(to_invoice(line) > 0 for line in lines):
        return "partly_invoiced" if any(line.invoiced > 0 for line in lines) else "shipped"
    return "paid" if paid else "invoiced"


def late_lines(orders: Iterable[Order], *, as_of: date) -> tuple[LateLine, ...]:
    """Find the lines that are late as of a day, the longest first.

    A line's own promised date counts, else its order's. A line is late from the day after.
    """
    found = (
        LateLine(
            order=order,
            line=line,
            promised_on=promised,
            open=open_quantity(line),
            days=(as_of - promised).days,
        )
        for order in orders
        if order.status not in ("draft", "rejected", "cancelled")
        for line in order.lines
        if (promised := line.promised_on or order.promised_on) is not None
        and promised < as_of
        and open_quantity(line) > 0
    )
    return tuple(sorted(found, key=lambda late: (-late.days, late.order.id, late.line.number)))


def contradictions(line: OrderLine, *, prepaid: bool = False) -> tuple[str, ...]:
    """Name what cannot be true of a line's quantities; nothing for a sound line.

    Args:
        line: the line.
        prepaid: whether more may be invoiced than is shipped.
    """
    left = open_quantity(line)
    checks = (
        (left < 0, "more is shipped and cancelled than was ordered"),
        (
            left >= 0 and line.reserved + line.back_ordered != left,
            f"{line.reserved} reserved and {line.back_ordered} back-ordered are not the {left} "
            "that are open",
        ),
        (line.returned > line.shipped, "more came back than was shipped"),
        (not prepaid and line.invoiced > line.shipped, "more is invoiced than was shipped"),
    )
    return tuple(text for wrong, text in checks if wrong)


def _done(line: OrderLine) -> LineStatus:
    if line.shipped <= 0:
        return "cancelled"
    if line.returned >= line.shipped:
        return "returned"
    if to_invoice(line) > 0:
        return "partly_invoiced" if line.invoiced > 0 else "shipped"
    return "invoiced"
