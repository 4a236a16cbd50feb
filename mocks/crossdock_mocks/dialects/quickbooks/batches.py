"""Batches: up to 30 things in one request, each of which succeeds or fails by itself."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.bodies import cleaned
from crossdock_mocks.dialects.quickbooks.documents import perform
from crossdock_mocks.dialects.quickbooks.entities import ENTITIES
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.queries import answer_query
from crossdock_mocks.dialects.quickbooks.refusals import (
    error,
    missing,
    refused,
    trace_id,
)
from crossdock_mocks.dialects.quickbooks.wire import Row, answered_at
from crossdock_mocks.engine import Call, Problem, RawJson, Reply

MOST: Final = 30
_OPERATIONS: Final = ("create", "update", "delete")


def batch(call: Call) -> Reply:
    """Do each item, in order.

    Raises:
        Problem: 400 with code 2020 (there is none) or 1040 (there are too many).
    """
    items = call.body.get("BatchItemRequest")
    if not items:
        raise missing("BatchItemRequest")
    if len(items) > MOST:
        raise refused(
            1040, f"Batch size {len(items)} exceeds the allowed limit of {MOST}", "BatchItemRequest"
        )
    ledger = Ledger(call.world)
    told = RawJson.array(_item(ledger, each) for each in items)
    body = RawJson.object(BatchItemResponse=told, time=answered_at(call.world))
    return Reply(200, body, {"intuit_tid": trace_id(call.world)})


def _item(ledger: Ledger, item: Row) -> RawJson:
    key = str(item.get("bId") or "")
    try:
        # By itself: what this item changed goes when it is refused, and nothing else does.
        with ledger.world.transaction():
            return RawJson.object(**_done(ledger, item), bId=key)
    except Problem as problem:
        element = problem.errors[0].pointer[1:] if problem.errors else ""
        told = error(int(problem.code), problem.detail, element)
        return RawJson.object(Fault={"Error": [told], "type": "ValidationFault"}, bId=key)


def _done(ledger: Ledger, item: Row) -> dict[str, Any]:
    if not item.get("bId"):
        raise missing("bId")
    named = [name for name in item if name in ENTITIES and item[name] is not None]
    if item.get("Query") is not None:
        if named:
            raise refused(2010, "An item has either a Query or one entity", "Query")
        return {"QueryResponse": answer_query(ledger.world, item["Query"])}
    if len(named) != 1:
        raise missing("Query or one entity")
    (name,) = named
    entity, operation = ENTITIES[name], str(item.get("operation") or "").lower()
    if operation not in _OPERATIONS:
        raise refused(500, f"Operation {operation[:50] or 'null'} is not supported")
    given = cleaned(item[name])
    if operation == "create":
        given.pop("Id", None)
    elif given.get("Id") is None:
        raise missing("Id")
    options = str(item.get("optionsData") or "").lower()
    if options == "void" and name == "Invoice":
        operation = "void"
    return {name: perform(ledger, entity, given, operation, options)}
