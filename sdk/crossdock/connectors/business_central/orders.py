"""Orders as plugins know them: from Business Central's sales orders, and from what is posted.

Business Central deletes an order when all of it is invoiced. What then tells of it are its posted
invoices: they keep the order's number, its external document number, its comments and the numbers
of its lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.billing import Bill
from crossdock.connectors.business_central.lines import Line, Lines, lines
from crossdock.connectors.business_central.origin import (
    Origin,
    line_number,
    origin_of,
    read_cancelled_line,
    read_cancelled_part,
)
from crossdock.connectors.business_central.wire import (
    ETAG,
    address,
    day_or_none,
    kind,
    money,
    plain,
    quantity,
)
from crossdock.connectors.reading import Row, optional_text, text
from crossdock.records import Money, Order, OrderLine

LINES: Final = "salesOrderLines"
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Sale:
    """A sales order that is there, with its lines."""

    id: str
    etag: str
    number: str
    customer: str
    currency: str
    status: str
    lines: Lines
    origin: Origin | None
    row: Row


def sale(row: Row) -> Sale:
    """Read a sales order with its lines."""
    found = lines(row, LINES)
    return Sale(
        id=text(row, "id"),
        etag=text(row, ETAG),
        number=text(row, "number"),
        customer=text(row, "customerNumber"),
        currency=text(row, "currencyCode"),
        status=kind(row, "status"),
        lines=found,
        origin=origin_of(found.words, optional_text(row, "externalDocumentNumber")),
        row=row,
    )


def order_of_sale(found: Sale, system: str, invoices: Sequence[Bill]) -> Order:
    """Give a sales order that is there.

    Args:
        found: the order.
        system: the configured name.
        invoices: what was invoiced of it; needed only where all of it is.
    """
    made = tuple(_open_line(line, found.currency) for line in found.lines.sold)
    gone = tuple(_cancelled(found.lines, found.currency))
    both = tuple(sorted((*made, *gone), key=lambda line: line.number))
    held = found.status == "In Review"
    mark = "on_hold" if held else _MARKS.get(found.status, "confirmed")
    days = [line.promised_on for line in made]
    known = [day for day in days if day is not None]
    return evolve(
        _head(found.row, system, found.origin),
        lines=both,
        status=_status(both, mark, invoices),
        hold_reason="it is in review in Business Central" if held else "",
        ordered_on=day_or_none(found.row, "orderDate"),
        requested_on=day_or_none(found.row, "requestedDeliveryDate"),
        promised_on=max(known) if known and len(known) == len(days) else None,
        net=money(found.row, "totalAmountExcludingTax", found.currency),
        tax=money(found.row, "totalTaxAmount", found.currency),
        gross=money(found.row, "totalAmountIncludingTax", found.currency),
        version=version(found),
    )


# An order that is not released yet was taken nevertheless.
_MARKS: Final = {"Draft": "accepted", "Open": "confirmed"}


def order_of_invoices(bills: Sequence[Bill], system: str) -> Order:
    """Give an order that is gone, by all its posted invoices; they are one at least.

    When it was ordered is not kept: the day on which it was invoiced first is the latest that it
    can have been.
    """
    bills = sorted(bills, key=lambda bill: (bill.posted_on, bill.number))
    last = bills[-1]
    unit = last.currency
    made: dict[int, OrderLine] = {}
    for bill in bills:
        for line in bill.lines.sold:
            _count(made, line, unit, void=bill.void)
        for cancelled in _cancelled(bill.lines, unit):
            made.setdefault(cancelled.number, cancelled)
    both = tuple(made[number] for number in sorted(made))
    alive = [bill for bill in bills if not bill.void]
    sums = [
        sum((getattr(bill, name) for bill in alive), start=Money.zero(unit))
        for name in ("net", "tax", "gross")
    ]
    head = _head(last.row, system, last.origin)
    return evolve(
        head,
        id=last.order_number,
        lines=both,
        status=_status(both, "confirmed", bills),
        ordered_on=min(bill.issued_on for bill in bills),
        net=sums[0],
        tax=sums[1],
        gross=sums[2],
        version=_digest(bill.etag for bill in bills),
    )


def invoiced_since(bills: Iterable[Bill]) -> date:
    """Give the day that an order which is gone counts from."""
    return min(bill.issued_on for bill in bills)


def version(found: Sale) -> str:
    """Tell two states of an order apart, its lines' included."""
    return _digest([found.etag, *(line.etag for line in found.lines.sold)])


def _digest(etags: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(etags).encode()).hexdigest()[:24]


def _head(row: Row, system: str, origin: Origin | None) -> Order:
    number = text(row, "customerNumber")
    return Order(
        id=text(row, "number"),
        system=system,
        currency=text(row, "currencyCode"),
        customer_id=number,
        trading_account=f"{system}:{number}",
        reference=origin.reference if origin else "",
        ship_to=address(row, "shipTo"),
        quote_id=(origin.quote_id or None) if origin else None,
        opportunity_id=(origin.opportunity_id or None) if origin else None,
        external_ids={origin.system: origin.reference} if origin and origin.system else {},
    )


def _open_line(line: Line, unit: str) -> OrderLine:
    cancelled = read_cancelled_part(line.description2)
    return OrderLine(
        number=line_number(line.sequence),
        item_id=line.code,
        quantity=line.quantity + cancelled,
        unit=line.unit,
        description=line.description,
        unit_price=of_unit(line.price, unit),
        discount_percent=line.discount_percent,
        net=of_unit(line.net, unit),
        shipped=quantity(line.row, "shippedQuantity"),
        invoiced=quantity(line.row, "invoicedQuantity"),
        cancelled=cancelled,
        promised_on=day_or_none(line.row, "shipmentDate"),
    )


def _cancelled(found: Lines, unit: str) -> Iterable[OrderLine]:
    for comment in found.comments:
        told = read_cancelled_line(comment.text)
        if told is not None:
            yield OrderLine(
                number=line_number(comment.sequence),
                item_id=told[1],
                quantity=told[0],
                net=Money.zero(unit),
                cancelled=told[0],
            )


def _count(made: dict[int, OrderLine], line: Line, unit: str, *, void: bool) -> None:
    """Count an invoice's line to the order's line that it is of, by their number.

    What was on an invoice that was cancelled came back with it.
    """
    number = line_number(line.sequence)
    before = made.get(number)
    while before is not None and before.item_id != line.code:
        # Not the same line: an invoice that was made of shipments counts its own.
        number += 1
        before = made.get(number)
    if before is None:
        cancelled = read_cancelled_part(line.description2)
        before = OrderLine(
            number=number,
            item_id=line.code,
            quantity=cancelled,
            unit=line.unit,
            description=line.description,
            unit_price=of_unit(line.price, unit),
            discount_percent=line.discount_percent,
            net=Money.zero(unit),
            cancelled=cancelled,
        )
    made[number] = evolve(
        before,
        quantity=plain(before.quantity + line.quantity),
        shipped=plain(before.shipped + line.quantity),
        invoiced=plain(before.invoiced + line.quantity),
        returned=plain(before.returned + (line.quantity if void else _ZERO)),
        net=(before.net or Money.zero(unit)) + of_unit(_ZERO if void else line.net, unit),
    )


def _status(made: Sequence[OrderLine], mark: str, invoices: Sequence[Bill]) -> str:
    """Say how far an order has come; `mark` is what it is while nothing has moved."""
    if not made:
        return mark
    shipped = any(line.shipped > _ZERO for line in made)
    still_open = any(line.quantity - line.cancelled > line.shipped for line in made)
    if not shipped:
        return mark if still_open else "cancelled"
    if not still_open and all(line.returned >= line.shipped for line in made):
        return "returned"
    if still_open:
        return "partly_shipped"
    if any(line.shipped > line.invoiced for line in made):
        return "partly_invoiced" if any(line.invoiced for line in made) else "shipped"
    alive = [bill for bill in invoices if not bill.void]
    return "paid" if alive and not any(bill.open for bill in alive) else "invoiced"
