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

_STATUS_WORDS = {
    "on_hold": ("on_hold", "Put on hold"),
    "rejected": ("rejected", "Rejected"),
    "confirmed": ("confirmed", "Confirmed"),
    "partly_shipped": ("status", "Partly shipped"),
    "shipped": ("status", "Shipped in full"),
    "partly_invoiced": ("status", "Partly invoiced"),
    "invoiced": ("status", "Invoiced in full"),
    "paid": ("paid", "Paid in full"),
    "cancelled": ("cancelled", "Cancelled"),
    "returned": ("returned", "Returned in full"),
}

_OF_THE_ORDER_ITSELF = frozenset({"on_hold", "rejected", "confirmed", "cancelled"})


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
    """Say what the document is, and then where the order stands; keys make both come once."""
    match document:
        case Shipment():
            count = sum((line.quantity for line in document.lines), start=0)
            carrier = f" with {document.carrier}" if document.carrier else ""
            yield _entry(
                ctx, document.id, "shipped", f"Shipped {count:f}{carrier}", document.shipped_on
            )
        case Invoice():
            yield _entry(
                ctx, document.id, "invoiced", f"Invoiced {document.gross}", document.issued_on
            )
        case CreditNote():
            yield _entry(
                ctx, document.id, "credited", f"Credited {document.gross}", document.issued_on
            )
        case Payment():
            yield _entry(
                ctx, document.id, "paid", f"Payment of {document.amount}", document.received_on
            )
        case Return():
            yield _entry(ctx, document.id, "returned", "Goods came back", document.received_on)
        case Order() if order.status not in _OF_THE_ORDER_ITSELF:
            return  # the document that brought it here has an event of its own
        case Order():
            pass
    if order.status in _STATUS_WORDS:
        kind, words = _STATUS_WORDS[order.status]
        yield OrderEvent(
            key=f"status:{order.status}",
            at=ctx.now,
            kind=kind,
            title=words,
            text=order.hold_reason,
            document_id=order.id,
            actor=order.system,
        )


def _entry(ctx: EventContext, document_id: str, kind: str, title: str, on: date) -> OrderEvent:
    # A document tells its day, not its hour; today's get the hour at which we heard of them.
    at = ctx.now if on == ctx.now.date() else datetime.combine(on, time(12), tzinfo=UTC)
    return OrderEvent(
        key=f"{kind}:{document_id}", at=at, kind=kind, title=title, document_id=document_id
    )
