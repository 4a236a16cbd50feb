"""An invoice as the customer gets it: printed, and sent by e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.kinds import COMPANY, CUSTOMER, MAILS
from crossdock_mocks.backoffice.paper import on_paper
from crossdock_mocks.backoffice.refusals import WrongState


def print_invoice(books: Books, invoice: Document) -> bytes:
    """Give an invoice as a PDF file. What was paid on it stands on no invoice."""
    return on_paper(_text(books, invoice))


def send_invoice(books: Books, invoice: Document, to: str | None) -> Row:
    """Send an invoice to an address, or to the one that is billed.

    Raises:
        WrongState: Nobody is named, and the customer has no address.
    """
    biller = books.get(CUSTOMER, invoice.header["billToId"]).header
    address = to or biller["email"]
    if not address:
        raise WrongState(
            "no_address", f"Customer {biller['id']} has no e-mail address, and none was named."
        )
    mail: Row = {
        "id": books.world.sequence(MAILS, "ML-", 900001),
        "invoiceId": invoice.id,
        "to": address,
        "sentAt": books.now,
    }
    books.world.table(MAILS).insert(mail)
    return mail


def _text(books: Books, invoice: Document) -> Iterator[str]:
    head = invoice.header
    biller = books.get(CUSTOMER, head["billToId"]).header
    at, currency = biller["address"], head["currency"]
    yield books.get(COMPANY, "company").header["name"]
    yield ""
    yield biller["name"]
    for part in (at["street"], " ".join(filter(None, (at["postcode"], at["city"]))), at["country"]):
        if part:
            yield part
    yield ""
    yield f"Invoice {invoice.id}"
    yield f"Date {head['issuedOn']}"
    if head["dueOn"]:
        yield f"Due {head['dueOn']}"
    yield f"Customer {head['customerId']}"
    if head["orderId"]:
        yield f"Order {head['orderId']}"
    if head["customerReference"]:
        yield f"Your reference {head['customerReference']}"
    yield ""
    for line in invoice.lines:
        discount = Decimal(line["discountPercent"])
        less = f" less {discount.normalize():f} %" if discount else ""
        words = f"{line['itemId']} {line['description'] or ''}".strip()[:60]
        yield f"{line['quantity']} x {words} at {line['unitPrice']}{less}  {line['net']}"
    yield ""
    yield f"Net {head['net']} {currency}"
    yield f"Tax {head['tax']} {currency}"
    yield f"Total {head['total']} {currency}"
