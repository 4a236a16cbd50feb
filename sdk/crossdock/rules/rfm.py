"""Who buys lately, often and much: customers ranked by recency, frequency and money (G1).

Each customer gets a rank from 1 to 5 for each of the three: customers are put in order and cut into
fifths (A. M. Hughes, "Strategic Database Marketing", 1994). Those who are equal get the same rank,
so a rank never depends on the order in which customers were read; with few customers, or with many
who are equal, some ranks stay empty.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.records import Money

RANKS: Final = 5
Segment = Literal["champions", "loyal", "new", "at_risk", "lost", "others"]


@frozen(kw_only=True)
class Buyer:
    """What a customer's ranks are made of, over one period.

    Attributes:
        last_on: the day of the last purchase.
        times: on how many days something was bought.
        net: what was spent, credits taken off; all buyers of one ranking in one currency.
    """

    customer_id: str
    last_on: date
    times: int
    net: Money


@frozen(kw_only=True)
class Ranked:
    """A customer's ranks, each from 1 to 5; 5 is the latest, the most often, the most money."""

    buyer: Buyer
    recency: int
    frequency: int
    money: int

    @property
    def segment(self) -> Segment:
        """Name what the ranks say, in plain cuts.

        Champions bought lately, often and much (4 or 5 each); loyal ones often (4 or 5) and not
        long ago (3 or more); new ones lately (4 or 5) and seldom (1 or 2); at risk are those who
        used to buy often (3 or more) and have not lately (1 or 2), lost those who did neither.
        """
        if self.recency >= 4 and self.frequency >= 4 and self.money >= 4:
            return "champions"
        if self.recency >= 3 and self.frequency >= 4:
            return "loyal"
        if self.recency >= 4 and self.frequency <= 2:
            return "new"
        if self.recency <= 2:
            return "at_risk" if self.frequency >= 3 else "lost"
        return "others"


def rank(buyers: Iterable[Buyer]) -> tuple[Ranked, ...]:
    """Rank customers against each other, the best first.

    Raises:
        ValueError: they spent in several currencies.
    """
    given = tuple(buyers)
    if len({buyer.net.currency for buyer in given}) > 1:
        raise ValueError("customers are ranked in one currency: convert at a stated rate first")
    days = sorted(buyer.last_on for buyer in given)
    times = sorted(buyer.times for buyer in given)
    nets = sorted(buyer.net.amount for buyer in given)
    ranked = (
        Ranked(
            buyer=buyer,
            recency=_rank(days, buyer.last_on),
            frequency=_rank(times, buyer.times),
            money=_rank(nets, buyer.net.amount),
        )
        for buyer in given
    )
    return tuple(
        sorted(
            ranked,
            key=lambda each: (
                -each.recency,
                -each.frequency,
                -each.money,
                -each.buyer.net.amount,
                each.buyer.customer_id,
            ),
        )
    )


def _rank(values: Sequence[Any], value: Any) -> int:
    """Give the fifth that a value is in, by how many are below it."""
    return 1 + bisect_left(values, value) * RANKS // len(values)
