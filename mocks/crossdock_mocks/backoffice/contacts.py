"""People at customers: whom to write to, to call, to ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.kinds import CONTACT, CUSTOMER

_PLAIN: Final = (
    "firstName", "lastName", "jobTitle", "email", "phone", "mobile", "externalReference",
)  # fmt: skip


def create_contact(books: Books, asked: Mapping[str, Any]) -> Document:
    """Create a contact.

    Raises:
        Invalid: There is no such customer.
    """
    header: Row = {
        "customerId": books.referred(CUSTOMER, asked["customerId"], "/customerId").id,
        **{name: asked.get(name) for name in _PLAIN},
        "active": asked.get("active", True),
        "createdAt": books.now,
        "updatedAt": books.now,
        "updatedBy": books.actor,
    }
    return books.add(CONTACT, header)


def change_contact(books: Books, contact: Document, asked: Mapping[str, Any]) -> None:
    """Change fields of a contact; it may go over to another customer.

    Raises:
        Invalid: There is no such customer.
    """
    if "customerId" in asked:
        books.referred(CUSTOMER, asked["customerId"], "/customerId")
    contact.header.update(asked)
    books.touch(contact)
