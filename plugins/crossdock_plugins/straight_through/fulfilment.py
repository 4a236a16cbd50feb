"""The way back: what happens to an order in the ERP, shown on the CRM's order (D2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

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
from crossdock.rules.order_status import open_quantity, order_status
from crossdock_plugins.straight_through import timeline

_ASK_FROM = 3  # a timeline is read before so many entries are added, most of which it may have


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


def follow(ctx: EventContext, document: Document, before: Document | None) -> None:
    """Bring each CRM order behind a changed ERP document up to date and add to its timeline."""
    # A document that was deleted is told as it last was.
    if document == before and _is_gone(ctx, document):
        ctx.step("show what was deleted", _show_deleted, ctx, document)
        return
    order_ids = _orders_behind(ctx, document)
    if len(order_ids) == 1:
        # Showing something again comes to nothing, so steps are for not doing a long list again.
        _show(ctx, document, before, order_ids[0])
        return
    for order_id in order_ids:
        ctx.step(f"show {order_id}", _show, ctx, document, before, order_id)


def _is_gone(ctx: EventContext, document: Document) -> bool:
    erp = ctx.erp.using(document.system)
    read = {
        Order: erp.order,
        Shipment: erp.shipment,
        Invoice: erp.invoice,
        CreditNote: erp.credit_note,
        Payment: erp.payment,
        Return: erp.goods_return,
    }[type(document)]
    try:
        read(document.id)
    except NotFound:
        return True
    return False


def _orders_behind(ctx: EventContext, document: Document) -> list[str]:
    """Name the ERP's orders behind a document.

    Most documents say it themselves, and an invoice's lines never change: so it is no step, which
    would cost more to record than to find out again.
    """
    match document:
        case Order():
            return [document.id]
        case Shipment() | Return():
            return _unique([document.order_id])
        case Invoice():
            return _of_invoice(document)
        case CreditNote():
            named = _unique(line.order_id for line in document.lines)
            invoices = (document.invoice_id, *(line.invoice_id for line in document.lines))
            return named or _of_invoices(ctx, document.system, invoices)
        case Payment():
            invoices = tuple(application.invoice_id for application in document.applications)
            return _of_invoices(ctx, document.system, invoices)


def _of_invoices(ctx: EventContext, system: str, invoice_ids: Iterable[str]) -> list[str]:
    erp = ctx.erp.using(system)
    found: list[str] = []
    for invoice_id in _unique(invoice_ids):
        try:
            found += _of_invoice(erp.invoice(invoice_id))
        except NotFound:  # deleted since; the order that it was of is told of that
            ctx.log.info("%s has no invoice %s any more", system, invoice_id)
    return _unique(found)


def _of_invoice(invoice: Invoice) -> list[str]:
    return _unique([invoice.order_id, *(line.order_id for line in invoice.lines)])


def _unique(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each for each in ids if each))


def _show(ctx: EventContext, document: Document, before: Document | None, order_id: str) -> None:
    told = document if isinstance(document, Order) else None
    erp_order = told or _erp_order(ctx, document.system, order_id)
    crm_order = _crm_order(ctx, erp_order) if erp_order else None
    if told is not None and crm_order is not None and merge(crm_order, told) != crm_order:
        # What was heard may be old by now, and only what the ERP has at present may be written.
        erp_order = _erp_order(ctx, document.system, order_id)
    if erp_order is None or crm_order is None:
        return
    bring_up_to_date(ctx, crm_order, erp_order)
    _add(ctx, crm_order, timeline.entries(document, erp_order, before=before, now=ctx.now))


def _erp_order(ctx: EventContext, system: str, order_id: str) -> Order | None:
    try:
        return ctx.erp.using(system).order(order_id)
    except NotFound:  # deleted since; that is told by itself
        ctx.log.info("%s has no order %s any more", system, order_id)
        return None


def _crm_order(ctx: EventContext, erp_order: Order) -> Order | None:
    """Give the CRM order behind an ERP order; one entered in the ERP by hand has none."""
    if not erp_order.reference:
        return None
    try:
        crm_order = ctx.crm.order(erp_order.reference)
    except NotFound:
        ctx.log.info("%s is of %s, which the CRM does not have", erp_order.id, erp_order.reference)
        return None
    if crm_order.erp_order_id and crm_order.erp_order_id != erp_order.id:
        ctx.log.warning(
            "%s belongs to %s, not %s", crm_order.id, crm_order.erp_order_id, erp_order.id
        )
        return None
    return crm_order


def _add(ctx: EventContext, crm_order: Order, entries: Sequence[OrderEvent]) -> None:
    """Add what a timeline does not have; keys make what is added twice come once."""
    known: set[str] = set()
    if len(entries) >= _ASK_FROM:
        known = {entry.key for entry in ctx.crm.order_events(crm_order.id)}
    for entry in entries:
        if entry.key not in known:
            ctx.crm.add_order_event(crm_order.id, entry)


def _show_deleted(ctx: EventContext, document: Document) -> None:
    told = timeline.deleted(document, ctx.now)
    if isinstance(document, Order):
        crm_order = _crm_order(ctx, document)
        if crm_order is not None and crm_order.erp_order_id == document.id:
            left = _without_open(crm_order)
            if left != crm_order:
                ctx.crm.update_order(left)
            _add(ctx, crm_order, [told])
        return
    for order_id in _orders_behind(ctx, document):
        erp_order = _erp_order(ctx, document.system, order_id)
        crm_order = _crm_order(ctx, erp_order) if erp_order else None
        if erp_order is not None and crm_order is not None:
            bring_up_to_date(ctx, crm_order, erp_order)
            _add(ctx, crm_order, [told])


def _without_open(order: Order) -> Order:
    """Cancel what is open of an order that its ERP has no longer; what was shipped was shipped."""
    nothing = Decimal(0)
    lines = tuple(
        evolve(
            line,
            cancelled=line.cancelled + max(open_quantity(line), nothing),
            reserved=nothing,
            back_ordered=nothing,
        )
        for line in order.lines
    )
    status = order_status(lines, paid=order.status == "paid")
    return evolve(order, lines=lines, status=status, hold_reason="")
