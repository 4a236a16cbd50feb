"""Shipments and returns, from the ERP's wire."""

from __future__ import annotations

from crossdock.connectors.erp.customers import address
from crossdock.connectors.reading import (
    Row,
    day,
    decimal,
    each,
    part,
    text,
    text_or_empty,
    whole,
    whole_or_none,
)
from crossdock.records import Return, Shipment, ShipmentLine


def shipment(row: Row, system: str) -> Shipment:
    """Read a shipment with its lines."""
    return Shipment(
        id=text(row, "id"),
        system=system,
        customer_id=text(row, "customerId"),
        shipped_on=day(row, "shippedOn"),
        order_id=text_or_empty(row, "orderId"),
        carrier=text_or_empty(row, "carrier"),
        tracking=text_or_empty(row, "tracking"),
        ship_to=part(row, "shipTo", address),
        lines=each(row, "lines", _line),
    )


def returned(row: Row, system: str) -> Return:
    """Read a return with its lines."""
    return Return(
        id=text(row, "id"),
        system=system,
        customer_id=text(row, "customerId"),
        received_on=day(row, "receivedOn"),
        order_id=text_or_empty(row, "orderId"),
        reason=text_or_empty(row, "reason"),
        lines=each(row, "lines", _line),
    )


def _line(row: Row) -> ShipmentLine:
    return ShipmentLine(
        number=whole(row, "line"),
        item_id=text(row, "itemId"),
        quantity=decimal(row, "quantity"),
        description=text(row, "description"),
        order_line=whole_or_none(row, "orderLine"),
    )
