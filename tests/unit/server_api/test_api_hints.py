"""Signed hints: they move the time of the next read, whatever they say and however they come."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from crossdock.errors import ConfigError

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_NEWS = {"type": "shipment.created", "data": {"entity": "shipment", "id": "SH-1"}}


@pytest.fixture
def hinting(open_sidecar):
    """A side-car that the ERP may send hints to."""
    return open_sidecar(senders={"erp": {"secret": WHSEC, "hints": ["main"], "burst": 1000}})


def _send(sidecar, document=_NEWS, *, path="/v1/hints/erp", message="msg_1", secret=WHSEC,
          ago=timedelta(0), headers=None):  # fmt: skip
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    at = datetime.now(UTC) - ago
    signed = {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
        "content-type": "application/json",
        **(headers or {}),
    }
    return sidecar.call("POST", path, key=None, user=None, content=body, headers=signed)


def _mark(sidecar, system="main"):
    return sidecar.host.store.watermarks.hinted(system)


def test_a_signed_hint_has_the_systems_feeds_read(hinting):
    before = _mark(hinting)

    answer = _send(hinting)

    assert (answer.status_code, answer.json()) == (202, {"systems": ["main"]})
    assert _mark(hinting) != before
    assert _mark(hinting, "crm") is None


def test_nothing_in_a_hint_is_believed(hinting):
    lie = {"type": "crossdock.order.promoted", "data": {"order_id": "R-1"}, "system": "crm"}

    for document in (lie, [], "rubbish", None, 7):
        assert _send(hinting, document).status_code == 202

    assert not hinting.host.deliveries.list()
    assert hinting.host.store.watermarks.cursor("main") is None
    assert _mark(hinting, "crm") is None


def test_a_hint_that_comes_again_only_has_the_feeds_read_again(hinting):
    _send(hinting)
    first = _mark(hinting)

    again = _send(hinting)

    assert again.status_code == 202
    assert _mark(hinting) != first
    assert not hinting.host.deliveries.list()


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_" + "A" * 32},
        {"ago": timedelta(minutes=6)},
        {"headers": {"webhook-signature": "v1,AAAA"}},
        {"path": "/v1/hints/stranger"},
    ],
    ids=["another secret", "replayed later", "forged", "an unknown sender"],
)
def test_what_is_not_signed_by_the_sender_just_now_wakes_nobody(hinting, how):
    assert _send(hinting, **how).status_code == 401
    assert _mark(hinting) is None


def test_a_sender_that_only_hints_can_tell_no_events(hinting):
    change = {
        "system": "crm", "entity": "account", "id": "A-1001", "action": "updated",
        "at": "2026-11-20T08:00:00Z",
    }  # fmt: skip
    event = {
        "type": "crossdock.record.changed", "timestamp": "2026-11-20T08:00:01Z", "data": change,
    }  # fmt: skip

    answer = _send(hinting, event, path="/v1/events/erp")

    assert (answer.status_code, answer.json()["code"]) == (403, "event_not_allowed")


def test_a_sender_that_may_not_hint_is_told_so(sidecar):
    answer = _send(sidecar, path="/v1/hints/crm")

    assert (answer.status_code, answer.json()["code"]) == (403, "hint_not_allowed")
    assert _mark(sidecar) is None


def test_hints_about_a_system_that_there_is_not_are_a_mistake_of_the_configuration(open_sidecar):
    with pytest.raises(ConfigError, match=r"\[server.senders.erp\] hints names uk"):
        open_sidecar(senders={"erp": {"secret": WHSEC, "hints": ["main", "uk"]}})


def test_a_flood_of_hints_is_slowed_down(open_sidecar):
    sidecar = open_sidecar(
        senders={"erp": {"secret": WHSEC, "hints": ["main"], "burst": 2, "per_second": 0.01}}
    )

    statuses = [_send(sidecar, message=f"msg_{number}").status_code for number in range(3)]

    assert statuses == [202, 202, 429]


def _send_as_intuit(sidecar, body=b'[{"specversion": "1.0"}]', *, token="verifier-token", **over):
    signature = base64.b64encode(hmac.digest(token.encode(), body, "sha256")).decode()
    headers = {"intuit-signature": signature, "content-type": "application/json", **over}
    return sidecar.call(
        "POST", "/v1/hints/books", key=None, user=None, content=body, headers=headers
    )


@pytest.fixture
def books(open_sidecar):
    """A side-car that QuickBooks may send hints to, signed in its own way."""
    sender = {"secret": "verifier-token", "previous_secret": "former-token", "hints": ["main"]}
    return open_sidecar(senders={"books": {**sender, "signature": "intuit", "burst": 1000}})


def test_quickbooks_hints_with_its_own_signature(books):
    for token in ("verifier-token", "former-token"):
        before = _mark(books)
        assert _send_as_intuit(books, token=token).status_code == 202
        assert _mark(books) != before


@pytest.mark.parametrize(
    "how",
    [{"token": "another"}, {"intuit-signature": ""}, {"intuit-signature": "Zm9yZ2Vk"}],
    ids=["another token", "not signed", "forged"],
)
def test_what_quickbooks_did_not_sign_wakes_nobody(books, how):
    assert _send_as_intuit(books, **how).status_code == 401
    assert _mark(books) is None


def test_a_standard_signature_is_none_of_quickbooks(books):
    assert _send(books, path="/v1/hints/books").status_code == 401


def test_a_vendors_own_signature_is_for_hints_alone(open_sidecar):
    sender = {"secret": "verifier-token", "signature": "intuit"}
    with pytest.raises(ConfigError, match="for hints alone"):
        open_sidecar(senders={"books": sender})
    both = {**sender, "hints": ["main"], "events": ["crossdock.record.changed"]}
    with pytest.raises(ConfigError, match="for hints alone"):
        open_sidecar(senders={"books": both})


_ADDRESS = "https://crossdock.example/v1/hints/portal"


def _send_as_hubspot(sidecar, body=b'[{"eventId": 1}]', *, at=None, address=_ADDRESS, **over):
    at = at or datetime.now(UTC)
    stamp = str(int(at.timestamp() * 1000))
    signed = b"POST" + address.encode() + body + stamp.encode()
    signature = base64.b64encode(hmac.digest(b"client-secret", signed, "sha256")).decode()
    headers = {
        "x-hubspot-signature-v3": signature,
        "x-hubspot-request-timestamp": stamp,
        "content-type": "application/json",
        **over,
    }
    return sidecar.call(
        "POST", "/v1/hints/portal", key=None, user=None, content=body, headers=headers
    )


@pytest.fixture
def hubspot_sender():
    return {
        "secret": "client-secret", "hints": ["crm"], "signature": "hubspot", "address": _ADDRESS,
        "burst": 1000,
    }  # fmt: skip


def test_hubspot_hints_with_its_own_signature(open_sidecar, hubspot_sender):
    sidecar = open_sidecar(senders={"portal": hubspot_sender})
    answer = _send_as_hubspot(sidecar)
    assert (answer.status_code, answer.json()) == (202, {"systems": ["crm"]})


@pytest.mark.parametrize(
    "how",
    [
        {"at": datetime.now(UTC) - timedelta(minutes=6)},
        {"address": "https://elsewhere.example/v1/hints/portal"},
        {"x-hubspot-signature-v3": "Zm9yZ2Vk"},
        {"x-hubspot-request-timestamp": "soon"},
    ],
    ids=["too old", "for another address", "forged", "no instant"],
)
def test_what_hubspot_did_not_sign_wakes_nobody(open_sidecar, hubspot_sender, how):
    sidecar = open_sidecar(senders={"portal": hubspot_sender})
    assert _send_as_hubspot(sidecar, **how).status_code == 401


def test_an_address_that_hubspot_signs_has_to_be_told(open_sidecar, hubspot_sender):
    del hubspot_sender["address"]
    with pytest.raises(ConfigError, match="as HubSpot has it"):
        open_sidecar(senders={"portal": hubspot_sender})


@pytest.fixture
def central(open_sidecar):
    sender = {"secret": "client-state", "hints": ["main"], "signature": "business-central"}
    return open_sidecar(senders={"bc": {**sender, "burst": 1000}})


def _notify(sidecar, document, path="/v1/hints/bc"):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"content-type": "application/json"}
    return sidecar.call("POST", path, key=None, user=None, content=body, headers=headers)


def test_business_central_is_told_that_somebody_listens_before_it_sends_anything(central, hinting):
    asked = central.call(
        "POST", "/v1/hints/bc?validationToken=tok%2F1", key=None, user=None, content=b""
    )
    assert (asked.status_code, asked.text) == (200, "tok/1")
    assert asked.headers["content-type"].startswith("text/plain")
    assert _mark(central) is None
    for sidecar, path in (
        (hinting, "/v1/hints/erp?validationToken=tok"),
        (central, "/v1/hints/nobody?validationToken=tok"),
        (central, "/v1/hints/bc?validationToken=a%20b"),
    ):
        refused = sidecar.call("POST", path, key=None, user=None, content=b"")
        assert refused.status_code >= 400


def test_business_central_hints_with_its_client_state(central):
    told = {"clientState": "client-state", "resource": "x", "changeType": "updated"}
    answer = _notify(central, {"value": [told, told]})
    assert (answer.status_code, answer.json()) == (202, {"systems": ["main"]})
    assert _mark(central) is not None


@pytest.mark.parametrize(
    "document",
    [
        {"value": []},
        {"value": [{"clientState": "client-state"}, {"clientState": "another"}]},
        {"value": [{"clientState": None}]},
        {"value": [{}]},
        [],
        b"rubbish",
    ],
)
def test_what_does_not_know_the_client_state_wakes_nobody(central, document):
    assert _notify(central, document).status_code == 401
    assert _mark(central) is None
