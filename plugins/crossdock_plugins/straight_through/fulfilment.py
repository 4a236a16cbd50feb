"""The way back: what happens to an order in the ERP, shown on the CRM's order (D2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from attrs import evolve

from crossdock import EventContext
from crossdock.errors import NotFound
from crossdock.records import (
    CreditNote,
    Document,
    Invoice,
    Order,
    OrderEvent,
    Payment,
    Return,
    Shipment,
)

# What only the order itself can tell; the rest follows from the documents and the quantities.
_OF_THE_ORDER_ITSELF = {
    "on_hold": "Put on hold",
    "rejected": "Rejected",
    "confirmed": "Confirmed",
    "cancelled": "Cancelled",
}


def merge(crm_order: Order, erp_order: Order) -> Order:
    """Write into a CRM order how far the ERP's order has come; lines match by number."""
    by_number = {line.number: line for line in erp_order.lines}
    lines = tuple(
        evolve(
            line,
            reserved=there.reserved,
            back_ordered=there.back_ordered,
            shipped=there.shipped,
            invoiced=there.invoiced,
            returned=there.returned,
            cancelled=there.cancelled,
            promised_on=there.promised_on,
            net=there.net,
        )
        if (there := by_number.get(line.number))
        else line
        for line in crm_order.lines
    )
    return evolve(
        crm_order,
        erp_system=erp_order.system,
        erp_order_id=erp_order.id,
        status=erp_order.status,
        hold_reason=erp_order.hold_reason,
        promised_on=erp_order.promised_on,
        lines=lines,
        net=erp_order.net,
        tax=erp_order.tax,
        gross=erp_order.gross,
    )


def follow(ctx: EventContext, document: Document) -> None:
    """Bring each CRM order behind a changed ERP document up to date and add to its timeline."""
    for order_id in ctx.step("find orders", _orders_behind, ctx, document):
        ctx.step(f"show {order_id}", _show, ctx, document, order_id)


def _orders_behind(ctx: EventContext, document: Document) -> list[str]:
    erp = ctx.erp.using(document.system)
    match document:
        case Order():
            return [document.id]
        case Shipment() | Return():
            return _unique([document.order_id])
        case Invoice():
            return _of_invoice(document)
        case CreditNote():
            return _of_invoice(erp.invoice(document.invoice_id)) if document.invoice_id else []
        case Payment():
            invoices = _unique(application.invoice_id for application in document.applications)
            return _unique(
                order_id
                for invoice_id in invoices
                for order_id in _of_invoice(erp.invoice(invoice_id))
            )


def _of_invoice(invoice: Invoice) -> list[str]:
    return _unique([invoice.order_id, *(line.order_id for line in invoice.lines)])


def _unique(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each for each in ids if each))


def _show(ctx: EventContext, document: Document, order_id: str) -> None:
    erp_order = ctx.erp.using(document.system).order(order_id)
    if not erp_order.reference:
        return  # entered in the ERP by hand: no CRM order stands behind it
    try:
        crm_order = ctx.crm.order(erp_order.reference)
    except NotFound:
        ctx.log.info("%s names %s, which the CRM does not have", order_id, erp_order.reference)
        return
    if crm_order.erp_order_id and crm_order.erp_order_id != erp_order.id:
        ctx.log.warning("%s belongs to %s, not %s", crm_order.id, crm_order.erp_order_id, order_id)
        return
    ctx.crm.update_order(merge(crm_order, erp_order))
    for event in _events(ctx, document, erp_order):
        ctx.crm.add_order_event(crm_order.id, event)


def _events(ctx: EventContext, document: Document, order: Order) -> Iterable[OrderEvent]:
    """Say what the document is, and then what it completes; keys make both come once.

    What it completes is derived from the quantities of the lines, not from the order's status: by
    the time that a shipment is told of, the order may already be invoiced.
    """
    match document:
        case Shipment():
            count = sum((line.quantity for line in document.lines), start=0)
            carrier = f" with {document.carrier}" if document.carrier else ""
            title = f"Shipped {count:f}{carrier}"
            yield _entry(ctx, document.id, "shipped", title, document.shipped_on)
            if all(line.shipped >= line.quantity - line.cancelled for line in order.lines):
                yield _reached(ctx, order, "shipped", "Shipped in full")
            else:
                yield _reached(ctx, order, "partly_shipped", "Partly shipped")
        case Invoice():
            title = f"Invoiced {document.gross}"
            yield _entry(ctx, document.id, "invoiced", title, document.issued_on)
            if all(line.invoiced >= line.quantity - line.cancelled for line in order.lines):
                yield _reached(ctx, order, "invoiced", "Invoiced in full")
            else:
                yield _reached(ctx, order, "partly_invoiced", "Partly invoiced")
        case CreditNote():
            title = f"Credited {document.gross}"
            yield _entry(ctx, document.id, "credited", title, document.issued_on)
        case Payment():
            title = f"Payment of {document.amount}"
            yield _entry(ctx, document.id, "paid", title, document.received_on)
            if order.status == "paid":
                yield _reached(ctx, order, "paid", "Paid in full")
        case Return():
            yield _entry(ctx, document.id, "returned", "Goods came back", document.received_on)
            if all(line.returned >= line.shipped for line in order.lines):
                yield _reached(ctx, order, "returned", "Returned in full")
        case Order() if order.status in _OF_THE_ORDER_ITSELF:
            yield _reached(ctx, order, order.status, _OF_THE_ORDER_ITSELF[order.status])


def _reached(ctx: EventContext, order: Order, status: str, title: str) -> OrderEvent:
    return OrderEvent(
        key=f"status:{status}",
        at=ctx.now,
        kind="on_hold" if status == "on_hold" else "status",
        title=title,
        text=order.hold_reason if status == "on_hold" else "",
        document_id=order.id,
        actor=order.system,
    )


def _entry(ctx: EventContext, document_id: str, kind: str, title: str, on: date) -> OrderEvent:
    # A document tells its day, not its hour; today's get the hour at which we heard of them.
    at = ctx.now if on == ctx.now.date() else datetime.combine(on, time(12), tzinfo=UTC)
    return OrderEvent(
        key=f"{kind}:{document_id}", at=at, kind=kind, title=title, document_id=document_id
    )
