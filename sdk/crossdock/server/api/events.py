"""Signed news from other systems: CloudEvents in both modes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import orjson

from crossdock.errors import NotSupported
from crossdock.host.deliveries import event_id_of
from crossdock.ports import ErpPort
from crossdock.records import (
    Change,
    Document,
    DocumentChanged,
    Event,
    OrderPromoted,
    QuoteSaved,
    RecordChanged,
)
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.contract import wrongs
from crossdock.server.api.problems import Problem, Wrong
from crossdock.server.api.wire import record_of

_STRUCTURED: Final = "application/cloudevents+json"


def receive_event(call: Call) -> Answer:
    """Take an event that was signed, and store it; the same message again changes nothing."""
    sender = call.api.settings.senders[call.path("sender")]
    kind, data = _content(call)
    if not sender.may_send(kind):
        raise Problem(
            403, "event_not_allowed", "Not this sender's to say",
            f"{sender.name} may not send {kind}.",
        )  # fmt: skip
    answers, box = call.api.answers, f"events:{sender.name}"
    message = call.read.headers["webhook-id"]
    claim = answers.claim(box, message, hashlib.sha256(call.raw).hexdigest())
    match claim.standing:
        case "other_request":
            raise Problem(
                409, "message_id_reused", "Another message had this id",
                f"{message} was sent before, with another content.",
                errors=(Wrong(pointer="#/header/webhook-id", message="was used before"),),
            )  # fmt: skip
        case "answered":
            return Answer(status=202, body={**orjson.loads(claim.answer), "repeated": True})
    # One that was not answered may have died half-way: the event has the same id, so it is safe to
    # publish it again.
    try:
        body = _publish(call, kind, data)
    except BaseException:
        answers.forget(box, message)
        raise
    answers.keep(box, message, orjson.dumps(body).decode())
    return Answer(status=202, body=body)


def _publish(call: Call, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    host = call.api.host
    event = _event(call, kind, data)
    event_id = event_id_of(event)
    known = host.deliveries.list(event_id=event_id, limit=1)
    host.publish(event)
    found = host.deliveries.list(event_id=event_id, limit=200)
    return {
        "event_id": event_id,
        "repeated": bool(known),
        "deliveries": [each.id for each in found],
    }


def _content(call: Call) -> tuple[str, Mapping[str, Any]]:
    """Give type and data of a message in any of its three forms."""
    body: Mapping[str, Any] = call.body
    headers = call.read.headers
    if call.media_type == _STRUCTURED:
        return body["type"], body["data"]
    if "ce-specversion" not in headers:
        if set(body) != {"type", "timestamp", "data"}:
            raise _does_not_fit([Wrong(pointer="/type", message="is required")])
        return body["type"], body["data"]
    missing = [name for name in ("ce-id", "ce-source", "ce-type") if name not in headers]
    if missing:
        raise _does_not_fit(
            [Wrong(pointer=f"#/header/{name}", message="is required") for name in missing]
        )
    if unquote(headers["ce-id"]) != headers["webhook-id"]:
        # The signature covers the data and `webhook-id`, none of the other headers.
        wrong = Wrong(pointer="#/header/ce-id", message="must be the signed webhook-id")
        raise _does_not_fit([wrong])
    return headers["ce-type"], body


def _event(call: Call, kind: str, data: Mapping[str, Any]) -> Event:
    at = "" if "ce-specversion" in call.read.headers else "/data"
    schema = _DATA[kind]
    if wrong := wrongs(call.api.contract.schema(schema), data, at):
        raise _does_not_fit(wrong)
    host = call.api.host
    if schema == "QuoteSavedData":
        return QuoteSaved(quote=host.crm.quote(data["quote_id"]))
    if schema == "OrderPromotedData":
        return OrderPromoted(order=host.crm.order(data["order_id"]))
    change = record_of(Change, data, cursor="")
    known = (host.crm.system, *host.erp.systems)
    if change.system not in known:
        wrong_system = Wrong(
            pointer=f"{at}/system",
            message="is not the name of a system",
            expected=f"one of {', '.join(known)}",
        )
        raise _does_not_fit([wrong_system])
    if kind == "crossdock.record.changed":
        return RecordChanged(change=change)
    if change.system == host.crm.system:
        raise NotSupported("only documents of an ERP change; send crossdock.record.changed instead")
    document = _document(host.erp.using(change.system), change)
    if document is None:
        wrong_entity = Wrong(pointer=f"{at}/entity", message="is no document of an ERP")
        raise _does_not_fit([wrong_entity])
    before = host.store.documents.last_seen(change.system, change.entity, change.id)
    return DocumentChanged(change=change, document=document, before=before)


_DATA: Final = {
    "crossdock.quote.saved": "QuoteSavedData",
    "crossdock.order.promoted": "OrderPromotedData",
    "crossdock.document.changed": "ChangeData",
    "crossdock.record.changed": "ChangeData",
}


def _document(port: ErpPort, change: Change) -> Document | None:
    """Read a document where it lives; `None` for what is no document."""
    match change.entity:
        case "order":
            return port.order(change.id)
        case "shipment":
            return port.shipment(change.id)
        case "invoice":
            return port.invoice(change.id)
        case "credit_note":
            return port.credit_note(change.id)
        case "payment":
            return port.payment(change.id)
        case "return":
            return port.goods_return(change.id)
    return None


def _does_not_fit(wrong: list[Wrong]) -> Problem:
    return Problem(
        422, "invalid", "The event does not fit", f"{wrong[0].pointer} {wrong[0].message}".strip(),
        errors=tuple(wrong),
    )  # fmt: skip
