"""Invoices and credit notes with what was paid on them, and the payments received (A7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock import (
    Action,
    Badge,
    Column,
    Component,
    Context,
    Metric,
    Metrics,
    Money,
    Table,
    Unknown,
    Value,
    View,
)
from crossdock.records import Account, CreditNote, Invoice, Payment, TradingAccount

from .periods import Period
from .sources import NO_PAYMENTS, Reader, document

_COLUMNS: Final = (
    Column(key="document", label="Invoice"),
    Column(key="date", label="Date"),
    Column(key="due", label="Due"),
    Column(key="reference", label="Reference"),
    Column(key="status", label="Payment status"),
    Column(key="net", label="Net", align="end"),
    Column(key="gross", label="Value", align="end", help="tax included"),
    Column(key="paid", label="Paid", align="end", help="payments received"),
    Column(key="paid_on", label="Last paid on"),
    Column(key="open", label="Open", align="end"),
    Column(key="copy", label="Copy", sortable=False),
    Column(key="send", label="E-mail", sortable=False),
)
_PAYMENT_COLUMNS: Final = (
    Column(key="payment", label="Payment"),
    Column(key="date", label="Received"),
    Column(key="method", label="Method"),
    Column(key="reference", label="Reference"),
    Column(key="invoices", label="For"),
    Column(key="amount", label="Amount", align="end"),
    Column(key="unapplied", label="Unapplied", align="end"),
)
_NAMED: Final = 3  # invoices that a payment's row names before it only counts them


@frozen
class _Paid:
    amount: Money
    last: date


@frozen
class _Copies:
    """What can be done with an invoice on paper, where its ERP does it."""

    prints: bool
    sends: bool

    @classmethod
    def of(cls, reader: Reader, trading_account: TradingAccount) -> _Copies:
        return cls(
            reader.knows(trading_account, "invoice_document"),
            reader.knows(trading_account, "invoice_sending"),
        )

    def __call__(self, invoice: Invoice) -> dict[str, Value]:
        where = {"system": invoice.system}
        return {
            "copy": Action(label="Download", target=f"invoice_copy/{invoice.id}", params=where)
            if self.prints
            else Unknown("the ERP gives none"),
            "send": Action(label="Send again", target=f"invoice_sending/{invoice.id}", params=where)
            if self.sends
            else Unknown("the ERP sends none"),
        }


def invoices_view(ctx: Context, account: Account, params: Mapping[str, Any]) -> View:
    """Show invoices and credit notes, newest first, and the payments received.

    A period, `since` and `until`, asks for what was posted in it, as sales by month count it.
    """
    reader = Reader(ctx, account, params)
    show = params.get("show") or "all"
    period = Period.of(params)
    erp = ctx.erp
    reader.ahead(
        *reader.of_each("invoices", erp.invoices),
        *reader.of_each("credit notes", erp.credit_notes),
        *reader.of_each("payments", erp.payments),
    )
    sections: list[Component] = []
    for trading_account in reader.trading_accounts:
        sections += _section(reader, trading_account, show, period)
    return View([*reader.notices, *sections])


def _section(
    reader: Reader, trading_account: TradingAccount, show: str, period: Period
) -> list[Component]:
    erp = reader.ctx.erp
    invoices = reader.read("invoices", trading_account, lambda: erp.invoices(trading_account))
    if isinstance(invoices, Unknown):
        return []
    notes = reader.read("credit notes", trading_account, lambda: erp.credit_notes(trading_account))
    payments: Sequence[Payment] | Unknown = NO_PAYMENTS
    if reader.knows(trading_account, "payments"):
        payments = reader.read("payments", trading_account, lambda: erp.payments(trading_account))
    provenance = reader.provenance([trading_account])
    whose = reader.whose(trading_account)
    today = reader.today
    copies = _Copies.of(reader, trading_account)
    paid = payments if isinstance(payments, Unknown) else _paid(payments)
    rows = [
        (invoice.issued_on, invoice.id, _invoice_row(invoice, paid, today) | copies(invoice))
        for invoice in invoices
        if period.holds(invoice.posted_on)
        and (
            show == "all"
            or (invoice.open and (show == "open" or _days_overdue(invoice, today) > 0))
        )
    ]
    if not isinstance(notes, Unknown) and show != "overdue":
        rows += [
            (note.issued_on, note.id, _note_row(note))
            for note in notes
            if period.holds(note.posted_on) and (show == "all" or note.open)
        ]
    rows.sort(key=lambda row: (row[0], row[1]), reverse=True)
    shown = [row for _, _, row in rows]
    titles = {"all": "Invoices and credit notes", "open": "Open", "overdue": "Overdue invoices"}
    components: list[Component] = [
        _metrics(reader, trading_account, invoices, f"Invoices{whose}"),
        Table(
            title=f"{titles[show]}{whose}{period.text}",
            columns=_COLUMNS,
            rows=shown,
            # Without the credit notes a sum would be too high, so there is none.
            total=None if isinstance(notes, Unknown) else _total(shown),
            id=reader.table_id("invoices", trading_account),
            empty={
                "all": "Nothing was invoiced yet.",
                "open": "Nothing is open.",
                "overdue": "Nothing is overdue.",
            }[show],
            provenance=provenance,
        ),
    ]
    if show == "all" and not period and not isinstance(payments, Unknown):
        components.append(
            Table(
                title=f"Payments received{whose}",
                columns=_PAYMENT_COLUMNS,
                rows=[_payment_row(payment) for payment in payments],
                empty="No payment was received yet.",
                id=reader.table_id("payments", trading_account),
                provenance=provenance,
            )
        )
    return components


def _total(rows: Sequence[Mapping[str, Value]]) -> dict[str, Value] | None:
    """Add up what stands in one currency; amounts of several are not added."""
    total: dict[str, Value] = {"document": "Total"}
    for key in ("net", "gross", "open"):
        amounts = [value for row in rows if isinstance(value := row[key], Money)]
        if not amounts or len({amount.currency for amount in amounts}) > 1:
            return None
        total[key] = sum(amounts[1:], start=amounts[0])
    return total


def _metrics(
    reader: Reader, trading_account: TradingAccount, invoices: Sequence[Invoice], title: str
) -> Metrics:
    metrics = [Metric(label="Invoices", value=len(invoices))]
    for currency in sorted({invoice.currency for invoice in invoices}):
        zero = Money.zero(currency)
        mine = [invoice for invoice in invoices if invoice.currency == currency]
        overdue = [invoice for invoice in mine if _days_overdue(invoice, reader.today) > 0]
        late = sum((invoice.open for invoice in overdue), start=zero)
        metrics += [
            Metric(label="Open", value=sum((invoice.open for invoice in mine), start=zero)),
            Metric(
                label="Overdue",
                value=late,
                tone="bad" if late else "good",
                help=f"{len(overdue)} of them" if overdue else "",
            ),
        ]
    days = _days_to_pay(invoices)
    if days is not None:
        metrics.append(
            Metric(
                label="Days to pay",
                value=days,
                help="from invoice to last settlement, in the median of settled invoices",
            )
        )
    return Metrics(title=title, metrics=metrics, provenance=reader.provenance([trading_account]))


def _days_to_pay(invoices: Sequence[Invoice]) -> int | None:
    days = sorted(
        (max(a.applied_on for a in invoice.applications) - invoice.issued_on).days
        for invoice in invoices
        if invoice.applications and not invoice.open
    )
    return days[len(days) // 2] if days else None


def _days_overdue(invoice: Invoice, today: date) -> int:
    """Count the days since an open invoice was due; without a due date it is due when posted."""
    if not invoice.open:
        return 0
    return max((today - (invoice.due_on or invoice.posted_on)).days, 0)


def _paid(payments: Sequence[Payment]) -> dict[str, _Paid]:
    paid: dict[str, _Paid] = {}
    for payment in payments:
        for part in payment.applications:
            before = paid.get(part.invoice_id)
            if before is None:
                paid[part.invoice_id] = _Paid(part.amount, part.applied_on)
            elif before.amount.currency == part.amount.currency:
                paid[part.invoice_id] = _Paid(
                    before.amount + part.amount, max(before.last, part.applied_on)
                )
    return paid


def _invoice_row(
    invoice: Invoice, paid: Mapping[str, _Paid] | Unknown, today: date
) -> dict[str, Value]:
    row: dict[str, Value] = {
        "document": document("invoice", invoice.id, invoice.system),
        "date": invoice.issued_on,
        "due": invoice.due_on or Unknown("no due date"),
        "reference": invoice.reference,
        "status": _status(invoice, today),
        "net": invoice.net,
        "gross": invoice.gross,
        "open": invoice.open,
    }
    if isinstance(paid, Unknown):
        return row | {"paid": paid}
    settled = paid.get(invoice.id)
    if settled is None:
        return row | {"paid": Money.zero(invoice.currency)}
    return row | {"paid": settled.amount, "paid_on": settled.last}


def _status(invoice: Invoice, today: date) -> Badge:
    if not invoice.open:
        return Badge("credited" if invoice.status == "credited" else "paid", "good")
    overdue = _days_overdue(invoice, today)
    if overdue:
        return Badge(f"{overdue} day{'s' if overdue > 1 else ''} overdue", "bad")
    if invoice.open != invoice.gross:
        return Badge("partly paid", "info")
    return Badge("open", "neutral")


def _note_row(note: CreditNote) -> dict[str, Value]:
    used = not note.open
    return {
        "document": document("credit_note", note.id, note.system),
        "date": note.issued_on,
        "reference": f"credit for {note.invoice_id}" if note.invoice_id else note.reason,
        "status": Badge("credit, used" if used else "credit, open", "neutral" if used else "info"),
        "net": -note.net,
        "gross": -note.gross,
        "open": -note.open if note.open else Money(Decimal(0), note.currency),
    }


def _payment_row(payment: Payment) -> dict[str, Value]:
    names = list(dict.fromkeys(part.invoice_id for part in payment.applications))
    text = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        text += f" and {len(names) - _NAMED} more"
    return {
        "payment": document("payment", payment.id, payment.system),
        "date": payment.received_on,
        "method": payment.method,
        "reference": payment.reference,
        "invoices": text,
        "amount": payment.amount,
        "unapplied": payment.unapplied,
    }
