"""Orders, in a system that has none: an estimate that was accepted, or an invoice.

How far an order has come is derived from the documents that are linked to it: what an estimate's
invoices hold is invoiced, and when nothing of them is open it is paid. QuickBooks knows of no
delivery: what was invoiced counts as delivered, as its own estimate is over by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks.billing import Bill, Codes
from crossdock.connectors.quickbooks.lines import Line
from crossdock.connectors.quickbooks.origin import Origin, origin_of
from crossdock.connectors.quickbooks.wire import (
    address,
    created_at,
    optional_day,
)
from crossdock.connectors.reading import Row, optional_text, text
from crossdock.records import Order, OrderLine

Placed = Literal["estimate", "invoice"]
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Sale:
    """The document that stands for an order, and what is linked to it.

    Attributes:
        invoices: those made of an estimate; of an invoice, itself.
        status: of an estimate: Pending, Accepted, Closed or Rejected.
    """

    kind: Placed
    document: Bill
    invoices: tuple[Bill, ...]
    status: str = ""

    @property
    def origin(self) -> Origin | None:
        """Where it came from, if it came from a CRM."""
        return origin_of(self.document.note)

    @property
    def is_order(self) -> bool:
        """Whether it is more than an offer: it came as an order, or it was accepted."""
        return self.kind == "invoice" or self.status != "Pending" or self.origin is not None

    @property
    def alive(self) -> tuple[Bill, ...]:
        """Its invoices that were not made void."""
        return tuple(each for each in self.invoices if not each.void)


def estimate_sale(document: Bill, invoices: Mapping[str, Bill]) -> Sale:
    """Join an estimate with its invoices, given by id."""
    linked = [each.id for each in document.links if each.kind == "Invoice"]
    # Which of both tells of the link depends on who made it.
    telling = [
        each.id
        for each in invoices.values()
        if any(link.kind == "Estimate" and link.id == document.id for link in each.links)
    ]
    found = [invoices[each] for each in dict.fromkeys((*linked, *telling)) if each in invoices]
    return Sale(
        kind="estimate",
        document=document,
        invoices=tuple(found),
        status=optional_text(document.row, "TxnStatus") or "Pending",
    )


def order(sale: Sale, system: str, number: str, codes: Codes) -> Order:
    """Give an order as plugins know it.

    Args:
        sale: the document and what is linked to it.
        system: the configured name.
        number: of its customer.
        codes: gives the codes of items.
    """
    document, origin = sale.document, sale.origin
    row: Row = document.row
    lines = _order_lines(sale, codes, origin)
    return Order(
        id=document.id,
        system=system,
        currency=document.currency,
        customer_id=number,
        trading_account=f"{system}:{number}",
        reference=origin.reference if origin else "",
        lines=lines,
        status=_status(sale, lines),
        ordered_on=document.dated,
        requested_on=optional_day(row, "ShipDate"),
        ship_to=address(row, "ShipAddr"),
        net=document.gross - document.tax,
        tax=document.tax,
        gross=document.gross,
        quote_id=(origin.quote_id or None) if origin else None,
        opportunity_id=(origin.opportunity_id or None) if origin else None,
        external_ids=(
            {origin.system: origin.order_id} if origin and origin.system and origin.order_id else {}
        ),
        created_at=created_at(row),
        version=text(row, "SyncToken"),
    )


def numbered(lines: Sequence[Line], origin: Origin | None) -> dict[str, int]:
    """Give the order's line numbers by QuickBooks' ids of lines.

    QuickBooks counts a new document's lines from 1 and never gives a line another id; a line that
    was added later has a later one.
    """
    given = origin.lines if origin else {}
    there = {int(line.id) for line in lines if line.id.isdigit()}
    taken = {number for line, number in given.items() if line in there}
    numbers: dict[str, int] = {}
    for place, line in enumerate(lines, start=1):
        own = int(line.id) if line.id.isdigit() else place
        number = given.get(own)
        if number is None:
            number = own
            while number in taken:
                number += 1
        taken.add(number)
        numbers[line.id or f"at {place}"] = number
    return numbers


def _order_lines(sale: Sale, codes: Codes, origin: Origin | None) -> tuple[OrderLine, ...]:
    document = sale.document
    invoiced = _invoiced(sale)
    over = sale.status in ("Closed", "Rejected") or (sale.kind == "invoice" and document.void)
    numbers = numbered(document.lines, origin)
    made: list[OrderLine] = []
    for place, line in enumerate(document.lines, start=1):
        if not line.item_id:
            continue  # a discount on the whole: no line of the order
        billed = invoiced[place]
        made.append(
            OrderLine(
                number=numbers[line.id or f"at {place}"],
                item_id=codes(line.item_id),
                quantity=line.quantity,
                description=line.description,
                unit_price=of_unit(line.price, document.currency),
                net=of_unit(line.amount, document.currency),
                shipped=billed,
                invoiced=billed,
                cancelled=max(line.quantity - billed, _ZERO) if over else _ZERO,
            )
        )
    return tuple(made)


def _invoiced(sale: Sale) -> dict[int, Decimal]:
    """Say how much of each line, by its place, its invoices hold."""
    document = sale.document
    found: dict[int, Decimal] = defaultdict(lambda: _ZERO)
    if sale.kind == "invoice":
        if not document.void:
            found |= {place: line.quantity for place, line in enumerate(document.lines, start=1)}
        return found
    for invoice in sale.alive:
        for line in invoice.lines:
            if line.item_id:
                _count(document, line, found)
    return found


def _count(document: Bill, line: Line, found: dict[int, Decimal]) -> None:
    """Count an invoice's line to the line of the estimate that it is of.

    By the link of the line, where it tells which; else to the lines with its item, one after the
    other, and what is more than they hold to the last of them.
    """
    named = {link.line_id for link in line.links if link.id == document.id and link.line_id}
    places = [
        place
        for place, each in enumerate(document.lines, start=1)
        if (each.id in named if named else each.item_id == line.item_id)
    ]
    left = line.quantity
    for place in places:
        room = document.lines[place - 1].quantity - found[place]
        taken = left if place == places[-1] else min(max(room, _ZERO), left)
        found[place] += taken
        left -= taken


def _status(sale: Sale, lines: Sequence[OrderLine]) -> str:
    alive = sale.alive
    if sale.kind == "estimate" and not alive:
        return {"Pending": "submitted", "Accepted": "confirmed"}.get(sale.status, "cancelled")
    if not alive:
        return "cancelled"
    if any(line.quantity - line.cancelled > line.invoiced for line in lines):
        return "partly_invoiced"
    return "invoiced" if any(each.open for each in alive) else "paid"
