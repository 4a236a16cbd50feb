"""Invoices, credit memos and payments, from QuickBooks' wire.

Which part of a payment or credit settled which invoice stands on the payments alone: a line for
each invoice that it pays, and one for each credit memo that it uses up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks.lines import Line, Link, lines, links
from crossdock.connectors.quickbooks.wire import (
    Ref,
    currency,
    money,
    optional_day,
    optional_ref,
    quantity,
    ref,
)
from crossdock.connectors.reading import Row, day, each, optional_text, text
from crossdock.records import Application, CreditNote, Invoice, InvoiceLine, Money, Payment

Codes = Callable[[str], str]
"""Gives an item's code by QuickBooks' id."""
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Bill:
    """An invoice, a sales receipt or a credit memo as QuickBooks has it.

    Attributes:
        at_once: whether it was paid when it was made, as a sales receipt is.
        tax: `None` where the document tells none.
        open: of an invoice what is unpaid, of a credit memo what is not used up.
    """

    id: str
    customer: Ref
    currency: str
    dated: date
    due_on: date | None
    number: str
    note: str
    gross: Money
    tax: Money
    open: Money
    lines: tuple[Line, ...]
    links: tuple[Link, ...]
    row: Row
    at_once: bool = False

    @property
    def void(self) -> bool:
        """Whether it was made void, which leaves it with nothing but zeros."""
        return not self.gross and not any(line.amount for line in self.lines)


@frozen(kw_only=True)
class Settled:
    """An amount of a payment's line, and the document that it is for."""

    link: Link
    amount: Decimal


@frozen(kw_only=True)
class Received:
    """A payment as QuickBooks has it; one over nothing only joins credits and invoices."""

    id: str
    customer: Ref
    received_on: date
    amount: Money
    unapplied: Money
    method: str
    reference: str
    settled: tuple[Settled, ...]

    @property
    def is_money(self) -> bool:
        """Whether money came in by it."""
        return bool(self.amount)

    def applications(self) -> tuple[Application, ...]:
        """Say what settled what.

        QuickBooks tells for each invoice how much of it was settled, and for each credit memo how
        much of it was used, and not which of them met: credits are taken first, in the order of
        the lines, and money settles the rest.
        """
        unit = self.amount.currency
        left: dict[str, Decimal] = {}
        for one in self.settled:
            if one.link.kind == "CreditMemo":
                left[one.link.id] = left.get(one.link.id, _ZERO) + one.amount
        left[self.id] = self.amount.amount - self.unapplied.amount
        found: list[Application] = []
        for one in self.settled:
            if one.link.kind != "Invoice":
                continue
            missing = one.amount
            for source, there in left.items():
                taken = min(missing, there)
                if taken <= 0:
                    continue
                left[source] -= taken
                missing -= taken
                found.append(
                    Application(
                        source_id=source,
                        invoice_id=one.link.id,
                        applied_on=self.received_on,
                        amount=of_unit(taken, unit),
                        by="payment" if source == self.id else "credit_note",
                    )
                )
        return tuple(found)


def bill(row: Row, home: str, *, at_once: bool = False) -> Bill:
    """Read an invoice, a sales receipt or a credit memo."""
    unit = currency(row, home)
    detail = row.get("TxnTaxDetail")
    tax = money(detail, "TotalTax", unit) if isinstance(detail, dict) else Money(_ZERO, unit)
    left = "RemainingCredit" if row.get("RemainingCredit") is not None else "Balance"
    return Bill(
        id=text(row, "Id"),
        customer=ref(row, "CustomerRef"),
        currency=unit,
        dated=day(row, "TxnDate"),
        due_on=optional_day(row, "DueDate"),
        number=optional_text(row, "DocNumber"),
        note=optional_text(row, "PrivateNote"),
        gross=money(row, "TotalAmt", unit),
        tax=tax,
        open=money(row, left, unit),
        lines=lines(row),
        links=links(row),
        row=row,
        at_once=at_once,
    )


def received(row: Row, home: str) -> Received:
    """Read a payment."""
    unit = currency(row, home)
    method = optional_ref(row, "PaymentMethodRef")

    def line(told: Row) -> tuple[Settled, ...]:
        amount = quantity(told, "Amount")
        return tuple(Settled(link=link, amount=amount) for link in links(told))

    several = each(row, "Line", line) if "Line" in row else ()
    return Received(
        id=text(row, "Id"),
        customer=ref(row, "CustomerRef"),
        received_on=day(row, "TxnDate"),
        amount=money(row, "TotalAmt", unit),
        unapplied=money(row, "UnappliedAmt", unit),
        method=(method.name or method.id) if method else "",
        reference=optional_text(row, "PaymentRefNum"),
        settled=tuple(one for some in several for one in some),
    )


def payment(found: Received, system: str, number: str) -> Payment:
    """Give a payment as plugins know it."""
    return Payment(
        id=found.id,
        system=system,
        customer_id=number,
        received_on=found.received_on,
        amount=found.amount,
        unapplied=found.unapplied,
        method=found.method,
        reference=found.reference,
        applications=tuple(each for each in found.applications() if each.source_id == found.id),
    )


def invoice(
    found: Bill,
    system: str,
    number: str,
    *,
    order_id: str,
    applied: Iterable[Application],
    codes: Codes | None,
) -> Invoice:
    """Give an invoice as plugins know it; its number is its `reference`, as ids never change.

    A sales receipt is an invoice that was paid at once: what it sold was sold.

    Args:
        found: the invoice.
        system: the configured name.
        number: of its customer.
        order_id: the order that it invoices.
        applied: what settled invoices, this one and others.
        codes: gives the codes of items; without it, only the head is given.
    """
    net = found.gross - found.tax
    if found.at_once:
        # It settles itself; there is no payment beside it.
        applied = (
            Application(
                source_id=found.id,
                invoice_id=found.id,
                applied_on=found.dated,
                amount=found.gross,
            ),
        )
    return Invoice(
        id=found.id,
        system=system,
        customer_id=number,
        issued_on=found.dated,
        posted_on=found.dated,
        due_on=found.due_on,
        currency=found.currency,
        net=net,
        tax=found.tax,
        gross=found.gross,
        open=Money.zero(found.currency) if found.at_once else found.open,
        status="paid" if found.at_once and not found.void else _status(found),
        order_id=order_id,
        reference=found.number,
        lines=() if codes is None else tuple(_lines(found, codes, order_id)),
        line_count=len(found.lines),
        applications=tuple(each for each in applied if each.invoice_id == found.id),
    )


def credit_note(
    found: Bill,
    system: str,
    number: str,
    *,
    applied: Iterable[Application],
    codes: Codes | None,
) -> CreditNote:
    """Give a credit memo as plugins know it; QuickBooks does not say which invoice it is about."""
    memo = found.row.get("CustomerMemo")
    said = optional_text(memo, "value") if isinstance(memo, dict) else ""
    return CreditNote(
        id=found.id,
        system=system,
        customer_id=number,
        issued_on=found.dated,
        posted_on=found.dated,
        currency=found.currency,
        net=found.gross - found.tax,
        tax=found.tax,
        gross=found.gross,
        open=found.open,
        reason=said or found.note,
        lines=() if codes is None else tuple(_lines(found, codes, "")),
        line_count=len(found.lines),
        applications=tuple(each for each in applied if each.source_id == found.id),
    )


def item_ids(bills: Sequence[Bill]) -> set[str]:
    """Name the items of documents, by QuickBooks' ids."""
    return {line.item_id for each in bills for line in each.lines if line.item_id}


def _status(found: Bill) -> str:
    if found.void:
        return "void"
    if not found.open:
        return "paid"
    return "open" if found.open == found.gross else "partly_paid"


def _lines(found: Bill, codes: Codes, order_id: str) -> Iterator[InvoiceLine]:
    for place, line in enumerate(found.lines, start=1):
        made = InvoiceLine(
            number=place,
            item_id=codes(line.item_id) if line.item_id else "",
            quantity=line.quantity,
            unit_price=of_unit(line.price, found.currency),
            net=of_unit(line.amount, found.currency),
            description=line.description,
            order_id=order_id,
        )
        of = next((link for link in line.links if link.kind == "Estimate"), None)
        if of is not None and order_id:
            made = evolve(made, order_id=of.id)
        yield made
