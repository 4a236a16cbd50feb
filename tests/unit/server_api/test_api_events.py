"""Signed events: Standard Webhooks and CloudEvents; once each, whoever sends them how often."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook

from crossdock_mocks.engine import Fault

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_PATH = "/v1/events/crm"
_CHANGE = {
    "system": "crm", "entity": "account", "id": "A-1001", "action": "updated",
    "at": "2026-11-20T08:00:00Z", "version": "7",
}  # fmt: skip
_ENVELOPE = {
    "type": "crossdock.record.changed",
    "timestamp": "2026-11-20T08:00:01Z",
    "data": _CHANGE,
}


def _signed(body: bytes, *, message="msg_1", secret=WHSEC, ago=timedelta(0), **more):
    at = datetime.now(UTC) - ago
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
        "content-type": "application/json",
        **more,
    }


def _send(sidecar, document, *, path=_PATH, headers=None, **how):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    signed = {**_signed(body, **how), **(headers or {})}
    return sidecar.call("POST", path, key=None, user=None, content=body, headers=signed)


def test_a_signed_message_becomes_deliveries(sidecar):
    answer = _send(sidecar, _ENVELOPE)
    assert answer.status_code == 202
    accepted = answer.json()
    assert not accepted["repeated"]
    delivery = sidecar.get(f"/v1/deliveries/{accepted['deliveries'][0]}").json()
    assert (delivery["subject"], delivery["event_type"]) == ("A-1001", "record_changed")
    assert (delivery["plugin_id"], delivery["state"]) == ("probe", "queued")


def test_the_same_message_and_the_same_fact_are_accepted_once(sidecar):
    first = _send(sidecar, _ENVELOPE).json()
    replayed = _send(sidecar, _ENVELOPE).json()
    in_other_words = _send(sidecar, {**_ENVELOPE, "timestamp": "2026-11-20T08:10:00Z"},
                           message="msg_2").json()  # fmt: skip
    assert replayed == {**first, "repeated": True}
    assert in_other_words == {**first, "repeated": True}
    assert len(sidecar.host.deliveries.list()) == 1


def test_the_same_message_is_known_after_a_restart(open_sidecar):
    first = _send(open_sidecar(), _ENVELOPE).json()
    assert _send(open_sidecar(), _ENVELOPE).json() == {**first, "repeated": True}


def test_another_message_under_a_used_id_is_refused(sidecar):
    _send(sidecar, _ENVELOPE)
    other = {**_ENVELOPE, "data": {**_CHANGE, "id": "A-1002"}}
    answer = _send(sidecar, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "message_id_reused")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"secret": "whsec_" + "A" * 32}, "another secret"),
        ({"ago": timedelta(minutes=6)}, "too old"),
        ({"ago": timedelta(minutes=-6)}, "too new"),
        ({"headers": {"webhook-signature": "v1,AAAA"}}, "another signature"),
        ({"headers": {"webhook-signature": "rubbish"}}, "not even a signature"),
        ({"headers": {"webhook-signature": "v1,ä".encode("latin-1")}}, "not even text"),
        ({"headers": {"webhook-signature": "v2,AAAA"}}, "another version"),
        ({"headers": {"webhook-id": "msg_other"}}, "another id"),
        ({"headers": {"webhook-timestamp": "1"}}, "another time"),
        ({"path": "/v1/events/stranger"}, "an unknown sender"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_not_signed_by_the_sender_just_now_is_refused_unread(sidecar, how, why):
    answer = _send(sidecar, b"{ not even JSON", **how)
    assert answer.status_code == 401, why
    assert answer.headers["www-authenticate"]
    assert not sidecar.host.deliveries.list()


def test_a_body_that_was_changed_on_the_way_is_refused(sidecar):
    body = json.dumps(_ENVELOPE).encode()
    headers = _signed(body)
    answer = sidecar.call("POST", _PATH, key=None, user=None, content=body + b" ", headers=headers)
    assert answer.status_code == 401


def test_while_a_secret_is_changed_both_are_taken(open_sidecar):
    new = "whsec_" + "B" * 32
    sidecar = open_sidecar(senders={"crm": {"secret": new, "previous_secret": WHSEC}})
    assert _send(sidecar, _ENVELOPE).status_code == 202
    assert _send(sidecar, _ENVELOPE, secret=new, message="msg_3").status_code == 202


def _cloud_event(message="ce-1", **data):
    return CloudEvent(
        attributes={
            "id": message,
            "source": "https://crm.example.test/",
            "type": "crossdock.record.changed",
            "time": datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
            "subject": "A-1001",
            "datacontenttype": "application/json",
            "tenant": "north",
        },
        data={**_CHANGE, **data},
    )


def test_a_cloud_event_is_taken_in_structured_mode(sidecar):
    message = to_structured(_cloud_event(), JSONFormat())
    assert message.headers["content-type"] == "application/cloudevents+json"
    answer = _send(sidecar, message.body, headers=message.headers)
    assert answer.status_code == 202, answer.text
    assert not answer.json()["repeated"]


def test_a_cloud_event_is_taken_in_binary_mode(sidecar):
    message = to_binary(_cloud_event("ce-2"), JSONFormat())
    answer = _send(sidecar, message.body, message="ce-2", headers=message.headers)
    assert answer.status_code == 202, answer.text
    structured = to_structured(_cloud_event("ce-3"), JSONFormat())
    same_fact = _send(sidecar, structured.body, message="ce-3", headers=structured.headers)
    assert same_fact.json() == {**answer.json(), "repeated": True}


def test_in_binary_mode_the_id_must_be_the_signed_one(sidecar):
    message = to_binary(_cloud_event("ce-2"), JSONFormat())
    answer = _send(sidecar, message.body, message="msg_9", headers=message.headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/header/ce-id"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"type": "com.example.other"}, "/type"),
        ({"source": ""}, "/source"),
        ({"data": {"quote_id": 7}}, "/data/quote_id"),
        ({"Upper": 1}, "/Upper"),
    ],
)
def test_a_cloud_event_that_is_none_is_refused_by_pointer(sidecar, change, pointer):
    document = json.loads(to_structured(_cloud_event(), JSONFormat()).body)
    headers = {"content-type": "application/cloudevents+json"}
    answer = _send(sidecar, {**document, **change}, headers=headers)
    assert answer.status_code == 422
    assert pointer in {each["pointer"] for each in answer.json()["errors"]}


def test_data_must_be_those_of_the_event_s_type(sidecar):
    answer = _send(sidecar, {**_ENVELOPE, "type": "crossdock.quote.saved"})
    assert answer.status_code == 422
    assert "/data/quote_id" in {each["pointer"] for each in answer.json()["errors"]}


def test_a_sender_may_send_its_own_types_only(open_sidecar):
    senders = {"crm": {"secret": WHSEC, "events": ["crossdock.quote.saved"]}}
    assert _send(open_sidecar(senders=senders), _ENVELOPE).status_code == 403


def test_a_quote_is_read_where_it_lives_and_not_believed(sidecar, new_quote):
    saved = sidecar.post("/v1/quotes", json=new_quote).json()
    said = {"type": "crossdock.quote.saved", "timestamp": "2026-11-20T08:00:01Z",
            "data": {"quote_id": saved["quote"]["id"]}}  # fmt: skip
    told = _send(sidecar, said).json()
    assert told["event_id"] == saved["event_id"]  # the host had published it itself
    assert told["repeated"]


def test_a_changed_document_is_read_from_its_erp(sidecar):
    accounts = sidecar.host.crm.account("A-1001")
    customer = sidecar.host.trading_accounts(accounts)[0]
    invoice = sidecar.host.erp.invoices(customer)[0]
    change = {**_CHANGE, "system": "main", "entity": "invoice", "id": invoice.id}
    document = {**_ENVELOPE, "type": "crossdock.document.changed", "data": change}
    accepted = _send(sidecar, document).json()
    assert [d.plugin_id for d in sidecar.host.deliveries.list()] == ["straight-through"]
    event = sidecar.host.deliveries.event(accepted["deliveries"][0])
    assert event.document.id == invoice.id


@pytest.mark.parametrize(
    ("change", "kind", "pointer"),
    [
        ({"system": "nowhere"}, "crossdock.record.changed", "/data/system"),
        ({"system": "main", "entity": "price"}, "crossdock.document.changed", "/data/entity"),
        ({"at": "yesterday"}, "crossdock.record.changed", "/data/at"),
    ],
)
def test_a_change_must_name_what_there_is(sidecar, change, kind, pointer):
    answer = _send(sidecar, {**_ENVELOPE, "type": kind, "data": {**_CHANGE, **change}})
    assert answer.status_code == 422
    assert pointer in {each["pointer"] for each in answer.json()["errors"]}


def test_an_event_that_could_not_be_stored_may_be_sent_again(sidecar):
    said = {"type": "crossdock.quote.saved", "timestamp": "2026-11-20T08:00:01Z",
            "data": {"quote_id": "Q-1001"}}  # fmt: skip
    sidecar.mocks.crm.faults.add(Fault(kind="drop_before", operation="getQuote"))
    try:
        away = _send(sidecar, said)
    finally:
        sidecar.mocks.crm.faults.clear()
    assert away.status_code == 503
    assert int(away.headers["retry-after"]) >= 1
    assert not _send(sidecar, said).json().get("repeated", True)
