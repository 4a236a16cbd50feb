"""OAuth 2.0 as Intuit has it: a user consents for one company, tokens expire on the world's clock.

Access tokens live an hour. A refresh token lives 101 days, and its value changes with the first
refresh after a day; until then the same one comes back, and from then on the old one is worth
nothing. Revoking either ends the grant.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final
from urllib.parse import unquote_plus, urlencode, urlsplit

from crossdock_mocks.dialects.quickbooks import identity
from crossdock_mocks.dialects.quickbooks.refusals import (
    refused,
    throttled,
    unauthenticated,
    unauthorized,
)
from crossdock_mocks.engine import Call, Reply, World, instant
from crossdock_mocks.engine.oauth2 import tokens

REALM_ID: Final = "9341453050718264"
"""The company of a world."""

CLIENT_ID: Final = "crossdock-app"
CLIENT_SECRET: Final = "crossdock-app-secret"  # noqa: S105 - the published credentials of a mock
REFRESH_TOKEN: Final = "crossdock-refresh-token"  # noqa: S105 - as above
"""A grant that every world begins with, so that a caller may begin with a refresh."""

ACCOUNTING: Final = "com.intuit.quickbooks.accounting"
SCOPES: Final = (ACCOUNTING, "openid", "profile", "email", "phone", "address")
REDIRECTS: Final = ("https://developer.intuit.com/v2/OAuth2Playground/RedirectUrl",)
"""Redirect URIs that are registered, beside any on this machine."""

ACCESS: Final = timedelta(hours=1)
REFRESH: Final = timedelta(seconds=8_726_400)
ROTATES: Final = timedelta(days=1)
_CODE: Final = timedelta(minutes=10)
_NOT_STORED: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_MINUTE: Final = timedelta(minutes=1)

REQUESTS_A_MINUTE: Final = "requests_per_minute"
BATCHES_A_MINUTE: Final = "batches_per_minute"
LIMITS: Final = {REQUESTS_A_MINUTE: 500, BATCHES_A_MINUTE: 40}
"""Settings of a world (table `qbo_settings`) with their values at the beginning."""


class _Refused(Exception):  # noqa: N818 - it names what it is
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error, description, status)
        self.error, self.description, self.status = error, description, status

    def reply(self) -> Reply:
        body = {"error": self.error, "error_description": self.description}
        more = {"www-authenticate": 'Basic realm="Intuit"'} if self.status == 401 else {}
        return Reply(self.status, body, {**_NOT_STORED, **more})


def begin(world: World) -> None:
    """Give a world the grant that it begins with."""
    world.table("oauth2_tokens").insert(
        {
            "id": tokens.digest(REFRESH_TOKEN), "kind": "refresh", "family": "G-0",
            "expires_at": instant(world.now + REFRESH), "issued_at": instant(world.now),
            "revoked": False, "used": False, "client": CLIENT_ID, "user": identity.USER["sub"],
            "scopes": [ACCOUNTING],
        }
    )  # fmt: skip


# Consent


def ask(call: Call) -> Reply:
    """Ask the user, with a page whose form may be posted by a program, too."""
    try:
        _known_application(call.query)
    except _Refused as refusal:
        return refusal.reply()
    wrong = _wrong_request(call.query)
    if wrong is not None:
        return _back(call.query, wrong)
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(call.query[name]))}">'
        for name in ("client_id", "response_type", "scope", "redirect_uri", "state")
        if name in call.query
    )
    page = (
        '<!doctype html><html lang="en"><title>QuickBooks mock</title>'
        f"<h1>May {escape(call.query['client_id'])} see and change the books?</h1>"
        f"<p>It asks for: {escape(call.query['scope'])}</p>"
        f'<form method="post" action="/connect/oauth2">{fields}'
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form></html>'
    )
    return Reply(200, page.encode(), {"content-type": "text/html; charset=utf-8", **_NOT_STORED})


def answer(call: Call) -> Reply:
    """Send the user back with a code and the company, or with what is wrong."""
    asked = call.body or {}
    try:
        _known_application(asked)
    except _Refused as refusal:
        return refusal.reply()
    wrong = _wrong_request(asked)
    if wrong is None and asked.get("decision") != "allow":
        wrong = "access_denied"
    if wrong is not None:
        return _back(asked, wrong)
    code = tokens.secret(call.world, "code", CLIENT_ID)
    call.world.table("oauth2_codes").insert(
        {
            "id": tokens.digest(code), "redirect": asked["redirect_uri"], "family": None,
            "scopes": asked["scope"].split(), "expires_at": instant(call.now + _CODE),
        }
    )  # fmt: skip
    return _redirect(asked, {"code": code, "realmId": REALM_ID})


def _known_application(asked: Mapping[str, Any]) -> None:
    """Nobody is sent to an address that was not registered."""
    if asked.get("client_id") != CLIENT_ID:
        raise _Refused("invalid_client", "The client is not known.")
    target = str(asked.get("redirect_uri", ""))
    if target in REDIRECTS:
        return
    try:
        parts = urlsplit(target)
        local = parts.scheme in ("http", "https") and parts.hostname in ("localhost", "127.0.0.1")
    except ValueError:
        local = False
    if not local or not target.isascii() or not target.isprintable():
        raise _Refused("invalid_request", "redirect_uri is not one that was registered.")


def _wrong_request(asked: Mapping[str, Any]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    scopes = str(asked.get("scope", "")).split()
    if not scopes or not set(scopes) <= set(SCOPES):
        return "invalid_scope"
    # A state is needed, so that an application knows its own answer again.
    return None if asked.get("state") else "invalid_request"


def _back(asked: Mapping[str, Any], error: str) -> Reply:
    return _redirect(asked, {"error": error})


def _redirect(asked: Mapping[str, Any], told: dict[str, str]) -> Reply:
    state = {"state": asked["state"]} if asked.get("state") else {}
    target = asked["redirect_uri"]
    joint = "&" if "?" in target else "?"
    location = f"{target}{joint}{urlencode({**told, **state})}"
    return Reply(302, headers={"location": location, **_NOT_STORED})


# Tokens


def issue(call: Call) -> Reply:
    """Exchange a code or a refresh token.

    Refusals are answers and not problems: that a code was tried twice has to be remembered.
    """
    form = call.body or {}
    try:
        _authenticated(call)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return _by_code(call, form)
        if grant == "refresh_token":
            return _by_refresh(call, form)
        if not grant:
            raise _Refused("invalid_request", "grant_type is missing.")
        raise _Refused("unsupported_grant_type", "authorization_code or refresh_token.")
    except _Refused as refusal:
        return refusal.reply()


def _by_code(call: Call, form: Mapping[str, Any]) -> Reply:
    codes = call.world.table("oauth2_codes")
    row = codes.get(tokens.digest(str(form.get("code", ""))))
    if row is None:
        raise _Refused("invalid_grant", "The code is not known.")
    if row["family"] is not None:
        tokens.revoke_family(call.world, row["family"])
        raise _Refused("invalid_grant", "The code was used before; its tokens are revoked.")
    if row["expires_at"] <= instant(call.now):
        raise _Refused("invalid_grant", "The code has expired.")
    if row["redirect"] != form.get("redirect_uri"):
        raise _Refused("invalid_grant", "redirect_uri is not that of the consent.")
    codes.update(row["id"], family=row["id"])
    refresh = _new_refresh(call.world, row["id"], row["scopes"])
    return _granted(call, row["id"], row["scopes"], refresh, call.now + REFRESH)


def _by_refresh(call: Call, form: Mapping[str, Any]) -> Reply:
    world, came = call.world, str(form.get("refresh_token", ""))
    row, _ = tokens.recall(world, came, "refresh")
    if row is None or row["used"]:
        raise _Refused("invalid_grant", "Incorrect or invalid refresh token")
    expires = datetime.fromisoformat(row["expires_at"])
    if call.now - datetime.fromisoformat(row["issued_at"]) >= ROTATES:
        tokens.mark(world, row, used=True)
        came = _new_refresh(world, row["family"], row["scopes"])
        expires = call.now + REFRESH
    return _granted(call, row["family"], row["scopes"], came, expires)


def _new_refresh(world: World, family: str, scopes: list[str]) -> str:
    return tokens.issue(
        world, "refresh", REFRESH, family=family, scopes=scopes, client=CLIENT_ID,
        user=identity.USER["sub"], issued_at=instant(world.now),
    )  # fmt: skip


def _granted(call: Call, family: str, scopes: list[str], refresh: str, expires: datetime) -> Reply:
    access = tokens.issue(
        call.world, "access", ACCESS, family=family, scopes=scopes, client=CLIENT_ID,
        user=identity.USER["sub"],
    )  # fmt: skip
    body: dict[str, Any] = {
        "token_type": "bearer",
        "access_token": access,
        "expires_in": int(ACCESS.total_seconds()),
        "refresh_token": refresh,
        "x_refresh_token_expires_in": int((expires - call.now).total_seconds()),
    }
    if "openid" in scopes:
        body["id_token"] = identity.id_token(call, CLIENT_ID, ACCESS)
    return Reply(200, body, _NOT_STORED)


def revoke(call: Call) -> Reply:
    """End the grant that a token belongs to."""
    form = call.body or {}
    try:
        _authenticated(call)
        row = call.world.table("oauth2_tokens").get(tokens.digest(str(form.get("token", ""))))
        if row is None:
            raise _Refused("invalid_request", "There is no such token.")
    except _Refused as refusal:
        return refusal.reply()
    tokens.revoke_family(call.world, row["family"])
    return Reply(200, headers=_NOT_STORED)


def _authenticated(call: Call) -> None:
    """Check that the application names itself with its secret."""
    header = call.request.headers.get("authorization", "")
    scheme, _, value = header.partition(" ")
    try:
        named = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        named = ""
    client, colon, secret = named.partition(":")
    good = (
        scheme.lower() == "basic"
        and colon
        and unquote_plus(client) == CLIENT_ID
        and hmac.compare_digest(unquote_plus(secret).encode(), CLIENT_SECRET.encode())
    )
    if not good:
        raise _Refused("invalid_client", "The client is not known, or its secret is wrong.", 401)


# Bearers


def authenticate(call: Call) -> str:
    """The user of a bearer token, which has to be of the company that is called.

    Raises:
        Problem: 401 with code 3200, it is unknown, revoked or expired; 403 with 3100, it lacks a
            scope; 401 with 100, it is for another company; 429, this minute is used up.
    """
    token = call.credentials["oauth2"]
    row, reason = tokens.recall(call.world, token, "access")
    if row is None:
        raise unauthenticated(reason)
    lacking = [scope for scope in call.scopes if scope not in row["scopes"]]
    if lacking:
        raise unauthorized(f"The token lacks {' '.join(lacking)}.")
    realm = call.path.get("realmId")
    if realm is not None:
        if realm != REALM_ID:
            raise refused(
                100,
                "AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401",
                status=401,
            )
        _throttle(call)
    return str(row["user"])


def _throttle(call: Call) -> None:
    """Count the requests of the last minute (Intuit's documentation on limits and throttles)."""
    path, since = f"/v3/company/{REALM_ID}/", call.now - _MINUTE
    journal, settings = call.world.journal, call.world.table("qbo_settings")
    for name, operation in ((REQUESTS_A_MINUTE, None), (BATCHES_A_MINUTE, "batch")):
        if operation not in (None, call.operation_id):
            continue
        row = settings.get(name)
        most = LIMITS[name] if row is None else row["value"]
        if journal.answered_since(since, path, operation, most=most) >= most:
            raise throttled(f"{most} {'requests' if operation is None else 'batches'} a minute")
