"""The kinds of sales documents, and what one takes over from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.records import Records, Row


@frozen
class Document:
    """One kind of sales document.

    Attributes:
        set: Its entity set.
        lines: Entity set of its lines.
        title: What it is called in messages.
        prefix: What its numbers begin with.
        start: The first number of its series.
        day: Property of its own date.
        ordering: Whether it is a quote or an order, which blocked customers may not have.
        posted_prefix: What the numbers of posted ones begin with.
        posted_start: The first number of that series.
    """

    set: str
    lines: str
    title: str
    prefix: str
    start: int
    day: str
    ordering: bool = False
    posted_prefix: str = ""
    posted_start: int = 0


QUOTE: Final = Document(
    "salesQuotes", "salesQuoteLines", "Quote", "S-QUO", 1001, "documentDate", ordering=True
)


ORDER: Final = Document(
    "salesOrders", "salesOrderLines", "Order", "SO-", 100001, "orderDate", ordering=True
)


INVOICE: Final = Document(
    "salesInvoices", "salesInvoiceLines", "Invoice", "S-INV", 102001, "invoiceDate",
    posted_prefix="IN-", posted_start=300001,
)  # fmt: skip


CREDIT_MEMO: Final = Document(
    "salesCreditMemos", "salesCreditMemoLines", "Credit Memo", "S-CR", 1001, "creditMemoDate",
    posted_prefix="CN-", posted_start=400001,
)  # fmt: skip


DOCUMENTS: Final = (QUOTE, ORDER, INVOICE, CREDIT_MEMO)


SHIPMENT_SERIES: Final = ("salesShipments", "SH-", 200001)


def draft_series(kind: Document) -> str:
    """Name of the series of a kind's own numbers."""
    return f"{kind.set}.number"


def posted_series(kind: Document) -> str:
    """Name of the series of a kind's posted numbers."""
    return f"{kind.set}.posted"


def is_posted(row: Row) -> bool:
    """Whether an invoice or credit memo was posted."""
    return bool(row.get("_posted"))


def lines_of(records: Records, kind: Document, document: Row) -> list[Row]:
    """The lines of a document, in their sequence."""
    found = records.find(kind.lines, {"documentId": document["id"]})
    return sorted(found, key=lambda line: int(line["sequence"]))


def headers(source: Row, kind: Document, more: Mapping[str, Any]) -> Row:
    """What a document takes over from another one that it is made of."""
    left = {"id", "number", "status", "lastModifiedDateTime"}
    return {
        **{
            name: source[name]
            for name in entity(kind.set).properties
            if name in source and name not in left
        },
        **more,
    }


def copy_lines(
    records: Records, lines: Sequence[Row], kind: Document, document: Row, **more: Any
) -> None:
    """Copy lines into another document."""
    wanted = entity(kind.lines).properties
    for line in lines:
        values = {
            name: value
            for name, value in line.items()
            if (name in wanted and name not in ("id", "documentId"))
            or name in ("_taxRate", "_discountAmount")
        }
        values.update({name: value for name, value in more.items() if name in wanted})
        records.insert(kind.lines, {**values, "documentId": document["id"]})
