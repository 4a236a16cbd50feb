"""People at customers on the wire."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.backoffice.books import Books
from crossdock_mocks.backoffice.contacts import change_contact, create_contact
from crossdock_mocks.backoffice.kinds import CONTACT
from crossdock_mocks.dialects.erp.idempotency import creating
from crossdock_mocks.dialects.erp.wire import behaviour, expected_version, page, reply, wanted
from crossdock_mocks.engine import Behaviour, Call, Reply


def _contacts(_: Books, call: Call) -> Reply:
    return page(call, CONTACT.table, wanted(call, "customerId", "externalReference"), ("id",))


def _create(books: Books, call: Call) -> Reply:
    contact = create_contact(books, call.body)
    books.flush()
    return reply(books, contact, 201, "/contacts")


def _contact(books: Books, call: Call) -> Reply:
    return reply(books, books.get(CONTACT, call.path["contactId"]))


def _change(books: Books, call: Call) -> Reply:
    contact = books.get(CONTACT, call.path["contactId"])
    books.expect(contact, expected_version(call))
    change_contact(books, contact, call.body)
    books.flush()
    return reply(books, contact)


def _delete(books: Books, call: Call) -> Reply:
    contact = books.get(CONTACT, call.path["contactId"])
    books.expect(contact, expected_version(call))
    books.remove(contact)
    return Reply(204)


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "listContacts": behaviour(_contacts),
    "createContact": creating(_create),
    "getContact": behaviour(_contact),
    "changeContact": behaviour(_change),
    "deleteContact": behaviour(_delete),
}
"""Behaviour of each operation on people at customers, by operation id."""
