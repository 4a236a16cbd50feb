"""The lines that a purchase history is made of: what was invoiced, credited or ordered, by item.

Net, without tax. What was credited counts with the opposite sign, so that any sum over lines is
what was sold in the end; ERPs keep the quantities and amounts of credit notes positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from crossdock.records import CreditNote, Invoice, Money, Order, OrderLine

# An order that was never accepted, or not any more, is no sale.
_NO_SALE: Final = frozenset({"draft", "rejected", "cancelled"})


@frozen(kw_only=True)
class SoldLine:
    """One line of a document as it counts in the history.

    Attributes:
        on: the posting date of an invoice or a credit note, the day on which an order was placed.
        document_id: the ERP's number of the document.
        number: the line's number in it.
        quantity: in the item's unit; negative where it was credited.
        unit_price: before discount; `None` where an order's line has no price.
        discount_percent: 5 means 5 %.
        net: after discount, before tax; negative where it was credited.
    """

    on: date
    kind: Literal["invoice", "credit_note", "order"]
    document_id: str
    number: int
    item_id: str
    description: str
    quantity: Decimal
    unit_price: Money | None
    discount_percent: Decimal
    net: Money

    @property
    def bought(self) -> bool:
        """Whether something was bought with it, and not only taken back or credited."""
        return self.kind != "credit_note" and self.quantity > 0

    @property
    def place(self) -> tuple[date, int, str, int]:
        """Where it stands in time: by day, then by document and line number.

        Documents of one day are taken in the order of their numbers (`IN-99` before `IN-100`).
        """
        return (self.on, len(self.document_id), self.document_id, self.number)


def lines_of_invoices(
    invoices: Iterable[Invoice], credit_notes: Iterable[CreditNote] = ()
) -> tuple[SoldLine, ...]:
    """Give the lines of invoices and credit notes that were read with their lines."""
    return (
        *(line for invoice in invoices for line in _billed(invoice, 1)),
        *(line for note in credit_notes for line in _billed(note, -1)),
    )


def lines_of_orders(orders: Iterable[Order]) -> tuple[SoldLine, ...]:
    """Give the lines of orders without what was cancelled of them.

    Drafts, rejected and cancelled orders are left out, and so are lines that were cancelled whole.
    A line without an amount cannot be counted, and an order without a day neither.
    """
    return tuple(
        SoldLine(
            on=order.ordered_on,
            kind="order",
            document_id=order.id,
            number=line.number,
            item_id=line.item_id,
            description=line.description,
            quantity=line.quantity - line.cancelled,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            net=net,
        )
        for order in orders
        if counts_as_sale(order) and order.ordered_on is not None
        for line in order.lines
        if line.quantity != line.cancelled and (net := kept_net(line)) is not None
    )


def counts_as_sale(order: Order) -> bool:
    """Whether an order is one to count: neither a draft nor rejected nor cancelled."""
    return order.status not in _NO_SALE


def kept_net(line: OrderLine) -> Money | None:
    """Give what an order's line comes to without the part of it that was cancelled.

    `None` where the line has no amount. Of a line that is cancelled in part, the same part of its
    net is left out, rounded to the currency's minor unit.
    """
    if line.net is None or not line.quantity or not line.cancelled:
        return line.net
    return (line.net * ((line.quantity - line.cancelled) / line.quantity)).rounded()


def _billed(document: Invoice | CreditNote, sign: Literal[1, -1]) -> Iterator[SoldLine]:
    kind: Literal["invoice", "credit_note"] = "invoice" if sign == 1 else "credit_note"
    for line in document.lines:
        yield SoldLine(
            on=document.posted_on,
            kind=kind,
            document_id=document.id,
            number=line.number,
            item_id=line.item_id,
            description=line.description,
            quantity=line.quantity if sign == 1 else -line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            net=line.net if sign == 1 else -line.net,
        )
