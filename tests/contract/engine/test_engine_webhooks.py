"""Webhooks out of a mock: signed, retried on the world's clock, replayed, and broken on purpose."""

import base64
import hashlib
import hmac
import time
from datetime import timedelta

import pytest

from crossdock_mocks.engine import DuplicateKey, Fault, serve_in_thread
from crossdock_mocks.engine.webhooks import (
    BACK_OFF,
    SCHEMES,
    EventSource,
    Gathering,
    PlainHmac,
    SignatureError,
    WebhookCatcher,
    new_secret,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def catcher(shop):
    """A catcher without a socket, subscribed to all notes."""
    catcher = WebhookCatcher(SECRET)
    shop.webhooks.post = catcher.post
    shop.webhooks.subscribe("http://here.test/hook", ["notes.*"], SECRET)
    return catcher


def write(world, *names):
    for name in names:
        world.table("notes").insert({"id": name, "written_at": "2026-03-04T12:00:00Z"})


def told(catcher):
    return [each.json()["data"]["id"] for each in catcher.caught]


def test_a_committed_change_is_told_signed_and_journalled(shop, catcher):
    write(shop, "A")
    shop.table("notes").update("A", text="new")
    shop.table("notes").delete("A")
    assert shop.webhooks.flush() == 3
    assert [each.json()["type"] for each in catcher.caught] == [
        "notes.created", "notes.updated", "notes.deleted",
    ]  # fmt: skip
    assert [each.complaint for each in catcher.caught] == [None] * 3
    assert catcher.caught[1].json()["data"]["text"] == "new"
    entry = shop.journal.one(operation="notes.created", verdict="sent")
    assert (entry.path, entry.status) == ("http://here.test/hook", 204)
    assert entry.request_headers["webhook-id"] == "msg_shop_1"
    assert shop.webhooks.flush() == 0


def test_what_is_rolled_back_restored_or_of_no_interest_is_never_told(shop, catcher):
    kept = shop.snapshot()
    with pytest.raises(DuplicateKey), shop.transaction():
        write(shop, "A", "A")
    shop.table("tokens").insert({"id": "T-9"})
    shop.restore(kept)
    assert shop.webhooks.flush() == 0
    write(shop, "B")
    shop.webhooks.flush()
    assert told(catcher) == ["B"], "a restored world is still watched"


def test_nothing_is_told_before_it_is_committed(shop, catcher):
    with shop.transaction():
        write(shop, "A")
        assert shop.webhooks.flush() == 0
    assert shop.webhooks.flush() == 1


def test_a_message_is_retried_with_back_off_on_the_worlds_clock(shop, catcher):
    catcher.answer(500, 302)
    write(shop, "A")
    assert shop.webhooks.flush() == 1
    assert shop.webhooks.flush() == 0, "it is not due yet"
    for wait in BACK_OFF[:2]:
        shop.clock.advance(wait - timedelta(seconds=1))
        assert shop.webhooks.flush() == 0
        shop.clock.advance(timedelta(seconds=1))
        assert shop.webhooks.flush() == 1
    assert len({each.headers["webhook-id"] for each in catcher.caught}) == 1
    assert len({each.headers["webhook-timestamp"] for each in catcher.caught}) == 3
    assert [(e.verdict, e.status) for e in shop.journal] == [
        ("unsent", 500), ("unsent", 302), ("sent", 204),
    ]  # fmt: skip
    assert shop.webhooks.deliveries[0].state == "taken"


def test_a_message_is_given_up_after_the_last_attempt_and_may_be_replayed(shop, catcher):
    catcher.answer(*[503] * 10)
    write(shop, "A")
    for wait in (timedelta(), *BACK_OFF, timedelta(days=9)):
        shop.clock.advance(wait)
        shop.webhooks.flush()
    (delivery,) = shop.webhooks.deliveries
    assert (delivery.attempts, delivery.state) == (10, "given_up")
    shop.webhooks.replay(delivery.number)
    shop.webhooks.flush()
    assert (delivery.state, len(catcher.caught)) == ("taken", 11)


def test_who_does_not_answer_is_tried_again(shop):
    shop.webhooks.subscribe("http://127.0.0.1:9/", ["*"], SECRET)
    write(shop, "A")
    shop.webhooks.flush()
    assert shop.journal.one(verdict="unsent").status == 0
    assert shop.webhooks.deliveries[0].state == "waiting"


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ({"kind": "webhook_duplicate"}, ["A", "A", "B", "C"]),
        ({"kind": "webhook_out_of_order"}, ["B", "A", "C"]),
        ({"kind": "webhook_late", "seconds": 60}, ["B", "C", "A"]),
    ],
)
def test_webhooks_come_twice_out_of_order_or_late(shop_app, shop, rule, seen):
    shop.faults.add(Fault(**rule, event="notes.cre*", nth=1))
    with serve_in_thread((shop_app, shop)), WebhookCatcher(SECRET) as catcher:
        shop.webhooks.subscribe(catcher.url, ["notes.*"], SECRET)
        write(shop, "A", "B", "C")
        if rule["kind"] == "webhook_late":
            catcher.wait(2)
            shop.clock.advance(timedelta(seconds=60))
        catcher.wait(len(seen))
    assert told(catcher) == seen
    assert all(each.verified for each in catcher.caught)
    if len(seen) == 4:
        assert catcher.caught[0].headers["webhook-id"] == catcher.caught[1].headers["webhook-id"]
    assert [each.fault.kind for each in shop.faults.story] == [rule["kind"]]


def test_a_server_sends_what_was_subscribed_over_the_wire(buyer, shop):
    with WebhookCatcher(SECRET) as catcher:
        wanted = {"url": catcher.url, "events": ["notes.created"], "secret": SECRET}
        made = buyer.post("/_mock/webhooks", json=wanted)
        assert (made.status_code, made.json()["id"]) == (201, "WS-1")
        buyer.post("/notes", json={"id": "A"})
        buyer.patch("/notes/A", json={"text": "x"})
        (caught,) = catcher.wait(1)
        assert (caught.verified, caught.json()["type"]) == (True, "notes.created")
        while buyer.get("/_mock/webhooks/deliveries").json()["deliveries"][0]["state"] != "taken":
            time.sleep(0.005)
        assert buyer.post("/_mock/webhooks/deliveries/1/replay").status_code == 202
        assert len(catcher.wait(2)) == 2
        assert SECRET not in buyer.get("/_mock/webhooks").text
        assert buyer.delete("/_mock/webhooks/WS-1").status_code == 204
        buyer.post("/notes", json={"id": "B"})
    assert buyer.get("/_mock/webhooks").json() == {"subscriptions": []}
    assert shop.webhooks.deliveries[-1].number == 1


def test_a_fork_that_is_made_later_sends_too(buyer):
    with WebhookCatcher(SECRET) as catcher:
        inside = {"X-Mock-World": "w1"}
        buyer.post("/_mock/worlds", json={"name": "w1", "of": "shop"})
        wanted = {"url": catcher.url, "secret": SECRET}
        assert buyer.post("/_mock/webhooks", json=wanted, headers=inside).status_code == 201
        buyer.post("/notes", json={"id": "outside"})
        buyer.post("/notes", json={"id": "inside"}, headers=inside)
        catcher.wait(1)
    assert told(catcher) == ["inside"]


def test_a_dialect_says_which_events_there_are_and_a_reset_ends_subscriptions(shop, catcher):
    shop.webhooks.clear()
    shop.webhooks.sources(
        [EventSource("notes", lambda action, row: "note.urgent" if row.get("urgent") else None)]
    )
    shop.webhooks.subscribe("http://here.test/", ["*"], SECRET)
    shop.table("notes").insert({"id": "A", "urgent": True})
    shop.table("notes").insert({"id": "B"})
    shop.table("tokens").insert({"id": "T-9"})
    shop.webhooks.flush()
    assert [each.json()["type"] for each in catcher.caught] == ["note.urgent"]
    shop.reset()
    assert shop.webhooks.subscriptions == ()


def test_the_signature_is_that_of_the_standard():
    """Worked out by hand from section "Signature scheme" of the specification."""
    body = b'{"test": 2432232314}'
    signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    verify(SCHEMES["standard"], SECRET, headers, body)
    rotated = {**headers, "webhook-signature": f"v1,older v1,{expected}"}
    verify(SCHEMES["standard"], SECRET, rotated, body)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"webhook-signature": "v1,x"}, "not that of this body"),
        ({"webhook-signature": None}, "is missing"),
        ({"webhook-timestamp": "soon"}, "not a number"),
        ({"webhook-timestamp": "7"}, "not that of this body"),
    ],
)
def test_a_message_that_was_tampered_with_is_not_believed(shop, catcher, change, complaint):
    write(shop, "A")
    shop.webhooks.flush()
    (caught,) = catcher.caught
    headers = {name: value for name, value in {**caught.headers, **change}.items() if value}
    with pytest.raises(SignatureError, match=complaint):
        verify(SCHEMES["standard"], SECRET, headers, caught.body)
    with pytest.raises(SignatureError, match="too far from now"):
        verify(SCHEMES["standard"], SECRET, caught.headers, caught.body, shop.now + BACK_OFF[2])


@pytest.mark.parametrize(
    ("scheme", "header", "prefix"),
    [("hmac-sha256-hex", "x-signature", ""), ("github", "x-hub-signature-256", "sha256=")],
)
def test_vendors_sign_with_a_plain_hmac(shop, scheme, header, prefix):
    catcher = WebhookCatcher("s3", scheme)
    shop.webhooks.post = catcher.post
    shop.webhooks.subscribe("http://here.test/", ["*"], "s3", scheme)
    write(shop, "A")
    shop.webhooks.flush()
    (caught,) = catcher.caught
    digest = hmac.new(b"s3", caught.body, hashlib.sha256).hexdigest()
    assert (caught.headers[header], caught.verified) == (f"{prefix}{digest}", True)


def test_a_vendors_own_scheme_is_one_object():
    intuit = PlainHmac("intuit-signature", "base64")
    assert intuit("k", "", None, b"{}") == {
        "intuit-signature": base64.b64encode(hmac.digest(b"k", b"{}", "sha256")).decode()
    }
    assert new_secret("a") == new_secret("a") != new_secret("b")


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://x"},
        {"url": "http://x", "scheme": "rot13"},
        {"url": "http://x", "secret": "?"},
        {"url": "http://x", "events": "all"},
        {"events": []},
    ],
)
def test_a_subscription_that_cannot_work_is_refused(buyer, body):
    assert buyer.post("/_mock/webhooks", json=body).status_code == 422


def test_a_scheme_may_send_in_its_own_way(shop, catcher):
    sent = []
    shop.webhooks.posts["none"] = lambda url, headers, body: sent.append(url) or 502
    shop.webhooks.subscribe("http://elsewhere.invalid/", ["notes.*"], scheme="none")
    write(shop, "A")
    shop.webhooks.flush()
    assert [each.state for each in shop.webhooks.deliveries] == ["taken", "waiting"]
    assert (sent, told(catcher)) == (["http://elsewhere.invalid/"], ["A"])


def test_a_scheme_may_have_a_form_of_its_own(shop, catcher):
    other = WebhookCatcher("", "none")
    posts = {"http://here.test/hook": catcher, "http://there.test/": other}
    shop.webhooks.post = lambda url, headers, body: posts[url].post(url, headers, body)
    shop.webhooks.payloads["none"] = lambda event: f'["{event.name}"]'.encode()
    shop.webhooks.subscribe("http://there.test/", ["notes.*"], scheme="none")
    write(shop, "A")
    shop.webhooks.flush()
    assert told(catcher) == ["A"]
    assert other.caught[0].json() == ["notes.created"]


def test_messages_of_one_subscriber_wait_for_each_other_and_are_sent_together(shop, catcher):
    heard = []
    shop.webhooks.gathering = Gathering(
        timedelta(seconds=30),
        lambda world, to, events: ",".join(each.data["id"] for each in events).encode(),
        back_off=(timedelta(minutes=1),),
        answered=lambda world, to, status: heard.append(status),
    )
    write(shop, "A", "B")
    assert shop.webhooks.flush() == 0
    shop.clock.advance(timedelta(seconds=20))
    write(shop, "C")
    shop.webhooks.flush()
    shop.clock.advance(timedelta(seconds=10))
    catcher.answer(503)
    assert shop.webhooks.flush() == 1
    assert [each.body for each in catcher.caught] == [b"A,B,C"]
    shop.clock.advance(timedelta(minutes=1))
    assert shop.webhooks.flush() == 1
    assert heard == [503, 204]
    assert {each.state for each in shop.webhooks.deliveries} == {"taken"}


def test_what_began_to_watch_in_an_exchange_that_was_undone_goes_on_watching(shop):
    catcher = WebhookCatcher(SECRET)
    shop.webhooks.post = catcher.post

    def subscribe_and_fail():
        write(shop, "A")
        shop.webhooks.subscribe("http://here.test/hook", ["notes.*"], SECRET)
        raise LookupError

    with pytest.raises(LookupError), shop.transaction():
        subscribe_and_fail()
    shop.webhooks.flush()
    write(shop, "B")
    shop.webhooks.flush()
    assert told(catcher) == ["B"]
