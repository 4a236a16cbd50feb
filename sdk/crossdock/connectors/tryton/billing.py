"""Invoices, credit notes and payments, onto records.

A credit note is an invoice of a total below nothing. Money is a move of a cash journal; it has no
document of its own, so a payment goes by the number of its move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.ledger import Entry, Settled
from crossdock.connectors.tryton.products import trimmed
from crossdock.records import Application, CreditNote, Invoice, InvoiceLine, Money, Payment

FIELDS: Final = (
    "number", "state", "invoice_date", "accounting_date", "reference", "party.code", "party",
    "currency.code", "untaxed_amount", "tax_amount", "total_amount", "move", "sales", "lines",
    "description",
)  # fmt: skip
LINE_FIELDS: Final = (
    "invoice", "type", "sequence", "product", "quantity", "unit_price", "amount", "description",
    "taxes", "origin",
)  # fmt: skip
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Bill:
    """An invoice or a credit note as Tryton keeps it; amounts of a credit note are below nothing.

    Attributes:
        sales: the ids of the sales that it invoices.
    """

    id: int
    name: str
    party: int
    customer: str
    currency: str
    move: int
    on: date
    posted: date
    state: str
    sales: tuple[int, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    count: int
    row: Row

    @property
    def is_credit(self) -> bool:
        """Whether it gives back."""
        return self.total < _ZERO


@frozen(kw_only=True)
class Line:
    """A line of a bill, with what it came from: `order` and `bill` are names and line numbers."""

    row: Row
    item: str
    rate: Decimal | None
    order: tuple[str, int | None] = ("", None)
    bill: tuple[str, int | None] = ("", None)


def bill(row: Row) -> Bill:
    """Read an invoice or a credit note that is in the books."""
    on = wire.day(row, "invoice_date")
    return Bill(
        id=wire.key(row),
        name=wire.label(row, "number") or f"#{wire.key(row)}",
        party=wire.key(row, "party"),
        customer=wire.label(wire.inside(row, "party"), "code"),
        currency=wire.label(wire.inside(row, "currency"), "code"),
        move=wire.key_or_none(row, "move") or 0,
        on=on,
        posted=wire.day_or_none(row, "accounting_date") or on,
        state=wire.label(row, "state"),
        sales=tuple(wire.keys(row, "sales")),
        net=wire.amount(row, "untaxed_amount"),
        tax=wire.amount(row, "tax_amount"),
        total=wire.amount(row, "total_amount"),
        count=len(wire.keys(row, "lines")),
        row=row,
    )


def invoice(
    found: Bill,
    system: str,
    *,
    entries: Sequence[Entry],
    settled: Sequence[Settled],
    names: Mapping[int, str],
    orders: Mapping[int, str],
    lines: Sequence[Line] = (),
) -> Invoice:
    """Give an invoice as plugins know it.

    Args:
        found: the invoice.
        system: the configured name.
        entries: what its own move asks for, one for each instalment.
        settled: what settled it.
        names: of the bills, by their moves.
        orders: names of sales, by id.
        lines: of it, where they were asked for.
    """
    unit = found.currency
    applied = _applications(settled, names, unit)
    paid = sum((each.amount.amount for each in applied), _ZERO)
    return Invoice(
        id=found.name,
        system=system,
        customer_id=found.customer,
        issued_on=found.on,
        posted_on=found.posted,
        due_on=_due(entries, settled),
        currency=unit,
        net=Money(found.net, unit),
        tax=Money(found.tax, unit),
        gross=Money(found.total, unit),
        open=Money(found.total - paid, unit),
        status=found.state,
        order_id=next((orders[each] for each in found.sales if each in orders), ""),
        reference=wire.label(found.row, "reference"),
        lines=_lines(lines, unit, sign=1),
        line_count=found.count,
        applications=applied,
    )


def credit_note(
    found: Bill,
    system: str,
    *,
    settled: Sequence[Settled],
    names: Mapping[int, str],
    lines: Sequence[Line] = (),
    credits_bill: str = "",
) -> CreditNote:
    """Give a credit note as plugins know it; `credits_bill` names the invoice that it credits."""
    unit = found.currency
    applied = _applications(settled, names, unit)
    used = sum((each.amount.amount for each in applied), _ZERO)
    return CreditNote(
        id=found.name,
        system=system,
        customer_id=found.customer,
        issued_on=found.on,
        posted_on=found.posted,
        currency=unit,
        net=Money(-found.net, unit),
        tax=Money(-found.tax, unit),
        gross=Money(-found.total, unit),
        open=Money(-found.total - used, unit),
        invoice_id=credits_bill or next((each.bill[0] for each in lines if each.bill[0]), ""),
        reason=wire.label(found.row, "description"),
        lines=_lines(lines, unit, sign=-1),
        line_count=found.count,
        applications=applied,
    )


def payments(
    entries: Iterable[Entry],
    settled: Sequence[Settled],
    names: Mapping[int, str],
    *,
    system: str,
    codes: Mapping[int, str],
) -> tuple[Payment, ...]:
    """Give the money that was received, newest first; one of many invoices is one payment."""
    by_move: dict[int, list[Entry]] = {}
    for each in entries:
        if each.amount < _ZERO and each.journal == "cash" and each.move not in names:
            by_move.setdefault(each.move, []).append(each)
    made = []
    for mine in by_move.values():
        first = mine[0]
        ids = {each.id for each in mine}
        total = -sum((each.amount for each in mine), _ZERO)
        applied = _applications(
            [each for each in settled if each.credit.id in ids], names, first.currency
        )
        used = sum((each.amount.amount for each in applied), _ZERO)
        made.append(
            Payment(
                id=first.move_number,
                system=system,
                customer_id=codes[first.party],
                received_on=first.on,
                amount=Money(total, first.currency),
                unapplied=Money(total - used, first.currency),
                method="cash journal",
                reference=first.words,
                applications=applied,
            )
        )
    return tuple(sorted(made, key=lambda each: (each.received_on, each.id), reverse=True))


def _applications(
    settled: Iterable[Settled], names: Mapping[int, str], unit: str
) -> tuple[Application, ...]:
    return tuple(
        Application(
            source_id=names.get(each.credit.move, each.credit.move_number),
            invoice_id=names.get(each.debit.move, each.debit.move_number),
            applied_on=each.on,
            amount=Money(each.amount, unit),
            by="credit_note" if each.credit.move in names else "payment",
        )
        for each in settled
    )


def _due(entries: Sequence[Entry], settled: Sequence[Settled]) -> date | None:
    """Give the earliest day on which something of it is still due, else the last of all."""
    paid: dict[int, Decimal] = {}
    for each in settled:
        paid[each.debit.id] = paid.get(each.debit.id, _ZERO) + each.amount
    days = [each.due for each in entries if each.due is not None]
    still = [
        each.due
        for each in entries
        if each.due is not None and paid.get(each.id, _ZERO) < each.amount
    ]
    return min(still) if still else max(days, default=None)


def _lines(lines: Sequence[Line], unit: str, *, sign: int) -> tuple[InvoiceLine, ...]:
    return tuple(
        InvoiceLine(
            number=_number(each.row, place),
            item_id=each.item,
            quantity=sign * wire.quantity(each.row, "quantity"),
            unit_price=Money(trimmed(wire.amount(each.row, "unit_price")), unit),
            net=Money(sign * wire.amount(each.row, "amount"), unit),
            description=wire.label(each.row, "description"),
            tax_rate=each.rate,
            order_id=each.order[0],
            order_line=each.order[1],
            invoice_id=each.bill[0],
            invoice_line=each.bill[1],
        )
        for place, each in enumerate(lines, start=1)
    )


def _number(row: Row, place: int) -> int:
    sequence = row.get("sequence")
    return sequence if type(sequence) is int and sequence > 0 else place
