"""Orders by line: how far each has come, the late ones first (A4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from crossdock import (
    Badge,
    Column,
    Component,
    Context,
    Metric,
    Metrics,
    Notice,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, Order, OrderLine, TradingAccount
from crossdock.rules import (
    LateLine,
    LineStatus,
    counts_as_sale,
    kept_net,
    late_lines,
    line_status,
    open_quantity,
)

from .periods import Period
from .sources import NO_RESERVATIONS, NO_SHIPMENTS, Reader, document

_LINE: Final[Mapping[LineStatus, Badge]] = {
    "open": Badge("open"),
    "reserved": Badge("reserved", "info"),
    "back_ordered": Badge("back-ordered", "warning"),
    "partly_shipped": Badge("partly shipped", "info"),
    "shipped": Badge("shipped", "good"),
    "partly_invoiced": Badge("partly invoiced", "good"),
    "invoiced": Badge("invoiced", "good"),
    "cancelled": Badge("cancelled"),
    "returned": Badge("returned", "warning"),
}
_HELD: Final = {
    "on_hold": Badge("on hold", "warning"),
    "awaiting_approval": Badge("awaiting approval", "warning"),
    "possibly_created": Badge("possibly created", "warning"),
}
_CLOSED: Final = frozenset({"rejected", "cancelled"})
_COLUMNS: Final = (
    Column(key="order", label="Order"),
    Column(key="status", label="Status"),
    Column(key="promised", label="Promised"),
    Column(key="late", label="Days late", align="end"),
    Column(key="item", label="Item"),
    Column(key="description", label="Description"),
    Column(key="ordered", label="Ordered", align="end"),
    Column(key="reserved", label="Reserved", align="end"),
    Column(key="back_ordered", label="Back-ordered", align="end"),
    Column(key="shipped", label="Shipped", align="end"),
    Column(key="invoiced", label="Invoiced", align="end"),
    Column(key="cancelled", label="Cancelled", align="end"),
    Column(key="net", label="Net", align="end", help="less what was cancelled, before tax"),
    Column(key="ordered_on", label="Ordered on"),
    Column(key="reference", label="Reference"),
)


def orders_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show order lines with their quantities; open ones only, unless all are asked for.

    A period, `since` and `until`, asks for what was ordered in it, open or not.
    """
    reader = Reader(ctx, account, params)
    period = Period.of(params)
    everything = params.get("show") == "all" or bool(period)
    reader.ahead(*reader.of_each("orders", ctx.erp.orders))
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        orders = orders_of(reader, trading_account)
        if not isinstance(orders, Unknown):
            chosen = [each for each in orders if period.holds(each.ordered_on)]
            sections += _section(
                reader, trading_account, chosen, period.text, everything=everything
            )
    return View([*reader.notices, *sections])


def orders_of(reader: Reader, trading_account: TradingAccount) -> Sequence[Order] | Unknown:
    """Read one trading account's orders with their lines, newest first."""
    erp = reader.ctx.erp
    return reader.read("orders", trading_account, lambda: erp.orders(trading_account))


def is_open(order: Order) -> bool:
    """Whether something of an order is still to be shipped."""
    if order.status in _CLOSED:
        return False
    return any(open_quantity(line) > 0 for line in order.lines)


def _section(
    reader: Reader,
    trading_account: TradingAccount,
    orders: Sequence[Order],
    when: str,
    *,
    everything: bool,
) -> list[Component]:
    provenance = reader.provenance([trading_account])
    whose = reader.whose(trading_account)
    # What an ERP does not record is no zero: nobody knows what was shipped, or what is late.
    ships = reader.knows(trading_account, "shipments")
    promises = reader.knows(trading_account, "reservations")
    late = late_lines(orders, as_of=reader.today) if ships else ()
    open_orders = [order for order in orders if is_open(order)]
    back_ordered = sum(line.back_ordered > 0 for order in open_orders for line in order.lines)
    held = [order for order in open_orders if order.status in _HELD]
    components: list[Component] = [
        Metrics(
            title=f"Orders{whose}",
            metrics=[
                Metric(label="Open orders", value=len(open_orders)),
                Metric(label="Late lines", value=len(late), tone="bad" if late else "good")
                if ships
                else Metric(label="Late lines", value=NO_SHIPMENTS),
                Metric(
                    label="Lines back-ordered",
                    value=back_ordered if promises else NO_RESERVATIONS,
                    tone="warning" if back_ordered else "neutral",
                ),
                Metric(label="Orders held", value=len(held), tone="warning" if held else "neutral"),
            ],
            provenance=provenance,
        )
    ]
    if late:
        components.append(_late_notice(late))
    shown = orders if everything else open_orders
    components.append(
        Table(
            title=f"{'All' if everything else 'Open'} order lines{whose}{when}",
            columns=_COLUMNS,
            rows=_known(_rows(shown, late, everything=everything), ships, promises),
            empty="There are no orders." if everything else "There are no open orders.",
            total=_total(shown, everything=everything),
            id=reader.table_id("lines", trading_account),
            provenance=provenance,
        )
    )
    return components


def _late_notice(late: Sequence[LateLine]) -> Notice:
    worst = late[0]
    orders = len({found.order.id for found in late})
    lines = f"{len(late)} line{'s' if len(late) > 1 else ''}"
    text = (
        f"{lines} of {orders} order{'s' if orders > 1 else ''} should have been shipped by now; "
        f"the longest, {worst.line.item_id} of {worst.order.id}, was promised {worst.days} "
        f"day{'s' if worst.days > 1 else ''} ago."
    )
    return Notice(title="Late: call before the customer does", text=text, tone="bad")


def _rows(
    orders: Sequence[Order], late: Sequence[LateLine], *, everything: bool
) -> list[dict[str, Value]]:
    """Late lines first, the longest on top; then open ones by promised date; then the rest."""
    days = {(found.order.id, found.line.number): found.days for found in late}
    lines = [
        (order, line)
        for order in orders
        for line in order.lines
        if everything or open_quantity(line) > 0
    ]

    def place(pair: tuple[Order, OrderLine]) -> tuple[object, ...]:
        order, line = pair
        promised = line.promised_on or order.promised_on or date.max
        is_late = -days.get((order.id, line.number), 0)
        still_open = open_quantity(line) > 0 and order.status not in _CLOSED
        ordered = order.ordered_on or date.min
        return (
            is_late,
            not still_open,
            promised if still_open else date.max,
            -ordered.toordinal(),
            order.id,
            line.number,
        )

    return [
        _row(order, line, days.get((order.id, line.number)))
        for order, line in sorted(lines, key=place)
    ]


def _total(orders: Sequence[Order], *, everything: bool) -> dict[str, Value] | None:
    """Add up what was ordered, where all of it has an amount in one currency."""
    nets = [
        kept_net(line)
        for order in orders
        if counts_as_sale(order)
        for line in order.lines
        if everything or open_quantity(line) > 0
    ]
    known = [net for net in nets if net is not None]
    if not known or len(known) < len(nets) or len({net.currency for net in known}) > 1:
        return None
    return {"order": "Total", "net": sum(known[1:], start=known[0])}


def _known(rows: list[dict[str, Value]], ships: bool, promises: bool) -> list[dict[str, Value]]:
    """Say of each figure that the ERP does not record that nobody knows it."""
    unknown: dict[str, Value] = {} if ships else {"shipped": NO_SHIPMENTS}
    if not promises:
        unknown |= {"reserved": NO_RESERVATIONS, "back_ordered": NO_RESERVATIONS}
    if not ships:
        for row in rows:
            if row["status"] == _LINE["partly_shipped"]:
                row["status"] = _LINE["partly_invoiced"]
    return [row | unknown for row in rows]


def _row(order: Order, line: OrderLine, late: int | None) -> dict[str, Value]:
    badge = _LINE[line_status(line)]
    if order.status in _CLOSED:
        badge = Badge(order.status)
    elif order.status in _HELD and open_quantity(line) > 0:
        badge = _HELD[order.status]
    if late:
        badge = Badge(f"late, {badge.text}", "bad")
    return {
        "order": document("order", order.id, order.system, f"{order.id} / {line.number}"),
        "status": badge,
        "promised": line.promised_on or order.promised_on or Unknown("not promised"),
        "late": late,
        "item": line.item_id,
        "description": line.description,
        "ordered": line.quantity,
        "reserved": line.reserved,
        "back_ordered": line.back_ordered,
        "shipped": line.shipped,
        "invoiced": line.invoiced,
        "cancelled": line.cancelled,
        "net": kept_net(line),
        "ordered_on": order.ordered_on,
        "reference": order.reference,
    }
