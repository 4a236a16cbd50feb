"""What is sold, and how much of it there is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from attrs import frozen

from crossdock.records._fields import sensitive
from crossdock.records.money import Money

ItemKind = Literal["goods", "service", "charge"]


@frozen(kw_only=True)
class Item:
    """Something that can be sold: goods, a service, or a charge such as freight."""

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
