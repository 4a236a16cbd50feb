"""OAuth 2 as HubSpot does it: codes, tokens of 30 minutes, refresh tokens that stay, metadata.

Refusals of the token endpoint have `status` and `message` and no category.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from crossdock_mocks.dialects.hubspot.apps import (
    APPS,
    DOMAIN,
    PORTAL,
    PUBLIC_APP,
    REFRESH_TOKEN,
    USER,
    USER_ID,
    App,
)
from crossdock_mocks.dialects.hubspot.errors import Refusal, correlation_id
from crossdock_mocks.dialects.hubspot.instants import read_instant
from crossdock_mocks.engine import Call, Reply, World, instant
from crossdock_mocks.engine.oauth2 import tokens

ACCESS_LIFETIME: Final = timedelta(minutes=30)
CODE_LIFETIME: Final = timedelta(minutes=10)
_CLIENTS: Final = {each.client_id: each for each in APPS if each.client_id}


class _Refused(Exception):  # noqa: N818 - it names what it is
    def __init__(self, status: str, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


def install(world: World) -> None:
    """Let a world begin with the public app installed: its refresh token is good."""
    world.table("oauth2_tokens").insert(
        {
            "id": tokens.digest(REFRESH_TOKEN), "kind": "refresh", "family": "installed",
            "expires_at": None, "revoked": False, "used": False, "app": PUBLIC_APP.id, "user": USER,
            "scopes": sorted(PUBLIC_APP.scopes), "client": PUBLIC_APP.client_id,
        }
    )  # fmt: skip


def authorize(call: Call) -> Reply:
    """Send the user back to the app with a code; nobody sits before a mock, so consent is given.

    Raises:
        Refusal: 400, the app is not known or the redirect URI is not one of its own.
    """
    asked = call.query
    app = _CLIENTS.get(asked["client_id"])
    if app is None:
        raise Refusal(400, "The client ID is not known.", errors=[{"message": "BAD_CLIENT_ID"}])
    redirect = asked["redirect_uri"]
    if redirect not in app.redirects:
        raise Refusal(
            400,
            "The redirect URI does not match one that was registered.",
            errors=[{"message": "BAD_REDIRECT_URI"}],
        )
    state = {"state": asked["state"]} if "state" in asked else {}
    wanted = set(asked.get("scope", "").split())
    optional = set(asked.get("optional_scope", "").split()) & app.scopes
    if not wanted <= app.scopes:
        unknown = " ".join(sorted(wanted - app.scopes))
        answer = {"error": "invalid_scope", "error_description": f"Not for this app: {unknown}"}
        return _redirect(redirect, {**answer, **state})
    code = tokens.secret(call.world, "code", app.client_id)
    call.world.table("oauth2_codes").insert(
        {
            "id": tokens.digest(code), "client": app.client_id, "redirect": redirect,
            "scopes": sorted((wanted or app.scopes) | optional | {"oauth"}),
            "expires_at": instant(call.now + CODE_LIFETIME), "used": False,
        }
    )  # fmt: skip
    return _redirect(redirect, {"code": code, **state})


def issue_token(call: Call) -> Reply:
    """Exchange a code or a refresh token for an access token."""
    form = call.body or {}
    try:
        grants = {"authorization_code": _by_code, "refresh_token": _by_refresh}
        grant = grants.get(str(form.get("grant_type", "")))
        if grant is None:
            raise _Refused("BAD_GRANT_TYPE", "missing or unknown grant type")
        return grant(call, form, _client(form))
    except _Refused as refused:
        body = {
            "status": refused.status,
            "message": refused.message,
            "correlationId": correlation_id(400, refused.status),
        }
        return Reply(400, body)


def describe_access_token(call: Call) -> Reply:
    """What is known of an access token.

    Raises:
        Refusal: 404, it is not known or has expired.
    """
    row = _row(call.world, call.path["token"], "access")
    left = 0.0 if row is None else (read_instant(row["expires_at"]) - call.now).total_seconds()
    if row is None or left <= 0:
        raise Refusal(404, "This access token is expired or unknown.", "OBJECT_NOT_FOUND")
    body = {
        **_described(row, call.path["token"]), "app_id": row["app"], "expires_in": int(left),
        "token_type": "access",
    }  # fmt: skip
    return Reply(200, body)


def describe_refresh_token(call: Call) -> Reply:
    """What is known of a refresh token.

    Raises:
        Refusal: 404, it is not known.
    """
    row = _row(call.world, call.path["token"], "refresh")
    if row is None:
        raise Refusal(404, "This refresh token is unknown.", "OBJECT_NOT_FOUND")
    body = {
        **_described(row, call.path["token"]), "client_id": row["client"], "token_type": "refresh"
    }  # fmt: skip
    return Reply(200, body)


def delete_refresh_token(call: Call) -> Reply:
    """Revoke a refresh token; access tokens made of it stay good until they expire.

    Raises:
        Refusal: 404, it is not known.
    """
    row = _row(call.world, call.path["token"], "refresh")
    if row is None:
        raise Refusal(404, "This refresh token is unknown.", "OBJECT_NOT_FOUND")
    tokens.mark(call.world, row, revoked=True)
    return Reply(204)


def describe_private_token(call: Call) -> Reply:
    """What is known of a private app's token.

    Raises:
        Refusal: 401, there is no such token.
    """
    key = call.body["tokenKey"]
    for app in APPS:
        if app.token and hmac.compare_digest(app.token.encode(), key.encode()):
            body = {
                "userId": USER_ID,
                "hubId": PORTAL,
                "appId": app.id,
                "scopes": sorted(app.scopes),
            }
            return Reply(200, body)
    raise Refusal(401, "The private app access token is not known.")


def _client(form: Mapping[str, Any]) -> App:
    app = _CLIENTS.get(str(form.get("client_id", "")))
    if app is None:
        raise _Refused("BAD_CLIENT_ID", "missing or unknown client id")
    if not hmac.compare_digest(app.secret.encode(), str(form.get("client_secret", "")).encode()):
        raise _Refused("BAD_CLIENT_SECRET", "missing or invalid client secret")
    return app


def _by_code(call: Call, form: Mapping[str, Any], app: App) -> Reply:
    codes = call.world.table("oauth2_codes")
    row = codes.get(tokens.digest(str(form.get("code", ""))))
    if row is None or row["used"] or row["client"] != app.client_id:
        raise _Refused("BAD_AUTH_CODE", "missing or unknown auth code")
    if row["expires_at"] <= instant(call.now):
        raise _Refused("BAD_AUTH_CODE", "expired auth code")
    if form.get("redirect_uri") != row["redirect"]:
        raise _Refused("BAD_REDIRECT_URI", "redirect URI does not match that of the auth code")
    codes.update(row["id"], used=True)
    family = f"G-{call.world.sequence('oauth2_grants')}"
    kept = {"client": app.client_id, "app": app.id, "user": USER, "scopes": row["scopes"]}
    refresh = tokens.issue(call.world, "refresh", None, family=family, **kept)
    return _tokens(call, family, kept, refresh)


def _by_refresh(call: Call, form: Mapping[str, Any], app: App) -> Reply:
    refresh = str(form.get("refresh_token", ""))
    row = _row(call.world, refresh, "refresh")
    if row is None or row["client"] != app.client_id:
        raise _Refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    kept = {"client": app.client_id, "app": app.id, "user": row["user"], "scopes": row["scopes"]}
    return _tokens(call, row["family"], kept, refresh)


def _tokens(call: Call, family: str, kept: Mapping[str, Any], refresh: str) -> Reply:
    access = tokens.issue(call.world, "access", ACCESS_LIFETIME, family=family, **kept)
    body = {
        "token_type": "bearer", "refresh_token": refresh, "access_token": access,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
    }  # fmt: skip
    return Reply(200, body, {"cache-control": "no-store"})


def _row(world: World, token: str, kind: str) -> dict[str, Any] | None:
    row = world.table("oauth2_tokens").get(tokens.digest(token))
    return None if row is None or row["kind"] != kind or row["revoked"] else row


def _described(row: Mapping[str, Any], token: str) -> dict[str, Any]:
    return {
        "token": token, "user": row["user"], "hub_domain": DOMAIN, "scopes": row["scopes"],
        "hub_id": PORTAL, "user_id": USER_ID,
    }  # fmt: skip


def _redirect(target: str, answer: Mapping[str, str]) -> Reply:
    return Reply(302, headers={"location": f"{target}?{urlencode(answer)}"})
