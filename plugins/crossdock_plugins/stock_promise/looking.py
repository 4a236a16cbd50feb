"""What the ERP's stock says of each line of a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from crossdock import Context
from crossdock.errors import NotSupported, RemoteRefused
from crossdock.ports import ErpPort
from crossdock.records import Availability, Order, OrderLine, Quote, QuoteLine
from crossdock.rules import earliest, promise_of

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
    """Say of each line that is kept in stock what there is for it; each item is asked for once.

    Lines of one item share its stock: the second has what the first leaves. When the time is
    nearly up, the rest is told as not looked up, rather than the whole save failing.
    """
    lines: Sequence[QuoteLine | OrderLine] = document.lines
    parts: dict[str, list[Decimal]] = defaultdict(list)  # by item: what is asked up to each line
    for line in lines:
        if line.quantity > 0:
            so_far = parts[line.item_id]
            so_far.append(line.quantity + (so_far[-1] if so_far else Decimal(0)))
    told: dict[str, Iterator[tuple[Decimal, Availability | None]]] = {}
    found: list[Look] = []
    for index, line in enumerate(lines):
        if line.quantity <= 0:
            continue
        if line.item_id not in told:
            told[line.item_id] = iter(_asked(ctx, port, line.item_id, parts[line.item_id]))
        kept = next(told[line.item_id], None)
        if kept is None:
            continue  # a service or charge, or no item: who prices it says so
        asked, stock = kept
        found.append(
            Look(
                index=index,
                item_id=line.item_id,
                quantity=line.quantity,
                asked=asked,
                stock=stock,
                today=ctx.now.date(),
            )
        )
    return tuple(found)


def _asked(
    ctx: Context, port: ErpPort, item_id: str, parts: Sequence[Decimal]
) -> list[tuple[Decimal, Availability | None]]:
    """Give the stock for each part of what a document asks of an item; nothing if none is kept."""
    if ctx.deadline <= _SPARE_SECONDS:
        return [(part, None) for part in parts]
    try:
        whole = port.stock(item_id, parts[-1])
        first = whole
        if len(parts) > 1 and whole.promised_on is None and ctx.deadline > _SPARE_SECONDS:
            # Too much for it, or it never names a day: what is free tells the two apart.
            first = port.stock(item_id, parts[0])
    except (RemoteRefused, NotSupported):
        return []
    today = ctx.now.date()
    names_days = first.promised_on is not None
    return [
        (part, evolve(whole, asked=part, promised_on=_day(whole, part, today, names_days)))
        for part in parts
    ]


def _day(whole: Availability, part: Decimal, today: date, names_days: bool) -> date | None:
    """Say when a part of what was asked for can be there, never sooner than the ERP promises."""
    if part == whole.asked or not names_days:
        return whole.promised_on
    if part <= whole.available:
        return today
    periods = promise_of(whole, as_of=today)
    if earliest(periods, whole.asked) == whole.promised_on:  # it promises by what it told
        return earliest(periods, part)
    return whole.promised_on


def _number(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
