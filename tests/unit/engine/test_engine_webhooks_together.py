"""Messages that are sent together, and signatures that cover where a message goes."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from crossdock_mocks.engine import TableSpec, World
from crossdock_mocks.engine.webhooks import Gathering, WebhookCatcher

AT = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class OverUrl:
    """A scheme that signs URL and body."""

    def to(self, url):
        def sign(secret, message_id, at, body):
            made = hmac.digest(secret.encode(), url.encode() + body, hashlib.sha256).hex()
            return {"x-over-url": made}

        return sign


@pytest.fixture
def world():
    made = World([TableSpec("notes")], now=AT)
    made.webhooks.schemes["over-url"] = OverUrl()
    made.webhooks.gathering = Gathering(
        timedelta(),
        lambda world, to, events: json.dumps([each.data["id"] for each in events]).encode(),
        back_off=(MINUTE, MINUTE),
        most=3,
    )
    return made


@pytest.fixture
def catcher(world):
    made = WebhookCatcher("secret", OverUrl())
    world.webhooks.post = made.post
    world.webhooks.subscribe(f"{made.url}hook", ["notes.created"], "secret", "over-url")
    return made


def add(world, *ids):
    for each in ids:
        world.table("notes").insert({"id": each})


def test_at_most_so_many_messages_are_sent_together(world, catcher):
    add(world, *range(7))
    assert world.webhooks.flush() == 3
    assert [each.json() for each in catcher.caught] == [[0, 1, 2], [3, 4, 5], [6]]


def test_messages_sent_in_vain_wait_for_their_time_and_stay_by_themselves(world, catcher):
    catcher.answer(500)
    add(world, 1, 2)
    world.webhooks.flush()
    add(world, 3)
    world.webhooks.flush()
    assert [each.json() for each in catcher.caught] == [[1, 2], [3]]
    world.clock.advance(MINUTE)
    world.webhooks.flush()
    assert [each.json() for each in catcher.caught] == [[1, 2], [3], [1, 2]]
    assert {each.state for each in world.webhooks.deliveries} == {"taken"}


def test_a_signature_may_cover_where_a_message_goes(world, catcher):
    add(world, 1)
    world.webhooks.flush()
    (caught,) = catcher.caught
    assert caught.verified
    catcher.post(caught.path.replace("hook", "elsewhere"), caught.headers, caught.body)
    assert not catcher.caught[-1].verified


def test_a_signature_over_the_url_is_checked_on_a_socket(world):
    with WebhookCatcher("secret", OverUrl()) as catcher:
        world.webhooks.subscribe(f"{catcher.url}deep/hook", ["*"], "secret", "over-url")
        add(world, 1)
        world.webhooks.flush()
        (caught,) = catcher.wait(1)
    assert (caught.path, caught.complaint) == ("/deep/hook", None)
