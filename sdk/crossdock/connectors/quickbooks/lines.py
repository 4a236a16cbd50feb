"""The lines of QuickBooks' sales documents.

A document mixes kinds: items, bundles of items, texts, a sub-total, one discount on the whole.
Items and the discount carry amounts; a text and a sub-total say nothing that the others do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.quickbooks.wire import optional_ref, quantity
from crossdock.connectors.reading import (
    Row,
    each,
    number_or_none,
    optional_text,
    part,
    text,
)

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Link:
    """A pointer from a document, or one of its lines, to another document (`line_id`: its line)."""

    id: str
    kind: str
    line_id: str = ""


@frozen(kw_only=True)
class Line:
    """A line with an amount.

    Attributes:
        id: QuickBooks' own id of the line within its document.
        item_id: QuickBooks' own; empty for a discount, or where no item was chosen.
        price: of one unit, with as many digits as were entered.
    """

    id: str
    item_id: str
    description: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tax_code: str
    links: tuple[Link, ...]


def links(row: Row) -> tuple[Link, ...]:
    """Read what a document or a line is linked to."""

    def link(told: Row) -> Link:
        return Link(
            id=text(told, "TxnId"),
            kind=text(told, "TxnType"),
            line_id=optional_text(told, "TxnLineId"),
        )

    return each(row, "LinkedTxn", link) if "LinkedTxn" in row else ()


def lines(row: Row) -> tuple[Line, ...]:
    """Read the lines of a document that carry an amount, in their order."""
    read = each(row, "Line", lambda told: tuple(_of(told))) if "Line" in row else ()
    return tuple(line for several in read for line in several)


def _of(row: Row) -> Iterator[Line]:
    match text(row, "DetailType"):
        case "SalesItemLineDetail":
            yield part(row, "SalesItemLineDetail", lambda detail: _sold(row, detail))
        case "GroupLineDetail":
            inside = part(row, "GroupLineDetail", lines)
            yield from inside
        case "DiscountLineDetail":
            amount = quantity(row, "Amount")
            if amount:
                yield _plain(row, -amount, "Discount")
        case _:
            return


def _sold(row: Row, detail: Row) -> Line:
    amount = quantity(row, "Amount")
    item, code = optional_ref(detail, "ItemRef"), optional_ref(detail, "TaxCodeRef")
    count = number_or_none(detail, "Qty")
    price = number_or_none(detail, "UnitPrice")
    if count is None:
        count = _ONE  # an amount without a quantity is one of something
    if price is None:
        price = amount / count if count else _ZERO
    return Line(
        id=optional_text(row, "Id"),
        item_id=item.id if item else "",
        description=optional_text(row, "Description"),
        quantity=count,
        price=price,
        amount=amount,
        tax_code=code.id if code else "",
        links=links(row),
    )


def _plain(row: Row, amount: Decimal, called: str) -> Line:
    return Line(
        id=optional_text(row, "Id"),
        item_id="",
        description=optional_text(row, "Description") or called,
        quantity=_ONE,
        price=amount,
        amount=amount,
        tax_code="",
        links=(),
    )
