"""Credit notes: an invoice or returned goods are credited, never more than was invoiced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.drafts import not_in_the_future, positive
from crossdock_mocks.backoffice.fulfilment import at_most
from crossdock_mocks.backoffice.kinds import CREDIT_NOTE, INVOICE, ORDER, RETURN
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.orders import change_quantities
from crossdock_mocks.backoffice.payments import settle
from crossdock_mocks.backoffice.refusals import Invalid, WrongState
from crossdock_mocks.backoffice.tax import net_amount
from crossdock_mocks.backoffice.valuation import Money, write_amounts


@frozen
class Credited:
    """So much of one invoice line is credited.

    Attributes:
        invoice: The invoice.
        line: Its line.
        quantity: How much.
        return_line: The line of the return, if it is for returned goods.
    """

    invoice: Document
    line: Row
    quantity: Decimal
    return_line: Row | None = None


def credit(books: Books, asked: Mapping[str, Any]) -> Document:
    """Credit an invoice (all that is left, or the lines named) or a return.

    Raises:
        Invalid: Both or neither are named, one is unknown, more is named than was invoiced, or the
            day lies in the future.
        WrongState: There is nothing to credit.
    """
    if ("invoiceId" in asked) == ("returnId" in asked):
        raise Invalid(
            "one_of_invoice_and_return", "Name an invoice or a return, not both.", "/invoiceId"
        )
    issued = not_in_the_future(books, asked.get("issuedOn"), "/issuedOn")
    if "invoiceId" in asked:
        invoice = books.referred(INVOICE, asked["invoiceId"], "/invoiceId")
        parts, returned = _of_invoice(invoice, asked.get("lines")), None
    else:
        if "lines" in asked:
            raise Invalid(
                "lines_with_return", "A return is credited as it came back; leave the lines out.",
                "/lines",
            )  # fmt: skip
        returned = books.referred(RETURN, asked["returnId"], "/returnId")
        parts = _of_return(books, returned)
    if not parts:
        raise WrongState(
            "nothing_to_credit",
            f"Nothing of {asked.get('invoiceId') or asked.get('returnId')} is left to credit.",
        )
    note = _note(books, asked, parts, returned, issued)
    _mark(books, note, parts, returned)
    if asked.get("apply", True):
        _apply_to_its_invoices(books, note, parts, issued)
    return note


def _left(line: Row) -> Decimal:
    return Decimal(line["quantity"]) - Decimal(line["creditedQuantity"])


def _of_invoice(invoice: Document, asked: Sequence[Mapping[str, Any]] | None) -> list[Credited]:
    if asked is None:
        return [Credited(invoice, line, _left(line)) for line in invoice.lines if _left(line)]
    parts: list[Credited] = []
    for position, each in enumerate(asked):
        here = f"/lines/{position}"
        line = invoice.line(each["invoiceLine"], f"{here}/invoiceLine")
        if any(line is part.line for part in parts):
            raise Invalid(
                "duplicate_line", f"Line {line['line']} is named twice.", f"{here}/invoiceLine",
                received=line["line"],
            )  # fmt: skip
        quantity = positive(each["quantity"], f"{here}/quantity")
        told = f"Of line {line['line']} can be credited"
        at_most(quantity, _left(line), f"{here}/quantity", "quantity_exceeds_invoiced", told)
        parts.append(Credited(invoice, line, quantity))
    return parts


def _of_return(books: Books, returned: Document) -> list[Credited]:
    """What of a return was invoiced, on the oldest invoices first."""
    if returned.header["orderId"] is None:
        return []
    order = books.get(ORDER, returned.header["orderId"])
    invoices = books.find(INVOICE, {"orderId": order.id}, order="issuedOn")
    spent: dict[int, Decimal] = {}
    parts: list[Credited] = []
    for return_line in returned.lines:
        number = return_line["orderLine"]
        if number is None:
            continue
        owed = Quantities.read(order.line(number)["quantities"]).to_credit
        wanted = min(_left(return_line), owed - spent.get(number, ZERO))
        for invoice in invoices:
            for line in invoice.lines:
                share = min(wanted, _left(line)) if line["orderLine"] == number else ZERO
                if share > ZERO:
                    parts.append(Credited(invoice, line, share, return_line))
                    wanted -= share
                    spent[number] = spent.get(number, ZERO) + share
    return parts


def _note(
    books: Books,
    asked: Mapping[str, Any],
    parts: list[Credited],
    returned: Document | None,
    issued: date,
) -> Document:
    invoices = {part.invoice.id for part in parts}
    first = parts[0].invoice.header
    money = Money(books.places(first["currency"]), first["rounding"]["mode"])
    note = books.add(
        CREDIT_NOTE,
        {
            "customerId": first["customerId"],
            "billToId": first["billToId"],
            "invoiceId": first["id"] if len(invoices) == 1 else None,
            "orderId": first["orderId"],
            "returnId": None if returned is None else returned.id,
            "externalReference": asked.get("externalReference"),
            "customerReference": first["customerReference"],
            "reason": asked["reason"],
            "currency": first["currency"],
            "issuedOn": issued.isoformat(),
            "postedOn": books.today.isoformat(),
            "applications": [],
            "lineCount": len(parts),
            "createdAt": books.now,
        },
        [_line(part, number) for number, part in enumerate(parts, 1)],
    )
    nets = [_net(part, money.places) for part in parts]
    write_amounts(note.header, note.lines, [part.quantity for part in parts], money, nets)
    return note


def _net(part: Credited, places: int) -> Decimal:
    """Net of a part; what is credited last takes the rest, so that the line comes out even."""
    line = part.line
    rest = Decimal(line["net"]) - Decimal(line["creditedNet"])
    if part.quantity == _left(line):
        return rest
    net = net_amount(
        part.quantity, Decimal(line["unitPrice"]), Decimal(line["discountPercent"]), places
    )
    return min(net, rest)


def _line(part: Credited, number: int) -> Row:
    line = part.line
    return {
        "line": number,
        "invoiceId": part.invoice.id,
        "invoiceLine": line["line"],
        "orderId": line["orderId"],
        "orderLine": line["orderLine"],
        "itemId": line["itemId"],
        "description": line["description"],
        "unit": line["unit"],
        "quantity": plain(part.quantity),
        "unitPrice": line["unitPrice"],
        "discountPercent": line["discountPercent"],
        "net": "0",
        "taxCode": line["taxCode"],
        "taxRate": line["taxRate"],
        "tax": "0",
        **({"source": line["source"]} if "source" in line else {}),
    }


def _mark(books: Books, note: Document, parts: list[Credited], returned: Document | None) -> None:
    """Write down what is credited, in the invoices, the return and the order."""
    places = books.places(note.header["currency"])
    orders: dict[str, Document] = {}
    for part, line in zip(parts, note.lines, strict=True):
        _add(part.line, "creditedQuantity", part.quantity)
        credited = Decimal(part.line["creditedNet"]) + Decimal(line["net"])
        part.line["creditedNet"] = Money(places, "line").text(credited)
        books.touch(part.invoice)
        if part.return_line is not None:
            _add(part.return_line, "creditedQuantity", part.quantity)
        order_id = part.line["orderId"]
        order = None if order_id is None else books.find_one(ORDER, order_id)
        if order is not None and part.line["orderLine"] is not None:
            for_return = part.quantity if part.return_line is not None else ZERO
            change_quantities(
                order.line(part.line["orderLine"]),
                credited=part.quantity,
                returns_credited=for_return,
            )
            orders[order.id] = order
    if returned is not None:
        books.touch(returned)
    for order in orders.values():
        books.record(order, "credited", document_id=note.id, note=note.header["reason"])


def _add(line: Row, name: str, quantity: Decimal) -> None:
    line[name] = plain(Decimal(line[name]) + quantity)


def _apply_to_its_invoices(
    books: Books, note: Document, parts: list[Credited], issued: date
) -> None:
    left = Decimal(note.header["total"])
    for invoice in {part.invoice.id: part.invoice for part in parts}.values():
        share = min(left, Decimal(invoice.header["openAmount"]))
        if share > ZERO:
            settle(books, note, invoice, share, issued, recorded=True)
            left -= share
