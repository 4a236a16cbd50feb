"""Who may call: clients registered with Entra, tokens by client credentials, and how often.

The answers are those of the Microsoft identity platform: `invalid_client` with its AADSTS number,
tokens that live for about an hour, on the world's clock.
"""

from __future__ import annotations

import uuid
from collections import deque
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

import attrs

from crossdock_mocks.dialects.business_central.errors import refusal
from crossdock_mocks.engine import Call, Problem, Reply, World
from crossdock_mocks.engine.oauth2 import AuthorizationServer, Client

SCOPE: Final = "https://api.businesscentral.dynamics.com/.default"
CLIENT_ID: Final = "c0ffee00-0000-4000-8000-000000000001"
CLIENT_SECRET: Final = "business-central-secret"  # noqa: S105 - published, of a mock
OTHER_CLIENT_ID: Final = "c0ffee00-0000-4000-8000-000000000002"
"""Published credentials of a mock: they open nothing else."""

REQUESTS: Final = 6_000
"""Requests that one user may send in the window (Microsoft: operational limits)."""

WINDOW: Final = timedelta(minutes=5)

_SCOPES: Final[Any] = [SCOPE]
_GRANTS: Final[Any] = ["client_credentials"]
_LIFETIME: Final = timedelta(seconds=3599)
_NUMBERS: Final = {
    "invalid_client": 7000215,
    "invalid_scope": 70011,
    "unsupported_grant_type": 70003,
    "invalid_request": 900144,
    "unauthorized_client": 700016,
}

_SERVER: Final = AuthorizationServer(
    [
        Client(CLIENT_ID, CLIENT_SECRET, scopes=_SCOPES, grants=_GRANTS),
        Client(OTHER_CLIENT_ID, CLIENT_SECRET, scopes=_SCOPES, grants=_GRANTS),
    ],
    access=_LIFETIME,
    realm="",
)
_ALLOWED: Final[WeakKeyDictionary[World, int]] = WeakKeyDictionary()
_ASKED: Final[WeakKeyDictionary[World, dict[str, deque[datetime]]]] = WeakKeyDictionary()


def allow(world: World, requests: int) -> None:
    """Let each user of a world send so many requests in the window, instead of the usual number."""
    _ALLOWED[world] = requests


def issue_token(call: Call) -> Reply:
    """A token for a client's credentials."""
    form = call.body or {}
    if form.get("grant_type") == "client_credentials" and not form.get("scope"):
        return _no(call, 400, "invalid_request", "The request body must contain 'scope'.")
    if not call.request.headers.get("authorization", "").lower().startswith("basic"):
        # A bearer token that a client sends everywhere names no client here.
        headers = {n: v for n, v in call.request.headers.items() if n != "authorization"}
        call = attrs.evolve(call, request=attrs.evolve(call.request, headers=headers))
    reply = _SERVER.token(call)
    if reply.status != 200:
        return _no(call, reply.status, reply.body["error"], reply.body["error_description"])
    body = {
        "token_type": "Bearer",
        "expires_in": int(_LIFETIME.total_seconds()),
        "ext_expires_in": int(_LIFETIME.total_seconds()),
        "access_token": reply.body["access_token"],
    }
    return Reply(200, body, reply.headers)


def _no(call: Call, status: int, error: str, told: str) -> Reply:
    number = _NUMBERS.get(error, 900000)
    trace = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.world.name}/{call.world.journal.number}"))
    return Reply(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{number}: {told} Trace ID: {trace}",
            "error_codes": [number],
            "timestamp": f"{call.now:%Y-%m-%d %H:%M:%SZ}",
            "trace_id": trace,
            "correlation_id": trace,
        },
        {"cache-control": "no-store", "pragma": "no-cache"},
    )


def authenticate(call: Call) -> str:
    """The client behind the token that came, if it has not asked too often.

    Raises:
        Problem: 401, the token is unknown or has expired; 429, it has asked too often.
    """
    client = _SERVER.authenticate(call)
    asked = _ASKED.setdefault(call.world, {}).setdefault(client, deque())
    now = call.now
    while asked and (asked[0] <= now - WINDOW or asked[0] > now):
        asked.popleft()
    most = _ALLOWED.get(call.world, REQUESTS)
    if len(asked) >= most:
        raise _too_many(most, int((asked[0] + WINDOW - now).total_seconds()) + 1)
    asked.append(now)
    return client


def _too_many(most: int, wait: int) -> Problem:
    """Too many requests; so many seconds later there is room again."""
    problem = refusal(
        429, "Unknown",
        f"Too Many Requests reached. Actual ({most}). Maximum ({most}). Try again later",
    )  # fmt: skip
    problem.headers["retry-after"] = str(wait)
    return problem
