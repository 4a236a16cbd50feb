"""What is sold, and how much of it there is."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

from crossdock.records._fields import sensitive
from crossdock.records.money import Money

ItemKind = Literal["goods", "service", "charge"]


@frozen(kw_only=True)
class Item:
    """Something that can be sold: goods, a service, or a charge such as freight.

    Attributes:
        id: the code that people know it by.
        modified_by: who changed it last, as the system calls him; empty where it does not tell.
    """

    id: str
    name: str
    system: str
    description: str = ""
    product_line: str = ""
    unit: str = ""
    kind: ItemKind = "goods"
    list_price: Money | None = None
    cost: Money | None = sensitive("cost")
    tax_code: str = ""
    lead_time_days: int | None = None
    active: bool = True
    modified_at: datetime | None = None
    modified_by: str = ""
    version: str | None = None


@frozen(kw_only=True)
class PriceList:
    """A list of prices, which are read page by page (`ListPrice`).

    Attributes:
        valid_from, valid_to: the days that it holds on, both included; `None` without a limit.
    """

    id: str
    name: str
    system: str
    currency: str
    valid_from: date | None = None
    valid_to: date | None = None
    active: bool = True
    modified_at: datetime | None = None
    version: str | None = None


@frozen(kw_only=True)
class ListPrice:
    """What an item costs in a price list, from a quantity on.

    Attributes:
        price: of one unit before the discount; `None` where the item's own list price counts.
        discount_percent: 12.5 is 12.5 %.
        minimum_quantity: from how many on, in the item's unit.
    """

    price_list_id: str
    item_id: str
    system: str
    price: Money | None = None
    discount_percent: Decimal = Decimal(0)
    minimum_quantity: Decimal = Decimal(1)
    valid_from: date | None = None
    valid_to: date | None = None
    active: bool = True


@frozen(kw_only=True)
class Receipt:
    """Goods that are on their way in."""

    due_on: date
    quantity: Decimal


@frozen(kw_only=True)
class Availability:
    """What an ERP says about one item's stock, all quantities in the item's unit.

    Attributes:
        available: on hand less reserved, never below zero.
        incoming: receipts that are expected, earliest first.
        promised_on: when the quantity that was asked for can be there; `None` where the ERP
            cannot say.
    """

    item_id: str
    asked: Decimal
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    incoming: tuple[Receipt, ...] = ()
    promised_on: date | None = None
    lead_time_days: int | None = None
