"""OAuth 2.0 client credentials (RFC 6749, section 4.4) and bearer tokens (RFC 6750).

Tokens expire on the world's clock: a test moves the clock, and the token is worth nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from crossdock_mocks.engine import Call, Problem, Reply, TableSpec, World, instant

READ: Final = "crm.read"
WRITE: Final = "crm.write"
LIFETIME: Final = timedelta(hours=1)

AUTHORIZATION_TABLES: Final = (
    TableSpec("crm_clients"),
    TableSpec("crm_tokens"),
)

# These protect nothing: they are the published credentials of a mock.
CLIENTS: Final = (
    {"id": "crossdock", "secret": "crossdock-secret", "scopes": [READ, WRITE]},
    {"id": "reader", "secret": "reader-secret", "scopes": [READ]},
)

_NOT_STORED: Final = {"cache-control": "no-store", "pragma": "no-cache"}


def add_clients(world: World) -> None:
    """Register the clients that every world of this CRM knows."""
    world.table("crm_clients").insert_many(CLIENTS)


def issue_token(call: Call) -> Reply:
    """Exchange a client's credentials for a token."""
    form = call.body or {}
    basic = call.request.headers.get("authorization", "")
    named = _basic(basic)
    if named is None and basic.lower().startswith("basic"):
        return _no(401, "invalid_client", "The Authorization header is not readable as HTTP Basic.")
    if named is not None and "client_secret" in form:
        return _no(
            400, "invalid_request", "Name the client in the header or in the body, not both."
        )
    client_id, secret = named or (form.get("client_id"), form.get("client_secret"))
    if "grant_type" not in form:
        return _no(400, "invalid_request", "grant_type is required.")
    if not client_id or not secret:
        return _no(401, "invalid_client", "The client has to name itself with id and secret.")
    client = call.world.table("crm_clients").get(client_id)
    if client is None or not hmac.compare_digest(client["secret"].encode(), secret.encode()):
        return _no(401, "invalid_client", "The client is not known, or its secret is wrong.")
    if form["grant_type"] != "client_credentials":
        return _no(400, "unsupported_grant_type", "Only client_credentials is supported.")
    wanted = form.get("scope", "").split() or client["scopes"]
    refused = [scope for scope in wanted if scope not in client["scopes"]]
    if refused:
        return _no(400, "invalid_scope", f"Not granted to this client: {' '.join(refused)}.")
    return _token(call, client_id, sorted(set(wanted)))


def authenticate(call: Call) -> str:
    """Give the client that a bearer token was issued to.

    Raises:
        Problem: 401 `invalid_token`, it is unknown or has expired; 403 `insufficient_scope`.
    """
    token = call.world.table("crm_tokens").get(_digest(call.credentials["oauth2"]))
    if token is None:
        raise _challenge(401, "invalid_token", "The access token is not known.")
    if token["expires_at"] <= instant(call.now):
        raise _challenge(
            401, "invalid_token", f"The access token expired at {token['expires_at']}."
        )
    missing = [scope for scope in call.scopes if scope not in token["scopes"]]
    if missing:
        raise _challenge(
            403,
            "insufficient_scope",
            f"The access token is for {' '.join(token['scopes'])}; this needs {' '.join(missing)}.",
            f', scope="{" ".join(missing)}"',
        )
    return str(token["client_id"])


def _token(call: Call, client_id: str, scopes: list[str]) -> Reply:
    number = call.world.sequence("crm_tokens")
    # The same calls give the same tokens in each run.
    token = hashlib.sha256(f"{call.world.name}/{client_id}/{number}".encode()).hexdigest()
    expires = call.now + LIFETIME
    call.world.table("crm_tokens").insert(
        {
            "id": _digest(token),
            "client_id": client_id,
            "scopes": scopes,
            "expires_at": instant(expires),
        }
    )
    body = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(scopes),
    }
    return Reply(200, body, _NOT_STORED)


def _digest(token: str) -> str:
    """Tables can be looked into; so they hold no token that could be used."""
    return hashlib.sha256(token.encode()).hexdigest()


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    return (unquote_plus(user), unquote_plus(password)) if colon else None


def _no(status: int, error: str, description: str) -> Reply:
    headers: dict[str, Any] = dict(_NOT_STORED)
    if status == 401:
        headers["www-authenticate"] = 'Basic realm="crm"'
    return Reply(status, {"error": error, "error_description": description}, headers)


def _challenge(status: int, code: str, detail: str, more: str = "") -> Problem:
    challenge = f'Bearer realm="crm", error="{code}", error_description="{detail}"{more}'
    return Problem(status, code, "", detail, headers={"www-authenticate": challenge})
