"""What a customer buys, item by item: how much of it, when last, and at which price (A6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from crossdock.records import Item, Money
from crossdock.rules.sold_lines import SoldLine

_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class PurchasedItem:
    """One item in a customer's purchase history.

    Attributes:
        name: the item's; empty where the item is not known.
        description: as it stood on the last purchase, else the item's own.
        quantity: bought less credited.
        bought, returned: its two parts, both positive.
        net: invoiced less credited, before tax.
        unit_price: of the last purchase, before discount; `None` where nothing was ever bought, as
            of an item that was only credited, and where an order has no price.
        discount_percent: of the last purchase.
        first_on, last_on: the days of the first and the last purchase; `None` where nothing was
            ever bought.
        times: documents with which it was bought.
    """

    item_id: str
    name: str
    description: str
    product_line: str
    quantity: Decimal
    bought: Decimal
    returned: Decimal
    net: Money
    unit_price: Money | None
    discount_percent: Decimal
    first_on: date | None
    last_on: date | None
    times: int


@frozen(kw_only=True)
class PurchaseHistory:
    """All that a customer bought in one currency.

    Attributes:
        items: the highest net first.
    """

    currency: str
    as_of: date
    items: tuple[PurchasedItem, ...] = field(converter=tuple[PurchasedItem, ...])

    @property
    def distinct_items(self) -> int:
        """How many items were ever bought; one that was only credited is none of them."""
        return sum(item.times > 0 for item in self.items)

    @property
    def top_item(self) -> PurchasedItem | None:
        """The item with the highest net; `None` where no item brought anything."""
        return self.items[0] if self.items and self.items[0].net.amount > 0 else None

    @property
    def quantity(self) -> Decimal:
        """How many units were bought less credited, over all items."""
        return sum((item.quantity for item in self.items), start=_ZERO)

    @property
    def net(self) -> Money:
        """What all items come to."""
        return sum((item.net for item in self.items), start=Money.zero(self.currency))


def purchase_history(
    lines: Iterable[SoldLine], items: Mapping[str, Item] | None = None, *, as_of: date
) -> tuple[PurchaseHistory, ...]:
    """Sum up lines by item.

    Args:
        lines: of invoices and credit notes, or of orders; not both, or all counts twice.
        items: by id, for their names and product lines.
        as_of: lines after this day are left out.

    Returns:
        One history for each currency, by its code.
    """
    known = items or {}
    found: dict[str, dict[str, _Sum]] = defaultdict(dict)
    for line in lines:
        if line.on > as_of:
            continue
        of_currency = found[line.net.currency]
        of_item = of_currency.get(line.item_id)
        if of_item is None:
            of_item = of_currency[line.item_id] = _Sum(line)
        of_item.add(line)
    return tuple(
        PurchaseHistory(
            currency=currency,
            as_of=as_of,
            items=sorted(
                (each.item(known.get(item_id)) for item_id, each in of_currency.items()),
                key=lambda item: (-item.net.amount, item.item_id),
            ),
        )
        for currency, of_currency in sorted(found.items())
    )


class _Sum:
    """What the lines of one item come to, added one after the other."""

    __slots__ = ("bought", "documents", "first_on", "last", "latest", "net", "quantity")

    def __init__(self, line: SoldLine) -> None:
        self.quantity = self.bought = self.net = _ZERO
        self.documents: set[tuple[str, str]] = set()
        self.first_on: date | None = None
        self.last: SoldLine | None = None  # the last purchase
        self.latest = line  # the last of all, for an item that was never bought

    def add(self, line: SoldLine) -> None:
        self.quantity += line.quantity
        self.net += line.net.amount
        if line.quantity > 0:
            self.bought += line.quantity
        if _later(line, self.latest):
            self.latest = line
        if not line.bought:
            return
        self.documents.add((line.kind, line.document_id))
        if self.first_on is None or line.on < self.first_on:
            self.first_on = line.on
        if self.last is None or _later(line, self.last):
            self.last = line

    def item(self, item: Item | None) -> PurchasedItem:
        last, told = self.last, self.last or self.latest
        return PurchasedItem(
            item_id=told.item_id,
            name=item.name if item else "",
            description=told.description or (item.description if item else ""),
            product_line=item.product_line if item else "",
            quantity=self.quantity,
            bought=self.bought,
            returned=self.bought - self.quantity,
            net=Money(self.net, told.net.currency),
            unit_price=last.unit_price if last else None,
            discount_percent=last.discount_percent if last else _ZERO,
            first_on=self.first_on,
            last_on=last.on if last else None,
            times=len(self.documents),
        )


def _later(line: SoldLine, other: SoldLine) -> bool:
    """Whether a line comes after another; most are told apart by their days."""
    return line.on > other.on or (line.on == other.on and line.place > other.place)
