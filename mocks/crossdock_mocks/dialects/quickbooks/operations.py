"""Operation id to behaviour: what the wire asks of the books."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.quickbooks import authorization, identity
from crossdock_mocks.dialects.quickbooks.batches import batch
from crossdock_mocks.dialects.quickbooks.bodies import cleaned
from crossdock_mocks.dialects.quickbooks.changes import read_changes
from crossdock_mocks.dialects.quickbooks.company import KEY
from crossdock_mocks.dialects.quickbooks.documents import perform
from crossdock_mocks.dialects.quickbooks.entities import COMPANY_INFO, ENTITIES, Entity
from crossdock_mocks.dialects.quickbooks.exchange_rates import read_rate, write_rate
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.once import once
from crossdock_mocks.dialects.quickbooks.printing import printed
from crossdock_mocks.dialects.quickbooks.queries import answer_query
from crossdock_mocks.dialects.quickbooks.refusals import trace_id
from crossdock_mocks.dialects.quickbooks.sales import send_sale
from crossdock_mocks.dialects.quickbooks.tax_codes import create_tax_code
from crossdock_mocks.dialects.quickbooks.wire import answered_at
from crossdock_mocks.engine import Behaviour, Call, RawJson, Reply


def told(call: Call, **members: Any) -> Reply:
    """An answer of the books: what it is about, the time, and its trace id."""
    body = RawJson.object(**members, time=answered_at(call.world))
    return Reply(200, body, {"intuit_tid": trace_id(call.world)})


def _read(entity: Entity) -> Behaviour:
    def read(call: Call) -> Reply:
        key = call.path.get("id", KEY)
        # The company is known by its own id and by that of the realm.
        if entity is COMPANY_INFO and key == authorization.REALM_ID:
            key = KEY
        row = Ledger(call.world).get(entity, key)
        return told(call, **{entity.name: row})

    return read


def _write(entity: Entity) -> Behaviour:
    def written(call: Call) -> Reply:
        row = perform(
            Ledger(call.world),
            entity,
            cleaned(call.body),
            call.query.get("operation", ""),
            call.query.get("include", ""),
        )
        return told(call, **{entity.name: row})

    return once(written)


def _print(entity: Entity) -> Behaviour:
    def put(call: Call) -> Reply:
        ledger = Ledger(call.world)
        company = ledger.get(COMPANY_INFO, KEY)["CompanyName"]
        made = printed(entity.name, ledger.get(entity, call.path["id"]), company)
        headers = {"content-type": "application/pdf", "intuit_tid": trace_id(call.world)}
        return Reply(200, made, headers)

    return put


def _send(entity: Entity) -> Behaviour:
    def send(call: Call) -> Reply:
        address = call.query.get("sendTo")
        row = send_sale(Ledger(call.world), entity, call.path["id"], address)
        return told(call, **{entity.name: row})

    return once(send)


def _query(call: Call) -> Reply:
    return told(call, QueryResponse=answer_query(call.world, call.query.get("query", "")))


def _query_by_body(call: Call) -> Reply:
    return told(call, QueryResponse=answer_query(call.world, call.body or ""))


def _changes(call: Call) -> Reply:
    entities, since = call.query.get("entities"), call.query.get("changedSince")
    return told(call, CDCResponse=read_changes(call.world, entities, since))


def _tax_code(call: Call) -> Reply:
    body = create_tax_code(Ledger(call.world), cleaned(call.body))
    return Reply(200, body, {"intuit_tid": trace_id(call.world)})


def _read_rate(call: Call) -> Reply:
    currency, day = call.query["sourcecurrencycode"], call.query.get("asofdate")
    return told(call, ExchangeRate=read_rate(call.world, currency, day))


def _write_rate(call: Call) -> Reply:
    return told(call, ExchangeRate=write_rate(call.world, cleaned(call.body)))


def _those(operation: str) -> list[Entity]:
    return [each for each in ENTITIES.values() if operation in each.operations]


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "discover": identity.discover,
    "discoverSandbox": identity.discover,
    "askConsent": authorization.ask,
    "answerConsent": authorization.answer,
    "issueTokens": authorization.issue,
    "revokeTokens": authorization.revoke,
    "readUser": identity.user,
    "readKeys": identity.keys,
    **{f"read{each.name}": _read(each) for each in ENTITIES.values()},
    **{f"write{each.name}": _write(each) for each in ENTITIES.values() if each.operations},
    **{f"print{each.name}": _print(each) for each in _those("pdf")},
    **{f"send{each.name}": _send(each) for each in _those("send")},
    "createTaxCode": once(_tax_code),
    "readExchangeRate": _read_rate,
    "writeExchangeRate": once(_write_rate),
    "query": _query,
    "queryByBody": _query_by_body,
    "batch": once(batch),
    "readChanges": _changes,
}
"""Behaviour of each operation, by operation id."""
