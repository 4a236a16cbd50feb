"""Webhooks out: events from committed changes, signed, retried on the world's clock, replayed."""

from typing import TYPE_CHECKING, Any

from crossdock_mocks.engine.webhooks.events import Event, EventSource
from crossdock_mocks.engine.webhooks.outbox import (
    BACK_OFF,
    Delivery,
    Gathering,
    Subscription,
    Webhooks,
)
from crossdock_mocks.engine.webhooks.signing import (
    SCHEMES,
    Addressed,
    PlainHmac,
    SignatureError,
    new_secret,
    verify,
)

if TYPE_CHECKING:
    from crossdock_mocks.engine.webhooks.catcher import Caught, WebhookCatcher

__all__ = [
    "BACK_OFF",
    "SCHEMES",
    "Addressed",
    "Caught",
    "Delivery",
    "Event",
    "EventSource",
    "Gathering",
    "PlainHmac",
    "SignatureError",
    "Subscription",
    "WebhookCatcher",
    "Webhooks",
    "new_secret",
    "verify",
]


def __getattr__(name: str) -> Any:
    # Only tests receive; a mock that sends needs no web server of the standard library.
    if name in ("Caught", "WebhookCatcher"):
        from crossdock_mocks.engine.webhooks import catcher

        return getattr(catcher, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
