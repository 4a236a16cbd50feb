"""Invoicing what was shipped: all of it, one shipment, or the lines and quantities named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, Row, derives
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.drafts import not_in_the_future
from crossdock_mocks.backoffice.fulfilment import at_most, named_lines
from crossdock_mocks.backoffice.kinds import CUSTOMER, INVOICE, SHIPMENT
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.orders import change_quantities
from crossdock_mocks.backoffice.receivables import settle_invoice
from crossdock_mocks.backoffice.refusals import Invalid, WrongState
from crossdock_mocks.backoffice.valuation import Money, write_amounts

Part = tuple[Row, Document, Row, Decimal]
"""An order line, the shipment and its line that carried it, and how much of it is billed."""


@derives(INVOICE)
def derive_invoice(books: Books, invoice: Document) -> None:
    """Write into an invoice what follows from its applications."""
    settle_invoice(invoice.header, books.places(invoice.header["currency"]))


def bill(books: Books, order: Document, asked: Mapping[str, Any]) -> Document:
    """Invoice what is shipped and not invoiced.

    Raises:
        WrongState: There is nothing to invoice.
        Invalid: More is named than is to be invoiced, the shipment is not one of the order, or a
            date does not fit.
    """
    issued = not_in_the_future(books, asked.get("issuedOn"), "/issuedOn")
    shipments = _shipments(books, order, asked.get("shipmentId"))
    carried = _carried(shipments)
    wanted = _wanted(order, asked, carried)
    parts = [part for line, quantity in wanted for part in _shared(line, quantity, carried)]
    if not parts:
        raise WrongState(
            "nothing_to_invoice", f"Nothing of order {order.id} is shipped and not invoiced."
        )
    invoice = books.add(
        INVOICE,
        _header(books, order, asked, issued, len(parts)),
        [_line(order, part, number) for number, part in enumerate(parts, 1)],
    )
    money = Money(books.places(invoice.header["currency"]), books.settings.rounding)
    billed = [quantity for _, _, _, quantity in parts]
    write_amounts(invoice.header, invoice.lines, billed, money)
    for line, shipment, shipment_line, quantity in parts:
        change_quantities(line, invoiced=quantity)
        before = Decimal(shipment_line["invoicedQuantity"])
        shipment_line["invoicedQuantity"] = plain(before + quantity)
        books.touch(shipment)
    books.record(order, "invoiced", document_id=invoice.id)
    return invoice


def _shipments(books: Books, order: Document, shipment_id: str | None) -> list[Document]:
    shipments = books.find(SHIPMENT, {"orderId": order.id}, order="shippedOn")
    if shipment_id is None:
        return shipments
    named = [each for each in shipments if each.id == shipment_id]
    if not named:
        raise Invalid(
            "unknown_shipment", f"Order {order.id} has no shipment {shipment_id}.", "/shipmentId",
            received=shipment_id,
        )  # fmt: skip
    return named


def _carried(shipments: list[Document]) -> dict[int, list[tuple[Document, Row]]]:
    carried: dict[int, list[tuple[Document, Row]]] = defaultdict(list)
    for shipment in shipments:
        for line in shipment.lines:
            if line["orderLine"] is not None:
                carried[line["orderLine"]].append((shipment, line))
    return carried


def _unbilled(shipment_line: Row) -> Decimal:
    return Decimal(shipment_line["quantity"]) - Decimal(shipment_line["invoicedQuantity"])


def _billable(line: Row, carried: Mapping[int, list[tuple[Document, Row]]]) -> Decimal:
    here = sum((_unbilled(each) for _, each in carried.get(line["line"], ())), ZERO)
    return min(Quantities.read(line["quantities"]).to_invoice, here)


def _wanted(
    order: Document,
    asked: Mapping[str, Any],
    carried: Mapping[int, list[tuple[Document, Row]]],
) -> list[tuple[Row, Decimal]]:
    if "lines" not in asked:
        return [(line, _billable(line, carried)) for line in order.lines]
    named = named_lines(order, asked["lines"])
    for line, quantity, pointer in named:
        told = f"Of line {line['line']} is to be invoiced"
        at_most(quantity, _billable(line, carried), pointer, "quantity_exceeds_shipped", told)
    return [(line, quantity) for line, quantity, _ in named]


def _shared(
    line: Row, quantity: Decimal, carried: Mapping[int, list[tuple[Document, Row]]]
) -> list[Part]:
    """Share a quantity out over the shipment lines that carried it, the oldest first."""
    parts: list[Part] = []
    for shipment, shipment_line in carried.get(line["line"], ()):
        share = min(quantity, _unbilled(shipment_line))
        if share > ZERO:
            parts.append((line, shipment, shipment_line, share))
            quantity -= share
    return parts


def _header(
    books: Books, order: Document, asked: Mapping[str, Any], issued: date, lines: int
) -> Row:
    header = order.header
    biller = books.get(CUSTOMER, header["billToId"]).header
    due = asked.get("dueOn")
    if due is None and biller["termsDays"] is not None:
        due = (issued + timedelta(days=biller["termsDays"])).isoformat()
    if due is not None and due < issued.isoformat():
        raise Invalid(
            "due_before_issue", f"Due on {due}, before the invoice's date {issued}.", "/dueOn",
            expected=f"{issued} or later", received=due,
        )  # fmt: skip
    return {
        "customerId": header["customerId"],
        "billToId": header["billToId"],
        "orderId": order.id,
        "externalReference": asked.get("externalReference"),
        "customerReference": header["customerReference"],
        "source": header["source"],
        "currency": header["currency"],
        "issuedOn": issued.isoformat(),
        "postedOn": books.today.isoformat(),
        "dueOn": due,
        "applications": [],
        "lineCount": lines,
        "createdAt": books.now,
    }


def _line(order: Document, part: Part, number: int) -> Row:
    line, shipment, shipment_line, quantity = part
    return {
        "line": number,
        "orderId": order.id,
        "orderLine": line["line"],
        "shipmentId": shipment.id,
        "shipmentLine": shipment_line["line"],
        "itemId": line["itemId"],
        "description": line["description"],
        "unit": line["unit"],
        "quantity": plain(quantity),
        "unitPrice": line["unitPrice"],
        "discountPercent": line["discountPercent"],
        "net": "0",
        "taxCode": line["taxCode"],
        "taxRate": line["taxRate"],
        "tax": "0",
        "creditedQuantity": "0",
        "creditedNet": "0",
        "source": line["source"],
    }
