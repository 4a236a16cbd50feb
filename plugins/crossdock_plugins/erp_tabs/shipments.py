"""What went out: when, by whom, to whom, and what was in it (A8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from crossdock import (
    Column,
    Component,
    Context,
    Link,
    Metric,
    Metrics,
    Percent,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, Order, Shipment, ShipmentLine, TradingAccount
from crossdock.rules import LateShipment, delivery_record, late_shipments

from .sources import Reader, document

_COLUMNS: Final = (
    Column(key="shipment", label="Shipment"),
    Column(key="on", label="Shipped on"),
    Column(key="late", label="Days late", align="end", help="against what the order promised"),
    Column(key="order", label="Order"),
    Column(key="party", label="Shipping party", help="who carried it"),
    Column(key="tracking", label="Tracking"),
    Column(key="to", label="Shipped to"),
    Column(key="quantity", label="Quantity", align="end"),
    Column(key="items", label="Items"),
)
_NAMED: Final = 3  # items that a row names before it only counts them
_NO_PROMISES: Final = Unknown("the orders could not be read")


def shipments_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show shipments, newest first, beside what was promised."""
    reader = Reader(ctx, account, params)
    erp = reader.ctx.erp
    reader.ahead(*reader.of_each("shipments", erp.shipments), *reader.of_each("orders", erp.orders))
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        shipments = reader.read(
            "shipments", trading_account, partial(erp.shipments, trading_account)
        )
        if isinstance(shipments, Unknown):
            continue
        orders = reader.read("orders", trading_account, partial(erp.orders, trading_account))
        sections += _section(reader, trading_account, shipments, orders)
    return View([*reader.notices, *sections])


def items_in_words(lines: Sequence[ShipmentLine]) -> str:
    """Name the first items of a document with their quantities, and count the rest."""
    named = [f"{line.quantity.normalize():f} x {line.item_id}" for line in lines[:_NAMED]]
    if len(lines) > _NAMED:
        named.append(f"{len(lines) - _NAMED} more")
    return ", ".join(named)


def quantity_of(lines: Sequence[ShipmentLine]) -> Decimal:
    """Add up quantities, whatever their units."""
    return sum((line.quantity for line in lines), start=Decimal(0))


def _section(
    reader: Reader,
    trading_account: TradingAccount,
    shipments: Sequence[Shipment],
    orders: Sequence[Order] | Unknown,
) -> list[Component]:
    whose = reader.whose(trading_account)
    provenance = reader.provenance([trading_account])
    metrics = [Metric(label="Shipments", value=len(shipments))]
    if shipments:
        metrics.append(
            Metric(label="Last shipped", value=max(each.shipped_on for each in shipments))
        )
    late: dict[str, LateShipment] = {}
    if isinstance(orders, Unknown):
        metrics.append(Metric(label="On time", value=_NO_PROMISES))
    else:
        record = delivery_record(orders, shipments)
        late = {each.shipment.id: each for each in late_shipments(orders, shipments)}
        if record.on_time is not None:
            metrics.append(
                Metric(
                    label="On time",
                    value=Percent(record.on_time),
                    tone="warning" if record.late else "good",
                    help=f"{record.late} of {record.promised} left after the promised day",
                )
            )
    return [
        Metrics(title=f"Deliveries{whose}", metrics=metrics, provenance=provenance),
        Table(
            title=f"Shipments{whose}",
            columns=_COLUMNS,
            rows=[_row(each, late.get(each.id), orders) for each in shipments],
            empty="Nothing was shipped yet.",
            id=reader.table_id("shipments", trading_account),
            provenance=provenance,
        ),
    ]


def _row(
    shipment: Shipment, late: LateShipment | None, orders: Sequence[Order] | Unknown
) -> dict[str, Value]:
    order: Link | None = None
    if shipment.order_id:
        order = document("order", shipment.order_id, shipment.system)
    to = shipment.ship_to
    days: Value = late.days if late else None
    return {
        "shipment": document("shipment", shipment.id, shipment.system),
        "on": shipment.shipped_on,
        "late": orders if isinstance(orders, Unknown) else days,
        "order": order,
        "party": shipment.carrier or Unknown("the ERP does not say"),
        "tracking": shipment.tracking,
        "to": ", ".join(part for part in (to.city, to.country) if part),
        "quantity": quantity_of(shipment.lines),
        "items": items_in_words(shipment.lines),
    }
