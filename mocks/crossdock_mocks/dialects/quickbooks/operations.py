"""Operation id to behaviour: what the wire asks of the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks import authorization, identity
from crossdock_mocks.dialects.quickbooks.company import KEY, write_company
from crossdock_mocks.dialects.quickbooks.entities import (
    COMPANY_INFO,
    ENTITIES,
    PREFERENCES,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.names import NAMES, write_name
from crossdock_mocks.dialects.quickbooks.once import once
from crossdock_mocks.dialects.quickbooks.queries import answer_query
from crossdock_mocks.dialects.quickbooks.refusals import trace_id
from crossdock_mocks.dialects.quickbooks.tax_codes import create_tax_code
from crossdock_mocks.dialects.quickbooks.wire import Row, answered_at, cleaned
from crossdock_mocks.engine import Behaviour, Call, RawJson, Reply

Write = Callable[[Ledger, Entity, Row], Row]


def told(call: Call, **members: Any) -> Reply:
    """An answer of the books: what it is about, the time, and its trace id."""
    body = RawJson.object(**members, time=answered_at(call.world))
    return Reply(200, body, {"intuit_tid": trace_id(call.world)})


def _read(entity: Entity) -> Behaviour:
    def read(call: Call) -> Reply:
        row = Ledger(call.world).get(entity, call.path.get("id", KEY))
        return told(call, **{entity.name: row})

    return read


def _write(entity: Entity, write: Write) -> Behaviour:
    def written(call: Call) -> Reply:
        row = write(Ledger(call.world), entity, cleaned(call.body))
        return told(call, **{entity.name: row})

    return once(written)


def _query(call: Call) -> Reply:
    return told(call, QueryResponse=answer_query(call.world, call.query.get("query", "")))


def _query_by_body(call: Call) -> Reply:
    return told(call, QueryResponse=answer_query(call.world, call.body or ""))


def _tax_code(call: Call) -> Reply:
    body = create_tax_code(Ledger(call.world), cleaned(call.body))
    return Reply(200, body, {"intuit_tid": trace_id(call.world)})


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "discover": identity.discover,
    "discoverSandbox": identity.discover,
    "askConsent": authorization.ask,
    "answerConsent": authorization.answer,
    "issueTokens": authorization.issue,
    "revokeTokens": authorization.revoke,
    "readUser": identity.user,
    "readKeys": identity.keys,
    **{f"read{name}": _read(entity) for name, entity in ENTITIES.items()},
    **{f"write{each.name}": _write(each, write_name) for each in NAMES},
    **{f"write{each.name}": _write(each, write_company) for each in (COMPANY_INFO, PREFERENCES)},
    "createTaxCode": once(_tax_code),
    "query": _query,
    "queryByBody": _query_by_body,
}
"""Behaviour of each operation, by operation id."""
