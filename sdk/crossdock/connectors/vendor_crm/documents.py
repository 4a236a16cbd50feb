"""Quotes and orders with their lines, as far as no vendor differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar, get_args

from crossdock.connectors.reading import Row, optional_text, text, word
from crossdock.connectors.writing import Unwritable
from crossdock.records import Check, Money, Order, OrderLine, Quote
from crossdock.records.sales import PricingStatus

_Kept = TypeVar("_Kept")
_Written = TypeVar("_Written")

_LEVELS: Final = frozenset({"info", "warning", "error"})
ORDER_STATUSES: Final = (
    "draft", "submitted", "awaiting_approval", "accepted", "on_hold", "rejected",
    "possibly_created", "confirmed", "partly_shipped", "shipped", "partly_invoiced", "invoiced",
    "paid", "cancelled", "returned",
)  # fmt: skip
"""The words of `Order.status`, in the order in which they come."""
PRICING: Final[tuple[str, ...]] = get_args(PricingStatus)
"""The words of `pricing_status`."""
QUANTITIES: Final = (
    "reserved", "back_ordered", "shipped", "invoiced", "returned", "cancelled",
)  # fmt: skip
"""How far a line has come: the quantities of `OrderLine` besides what was ordered."""


def numbered(
    lines: Iterable[_Kept], number_of: Callable[[_Kept], int | None]
) -> tuple[dict[int, _Kept], list[_Kept]]:
    """Give the lines that carry a number of ours by it, and those that carry none.

    A number that is below one or taken already counts as none.
    """
    known: dict[int, _Kept] = {}
    new: list[_Kept] = []
    for line in lines:
        number = number_of(line)
        if number is None or number < 1 or number in known:
            new.append(line)
        else:
            known[number] = line
    return known, new


def filled(known: dict[int, _Kept], new: Iterable[_Kept]) -> dict[int, _Kept]:
    """Give lines by their numbers, in order; new ones get the free numbers, one after the other."""
    found = dict(known)
    number = 0
    for line in new:
        number = next(n for n in range(number + 1, number + len(found) + 2) if n not in found)
        found[number] = line
    return dict(sorted(found.items()))


def totals(
    document: Quote | Order, write: Callable[[Money | None, str], _Written]
) -> dict[str, _Written]:
    """Write net, tax and gross: all three, or none when one of them is not known.

    Args:
        document: a quote or order.
        write: writes one of them, or that it is not known; it is given its name for messages.

    Raises:
        Unwritable: they do not add up.
    """
    net, tax, gross = document.net, document.tax, document.gross
    if net is None or tax is None or gross is None:
        return {name: write(None, name) for name in ("net", "tax", "gross")}
    written = {
        name: write(value, name) for name, value in (("net", net), ("tax", tax), ("gross", gross))
    }
    if net + tax != gross:
        raise Unwritable("gross", f"is {gross}, but net and tax come to {net + tax}")
    return written


def check(row: Row) -> Check:
    """Read an answer of a guard that is kept with a document."""
    return Check(
        level=word(row, "level", _LEVELS),
        message=text(row, "message"),
        code=optional_text(row, "code"),
        field=optional_text(row, "field"),
    )


def check_written(check: Check) -> dict[str, str]:
    """Write an answer of a guard that is kept with a document."""
    parts = {"level": check.level, "message": check.message, "code": check.code}
    return parts | ({"field": check.field} if check.field else {})


def standing(line: OrderLine) -> str:
    """Say in a word for people how far a line has come; what is furthest along decides."""
    live = line.quantity - line.cancelled
    if live <= 0:
        return "Cancelled"
    if line.shipped > 0 and line.returned >= line.shipped >= live:
        return "Returned"
    if line.invoiced >= live:
        return "Invoiced"
    if line.shipped >= live:
        return "Shipped"
    if line.shipped > 0:
        return "Partly shipped"
    return "Back-ordered" if line.back_ordered > 0 else "Reserved" if line.reserved > 0 else "Open"
