"""The company, its customers with their credit, and their contracts on the wire."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.catalogue import (
    search_condition,
)
from crossdock_mocks.backoffice.contracts import contract_view, create_contract, with_status
from crossdock_mocks.backoffice.credit_status import credit_view
from crossdock_mocks.backoffice.customer_merging import delete_customer, merge_customer
from crossdock_mocks.backoffice.customers import change_customer, create_customer
from crossdock_mocks.backoffice.kinds import (
    COMPANY,
    CONTRACT,
    CUSTOMER,
    RATES,
)
from crossdock_mocks.dialects.erp.idempotency import creating
from crossdock_mocks.dialects.erp.wire import (
    behaviour,
    etag,
    expected_version,
    page,
    page_of,
    reply,
    wanted,
)
from crossdock_mocks.engine import Behaviour, Call, Reply, every, le

_CUSTOMER_WORDS: Final = (
    "id", "name", "email", "taxNumber", "address.city", "address.postcode",
)  # fmt: skip
_CUSTOMER_FILTERS: Final = ("taxNumber", "externalReference", "billToId", "onHold", "active")


# Who asks


def _session(_: Books, call: Call) -> Reply:
    return Reply(200, {"name": call.principal})


# Company


def _company(books: Books, call: Call) -> Reply:
    document = books.get(COMPANY, "company")
    body = {name: value for name, value in document.header.items() if name != "id"}
    return Reply(200, {**body, "today": call.today.isoformat()}, {"etag": etag(document.version)})


def _change_company(books: Books, call: Call) -> Reply:
    document = books.get(COMPANY, "company")
    books.expect(document, expected_version(call))
    document.header.update(call.body)
    books.touch(document)
    books.flush()
    return _company(books, call)


def _rates(_: Books, call: Call) -> Reply:
    """The newest rate of each currency on a day."""
    on = call.query.get("on") or call.today.isoformat()
    found = call.world.table(RATES).find({"validFrom": le(on)}, "validFrom")
    return Reply(200, {"items": list({row["of"]: row for row in found}.values())})


# Customers


def _customers(_: Books, call: Call) -> Reply:
    conditions: list[Any] = [wanted(call, *_CUSTOMER_FILTERS)]
    if "search" in call.query:
        conditions += search_condition(call.query["search"], _CUSTOMER_WORDS)
    if "email" in call.query:
        conditions += search_condition(call.query["email"], ("email",))
        return _customers_by_email(call, every(*conditions))
    return page(call, CUSTOMER.table, every(*(each for each in conditions if each)), ("id",))


def _customers_by_email(call: Call, where: Any) -> Reply:
    """Addresses are compared whole, whatever their case; the condition only narrows them down."""
    email = call.query["email"].casefold()
    return page_of(
        call,
        CUSTOMER.table,
        where,
        lambda row: row if (row["email"] or "").casefold() == email else None,
        ("id",),
    )


def _create_customer(books: Books, call: Call) -> Reply:
    customer = create_customer(books, call.body)
    books.flush()
    return reply(books, customer, 201, "/customers")


def _customer(books: Books, call: Call) -> Reply:
    return reply(books, books.get(CUSTOMER, call.path["customerId"]))


def _change_customer(books: Books, call: Call) -> Reply:
    customer = books.get(CUSTOMER, call.path["customerId"])
    books.expect(customer, expected_version(call))
    change_customer(books, customer, call.body)
    books.flush()
    return reply(books, customer)


def _delete_customer(books: Books, call: Call) -> Reply:
    customer = books.get(CUSTOMER, call.path["customerId"])
    books.expect(customer, expected_version(call))
    delete_customer(books, customer)
    return Reply(204)


def _merge_customer(books: Books, call: Call) -> Reply:
    customer = books.get(CUSTOMER, call.path["customerId"])
    books.expect(customer, expected_version(call))
    into = merge_customer(books, customer, call.body["into"])
    books.flush()
    return reply(books, into)


def _credit(books: Books, call: Call) -> Reply:
    return Reply(200, credit_view(books, books.get(CUSTOMER, call.path["customerId"]).header))


def _credit_list(books: Books, call: Call) -> Reply:
    return page_of(call, CUSTOMER.table, {}, lambda row: credit_view(books, row), ("id",))


# Contracts


def _contracts(books: Books, call: Call) -> Reply:
    conditions: list[Any] = [wanted(call, "customerId")]
    if "status" in call.query:
        conditions.append(with_status(books, call.query["status"]))
    return page_of(
        call,
        CONTRACT.table,
        every(*(each for each in conditions if each)),
        lambda row: contract_view(books, row),
        ("id",),
    )


def _contract_reply(books: Books, document: Document, status: int = 200) -> Reply:
    headers = {"etag": etag(document.version)}
    if status == 201:
        headers["location"] = f"/contracts/{document.id}"
    return Reply(status, contract_view(books, document.header), headers)


def _create_contract(books: Books, call: Call) -> Reply:
    document = create_contract(books, call.body)
    books.flush()
    return _contract_reply(books, document, 201)


def _contract(books: Books, call: Call) -> Reply:
    return _contract_reply(books, books.get(CONTRACT, call.path["contractId"]))


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "getSession": behaviour(_session),
    "getCompany": behaviour(_company),
    "changeCompany": behaviour(_change_company),
    "listExchangeRates": behaviour(_rates),
    "listCustomers": behaviour(_customers),
    "createCustomer": creating(_create_customer),
    "getCustomer": behaviour(_customer),
    "changeCustomer": behaviour(_change_customer),
    "deleteCustomer": behaviour(_delete_customer),
    "mergeCustomer": behaviour(_merge_customer),
    "getCreditStatus": behaviour(_credit),
    "listCreditStatus": behaviour(_credit_list),
    "listContracts": behaviour(_contracts),
    "createContract": creating(_create_contract),
    "getContract": behaviour(_contract),
}
"""Behaviour of each operation on company, customers and contracts, by operation id."""
