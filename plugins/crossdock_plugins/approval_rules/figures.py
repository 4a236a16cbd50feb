"""What the rules look at: the largest discount, the net amount, the margin."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from crossdock.records import Money, Quote, QuoteLine


def largest_discount(quote: Quote) -> tuple[int, Decimal]:
    """Give the index of the line with the largest discount, and that discount in percent.

    A price below the list price is a discount too, whatever it is called.
    """
    found = [(_discount(line), -index) for index, line in enumerate(quote.lines)]
    most, index = max(found, default=(Decimal(0), 0))
    return -index, most


def net_amount(quote: Quote) -> Decimal | None:
    """Give the quote's net amount; `None` while it is not priced."""
    return None if quote.net is None else quote.net.amount


def margin(quote: Quote, cost_of: Callable[[QuoteLine], Money | None]) -> Decimal | None:
    """Give the margin in percent of the net amount.

    `None` where it cannot be known: a line is not priced, or one's cost is unknown, hidden, or in
    another currency.
    """
    net = cost = Decimal(0)
    for line in quote.lines:
        unit_cost = cost_of(line)
        if line.net is None or unit_cost is None or unit_cost.currency != line.net.currency:
            return None
        net += line.net.amount
        cost += unit_cost.amount * line.quantity
    return (net - cost) / net * 100 if net > 0 else None


def _discount(line: QuoteLine) -> Decimal:
    if line.list_price is None or line.list_price.amount <= 0 or line.net is None:
        return line.discount_percent
    full = line.list_price.amount * line.quantity
    if full <= 0:
        return line.discount_percent
    return max(line.discount_percent, (full - line.net.amount) / full * 100)
