"""Sales orders: what they look like, and what is derived whenever one is written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document, Row, derives
from crossdock_mocks.backoffice.decimals import ZERO
from crossdock_mocks.backoffice.kinds import INVOICE, ORDER
from crossdock_mocks.backoffice.order_status import (
    Progress,
    Quantities,
    invoicing_progress,
    order_status,
    progress,
    shipping_progress,
)
from crossdock_mocks.backoffice.valuation import Money, valued, write_amounts

NO_SOURCE: Final[Row] = {
    "system": None,
    "opportunityId": None,
    "quoteId": None,
    "quoteLine": None,
    "orderId": None,
    "orderLine": None,
}

NO_APPROVAL: Final[Row] = {
    "status": "not_required",
    "requestedAt": None,
    "reasons": [],
    "decidedAt": None,
    "decidedBy": None,
    "note": None,
}


def source_of(asked: Mapping[str, Any], above: Row = NO_SOURCE) -> Row:
    """Where something came from; what a line does not say is taken from its order."""
    given = {name: value for name, value in asked.get("source", {}).items() if value is not None}
    return {**NO_SOURCE, **above, **given}


def change_quantities(line: Row, **by: Decimal) -> Quantities:
    """Change quantities of a line by so much.

    Raises:
        ValueError: They would contradict each other; callers check before.
    """
    quantities = Quantities.read(line["quantities"])
    for name, change in by.items():
        setattr(quantities, name, getattr(quantities, name) + change)
    broken = quantities.broken()
    if broken is not None:
        raise ValueError(f"line {line['line']}: {broken}")
    line["quantities"] = quantities.written()
    return quantities


def is_held(header: Row) -> bool:
    """Whether something keeps the order from being shipped."""
    return bool(header["holds"])


def order_money(books: Books, header: Row) -> Money:
    """How amounts of an order are rounded: as when it was entered."""
    mode = header["rounding"]["mode"] if "rounding" in header else books.settings.rounding
    return Money(books.places(header["currency"]), mode)


@derives(ORDER)
def derive_order(books: Books, order: Document) -> None:
    """Write into an order what follows from its lines and its invoices."""
    quantities = [Quantities.read(line["quantities"]) for line in order.lines]
    write_order_amounts(books, order.header, order.lines, quantities)
    payment = _payment_progress(books, order) if order.version else "none"
    write_order_status(order.header, order.lines, quantities, payment)


def write_order_amounts(
    books: Books, header: Row, lines: list[Row], quantities: list[Quantities]
) -> None:
    """Write amounts: of what is wanted, what is open, what is to be invoiced and credited."""
    money = order_money(books, header)
    write_amounts(header, lines, [each.wanted for each in quantities], money)
    parts = {
        "openAmount": [each.open for each in quantities],
        "toInvoiceAmount": [each.to_invoice for each in quantities],
        "toCreditAmount": [each.to_credit for each in quantities],
    }
    for name, part in parts.items():
        header[name] = money.text(valued(lines, part, money) if any(part) else ZERO)
    header["exposed"] = any(any(part) for part in parts.values())


def write_order_status(
    header: Row, lines: list[Row], quantities: list[Quantities], payment: Progress
) -> None:
    """Write where the order stands."""
    open_lines = [line for line, each in zip(lines, quantities, strict=True) if each.open > ZERO]
    promised = [line["promisedOn"] for line in open_lines]
    header["promisedOn"] = max((day for day in promised if day is not None), default=None)
    header["open"] = bool(open_lines)
    header["shippingStatus"] = shipping_progress(quantities)
    header["invoicingStatus"] = invoicing_progress(quantities)
    header["paymentStatus"] = payment
    header["lineCount"] = len(lines)
    header["status"] = order_status(
        quantities,
        rejected=header["approval"]["status"] == "rejected",
        held=is_held(header),
        payment=payment,
    )


def _payment_progress(books: Books, order: Document) -> Progress:
    total = settled = ZERO
    invoices = books.table(INVOICE.table).find({"orderId": order.id})
    for invoice in invoices:
        total += Decimal(invoice["total"])
        settled += Decimal(invoice["total"]) - Decimal(invoice["openAmount"])
    if invoices and total == ZERO:
        return "fully"
    return progress(settled, total)
