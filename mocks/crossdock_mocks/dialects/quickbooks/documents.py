"""What may be done to one record by its path, its operation and its body; batches do the same."""

from __future__ import annotations

from crossdock_mocks.dialects.quickbooks.company import write_company
from crossdock_mocks.dialects.quickbooks.entities import (
    COMPANY_INFO,
    INVOICE,
    PAYMENT,
    PREFERENCES,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.names import write_name
from crossdock_mocks.dialects.quickbooks.payments import (
    delete_payment,
    void_payment,
    write_payment,
)
from crossdock_mocks.dialects.quickbooks.refusals import missing, refused
from crossdock_mocks.dialects.quickbooks.sales import delete_sale, void_sale, write_sale
from crossdock_mocks.dialects.quickbooks.wire import Row


def perform(ledger: Ledger, entity: Entity, given: Row, operation: str, include: str) -> Row:
    """Create, update, void or delete one record; gives what is answered of it.

    Args:
        ledger: The records.
        entity: Its kind.
        given: The body, cleaned.
        operation: `operation` of the query; empty to create or update.
        include: `include` of the query: `void` or `allowduplicatedocnum`, with commas.

    Raises:
        Problem: Of many kinds, each with the vendor's code; 500 for what cannot be done to it.
    """
    included = {each.strip().lower() for each in include.split(",")}
    wanted = operation.lower() or "write"
    if wanted == "update" and "void" in included and entity is not INVOICE:
        wanted = "void"
    elif wanted == "void" and entity is not INVOICE:
        raise _unsupported(entity, operation)
    if wanted == "delete":
        return _deleted(ledger, entity, given)
    if wanted == "void":
        return _voided(ledger, entity, given)
    if wanted not in ("write", "update", "create"):
        raise _unsupported(entity, operation)
    if wanted == "update" and given.get("Id") is None and entity is not PREFERENCES:
        raise missing("Id")
    if entity in (COMPANY_INFO, PREFERENCES):
        return write_company(ledger, entity, given)
    if entity is PAYMENT:
        return write_payment(ledger, given)
    if entity.numbering:
        duplicates = "allowduplicatedocnum" in included
        return write_sale(ledger, entity, given, duplicates=duplicates)
    return write_name(ledger, entity, given)


def _deleted(ledger: Ledger, entity: Entity, given: Row) -> Row:
    if "delete" not in entity.operations:
        raise _unsupported(entity, "delete")
    payment = entity is PAYMENT
    row = delete_payment(ledger, given) if payment else delete_sale(ledger, entity, given)
    return {"status": "Deleted", "domain": "QBO", "Id": row["Id"]}


def _voided(ledger: Ledger, entity: Entity, given: Row) -> Row:
    if "void" not in entity.operations:
        raise _unsupported(entity, "void")
    return void_payment(ledger, given) if entity is PAYMENT else void_sale(ledger, entity, given)


def _unsupported(entity: Entity, operation: str) -> Exception:
    return refused(500, f"Operation {operation[:50]} is not supported for {entity.name}")
