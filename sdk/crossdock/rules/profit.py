"""What is left of a revenue after its cost, where the cost is known and may be seen."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen

from crossdock.records import Money


@frozen(kw_only=True)
class Profit:
    """A revenue beside its cost.

    Attributes:
        cost: `None` where it is not kept or not visible to the reader; then nothing that would
            tell it is known either.
    """

    revenue: Money
    cost: Money | None

    @property
    def profit(self) -> Money | None:
        """Revenue less cost; negative is a loss."""
        return None if self.cost is None else self.revenue - self.cost

    @property
    def margin(self) -> Decimal | None:
        """The profit as a fraction of the revenue; `None` also where nothing was earned."""
        profit = self.profit
        if profit is None or not self.revenue:
            return None
        return profit.amount / self.revenue.amount

    @property
    def at_a_profit(self) -> bool | None:
        """Whether more comes in than goes out; breaking even is no profit."""
        profit = self.profit
        return None if profit is None else profit.amount > 0


def total_profit(profits: Iterable[Profit]) -> tuple[Profit, ...]:
    """Add up profits, one for each currency, by its code.

    The cost of a sum is unknown where that of any part is: a total of known parts only would look
    better than it is.
    """
    by_currency: dict[str, list[Profit]] = {}
    for each in profits:
        by_currency.setdefault(each.revenue.currency, []).append(each)
    return tuple(_sum(currency, given) for currency, given in sorted(by_currency.items()))


def _sum(currency: str, profits: list[Profit]) -> Profit:
    zero = Money.zero(currency)
    costs = [each.cost for each in profits if each.cost is not None]
    return Profit(
        revenue=sum((each.revenue for each in profits), start=zero),
        cost=sum(costs, start=zero) if len(costs) == len(profits) else None,
    )
