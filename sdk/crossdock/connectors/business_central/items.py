"""Items, from Business Central's wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.wire import (
    ETAG,
    kind,
    plain,
)
from crossdock.connectors.reading import Row, instant, number, optional_text, text, truth
from crossdock.connectors.writing import Unwritable, json_number
from crossdock.records import Item
from crossdock.records.item import ItemKind

_OWN: Final = ("description", "product_line", "unit")
_KINDS: Final[dict[str, ItemKind]] = {"Inventory": "goods", "Service": "service"}


@frozen(kw_only=True)
class Product:
    """An item as Business Central keeps it.

    Attributes:
        key: its id, which its address has.
        version: its entity tag.
        code: its number, which plugins know it by.
        price: in the company's currency; `None` where none was given, which is kept as 0.
        cost: the same.
        inventory: on hand; `None` for what is not kept in stock.
    """

    key: str
    version: str
    modified_at: datetime
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
            modified_at=self.modified_at,
            version=self.version,
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
        key=text(row, "id"),
        version=text(row, ETAG),
        modified_at=instant(row, "lastModifiedDateTime"),
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


def new_in(item: Item, there: Item | None) -> Item:
    """Give an item without what is only said again of the one that is there.

    Args:
        item: about to be written.
        there: as Business Central has it; `None` where it has none.
    """
    if there is None:
        return item
    same: dict[str, Any] = {
        name: "" for name in _OWN if getattr(item, name) == getattr(there, name)
    }
    return evolve(item, **same)


def body(item: Item, home: str) -> dict[str, Any]:
    """Write an item, besides its number and its type, which it has for good.

    Args:
        item: as plugins know it.
        home: the currency of the company, in which its prices are.

    Raises:
        Unwritable: its price is in another currency, or has too many digits.
    """
    price = item.list_price
    if price is not None and price.currency != home:
        raise Unwritable("list_price", f"is in {price.currency}, and the company's are in {home}")
    return {
        "displayName": item.name,
        "unitPrice": 0 if price is None else json_number(price.amount, "list_price"),
        "blocked": not item.active,
    }


TYPES: Final[dict[ItemKind, str]] = {
    "goods": "Inventory", "service": "Service", "charge": "Non-Inventory",
}  # fmt: skip
"""What Business Central calls each kind of item."""
