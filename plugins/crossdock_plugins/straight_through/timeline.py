"""What an order's timeline in the CRM says: each fact once, at the instant at which it happened.

Where the ERP keeps a history of its order, all of it is told whenever one of the order's documents
is: so nothing is missing that happened between two looks, whatever is heard of late, twice or in
another order. The n-th time that an order was held is the n-th for ever, which makes the keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

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
# Steps that are facts of their own, whether or not they move the status.
_MARKS = {
    "held": ("on_hold", "Put on hold"),
    "rejected": ("rejected", "Rejected"),
    "cancelled": ("cancelled", "Cancelled"),
    "released": ("released", "Released"),
    "approved": ("approved", "Approved"),
    "picked": ("picked", "Picked"),
}
_LIFTS_A_HOLD = frozenset({"released", "approved"})
# What ends all that is open; of an order that was shipped in part, that is only the rest of it.
_ENDS = {"rejected": "The rest was rejected", "cancelled": "The rest was cancelled"}


def entries(
    document: Document, order: Order, *, before: Document | None, now: datetime
) -> tuple[OrderEvent, ...]:
    """Say what there is to tell of an order when one of its documents was heard of.

    Args:
        document: the order itself, or one of its documents.
        order: the order as the ERP has it now.
        before: the document as it was last heard of.
        now: the instant of what the ERP tells no instant of.
    """
    told = list(_of_document(document, order, now))
    if order.history:
        told = list(_of_history(order, document, told))
    elif isinstance(document, Order):
        told += _of_order(document, order, before, now)
    else:
        told += _of_quantities(document, order, told[0].at)
    return tuple(sorted(told, key=lambda entry: entry.at))


def deleted(document: Document, now: datetime) -> OrderEvent:
    """Say that the ERP has a document no longer."""
    kind = type(document).__name__
    name = "Order" if kind == "Order" else {"CreditNote": "Credit note"}.get(kind, kind)
    return OrderEvent(
        key=f"deleted:{document.id}",
        at=now,
        kind="cancelled" if kind == "Order" else "note",
        title=f"{name} {document.id} was deleted in {document.system}",
        document_id=document.id,
        actor=document.system,
    )


def _of_document(document: Document, order: Order, now: datetime) -> Iterator[OrderEvent]:
    text = ""
    match document:
        case Order():
            return
        case Shipment():
            count = sum((line.quantity for line in document.lines), start=0)
            carrier = f" with {document.carrier}" if document.carrier else ""
            kind, title, on = "shipped", f"Shipped {count:f}{carrier}", document.shipped_on
        case Invoice():
            kind, title, on = "invoiced", f"Invoiced {document.gross}", document.issued_on
        case CreditNote():
            kind, title, on = "credited", f"Credited {document.gross}", document.issued_on
            text = document.reason
        case Payment():
            kind, title, on = "paid", f"Payment of {document.amount}", document.received_on
            text = "; ".join(
                f"{each.amount} for {each.invoice_id}" for each in document.applications
            )
        case Return():
            kind, title, on = "returned", "Goods came back", document.received_on
            text = document.reason
    step = next((step for step in order.history if step.document_id == document.id), None)
    yield OrderEvent(
        key=f"{kind}:{document.id}",
        at=step.at if step else _instant(now, on),
        kind=kind,
        title=title,
        text=text,
        document_id=document.id,
    )


def _of_history(
    order: Order, document: Document, of_document: list[OrderEvent]
) -> Iterator[OrderEvent]:
    """Tell an order's history, and a document where the history has it.

    A CRM may keep instants to the second, and shows what happened in one as it was told: so what
    the order went through by itself is told by each of its documents, before they are.
    """
    whole = isinstance(document, Order)
    times: Counter[str] = Counter()
    before = ""
    for step in order.history:
        if of_document and step.document_id == document.id:
            yield of_document.pop()
        # What other documents brought about is told beside them; whoever looks at the order
        # itself tells it all.
        told = whole or step.document_id in ("", document.id)
        mark = _MARKS.get(step.event)
        news = ""
        if step.status != before and step.status in _WORDS:
            # What a lifted hold brings back was told when it came first.
            news = "" if step.event in _LIFTS_A_HOLD else step.status
        before = step.status
        if mark is not None:
            kind, title = mark
            if step.status not in _ENDS:
                title = _ENDS.get(kind, title)
            times[kind] += 1
            yield _entry(order, kind, times[kind], step, title)
            if news == kind:
                continue
        if news:
            times[news] += 1
            if told:
                yield _entry(order, news, times[news], step, _WORDS[news])
    yield from of_document


def _entry(order: Order, kind: str, time: int, step: OrderStep, title: str) -> OrderEvent:
    held = kind == "on_hold"
    of_status = kind in _WORDS
    # An order may be held, or wait for its second half, more than once.
    numbered = kind in _OF_THE_ORDER_ITSELF or not of_status or time > 1
    told_here = step.event in _MARKS
    reason = order.hold_reason if held and order.status == "on_hold" else ""
    return OrderEvent(
        key=("status:" if of_status else "") + kind + (f":{time}" if numbered else ""),
        at=step.at,
        kind="status" if of_status and not held else kind,
        title=title,
        text=(step.note if told_here else "") or reason,
        document_id=order.id,
        actor=order.system,
    )


def _of_order(
    order: Order, present: Order, before: Document | None, now: datetime
) -> Iterator[OrderEvent]:
    """Say where an order of an ERP that keeps no history has come to.

    That it was confirmed is no news of one that was shipped or invoiced since, and when it was,
    nobody knows any more.
    """
    was = before.status if isinstance(before, Order) else ""
    if order.status == was or order.status not in _OF_THE_ORDER_ITSELF:
        return
    moved = any(line.shipped > 0 or line.invoiced > 0 for line in present.lines)
    if order.status == "confirmed" and was != "on_hold" and moved:
        return
    version = f":{order.version}" if order.version else ""
    released = was == "on_hold" and order.status == "confirmed"
    held = order.status == "on_hold"
    yield OrderEvent(
        key=f"{'released' if released else f'status:{order.status}'}{version}",
        at=now,
        kind="released" if released else "on_hold" if held else "status",
        title="Released" if released else _WORDS[order.status],
        text=order.hold_reason if held else "",
        document_id=order.id,
        actor=order.system,
    )


def _of_quantities(document: Document, order: Order, at: datetime) -> Iterator[OrderEvent]:
    for status in _completed(document, order):
        yield OrderEvent(
            key=f"status:{status}",
            at=at,
            kind="status",
            title=_WORDS[status],
            document_id=order.id,
            actor=order.system,
        )


def _completed(document: Document, order: Order) -> Iterator[str]:
    """Derive from the lines what a document completed, for an ERP that keeps no history.

    Not from the order's status: by the time that a shipment is told of, the order may already be
    invoiced. An ERP that tells no payments shows by its last invoice that an order is paid.
    """
    match document:
        case Shipment():
            done = all(open_quantity(line) <= 0 for line in order.lines)
            yield "shipped" if done else "partly_shipped"
        case Invoice():
            done = all(line.invoiced >= line.quantity - line.cancelled for line in order.lines)
            yield "invoiced" if done else "partly_invoiced"
            if document.status == "paid" and order.status == "paid":
                yield "paid"
        case Payment() | CreditNote() if order.status == "paid":
            yield "paid"
        case Return() if all(
            line.returned >= line.shipped and open_quantity(line) <= 0 for line in order.lines
        ):
            yield "returned"


def _instant(now: datetime, on: date) -> datetime:
    # A document tells its day, not its hour; today's get the hour at which we heard of them.
    return now if on == now.date() else datetime.combine(on, time(12), tzinfo=UTC)
