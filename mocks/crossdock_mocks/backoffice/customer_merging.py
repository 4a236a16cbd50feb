"""Customers that go: deleted while nothing refers to them, or merged into another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.customers import bill_to
from crossdock_mocks.backoffice.kinds import (
    CONTACT,
    CONTRACT,
    CREDIT_NOTE,
    CUSTOMER,
    INVOICE,
    ORDER,
    PAYMENT,
    PRICES,
    RETURN,
    SHIPMENT,
)
from crossdock_mocks.backoffice.refusals import Invalid, WrongState

_DOCUMENTS: Final = (ORDER, SHIPMENT, INVOICE, CREDIT_NOTE, PAYMENT, RETURN, CONTRACT)


def delete_customer(books: Books, customer: Document) -> None:
    """Delete a customer, its contacts and its contract prices.

    Raises:
        WrongState: Documents or other customers refer to it; it can only be made inactive.
    """
    named = next(_what_refers(books, customer), None)
    if named is not None:
        raise WrongState(
            "customer_in_use",
            f"{customer.id} is named by {named.kind.name.replace('_', ' ')} {named.id}:"
            " make it inactive instead.",
        )
    for contact in books.find(CONTACT, {"customerId": customer.id}):
        books.remove(contact)
    prices = books.table(PRICES)
    for row in prices.find({"customerId": customer.id}):
        prices.delete(row["id"])
    books.remove(customer)


def merge_customer(books: Books, customer: Document, into_id: str) -> Document:
    """Merge a customer into another one, which gets its documents, contacts and prices.

    Raises:
        Invalid: The other one does not exist, is this one, or is kept in another currency.
    """
    into = books.referred(CUSTOMER, into_id, "/into")
    if into.id == customer.id:
        raise Invalid("merge_into_itself", f"{into.id} is this very customer.", "/into")
    if into.header["currency"] != customer.header["currency"]:
        raise Invalid(
            "currency_mismatch",
            f"{into.id} is kept in {into.header['currency']},"
            f" {customer.id} in {customer.header['currency']}.",
            "/into",
            expected=customer.header["currency"],
            received=into.header["currency"],
        )
    if into.header["billToId"] == customer.id:
        into.header["billToId"] = None
    biller = bill_to(books, into.header)["id"]
    for document in [*_what_refers(books, customer), *_contacts(books, customer)]:
        for name, named in (("customerId", into.id), ("billToId", biller)):
            if document is not into and document.header.get(name) == customer.id:
                document.header[name] = named
        books.touch(document)
    prices = books.table(PRICES)
    for row in prices.find({"customerId": customer.id}):
        prices.replace({**row, "customerId": into.id})
    books.touch(into)
    books.remove(customer, into.id)
    return into


def _contacts(books: Books, customer: Document) -> list[Document]:
    return books.find(CONTACT, {"customerId": customer.id})


def _what_refers(books: Books, customer: Document) -> Iterator[Document]:
    """Give the documents and customers that name a customer."""
    for kind in _DOCUMENTS:
        yield from books.find(kind, {"customerId": customer.id})
    for kind in (CUSTOMER, ORDER, INVOICE, CREDIT_NOTE, PAYMENT):
        for document in books.find(kind, {"billToId": customer.id}):
            if document.header.get("customerId") != customer.id:
                yield document
