"""What the ERP's stock says of each line of a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock import Context
from crossdock.errors import NotSupported, RemoteRefused
from crossdock.ports import ErpPort
from crossdock.records import Availability, Order, OrderLine, Quote, QuoteLine

_SPARE_SECONDS: Final = 0.5
_RECEIPTS_TOLD: Final = 2


@frozen(kw_only=True)
class Look:
    """One line and the stock for it.

    Attributes:
        index: the line's place, from 0.
        quantity: what the line asks for.
        asked: what was asked of the stock: the lines before it with the same item as well.
        stock: what the ERP says; `None` where there was no time to ask.
        today: the day that counts as at once.
    """

    index: int
    item_id: str
    quantity: Decimal
    asked: Decimal
    stock: Availability | None
    today: date

    @property
    def short(self) -> bool:
        """Whether the stock that is free today does not do for it."""
        return self.stock is not None and self.stock.available < self.asked

    @property
    def promised_on(self) -> date | None:
        """When all of the line can be there; `None` where nobody can say."""
        return None if self.stock is None else self.stock.promised_on

    @property
    def free(self) -> Decimal:
        """What is free for this line, after the lines before it."""
        if self.stock is None:
            return Decimal(0)
        left = self.stock.available - (self.asked - self.quantity)
        return min(self.quantity, max(Decimal(0), left))

    @property
    def in_words(self) -> str:
        """What the stock says, as a sentence."""
        stock = self.stock
        if stock is None:
            return "There was no time to ask for the stock; save again to see it."
        parts = [f"{_number(stock.on_hand)} on hand"]
        if stock.reserved:
            parts.append(f"{_number(stock.reserved)} reserved")
        parts += [
            f"{_number(each.quantity)} come on {each.due_on:%d %b %Y}"
            for each in stock.incoming[:_RECEIPTS_TOLD]
        ]
        if stock.promised_on and stock.promised_on <= self.today:
            parts.append("all of it today")
        elif stock.promised_on:
            parts.append(f"all of it by {stock.promised_on:%d %b %Y}")
        elif self.short:
            parts.append("no day is known for the rest")
        if self.short and stock.lead_time_days:
            parts.append(f"lead time {stock.lead_time_days} days")
        return ", ".join(parts) + "."


def look(ctx: Context, port: ErpPort, document: Quote | Order) -> tuple[Look, ...]:
    """Ask for the stock of each line that is kept in stock.

    Lines of one item share its stock: the second is asked for with the first. When the time is
    nearly up, the rest is told as not looked up, rather than the whole save failing.
    """
    asked: dict[str, Decimal] = defaultdict(Decimal)
    found: list[Look] = []
    not_kept: set[str] = set()
    lines: Sequence[QuoteLine | OrderLine] = document.lines
    for index, line in enumerate(lines):
        item = line.item_id
        if item in not_kept or line.quantity <= 0:
            continue
        asked[item] += line.quantity
        stock: Availability | None = None
        if ctx.deadline > _SPARE_SECONDS:
            try:
                stock = port.stock(item, asked[item])
            except (RemoteRefused, NotSupported):
                not_kept.add(item)  # a service or charge, or no item: who prices it says so
                continue
        found.append(
            Look(
                index=index,
                item_id=item,
                quantity=line.quantity,
                asked=asked[item],
                stock=stock,
                today=ctx.now.date(),
            )
        )
    return tuple(found)


def _number(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
