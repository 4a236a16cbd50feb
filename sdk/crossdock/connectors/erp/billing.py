"""Invoices, credit notes and payments, from the ERP's wire."""

from __future__ import annotations

from typing import Final, Literal

from crossdock.connectors.reading import (
    Row,
    Unreadable,
    currency,
    day,
    day_or_none,
    decimal,
    each,
    money,
    optional_text,
    optional_whole,
    text,
    text_or_empty,
    whole,
    whole_or_none,
    word,
)
from crossdock.records import Application, CreditNote, Invoice, InvoiceLine, Payment

_INVOICE_STATUSES: Final = frozenset({"open", "partly_paid", "paid", "credited"})


def invoice(row: Row, system: str, *, lines: bool = True) -> Invoice:
    """Read an invoice, with its lines or its head only."""
    unit = currency(row)
    invoice_id = text(row, "id")
    return Invoice(
        id=invoice_id,
        system=system,
        customer_id=text(row, "customerId"),
        issued_on=day(row, "issuedOn"),
        posted_on=day(row, "postedOn"),
        due_on=day_or_none(row, "dueOn"),
        currency=unit,
        net=money(row, "net", unit),
        tax=money(row, "tax", unit),
        gross=money(row, "total", unit),
        open=money(row, "openAmount", unit),
        status=word(row, "status", _INVOICE_STATUSES),
        order_id=text_or_empty(row, "orderId"),
        reference=text_or_empty(row, "customerReference")
        or text_or_empty(row, "externalReference"),
        lines=each(row, "lines", lambda line: _line(line, unit)) if lines else (),
        line_count=whole(row, "lineCount"),
        applications=each(
            row, "applications", lambda applied: _to_invoice(applied, unit, invoice_id)
        ),
    )


def credit_note(row: Row, system: str, *, lines: bool = True) -> CreditNote:
    """Read a credit note, with its lines or its head only."""
    unit = currency(row)
    credit_note_id = text(row, "id")
    return CreditNote(
        id=credit_note_id,
        system=system,
        customer_id=text(row, "customerId"),
        issued_on=day(row, "issuedOn"),
        posted_on=day(row, "postedOn"),
        currency=unit,
        net=money(row, "net", unit),
        tax=money(row, "tax", unit),
        gross=money(row, "total", unit),
        open=money(row, "unappliedAmount", unit),
        invoice_id=text_or_empty(row, "invoiceId"),
        reason=text_or_empty(row, "reason"),
        lines=each(row, "lines", lambda line: _line(line, unit)) if lines else (),
        line_count=whole(row, "lineCount"),
        applications=each(
            row, "applications", lambda applied: _from(applied, unit, credit_note_id, "credit_note")
        ),
    )


def payment(row: Row, system: str) -> Payment:
    """Read a payment with what it was applied to."""
    unit = currency(row)
    payment_id = text(row, "id")
    return Payment(
        id=payment_id,
        system=system,
        customer_id=text(row, "customerId"),
        received_on=day(row, "receivedOn"),
        amount=money(row, "amount", unit),
        unapplied=money(row, "unappliedAmount", unit),
        method=text_or_empty(row, "method"),
        reference=text_or_empty(row, "reference"),
        applications=each(
            row, "applications", lambda applied: _from(applied, unit, payment_id, "payment")
        ),
    )


def _line(row: Row, unit: str) -> InvoiceLine:
    return InvoiceLine(
        number=whole(row, "line"),
        item_id=text(row, "itemId"),
        quantity=decimal(row, "quantity"),
        unit_price=money(row, "unitPrice", unit),
        net=money(row, "net", unit),
        description=text(row, "description"),
        discount_percent=decimal(row, "discountPercent"),
        tax_rate=decimal(row, "taxRate"),
        order_id=text_or_empty(row, "orderId"),
        order_line=whole_or_none(row, "orderLine"),
        shipment_id=optional_text(row, "shipmentId"),
        shipment_line=optional_whole(row, "shipmentLine"),
        invoice_id=optional_text(row, "invoiceId"),
        invoice_line=optional_whole(row, "invoiceLine"),
    )


def _to_invoice(row: Row, unit: str, invoice_id: str) -> Application:
    """Read what settled an invoice: a part of a payment, or of a credit note."""
    payment = optional_text(row, "paymentId")
    source = payment or optional_text(row, "creditNoteId")
    if not source:
        raise Unreadable("", "expected paymentId or creditNoteId, got neither")
    return Application(
        source_id=source,
        invoice_id=invoice_id,
        applied_on=day(row, "appliedOn"),
        amount=money(row, "amount", unit),
        by="payment" if payment else "credit_note",
    )


def _from(
    row: Row, unit: str, source_id: str, by: Literal["payment", "credit_note"]
) -> Application:
    """Read what a payment or credit note settled."""
    return Application(
        source_id=source_id,
        invoice_id=text(row, "invoiceId"),
        applied_on=day(row, "appliedOn"),
        amount=money(row, "amount", unit),
        by=by,
    )
