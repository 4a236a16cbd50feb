"""Whether a message is its sender's: by Standard Webhooks, or as a vendor of its own signs.

A vendor's form holds no id, and some no instant, so an old message could be sent again; it may only
hint, which does no more than to have a feed read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from crossdock.server.api.problems import Problem
from crossdock.server.api.settings import Sender

_SIGNED: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")

_OLDEST_MILLISECONDS: Final = 300_000

Check = Callable[[str, Sender, Mapping[str, str], bytes], bool]
"""Says whether a secret made a sender's signature in these headers, over these bytes."""


def _standard(secret: str, _sender: Sender, headers: Mapping[str, str], body: bytes) -> bool:
    """Standard Webhooks 1.0.0; its age counts too."""
    presented = {name: headers.get(name, "") for name in _SIGNED}
    try:
        Webhook(secret).verify(body, presented, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False  # rubbish where a signature should be makes the library raise ValueError
    return True


def _intuit(secret: str, _sender: Sender, headers: Mapping[str, str], body: bytes) -> bool:
    """`intuit-signature` of QuickBooks: base64 of an HMAC-SHA256 by the app's verifier token."""
    return _is_made(headers.get("intuit-signature", ""), secret, body)


def _hubspot(secret: str, sender: Sender, headers: Mapping[str, str], body: bytes) -> bool:
    """HubSpot's third version: method, address, body and instant, by the app's client secret.

    The address is the one that HubSpot was told, which behind a proxy is not the one that was
    asked here.
    """
    at = headers.get("x-hubspot-request-timestamp", "")
    if not (at.isascii() and at.isdigit()):
        return False
    if abs(time.time() * 1000 - int(at)) > _OLDEST_MILLISECONDS:
        return False
    signed = b"POST" + sender.address.encode() + body + at.encode()
    return _is_made(headers.get("x-hubspot-signature-v3", ""), secret, signed)


def _business_central(
    secret: str, _sender: Sender, _headers: Mapping[str, str], body: bytes
) -> bool:
    """Business Central signs nothing: each notification holds the subscription's `clientState`."""
    try:
        told = json.loads(body)
        states = [notification["clientState"] for notification in told["value"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
    known = secret.encode()
    return bool(states) and all(
        isinstance(state, str) and hmac.compare_digest(state.encode(), known) for state in states
    )


def _is_made(given: str, secret: str, signed: bytes) -> bool:
    made = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256))
    return hmac.compare_digest(made, given.strip().encode())


_CHECKS: Final[Mapping[str, Check]] = {
    "standard": _standard,
    "intuit": _intuit,
    "hubspot": _hubspot,
    "business-central": _business_central,
}


def verify(sender: Sender, headers: Mapping[str, str], body: bytes) -> None:
    """Check the signature of a message, over its bytes as they came.

    Raises:
        Problem: 401, it is wrong, or older or newer than five minutes.
    """
    check = _CHECKS[sender.signature]
    if any(check(secret.reveal(), sender, headers, body) for secret in sender.secrets):
        return
    raise Problem(
        401, "signature", "The signature is wrong",
        "The signature is not that of this message and this sender, or it is too old.",
        headers={"www-authenticate": 'Webhook realm="crossdock"'},
    )  # fmt: skip
