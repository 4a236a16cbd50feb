"""Posted invoices and credit memos, from Business Central's wire.

Business Central tells what is left of an invoice, and not what settled the rest: payments that are
posted are shown by no interface. So what is settled is one application that names no source, on the
day on which the invoice was changed last, which is the latest that it can have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.lines import Lines, lines
from crossdock.connectors.business_central.origin import Origin, line_number, origin_of
from crossdock.connectors.business_central.wire import (
    ETAG,
    day_or_none,
    kind,
    money,
)
from crossdock.connectors.reading import Row, day, instant, number, optional_text, text
from crossdock.records import Application, CreditNote, Invoice, InvoiceLine, Money

INVOICE_LINES: Final = "salesInvoiceLines"
MEMO_LINES: Final = "salesCreditMemoLines"
_HUNDRED: Final = Decimal(100)
_Left = Callable[[str], Money]
"""Gives what is open of a document, in its currency."""


@frozen(kw_only=True)
class Bill:
    """A posted invoice or credit memo as Business Central has it.

    Attributes:
        status: Open, Paid, Canceled or Corrective, which is what cancels another document.
        open: what is unpaid, or not used up.
        order_number: of an invoice, the order that it is of.
        settled_on: the latest day on which it can have been settled.
    """

    id: str
    etag: str
    number: str
    customer: str
    currency: str
    issued_on: date
    posted_on: date
    due_on: date | None
    status: str
    net: Money
    tax: Money
    gross: Money
    open: Money
    order_number: str
    lines: Lines
    origin: Origin | None
    changed_at: datetime
    row: Row

    @property
    def void(self) -> bool:
        """Whether it was cancelled, by another document over all of it."""
        return self.status == "Canceled"

    @property
    def settled(self) -> Money:
        """What of it was settled, by whatever."""
        return self.gross - self.open


def invoice_bill(row: Row) -> Bill:
    """Read a posted invoice, with its lines where they are beside it."""
    return _bill(
        row, "invoiceDate", INVOICE_LINES, lambda unit: money(row, "remainingAmount", unit)
    )


def memo_bill(row: Row) -> Bill:
    """Read a posted credit memo.

    How much of one is used is not told, only whether all of it is: until then all of it is open.
    """

    def left(unit: str) -> Money:
        gross = money(row, "totalAmountIncludingTax", unit)
        return gross if kind(row, "status") == "Open" else Money.zero(unit)

    return _bill(row, "creditMemoDate", MEMO_LINES, left)


def _bill(row: Row, dated: str, name: str, left: _Left) -> Bill:
    unit = text(row, "currencyCode")
    found = lines(row, name) if name in row else Lines(sold=(), comments=())
    return Bill(
        id=text(row, "id"),
        etag=text(row, ETAG),
        number=text(row, "number"),
        customer=text(row, "customerNumber"),
        currency=unit,
        issued_on=day(row, dated),
        posted_on=day(row, "postingDate"),
        due_on=day_or_none(row, "dueDate"),
        status=kind(row, "status"),
        net=money(row, "totalAmountExcludingTax", unit),
        tax=money(row, "totalTaxAmount", unit),
        gross=money(row, "totalAmountIncludingTax", unit),
        open=left(unit),
        order_number=optional_text(row, "orderNumber"),
        lines=found,
        origin=origin_of(found.words, optional_text(row, "externalDocumentNumber")),
        changed_at=instant(row, "lastModifiedDateTime"),
        row=row,
    )


def invoice(found: Bill, system: str) -> Invoice:
    """Give an invoice as plugins know it; its number is its id, as a posted one keeps it."""
    return Invoice(
        id=found.number,
        system=system,
        customer_id=found.customer,
        issued_on=found.issued_on,
        posted_on=found.posted_on,
        due_on=found.due_on,
        currency=found.currency,
        net=found.net,
        tax=found.tax,
        gross=found.gross,
        open=found.open,
        status=_status(found),
        order_id=found.order_number,
        reference=optional_text(found.row, "customerPurchaseOrderReference")
        or optional_text(found.row, "externalDocumentNumber"),
        lines=tuple(_lines(found, found.order_number)),
        line_count=len(found.lines.sold),
        applications=_settled(found, source_id="", invoice_id=found.number),
    )


def credit_note(found: Bill, system: str) -> CreditNote:
    """Give a credit memo as plugins know it."""
    return CreditNote(
        id=found.number,
        system=system,
        customer_id=found.customer,
        issued_on=found.issued_on,
        posted_on=found.posted_on,
        currency=found.currency,
        net=found.net,
        tax=found.tax,
        gross=found.gross,
        open=found.open,
        invoice_id=optional_text(found.row, "invoiceNumber"),
        reason="; ".join(found.lines.words),
        lines=tuple(_lines(found, "")),
        line_count=len(found.lines.sold),
        applications=_settled(found, source_id=found.number, invoice_id=""),
    )


def _settled(found: Bill, *, source_id: str, invoice_id: str) -> tuple[Application, ...]:
    if not found.settled:
        return ()
    return (
        Application(
            source_id=source_id,
            invoice_id=invoice_id,
            applied_on=max(found.changed_at.date(), found.posted_on),
            amount=found.settled,
        ),
    )


def _status(found: Bill) -> str:
    if found.void:
        return "credited"
    if not found.open:
        return "paid"
    return "open" if found.open == found.gross else "partly_paid"


def _lines(found: Bill, order_number: str) -> Iterator[InvoiceLine]:
    unit = found.currency
    for line in found.lines.sold:
        place = line_number(line.sequence)
        yield InvoiceLine(
            number=place,
            item_id=line.code,
            quantity=line.quantity,
            unit_price=of_unit(line.price, unit),
            net=of_unit(line.net, unit),
            description=line.description,
            discount_percent=line.discount_percent,
            tax_rate=number(line.row, "taxPercent") / _HUNDRED,
            order_id=order_number,
            order_line=place if order_number else None,
        )
