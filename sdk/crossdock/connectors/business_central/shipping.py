"""Posted shipments, from Business Central's wire; it tells no carrier and no tracking number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.connectors.business_central.origin import line_number
from crossdock.connectors.business_central.wire import address, kind, quantity
from crossdock.connectors.reading import Row, day, each, optional_text, text, whole
from crossdock.records import Shipment, ShipmentLine

LINES: Final = "salesShipmentLines"


def shipment(row: Row, system: str) -> Shipment:
    """Read a shipment with its lines; its number is its id, as a posted one keeps it."""
    order = optional_text(row, "orderNumber")
    return Shipment(
        id=text(row, "number"),
        system=system,
        customer_id=text(row, "customerNumber"),
        shipped_on=day(row, "postingDate"),
        order_id=order,
        ship_to=address(row, "shipTo"),
        lines=tuple(
            line for several in each(row, LINES, lambda told: tuple(_line(told, order)))
            for line in several
        ),
    )  # fmt: skip


def _line(row: Row, order: str) -> Iterator[ShipmentLine]:
    count = quantity(row, "quantity")
    if kind(row, "lineType") in ("", "Comment") or not count:
        return
    number = line_number(whole(row, "sequence"))
    yield ShipmentLine(
        number=number,
        item_id=text(row, "lineObjectNumber"),
        quantity=count,
        description=optional_text(row, "description"),
        order_line=number if order else None,
    )
