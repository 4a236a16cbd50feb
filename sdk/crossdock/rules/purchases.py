"""What a customer buys, item by item: how much of it, when last, and at which price (A6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    by_currency: dict[str, dict[str, list[SoldLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if line.on <= as_of:
            by_currency[line.net.currency][line.item_id].append(line)
    return tuple(
        PurchaseHistory(
            currency=currency,
            as_of=as_of,
            items=sorted(
                (_item(item_id, of_item, known) for item_id, of_item in by_item.items()),
                key=lambda item: (-item.net.amount, item.item_id),
            ),
        )
        for currency, by_item in sorted(by_currency.items())
    )


def _item(item_id: str, lines: Sequence[SoldLine], items: Mapping[str, Item]) -> PurchasedItem:
    item = items.get(item_id)
    purchases = [line for line in lines if line.bought]
    last = max(purchases, key=lambda line: line.place, default=None)
    told = last or max(lines, key=lambda line: line.place)
    bought = sum((line.quantity for line in lines if line.quantity > 0), start=_ZERO)
    quantity = sum((line.quantity for line in lines), start=_ZERO)
    net = sum((line.net.amount for line in lines), start=_ZERO)
    return PurchasedItem(
        item_id=item_id,
        name=item.name if item else "",
        description=told.description or (item.description if item else ""),
        product_line=item.product_line if item else "",
        quantity=quantity,
        bought=bought,
        returned=bought - quantity,
        net=Money(net, told.net.currency),
        unit_price=last.unit_price if last else None,
        discount_percent=last.discount_percent if last else _ZERO,
        first_on=min((line.on for line in purchases), default=None),
        last_on=last.on if last else None,
        times=len({(line.kind, line.document_id) for line in purchases}),
    )
