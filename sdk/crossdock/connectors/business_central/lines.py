"""The lines of Business Central's sales documents: what is sold, and comments between it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.business_central.wire import ETAG, kind, quantity
from crossdock.connectors.reading import Row, each, number, optional_text, text, whole

_COMMENTS: Final = frozenset({"", "Comment"})


@frozen(kw_only=True)
class Line:
    """A line that sells something.

    Attributes:
        id: Business Central's own; empty on a shipment that tells none.
        sequence: its number in the document, which postings keep.
        code: the item's number, or that of another thing that is sold.
        net: less both discounts, before tax.
    """

    id: str
    etag: str
    sequence: int
    code: str
    description: str
    description2: str
    unit: str
    price: Decimal
    quantity: Decimal
    discount_percent: Decimal
    row: Row

    @property
    def net(self) -> Decimal:
        """What it comes to, less its own discount and its share of the document's."""
        return number(self.row, "netAmount")


@frozen(kw_only=True)
class Comment:
    """A line that only says something."""

    id: str
    sequence: int
    text: str


@frozen(kw_only=True)
class Lines:
    """All lines of a document."""

    sold: tuple[Line, ...]
    comments: tuple[Comment, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What the comments say, in their order."""
        return tuple(each.text for each in self.comments)


def lines(row: Row, name: str) -> Lines:
    """Read the lines that are expanded beside a document, in their order."""
    found = sorted(each(row, name, _line), key=lambda line: line.sequence)
    return Lines(
        sold=tuple(line for line in found if isinstance(line, Line)),
        comments=tuple(line for line in found if isinstance(line, Comment)),
    )


def _line(row: Row) -> Line | Comment:
    sequence = whole(row, "sequence")
    if kind(row, "lineType") in _COMMENTS:
        return Comment(id=text(row, "id"), sequence=sequence, text=text(row, "description"))
    return Line(
        id=text(row, "id"),
        etag=text(row, ETAG),
        sequence=sequence,
        code=text(row, "lineObjectNumber"),
        description=optional_text(row, "description"),
        description2=optional_text(row, "description2"),
        unit=optional_text(row, "unitOfMeasureCode"),
        price=number(row, "unitPrice"),
        quantity=quantity(row, "quantity"),
        discount_percent=quantity(row, "discountPercent"),
        row=row,
    )
