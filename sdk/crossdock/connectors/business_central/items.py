"""Items, from Business Central's wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.wire import (
    kind,
    plain,
)
from crossdock.connectors.reading import Row, number, optional_text, text, truth
from crossdock.records import Item
from crossdock.records.item import ItemKind

_KINDS: Final[dict[str, ItemKind]] = {"Inventory": "goods", "Service": "service"}


@frozen(kw_only=True)
class Product:
    """An item as Business Central keeps it.

    Attributes:
        code: its number, which plugins know it by.
        price: in the company's currency; `None` where none was given, which is kept as 0.
        cost: the same.
        inventory: on hand; `None` for what is not kept in stock.
    """

    code: str
    name: str
    kind: ItemKind
    category: str
    unit: str
    price: Decimal | None
    cost: Decimal | None
    tax_group: str
    inventory: Decimal | None
    blocked: bool

    def record(self, system: str, home: str) -> Item:
        """Give it as plugins know it."""
        return Item(
            id=self.code,
            name=self.name,
            system=system,
            product_line=self.category,
            unit=self.unit,
            kind=self.kind,
            list_price=None if self.price is None else of_unit(self.price, home),
            cost=None if self.cost is None else of_unit(self.cost, home),
            tax_code=self.tax_group,
            active=not self.blocked,
        )


def product(row: Row, categories: dict[str, str]) -> Product:
    """Read an item.

    What is neither kept in stock nor a service is a charge here: freight, a deposit.

    Args:
        row: the item.
        categories: what each category is called, by its code.
    """
    told, category = kind(row, "type"), optional_text(row, "itemCategoryCode")
    return Product(
        code=text(row, "number"),
        name=text(row, "displayName"),
        kind=_KINDS.get(told, "charge"),
        category=categories.get(category, category),
        unit=optional_text(row, "baseUnitOfMeasureCode"),
        price=number(row, "unitPrice") or None,
        cost=number(row, "unitCost") or None,
        tax_group=optional_text(row, "taxGroupCode"),
        inventory=plain(number(row, "inventory")) if told == "Inventory" else None,
        blocked=truth(row, "blocked"),
    )
