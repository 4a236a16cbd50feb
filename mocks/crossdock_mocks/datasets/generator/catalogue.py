"""What the generated company sells: industrial supplies, services, freight; and at which prices."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random

from attrs import define, field, frozen

from crossdock_mocks.datasets.amounts import to_penny
from crossdock_mocks.datasets.columns import Value

__all__ = ["TAX_CODES", "Catalogue", "Item", "Price", "build_items"]

TAX_CODES: tuple[dict[str, Value], ...] = (
    {"id": "STD", "name": "Standard rate 20 %", "rate": Decimal("0.20")},
    {"id": "RED", "name": "Reduced rate 10 %", "rate": Decimal("0.10")},
    {"id": "ZERO", "name": "Zero rate", "rate": Decimal("0.00")},
)


@frozen(kw_only=True)
class _Family:
    """Items that differ by size and variant only.

    Attributes:
        price: list price of the smallest size, in the company's currency.
        step: factor from one size's price to the next.
        usual: usual quantity on an order line.
        margin: share of the list price that is not cost.
    """

    line: str
    prefix: str
    name: str
    sizes: tuple[str, ...]
    variants: tuple[str, ...]
    price: Decimal
    step: Decimal
    unit: str
    usual: int
    margin: Decimal
    tax: str
    kind: str


@define(eq=False)
class Item:
    """An item as the rest of the generator needs it."""

    id: str
    name: str
    description: str
    product_line: str
    unit: str
    list_price: Decimal
    cost: Decimal
    tax_code: str
    kind: str
    lead_time_days: int
    active: bool
    usual_quantity: int

    def row(self) -> dict[str, Value]:
        """Its row of ``items``."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "product_line": self.product_line,
            "unit": self.unit,
            "list_price": self.list_price,
            "cost": self.cost,
            "tax_code": self.tax_code,
            "kind": self.kind,
            "lead_time_days": self.lead_time_days,
            "active": self.active,
        }


@frozen(kw_only=True)
class Price:
    """A price rule: exactly one of list, customer, level and promotion says for whom."""

    item_id: str
    price_list_id: str | None = None
    customer_id: str | None = None
    price_level: str | None = None
    promotion: bool = False
    min_quantity: Decimal = Decimal(0)
    price: Decimal | None = None
    discount_percent: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def row(self) -> dict[str, Value]:
        """Its row of ``prices``."""
        return {
            "item_id": self.item_id,
            "price_list_id": self.price_list_id,
            "customer_id": self.customer_id,
            "price_level": self.price_level,
            "promotion": self.promotion,
            "min_quantity": self.min_quantity,
            "price": self.price,
            "discount_percent": self.discount_percent,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }

    def holds(self, quantity: Decimal, day: date) -> bool:
        """Whether it applies to that quantity on that day."""
        return (
            quantity >= self.min_quantity
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


_DEARER = {
    "stainless": Decimal("1.6"),
    "duplex": Decimal("1.9"),
    "A2, pack of 100": Decimal("1.45"),
    "FKM": Decimal("2.4"),
    "FKM 80": Decimal("3.2"),
    "matched pair": Decimal("2.1"),
}
"""What a variant costs more than the plain one."""


@cache
def _families() -> tuple[_Family, ...]:
    text = files(__package__).joinpath("families.csv").read_text(encoding="utf-8")
    return tuple(
        _Family(
            line=row["product_line"],
            prefix=row["prefix"],
            name=row["name"],
            sizes=tuple(row["sizes"].split("|")),
            variants=tuple(row["variants"].split("|")),
            price=Decimal(row["first_price"]),
            step=Decimal(row["step"]),
            unit=row["unit"],
            usual=int(row["usual_quantity"]),
            margin=Decimal(row["margin"]),
            tax=row["tax_code"],
            kind=row["kind"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def build_items(rng: Random, wanted: int) -> list[Item]:
    """So many goods, spread over the families, and the services and charges besides."""
    choices: dict[str, list[tuple[_Family, int, str, str]]] = {}
    for family in _families():
        if family.kind != "goods":
            continue
        for position, size in enumerate(family.sizes):
            for variant in family.variants:
                one = (family, position, size, variant)
                choices.setdefault(family.line, []).append(one)
    for combinations in choices.values():
        rng.shuffle(combinations)
    goods: list[Item] = []
    series = 0
    while len(goods) < wanted:
        left = wanted - len(goods)
        for count, line in enumerate(choices):
            share = -(-left // len(choices)) if count < len(choices) else left
            for family, position, size, variant in choices[line][:share]:
                if len(goods) < wanted:
                    goods.append(_item(rng, family, position, size, variant, series))
        series += 1
    others = [one for one in _families() if one.kind != "goods"]
    return _numbered(goods + [_item(rng, one, 0, "", "", 0) for one in others])


def _item(
    rng: Random, family: _Family, position: int, size: str, variant: str, series: int
) -> Item:
    factor = family.step**position * Decimal("1.04") ** series
    factor *= _DEARER.get(variant, Decimal(1))
    if family.kind == "goods":
        factor *= Decimal(rng.randint(960, 1050)) / 1000
    list_price = to_penny(family.price * factor)
    name = " ".join(part for part in (family.name, size) if part)
    if variant:
        name += f", {variant}"
    if series:
        name += f", series {chr(ord('A') + series)}"
    return Item(
        id=family.prefix,
        name=name,
        description=f"{name} ({family.line.lower()})",
        product_line=family.line,
        unit=family.unit,
        list_price=list_price,
        cost=to_penny(list_price * (1 - family.margin)),
        tax_code=family.tax,
        kind=family.kind,
        lead_time_days=rng.choice((2, 3, 5, 7, 10, 14, 21)) if family.kind == "goods" else 0,
        active=family.kind != "goods" or rng.random() > 0.03,
        usual_quantity=family.usual,
    )


def _numbered(items: list[Item]) -> list[Item]:
    numbers: dict[str, int] = {}
    for item in items:
        numbers[item.id] = numbers.get(item.id, 1000) + 1
        item.id = f"{item.id}-{numbers[item.id]}"
    return sorted(items, key=lambda one: one.id)


@define
class Catalogue:
    """Items and price rules, and the price that a customer pays for a quantity on a day.

    The hierarchy: a promotion if it is best; the customer's contract; the customer's price list;
    the price level; the list price.
    """

    items: dict[str, Item]
    prices: list[Price]
    as_of: date
    _by_item: dict[str, list[Price]] = field(factory=dict, init=False)

    @property
    def goods(self) -> list[Item]:
        """The items that are kept in stock and still sold."""
        return [item for item in self.items.values() if item.kind == "goods" and item.active]

    def price(
        self,
        item: Item,
        customer_id: str,
        price_list_id: str | None,
        price_level: str | None,
        quantity: Decimal,
        day: date,
    ) -> tuple[Decimal, Decimal]:
        """(unit price, discount in per cent) on that day; older list prices were lower."""
        listed = self._listed(item, day)
        here = [price for price in self.of_item(item.id) if price.holds(quantity, day)]
        wanted = (
            [one for one in here if one.customer_id == customer_id],
            [one for one in here if one.price_list_id and one.price_list_id == price_list_id],
            [one for one in here if one.price_level and one.price_level == price_level],
        )
        chosen = (listed, Decimal(0))
        for group in wanted:
            if group:
                chosen = _applied(max(group, key=lambda one: one.min_quantity), listed)
                break
        for promotion in (one for one in here if one.promotion):
            offered = _applied(promotion, listed)
            if offered[0] * (100 - offered[1]) < chosen[0] * (100 - chosen[1]):
                chosen = offered
        return chosen

    def of_item(self, item_id: str) -> list[Price]:
        """The price rules of an item."""
        if not self._by_item:
            for price in self.prices:
                self._by_item.setdefault(price.item_id, []).append(price)
        return self._by_item.get(item_id, [])

    def _listed(self, item: Item, day: date) -> Decimal:
        years = (self.as_of - day).days // 365
        if years <= 0 or item.kind == "charge":
            return item.list_price
        return to_penny(item.list_price * Decimal("0.97") ** years)


def _applied(price: Price, listed: Decimal) -> tuple[Decimal, Decimal]:
    return (
        listed if price.price is None else price.price,
        price.discount_percent or Decimal(0),
    )
