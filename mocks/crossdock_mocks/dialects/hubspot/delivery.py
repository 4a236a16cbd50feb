"""How events reach an app: up to a hundred in one message, signed, and sent again for a day.

The signature is HubSpot's third: HMAC-SHA256 with the app's secret over method, URL, body and time,
in base64; the time in milliseconds travels beside it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, final

import attrs

from crossdock_mocks.dialects.hubspot.instants import milliseconds
from crossdock_mocks.dialects.hubspot.subscriptions import SCHEME, event_name
from crossdock_mocks.engine import World, encode
from crossdock_mocks.engine.webhooks import Event, EventSource, Gathering, Subscription
from crossdock_mocks.engine.webhooks.signing import Headers, Sign

MOST: Final = 100
"""Events in one message."""

BACK_OFF: Final = tuple(
    timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 180, 240, 360, 429)
)
"""Waits after failed attempts: ten more over a day; the vendor spreads them at random."""


@final
@attrs.frozen
class SignatureV3:
    """The third signature, which covers the URL too."""

    def to(self, url: str) -> Sign:
        """The signature of messages to a URL."""

        def sign(secret: str, message_id: str, at: datetime, body: bytes) -> Headers:
            del message_id  # HubSpot signs no id
            stamp = str(milliseconds(at))
            signed = b"POST" + url.encode() + body + stamp.encode()
            made = base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
            return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": stamp}

        return sign


def _named(action: str, row: dict[str, Any]) -> str | None:
    return event_name(row["app"]) if action == "created" else None


def _told(_: str, row: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = row["event"]
    return event


def written_alone(event: Event) -> bytes:
    """One event, as the array that it is sent in."""
    return _together([event])


def _written(_: World, __: Subscription, events: Sequence[Event]) -> bytes:
    return _together(events)


def _together(events: Sequence[Event]) -> bytes:
    """An array of events, each with the number of times that it was sent before."""
    body = encode([each.data for each in events]).encode()
    for each in events:
        each.data["attemptNumber"] += 1
    return body


EVENTS: Final = (EventSource("hubspot_events", _named, _told),)
SIGNING: Final = {SCHEME: SignatureV3()}
GATHERING: Final = Gathering(timedelta(), _written, BACK_OFF, most=MOST)
