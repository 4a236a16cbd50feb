"""Items and tax codes, from QuickBooks' wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks.wire import (
    optional_ref,
)
from crossdock.connectors.reading import Row, each, number, number_or_none, optional_text, text
from crossdock.records import Item
from crossdock.records.item import ItemKind

_HUNDRED: Final = Decimal(100)
#: Categories and bundles hold items and are not sold by themselves at a price of their own.
SOLD: Final = frozenset({"Inventory", "NonInventory", "Service"})


@frozen(kw_only=True)
class Product:
    """An item as QuickBooks keeps it.

    Attributes:
        id: QuickBooks' own.
        code: what plugins know it by: its SKU, or its id where it has none.
    """

    id: str
    code: str
    name: str
    description: str
    kind: str
    price: Decimal | None
    cost: Decimal | None
    tax_code: str
    taxable: bool
    category: str
    active: bool

    def record(self, system: str, home: str) -> Item:
        """Give it as plugins know it; prices and costs are in the company's home currency."""
        kind: ItemKind = "service" if self.kind == "Service" else "goods"
        return Item(
            id=self.code,
            name=self.name,
            system=system,
            description=self.description,
            product_line=self.category,
            kind=kind,
            list_price=None if self.price is None else of_unit(self.price, home),
            cost=None if self.cost is None else of_unit(self.cost, home),
            tax_code=self.tax_code,
            active=self.active,
        )


def product(row: Row) -> Product:
    """Read an item."""
    item_id = text(row, "Id")
    code, parent = optional_ref(row, "SalesTaxCodeRef"), optional_ref(row, "ParentRef")
    return Product(
        id=item_id,
        code=optional_text(row, "Sku").strip() or item_id,
        name=text(row, "Name"),
        description=optional_text(row, "Description"),
        kind=optional_text(row, "Type"),
        price=number_or_none(row, "UnitPrice"),
        cost=number_or_none(row, "PurchaseCost"),
        tax_code=code.id if code else "",
        taxable=row.get("Taxable") is not False,
        category=parent.name if parent else "",
        active=row.get("Active") is not False,
    )


@frozen(kw_only=True)
class TaxCode:
    """A tax code with the rates that it stands for, added up.

    Attributes:
        rate: a fraction; `None` where QuickBooks finds the rates only when it makes a document.
    """

    id: str
    name: str
    rate: Decimal | None


@frozen(kw_only=True)
class _Coded:
    id: str
    name: str
    taxable: bool
    rates: tuple[str, ...]


def coded(row: Row) -> _Coded:
    """Read a tax code and the ids of its rates for sales."""

    def rate(told: Row) -> str:
        found = optional_ref(told, "TaxRateRef")
        return found.id if found else ""

    details: tuple[str, ...] = ()
    sales = row.get("SalesTaxRateList")
    if isinstance(sales, dict) and "TaxRateDetail" in sales:
        details = each(sales, "TaxRateDetail", rate)
    return _Coded(
        id=text(row, "Id"),
        name=optional_text(row, "Name"),
        taxable=row.get("Taxable") is not False,
        rates=tuple(filter(None, details)),
    )


def rate(row: Row) -> tuple[str, Decimal]:
    """Read a tax rate: its id, and its value as a fraction."""
    return text(row, "Id"), number(row, "RateValue") / _HUNDRED


def tax_code(found: _Coded, rates: dict[str, Decimal]) -> TaxCode:
    """Add up what a code stands for."""
    known: Decimal | None
    if not found.taxable:
        known = Decimal(0)
    elif found.rates and all(each in rates for each in found.rates):
        known = sum((rates[each] for each in found.rates), start=Decimal(0))
    else:
        known = None
    return TaxCode(id=found.id, name=found.name or found.id, rate=known)
