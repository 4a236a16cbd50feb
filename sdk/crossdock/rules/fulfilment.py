"""How orders were delivered against what was promised: late shipments and unshipped orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from attrs import frozen

from crossdock.records import Order, Shipment
from crossdock.rules.order_status import open_quantity
from crossdock.rules.sold_lines import counts_as_sale


@frozen(kw_only=True)
class LateShipment:
    """A shipment that left after the day it was promised for.

    Attributes:
        promised_on: the earliest promise among the lines in it.
        days: from the promised day to the day of the shipment.
    """

    shipment: Shipment
    order: Order
    promised_on: date
    days: int


@frozen(kw_only=True)
class UnshippedOrder:
    """An order of which nothing has left the house.

    Attributes:
        promised_on: the earliest promise among its open lines; `None` where nothing was promised.
        days_late: from the promised day to the as-of day; 0 where it is still to come or was not
            promised.
    """

    order: Order
    promised_on: date | None
    days_late: int


@frozen(kw_only=True)
class DeliveryRecord:
    """How reliably a customer was delivered to.

    Attributes:
        shipments: how many there are.
        promised: how many of them had a promise to be held against.
        late: how many of those left after it.
        on_time: the fraction of the promised ones that were not late; `None` without any.
        mean_days_late: over the late ones; `None` without any.
    """

    shipments: int
    promised: int
    late: int
    on_time: Decimal | None
    mean_days_late: Decimal | None


def late_shipments(
    orders: Iterable[Order], shipments: Iterable[Shipment]
) -> tuple[LateShipment, ...]:
    """Find the shipments that left after the day they were promised for, the latest first.

    A shipment is held against the promises of the order lines in it, or of its order where a line
    has none. A shipment of an order that is not among `orders` cannot be judged.
    """
    found = [
        LateShipment(
            shipment=shipment, order=order, promised_on=promised, days=(left - promised).days
        )
        for shipment, order, promised in _promises(orders, shipments)
        if (left := shipment.shipped_on) > promised
    ]
    return tuple(sorted(found, key=lambda late: (-late.days, late.shipment.id)))


def unshipped_orders(orders: Iterable[Order], *, as_of: date) -> tuple[UnshippedOrder, ...]:
    """Find the orders of which nothing was shipped yet, the longest late first.

    Drafts, rejected and cancelled orders are none of them, nor are orders of which nothing is open
    or that were placed after the day.
    """
    found = []
    for order in orders:
        waiting = [line for line in order.lines if open_quantity(line) > 0]
        placed = order.ordered_on is None or order.ordered_on <= as_of
        if not waiting or not placed or not counts_as_sale(order):
            continue
        if any(line.shipped > 0 for line in order.lines):
            continue
        promises = [line.promised_on or order.promised_on for line in waiting]
        promised = min((day for day in promises if day is not None), default=None)
        days = 0 if promised is None else max(0, (as_of - promised).days)
        found.append(UnshippedOrder(order=order, promised_on=promised, days_late=days))
    return tuple(sorted(found, key=lambda each: (-each.days_late, each.order.id)))


def delivery_record(orders: Iterable[Order], shipments: Iterable[Shipment]) -> DeliveryRecord:
    """Say how reliably a customer was delivered to."""
    sent = tuple(shipments)
    held = _promises(orders, sent)
    delays = [
        (shipment.shipped_on - promised).days
        for shipment, _, promised in held
        if shipment.shipped_on > promised
    ]
    late = len(delays)
    return DeliveryRecord(
        shipments=len(sent),
        promised=len(held),
        late=late,
        on_time=Decimal(len(held) - late) / len(held) if held else None,
        mean_days_late=Decimal(sum(delays)) / late if late else None,
    )


def _promises(
    orders: Iterable[Order], shipments: Iterable[Shipment]
) -> list[tuple[Shipment, Order, date]]:
    by_id = {(order.system, order.id): order for order in orders}
    held = []
    for shipment in shipments:
        order = by_id.get((shipment.system, shipment.order_id))
        if order is not None and (promised := _promised(order, shipment)) is not None:
            held.append((shipment, order, promised))
    return held


def _promised(order: Order, shipment: Shipment) -> date | None:
    own = {line.number: line.promised_on for line in order.lines}
    days = {own.get(line.order_line or 0) or order.promised_on for line in shipment.lines}
    days = days or {order.promised_on}
    return min((day for day in days if day is not None), default=None)
