"""Shipments, returns and service contracts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from crossdock.records._fields import sensitive
from crossdock.records.money import Money
from crossdock.records.party import Address


@frozen(kw_only=True)
class ShipmentLine:
    """What of which order line went out."""

    number: int
    item_id: str
    quantity: Decimal
    description: str = ""
    order_line: int | None = None


@frozen(kw_only=True)
class Shipment:
    """Goods that left the house."""

    id: str
    system: str
    customer_id: str
    shipped_on: date
    order_id: str = ""
    carrier: str = ""
    tracking: str = ""
    ship_to: Address = field(factory=Address)
    lines: tuple[ShipmentLine, ...] = ()


@frozen(kw_only=True)
class Return:
    """Goods that came back."""

    id: str
    system: str
    customer_id: str
    received_on: date
    order_id: str = ""
    reason: str = ""
    lines: tuple[ShipmentLine, ...] = ()


@frozen(kw_only=True)
class Contract:
    """A service contract: maintenance, SLA or support; without `ends_on` it runs on."""

    id: str
    system: str
    customer_id: str
    kind: str
    name: str
    starts_on: date
    ends_on: date | None
    annual_value: Money
    annual_cost: Money | None = sensitive("cost")
    status: Literal["future", "current", "expiring", "lapsed"] = "current"
