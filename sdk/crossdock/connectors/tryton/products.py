"""Items: Tryton's products, known by their code, with what of them is in stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire
from crossdock.records import Availability, Item, Money, Receipt
from crossdock.records.item import ItemKind

FIELDS: Final = (
    "code", "name", "description", "type", "list_price_used", "cost_price", "active", "salable",
    "sale_uom.symbol", "default_uom.symbol", "categories.name", "account_category.customer_taxes",
    "lead_time", "template", "write_date",
)  # fmt: skip
_NOTHING: Final = Decimal(0)
_KINDS: Final[dict[str, ItemKind]] = {"goods": "goods", "assets": "goods", "service": "service"}


@frozen(kw_only=True)
class Product:
    """A product as Tryton keeps it.

    Attributes:
        id: Tryton's own.
        code: what people, and plugins, know it by; its id behind `#` where it has none.
        unit_id: of the unit that it is sold in.
        taxes: the ids of the taxes that its category puts on sales.
        lead_time: days that a supplier or the house takes, if that is told.
    """

    id: int
    code: str
    name: str
    description: str
    kind: ItemKind
    price: Decimal | None
    cost: Decimal | None
    unit: str
    unit_id: int | None
    line: str
    taxes: tuple[int, ...]
    lead_time: int | None
    sold: bool

    def record(self, system: str, home: str, tax_code: str) -> Item:
        """Give it as plugins know it; prices are in the company's currency, `home`."""
        return Item(
            id=self.code,
            name=self.name,
            system=system,
            description=self.description,
            product_line=self.line,
            unit=self.unit,
            kind=self.kind,
            list_price=None if self.price is None else Money(trimmed(self.price), home),
            cost=None if self.cost is None else Money(trimmed(self.cost), home),
            tax_code=tax_code,
            lead_time_days=self.lead_time,
            active=self.sold,
        )


def product(row: Row) -> Product:
    """Read a product."""
    unit = wire.inside(row, "sale_uom") or wire.inside(row, "default_uom")
    lines = row.get("categories.") or []
    wait = row.get("lead_time")
    return Product(
        id=wire.key(row),
        code=wire.label(row, "code") or f"#{wire.key(row)}",
        name=wire.label(row, "name"),
        description=wire.label(row, "description"),
        kind=_KINDS.get(wire.label(row, "type"), "service"),
        price=wire.amount_or_none(row, "list_price_used"),
        cost=wire.amount_or_none(row, "cost_price"),
        unit=wire.label(unit, "symbol"),
        unit_id=wire.key(unit) if unit else None,
        line=wire.label(lines[0], "name") if lines else "",
        taxes=tuple(wire.inside(row, "account_category").get("customer_taxes") or ()),
        lead_time=wait.days if isinstance(wait, timedelta) else None,
        sold=wire.flag(row, "active") and wire.flag(row, "salable"),
    )


def trimmed(value: Decimal) -> Decimal:
    """Give a price with two digits at least: Tryton keeps four, most of them zeros."""
    cents = value.quantize(Decimal("0.01"))
    return cents if cents == value else value.normalize()


def availability(
    found: Product,
    asked: Decimal,
    *,
    on_hand: Decimal,
    going: Decimal,
    coming: Sequence[Receipt],
    today: date,
) -> Availability:
    """Say how much there is, and when as much as was asked for can be there.

    Args:
        found: the product.
        asked: how much of it.
        on_hand: what is in the warehouse's storage.
        going: what moves out of it were entered and are not done.
        coming: what is expected, earliest first.
        today: the day there.
    """
    free = on_hand - going
    promised: date | None = today if free >= asked else None
    reached = free
    for receipt in coming:
        if promised is not None:
            break
        reached += receipt.quantity
        if reached >= asked:
            promised = max(receipt.due_on, today)
    if promised is None and found.lead_time is not None:
        promised = today + timedelta(days=found.lead_time)
    return Availability(
        item_id=found.code,
        asked=asked,
        on_hand=on_hand,
        reserved=min(going, on_hand),
        available=max(free, _NOTHING),
        incoming=tuple(coming),
        promised_on=promised,
        lead_time_days=found.lead_time,
    )
