"""Invoices, credit notes, payments, and what a customer still may owe."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from attrs import frozen

from crossdock.records._fields import sensitive, told
from crossdock.records.money import Money


@frozen(kw_only=True)
class InvoiceLine:
    """One line of an invoice or credit note; `net` is after discount, before tax.

    Attributes:
        order_id, order_line: the order line that it invoices or credits.
        shipment_id, shipment_line: the shipment line that an invoice line invoices.
        invoice_id, invoice_line: the invoice line that a credit note's line credits.
    """

    number: int
    item_id: str
    quantity: Decimal
    unit_price: Money
    net: Money
    description: str = ""
    discount_percent: Decimal = Decimal(0)
    tax_rate: Decimal | None = None
    order_id: str = ""
    order_line: int | None = None
    shipment_id: str = ""
    shipment_line: int | None = None
    invoice_id: str = ""
    invoice_line: int | None = None


@frozen(kw_only=True)
class Application:
    """A part of a payment or credit note that settles a part of an invoice.

    Attributes:
        source_id: the payment or credit note.
        invoice_id: the invoice that it settles.
        applied_on: the day it counts from; aging as of an earlier day ignores it.
        by: what the source is; empty where the ERP does not tell, or where it is neither.
    """

    source_id: str
    invoice_id: str
    applied_on: date
    amount: Money
    by: Literal["", "payment", "credit_note"] = ""


@frozen(kw_only=True)
class Invoice:
    """A demand for payment.

    Attributes:
        lines: empty when only heads were asked for; see `line_count`.
        open: what is unpaid today, tax included.
        applications: what settled it, so that it can be aged as of any day.
        posted_on: the ledger date; `issued_on` is the date printed on the document.
    """

    id: str
    system: str
    customer_id: str
    issued_on: date
    posted_on: date
    due_on: date | None
    currency: str
    net: Money
    tax: Money
    gross: Money
    open: Money
    status: str = ""
    order_id: str = ""
    reference: str = ""
    lines: tuple[InvoiceLine, ...] = ()
    line_count: int = 0
    applications: tuple[Application, ...] = ()


@frozen(kw_only=True)
class PrintedInvoice:
    """An invoice on paper, as an ERP prints it for the customer.

    Attributes:
        name: of the file.
        media_type: of the content, such as `application/pdf`.
        content: the file. It names people and addresses, so that it is hidden as a whole.
    """

    invoice_id: str
    system: str
    name: str
    media_type: str
    content: bytes = sensitive("personal", masked=b"")


@frozen(kw_only=True)
class CreditNote:
    """A credit to the customer; amounts are positive and count against what is owed.

    Attributes:
        open: what is not yet applied to an invoice or refunded.
    """

    id: str
    system: str
    customer_id: str
    issued_on: date
    posted_on: date
    currency: str
    net: Money
    tax: Money
    gross: Money
    open: Money
    invoice_id: str = ""
    reason: str = ""
    lines: tuple[InvoiceLine, ...] = ()
    line_count: int = 0
    applications: tuple[Application, ...] = ()


@frozen(kw_only=True)
class Payment:
    """Money received."""

    id: str
    system: str
    customer_id: str
    received_on: date
    amount: Money
    unapplied: Money
    method: str = told("bank", default="")
    reference: str = told("bank", default="")
    applications: tuple[Application, ...] = ()


@frozen(kw_only=True)
class CreditStatus:
    """What a customer may still buy on credit, in the bill-to customer's currency.

    `exposure = balance + shipped_not_invoiced + open_orders - returns_not_credited`, taxes
    included.

    Attributes:
        unlimited: whether there is no limit at all; then `limit` and `available` are `None`.
        bill_to_id: the customer whose limit and figures these are; another one's where it pays.
        past_due: the part of the balance that is due.
        past_due_since: the due date of the oldest invoice in it; `None` where nothing is past due.
        last_invoiced_on: when the customer itself was invoiced last.
    """

    customer_id: str
    system: str
    currency: str
    on_hold: bool
    bill_to_id: str = ""
    unlimited: bool = sensitive("credit", masked=False)
    limit: Money | None = sensitive("credit")
    balance: Money | None = sensitive("credit")
    shipped_not_invoiced: Money | None = sensitive("credit")
    open_orders: Money | None = sensitive("credit")
    returns_not_credited: Money | None = sensitive("credit")
    exposure: Money | None = sensitive("credit")
    available: Money | None = sensitive("credit")
    past_due: Money | None = sensitive("credit")
    past_due_since: date | None = sensitive("credit")
    last_invoiced_on: date | None = None
    hold_reason: str = told("credit", default="")
    terms_days: int | None = None
