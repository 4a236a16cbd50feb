"""Documents of an ERP, opened from a tab or from an order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.host.erp_documents import ErpDocument
from crossdock.ports import ErpPort
from crossdock.records import Application, CreditNote, Invoice, Order, Payment, Return, Shipment
from crossdock.server.desk import wording
from crossdock.server.desk.screen import closed_to, view_html
from crossdock.server.desk.visit import Visit
from crossdock.views import (
    Action,
    Badge,
    Column,
    Component,
    Fields,
    Link,
    Percent,
    Provenance,
    Table,
    Unknown,
    Value,
    View,
)

_TITLES: Final = {
    "order": "Sales order", "invoice": "Invoice", "shipment": "Shipment",
    "credit_note": "Credit note", "payment": "Payment", "return": "Return",
}  # fmt: skip


def show(visit: Visit) -> Response:
    """Show one document as its ERP has it now."""
    system, kind, document_id = visit.path("system"), visit.path("kind"), visit.path("id")
    if kind not in _TITLES or system not in visit.desk.host.erp.systems:
        raise HTTPException(404)
    host = visit.desk.host
    document = host.documents.read(system, kind, document_id, visit.who)
    view = view_of(document, host.now())
    if kind == "invoice":
        view = View([*_copies(host.erp.using(system), document_id), *view.components])
    return visit.show(
        "document.html",
        title=f"{_TITLES[kind]} {document_id}",
        system=system,
        word=visit.word,
        content=view_html(
            view, formats=visit.desk.wording.formats, system=system, closed=closed_to(visit)
        ),
    )


def _copies(erp: ErpPort, invoice_id: str) -> Iterator[Action]:
    """Offer what the ERP does with its own invoice."""
    if "invoice_document" in erp.capabilities:
        yield Action(label="Download", target=f"invoice_copy/{invoice_id}")
    if "invoice_sending" in erp.capabilities:
        yield Action(label="Send again", target=f"invoice_sending/{invoice_id}")


def view_of(document: ErpDocument, now: datetime) -> View:
    """Lay a document out; `now` is when it was read."""
    components: tuple[Component, ...]
    match document:
        case Order():
            components = _order(document, now)
        case Invoice():
            components = _invoice(document, now)
        case Shipment():
            components = _shipment(document, now)
        case CreditNote():
            components = _credit_note(document, now)
        case Payment():
            components = _payment(document, now)
        case Return():
            components = _return(document, now)
    return View(components)


def _read(system: str, customer: str, now: datetime) -> Provenance:
    return Provenance(source=system, trading_account=customer, as_of=now)


def _known(*items: tuple[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Leave out what the document does not say."""
    return tuple(item for item in items if item[1] not in (None, ""))


def _state(status: str) -> Badge:
    tone: Any = wording.tone(status)
    return Badge(wording.state(status), tone)


def _columns(*columns: tuple[str, str]) -> tuple[Column, ...]:
    texts = ("number", "item_id", "description", "document", "kind")
    return tuple(
        Column(key=key, label=label, align="start" if key in texts else "end")
        for key, label in columns
    )


def _order(order: Order, now: datetime) -> tuple[Component, ...]:
    lines = Table(
        title="Lines",
        columns=_columns(
            ("number", "Line"), ("item_id", "Item"), ("description", "Description"),
            ("quantity", "Ordered"), ("reserved", "Reserved"), ("back_ordered", "Back-ordered"),
            ("shipped", "Shipped"), ("invoiced", "Invoiced"), ("promised_on", "Promised"),
            ("unit_price", "Unit price"), ("net", "Net"),
        ),
        rows=tuple(
            {
                "number": line.number, "item_id": line.item_id, "description": line.description,
                "quantity": line.quantity, "reserved": line.reserved,
                "back_ordered": line.back_ordered, "shipped": line.shipped,
                "invoiced": line.invoiced, "promised_on": line.promised_on,
                "unit_price": line.unit_price, "net": line.net,
            }
            for line in order.lines
        ),
    )  # fmt: skip
    facts = Fields(
        items=_known(
            ("Status", _state(order.status)),
            ("Held because", order.hold_reason),
            ("Customer", order.customer_id),
            ("Ordered on", order.ordered_on),
            ("Promised on", order.promised_on),
            ("Caller's reference", order.reference),
            ("Net", order.net),
            ("Tax", order.tax),
            ("Gross", order.gross),
        ),
        provenance=_read(order.system, order.customer_id, now),
    )
    return (facts, lines)


def _billed(document: Invoice | CreditNote) -> Table:
    return Table(
        title="Lines",
        columns=_columns(
            ("number", "Line"), ("item_id", "Item"), ("description", "Description"),
            ("quantity", "Quantity"), ("unit_price", "Unit price"), ("discount", "Discount"),
            ("net", "Net"),
        ),
        rows=tuple(
            {
                "number": line.number, "item_id": line.item_id, "description": line.description,
                "quantity": line.quantity, "unit_price": line.unit_price,
                "discount": Percent(line.discount_percent / 100), "net": line.net,
            }
            for line in document.lines
        ),
    )  # fmt: skip


def _applied(document: Invoice | CreditNote | Payment, *, to_invoice: bool) -> Table:
    def link(part: Application) -> Value:
        name = part.invoice_id if to_invoice else part.source_id
        if not name:  # it was settled, and the ERP says no more
            return Unknown("the ERP does not tell")
        kind = "invoice" if to_invoice else part.by
        return Link(name, f"{kind}/{name}") if kind else name

    return Table(
        title="Applied to" if to_invoice else "Settled by",
        columns=_columns(("document", "Document"), ("on", "On"), ("amount", "Amount")),
        rows=tuple(
            {
                "document": link(each),
                "on": each.applied_on, "amount": each.amount,
            }
            for each in document.applications
        ),
        empty="Nothing yet.",
    )  # fmt: skip


def _invoice(invoice: Invoice, now: datetime) -> tuple[Component, ...]:
    order = Link(invoice.order_id, f"order/{invoice.order_id}") if invoice.order_id else None
    facts = Fields(
        items=_known(
            ("Status", _state(invoice.status) if invoice.status else None),
            ("Customer", invoice.customer_id),
            ("Order", order),
            ("Issued on", invoice.issued_on),
            ("Due on", invoice.due_on),
            ("Reference", invoice.reference),
            ("Net", invoice.net),
            ("Tax", invoice.tax),
            ("Gross", invoice.gross),
            ("Open", invoice.open),
        ),
        provenance=_read(invoice.system, invoice.customer_id, now),
    )
    return (facts, _billed(invoice), _applied(invoice, to_invoice=False))


def _credit_note(note: CreditNote, now: datetime) -> tuple[Component, ...]:
    invoice = Link(note.invoice_id, f"invoice/{note.invoice_id}") if note.invoice_id else None
    facts = Fields(
        items=_known(
            ("Customer", note.customer_id),
            ("Credits invoice", invoice),
            ("Reason", note.reason),
            ("Issued on", note.issued_on),
            ("Net", note.net),
            ("Tax", note.tax),
            ("Gross", note.gross),
            ("Not applied yet", note.open),
        ),
        provenance=_read(note.system, note.customer_id, now),
    )
    return (facts, _billed(note), _applied(note, to_invoice=True))


def _payment(payment: Payment, now: datetime) -> tuple[Component, ...]:
    facts = Fields(
        items=_known(
            ("Customer", payment.customer_id),
            ("Received on", payment.received_on),
            ("Amount", payment.amount),
            ("Not applied yet", payment.unapplied),
            ("Method", payment.method),
            ("Reference", payment.reference),
        ),
        provenance=_read(payment.system, payment.customer_id, now),
    )
    return (facts, _applied(payment, to_invoice=True))


def _shipment(shipment: Shipment, now: datetime) -> tuple[Component, ...]:
    order = Link(shipment.order_id, f"order/{shipment.order_id}") if shipment.order_id else None
    to = shipment.ship_to
    facts = Fields(
        items=_known(
            ("Customer", shipment.customer_id),
            ("Order", order),
            ("Shipped on", shipment.shipped_on),
            ("Carrier", shipment.carrier),
            ("Tracking number", shipment.tracking),
            ("Shipped to", ", ".join(part for part in (to.name, to.street, to.city) if part)),
        ),
        provenance=_read(shipment.system, shipment.customer_id, now),
    )
    return (facts, _moved(shipment))


def _return(goods: Return, now: datetime) -> tuple[Component, ...]:
    order = Link(goods.order_id, f"order/{goods.order_id}") if goods.order_id else None
    facts = Fields(
        items=_known(
            ("Customer", goods.customer_id),
            ("Order", order),
            ("Received on", goods.received_on),
            ("Reason", goods.reason),
        ),
        provenance=_read(goods.system, goods.customer_id, now),
    )
    return (facts, _moved(goods))


def _moved(document: Shipment | Return) -> Table:
    return Table(
        title="Lines",
        columns=_columns(
            ("number", "Line"), ("item_id", "Item"), ("description", "Description"),
            ("quantity", "Quantity"),
        ),
        rows=tuple(
            {
                "number": line.number, "item_id": line.item_id, "description": line.description,
                "quantity": line.quantity,
            }
            for line in document.lines
        ),
    )  # fmt: skip
