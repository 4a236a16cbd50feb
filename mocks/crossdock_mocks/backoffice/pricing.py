"""Which price an item has for a customer: rule, source and quantity break; pure computation.

Two policies. *Hierarchy* (as in Sage 100): the customer's contract, else its price list, else its
price level, else the item's list price; a promotion replaces the result when it is better.
*Best price* (as in Business Central): of all that apply, the lowest price and the highest discount.
A figure is never just a number: it has a rule and a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from attrs import frozen

from crossdock_mocks.backoffice.decimals import HUNDRED, ONE, ZERO, plain

Rule: TypeAlias = Literal[
    "promotion", "contract", "price_list", "price_level", "list_price", "agreed"
]
Policy: TypeAlias = Literal["hierarchy", "best_price"]

_SOURCE_KIND: Final[dict[str, str]] = {
    "promotion": "promotion",
    "contract": "customer",
    "price_list": "price_list",
    "price_level": "price_level",
    "list_price": "item",
    "agreed": "caller",
}


@frozen
class PriceRow:
    """One price or discount of an item.

    Attributes:
        id: Id of the row.
        rule: By which rule it applies: promotion, contract, price_list or price_level.
        name: Name of its source, for people.
        price: Per unit; None leaves the item's list price and gives the discount only.
        discount: Per cent; None for none of its own.
        min_quantity: From this quantity on.
        valid_from: First day; None for ever since.
        valid_to: Last day; None for ever after.
    """

    id: str
    rule: Rule
    name: str
    price: Decimal | None
    discount: Decimal | None
    min_quantity: Decimal
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, quantity: Decimal, on: date) -> bool:
        """Whether the row applies to this quantity on this day."""
        return (
            self.min_quantity <= quantity
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_to is None or on <= self.valid_to)
        )


@frozen
class Price:
    """What one unit costs, by which rule, from which source.

    Attributes:
        unit_price: Before the discount.
        discount: Per cent.
        rule: The rule that gave the price.
        source_kind: What the source is.
        source_id: Id of the price row or of the item; None for a price the caller named.
        source_name: For people.
        min_quantity: The quantity break that was reached.
        valid_from: First day of the source.
        valid_to: Last day of the source.
        discount_from: Name of the row that gave the discount, where it is another one.
    """

    unit_price: Decimal
    discount: Decimal
    rule: Rule
    source_kind: str
    source_id: str | None
    source_name: str
    min_quantity: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    discount_from: str | None = None

    @property
    def net_price(self) -> Decimal:
        """Unit price less discount, unrounded."""
        return self.unit_price * (ONE - self.discount / HUNDRED)


def find_price(
    item_id: str,
    list_price: Decimal | None,
    rows: Iterable[PriceRow],
    quantity: Decimal,
    on: date,
    policy: Policy,
) -> Price | None:
    """The price of an item for a quantity on a day.

    Args:
        item_id: The item.
        list_price: The item's own price in the document's currency, if it has one.
        rows: Rows that are meant for this customer (and promotions), in the document's currency.
        quantity: The line's quantity.
        on: The day whose prices hold.
        policy: How to choose among them.

    Returns:
        The price, or None if nothing gives one.
    """
    usable = [
        row
        for row in rows
        if row.holds(quantity, on) and (row.price is not None or list_price is not None)
    ]
    if policy == "best_price":
        return _best(item_id, list_price, usable)
    return _by_hierarchy(item_id, list_price, usable)


def quantity_breaks(
    rows: Iterable[PriceRow], on: date, price_at: Callable[[Decimal], Price | None]
) -> list[tuple[Decimal, Price]]:
    """The quantities from which another net price holds, smallest first.

    Args:
        rows: Rows that are meant for the customer.
        on: The day whose prices hold.
        price_at: Gives the price for a quantity.
    """
    steps = sorted({row.min_quantity for row in rows if row.holds(row.min_quantity, on)})
    found: list[tuple[Decimal, Price]] = []
    before = price_at(ONE)
    for step in steps:
        here = price_at(step)
        if here is None or step <= ONE:
            continue
        if before is None or here.net_price != before.net_price:
            found.append((step, here))
        before = here
    return found


def _by_hierarchy(
    item_id: str, list_price: Decimal | None, rows: Sequence[PriceRow]
) -> Price | None:
    chosen: Price | None = None
    for rule in ("contract", "price_list", "price_level"):
        candidates = [row for row in rows if row.rule == rule]
        if candidates:
            chosen = _of_row(_reached_break(candidates, list_price), list_price)
            break
    if chosen is None and list_price is not None:
        chosen = _of_item(item_id, list_price)
    promotions = [_of_row(row, list_price) for row in rows if row.rule == "promotion"]
    for promotion in sorted(promotions, key=lambda each: each.net_price):
        if chosen is None or promotion.net_price < chosen.net_price:
            return promotion
        break
    return chosen


def _reached_break(rows: Sequence[PriceRow], list_price: Decimal | None) -> PriceRow:
    """The row of the highest quantity break; of several such, the one that is best."""
    highest = max(row.min_quantity for row in rows)
    return min(
        (row for row in rows if row.min_quantity == highest),
        key=lambda row: (_of_row(row, list_price).net_price, row.id),
    )


def _best(item_id: str, list_price: Decimal | None, rows: Sequence[PriceRow]) -> Price | None:
    priced = sorted(
        (row for row in rows if row.price is not None),
        key=lambda row: (row.price, -row.min_quantity, row.id),
    )
    price: Price | None = None
    if priced:
        # The row's own discount competes with the others below.
        price = _of_row(priced[0], list_price, discount=ZERO)
    if list_price is not None and (price is None or list_price < price.unit_price):
        price = _of_item(item_id, list_price)
    if price is None:
        return None
    discounted = max(rows, key=lambda row: row.discount or ZERO, default=None)
    if discounted is None or not discounted.discount:
        return price
    same_source = discounted.id == price.source_id
    return Price(
        unit_price=price.unit_price,
        discount=discounted.discount,
        rule=price.rule,
        source_kind=price.source_kind,
        source_id=price.source_id,
        source_name=price.source_name,
        min_quantity=price.min_quantity,
        valid_from=price.valid_from,
        valid_to=price.valid_to,
        discount_from=None if same_source else _named(discounted),
    )


def _of_row(row: PriceRow, list_price: Decimal | None, discount: Decimal | None = None) -> Price:
    price = row.price if row.price is not None else list_price
    if price is None:
        raise ValueError(f"price row {row.id} gives no price without a list price")
    own = row.discount or ZERO
    return Price(
        unit_price=price,
        discount=own if discount is None else discount,
        rule=row.rule,
        source_kind=_SOURCE_KIND[row.rule],
        source_id=row.id,
        source_name=_named(row),
        min_quantity=row.min_quantity,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _of_item(item_id: str, list_price: Decimal) -> Price:
    return Price(
        unit_price=list_price,
        discount=ZERO,
        rule="list_price",
        source_kind="item",
        source_id=item_id,
        source_name=f"List price of {item_id}",
    )


def agreed(unit_price: Decimal, discount: Decimal) -> Price:
    """A price that the caller names because it was agreed with the customer."""
    return Price(
        unit_price=unit_price,
        discount=discount,
        rule="agreed",
        source_kind="caller",
        source_id=None,
        source_name="Agreed with the customer",
    )


def _named(row: PriceRow) -> str:
    if row.min_quantity > ONE:
        return f"{row.name}, from {plain(row.min_quantity)}"
    return row.name
