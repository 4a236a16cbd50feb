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
    OrderStep,
    Payment,
    Return,
    Shipment,
)
from crossdock.rules.order_status import open_quantity

_WORDS = {
    "on_hold": "Put on hold",
    "rejected": "Rejected",
    "confirmed": "Confirmed",
    "cancelled": "Cancelled",
    "partly_shipped": "Partly shipped",
    "shipped": "Shipped in full",
    "partly_invoiced": "Partly invoiced",
    "invoiced": "Invoiced in full",
    "paid": "Paid in full",
    "returned": "Returned in full",
}
# What only the order itself can tell; the rest follows from the documents.
_OF_THE_ORDER_ITSELF = frozenset({"on_hold", "rejected", "confirmed", "cancelled"})


def merge(crm_order: Order, erp_order: Order) -> Order:
    """Write into a CRM order how far the ERP's order has come; lines match by number.

    Lines that were added in the ERP come along.
    """
    by_number = {line.number: line for line in erp_order.lines}
    known = {line.number for line in crm_order.lines}
    added = tuple(line for line in erp_order.lines if line.number not in known)
    lines = tuple(
        evolve(
            line,
            quantity=there.quantity,
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
        lines=lines + added,
        net=erp_order.net,
        tax=erp_order.tax,
        gross=erp_order.gross,
    )


def bring_up_to_date(ctx: EventContext, crm_order: Order, erp_order: Order) -> None:
    """Write into a CRM order, as it was just read, how far the ERP's order has come."""
    merged = merge(crm_order, erp_order)
    if merged != crm_order:
        ctx.crm.update_order(merged)


def follow(ctx: EventContext, document: Document) -> None:
    """Bring each CRM order behind a changed ERP document up to date and add to its timeline."""
    for order_id in _orders_behind(ctx, document):
        ctx.step(f"show {order_id}", _show, ctx, document, order_id)


def _orders_behind(ctx: EventContext, document: Document) -> list[str]:
    """Name the ERP's orders behind a document.

    Most documents say it themselves, and an invoice's lines never change: so it is no step, which
    would cost more to record than to find out again.
    """
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
    bring_up_to_date(ctx, crm_order, erp_order)
    for event in _events(ctx, document, erp_order):
        ctx.crm.add_order_event(crm_order.id, event)


def _events(ctx: EventContext, document: Document, order: Order) -> Iterable[OrderEvent]:
    """Say what the document is, and then where it brought the order; keys make both come once."""
    step = next((step for step in order.history if step.document_id == document.id), None)
    match document:
        case Shipment():
            count = sum((line.quantity for line in document.lines), start=0)
            carrier = f" with {document.carrier}" if document.carrier else ""
            told = ("shipped", f"Shipped {count:f}{carrier}", document.shipped_on)
        case Invoice():
            told = ("invoiced", f"Invoiced {document.gross}", document.issued_on)
        case CreditNote():
            told = ("credited", f"Credited {document.gross}", document.issued_on)
        case Payment():
            told = ("paid", f"Payment of {document.amount}", document.received_on)
        case Return():
            told = ("returned", "Goods came back", document.received_on)
        case Order():
            if order.status in _OF_THE_ORDER_ITSELF:
                latest = [step for step in order.history if step.status == order.status]
                yield _reached(ctx, order, order.status, latest[-1] if latest else None)
            return
    kind, title, on = told
    yield OrderEvent(
        key=f"{kind}:{document.id}",
        at=step.at if step else _instant(ctx, on),
        kind=kind,
        title=title,
        document_id=document.id,
    )
    status = step.status if step else _completed(document, order)
    if status in _WORDS and status not in _OF_THE_ORDER_ITSELF:
        yield _reached(ctx, order, status, step)


def _completed(document: Document, order: Order) -> str:
    """Derive from the lines what a document completed, for an ERP that keeps no history.

    Not from the order's status: by the time that a shipment is told of, the order may already be
    invoiced.
    """
    match document:
        case Shipment():
            done = all(open_quantity(line) <= 0 for line in order.lines)
            return "shipped" if done else "partly_shipped"
        case Invoice():
            done = all(line.invoiced >= line.quantity - line.cancelled for line in order.lines)
            return "invoiced" if done else "partly_invoiced"
        case Payment() if order.status == "paid":
            return "paid"
        case Return() if all(line.returned >= line.shipped for line in order.lines):
            return "returned"
    return ""


def _reached(ctx: EventContext, order: Order, status: str, step: OrderStep | None) -> OrderEvent:
    held = status == "on_hold"
    # An order may be held, or wait for its second half, more than once.
    when = f":{step.at.isoformat()}" if step and status in _OF_THE_ORDER_ITSELF else ""
    return OrderEvent(
        key=f"status:{status}{when}",
        at=step.at if step else ctx.now,
        kind="on_hold" if held else "status",
        title=_WORDS[status],
        text=order.hold_reason if held else "",
        document_id=order.id,
        actor=order.system,
    )


def _instant(ctx: EventContext, on: date) -> datetime:
    # A document tells its day, not its hour; today's get the hour at which we heard of them.
    return ctx.now if on == ctx.now.date() else datetime.combine(on, time(12), tzinfo=UTC)
