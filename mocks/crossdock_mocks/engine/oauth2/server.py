"""An authorization server: behaviours for authorize, token and revoke, and the check of a bearer.

Authorization code with PKCE (RFC 6749, RFC 7636), client credentials, password, JWT bearer
(RFC 7523), refresh with rotation (RFC 9700, section 4.14), revocation (RFC 7009). Every life time
is by the world's clock.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, final
from urllib.parse import unquote_plus, urlencode

import attrs

from crossdock_mocks.engine.dialect import Call
from crossdock_mocks.engine.messages import Reply, instant
from crossdock_mocks.engine.oauth2 import tokens
from crossdock_mocks.engine.oauth2.assertions import InvalidAssertion, read
from crossdock_mocks.engine.problem import Problem

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NOT_STORED: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@attrs.frozen
class Client:
    """An application that is registered.

    Attributes:
        id: Its client id.
        secret: Its secret; `None` for a public client, which has to use PKCE.
        scopes: What it may ask for.
        redirects: Redirect URIs, compared as text.
        grants: Grant types that it may use.
        key: For JWT bearer: shared secret, or public key as PEM.
    """

    id: str
    secret: str | None = attrs.field(default=None, repr=False)
    scopes: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    redirects: tuple[str, ...] = ()
    grants: frozenset[str] = attrs.field(
        default=frozenset({"authorization_code", "refresh_token"}), converter=frozenset
    )
    key: str | None = attrs.field(default=None, repr=False)


@attrs.frozen
class User:
    """A user who may be asked for consent, and gives it."""

    name: str
    password: str = attrs.field(default="", repr=False)


class _Refused(Exception):  # noqa: N818 - it names what it is
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error, description, status)
        self.error, self.description, self.status = error, description, status


@final
class AuthorizationServer:
    """OAuth 2 behind the paths of a dialect.

    Bind `authorize`, `token` and `revoke` to operations, declare `TABLES`, and give `authenticate`
    to the dialect. Nobody sits before a mock: the user named by `login_hint` (or the only one)
    consents at once.

    Args:
        clients: The registered applications.
        users: Users with their passwords.
        audience: What the `aud` of a JWT has to name, such as the token endpoint's URL.
        access: Life time of an access token.
        refresh: Life time of a refresh token; `None` for ever.
        code: Life time of an authorization code.
        rotate: Whether each refresh gives a new refresh token and the old one, used again, revokes
            the whole grant.
        realm: Realm in challenges.
        instants_as_text: Whether JWTs may have their instants as text; see `assertions.read`.
    """

    def __init__(
        self,
        clients: Iterable[Client],
        users: Iterable[User] = (),
        *,
        audience: str = "",
        access: timedelta = timedelta(hours=1),
        refresh: timedelta | None = timedelta(days=100),
        code: timedelta = timedelta(minutes=1),
        rotate: bool = True,
        realm: str = "mock",
        instants_as_text: bool = False,
    ) -> None:
        self._instants_as_text = instants_as_text
        self._clients = {each.id: each for each in clients}
        self._users = {each.name: each for each in users}
        self._audience = audience
        self._access, self._refresh, self._code = access, refresh, code
        self._rotate = rotate
        self._realm = realm
        self._grants: dict[str, Callable[[Call, Mapping[str, Any]], Reply]] = {
            "authorization_code": self._by_code,
            "client_credentials": self._by_client,
            "password": self._by_password,
            "refresh_token": self._by_refresh,
            JWT_BEARER: self._by_assertion,
        }

    # Behaviours

    def authorize(self, call: Call) -> Reply:
        """Send the user back to the application with a code (RFC 6749, section 4.1).

        A wrong client or redirect URI is a 400 and never a redirect; any other mistake goes back
        to the application.
        """
        asked = call.query
        client = self._clients.get(str(asked.get("client_id", "")))
        redirect = asked.get("redirect_uri")
        if client is None:
            return _no(_Refused("invalid_client", "The client is not known."))
        if redirect is None and len(client.redirects) == 1:
            redirect = client.redirects[0]
        if redirect not in client.redirects:
            return _no(_Refused("invalid_request", "redirect_uri is not one that was registered."))
        state = {"state": asked["state"]} if "state" in asked else {}
        try:
            code = self._consent(call, client, asked)
        except _Refused as refused:
            answer = {"error": refused.error, "error_description": refused.description}
            return _redirect(redirect, {**answer, **state})
        return _redirect(redirect, {"code": code, **state})

    def _consent(self, call: Call, client: Client, asked: Mapping[str, Any]) -> str:
        if asked.get("response_type") != "code":
            raise _Refused("unsupported_response_type", "response_type is code.")
        if "authorization_code" not in client.grants:
            raise _Refused("unauthorized_client", "This client may not use codes.")
        challenge = asked.get("code_challenge")
        method = asked.get("code_challenge_method", "plain")
        if challenge is None and client.secret is None:
            raise _Refused("invalid_request", "A client without a secret needs code_challenge.")
        if challenge is not None and method not in ("S256", "plain"):
            raise _Refused("invalid_request", "code_challenge_method is S256 or plain.")
        hint = asked.get("login_hint") or next(iter(self._users), None)
        if hint not in self._users:
            raise _Refused("access_denied", "There is no such user to consent.")
        scopes = self._scopes(client, asked)
        code = tokens.secret(call.world, "code", client.id)
        call.world.table("oauth2_codes").insert(
            {
                "id": tokens.digest(code), "client": client.id, "user": hint, "scopes": scopes,
                "redirect": asked.get("redirect_uri"), "challenge": challenge, "method": method,
                "expires_at": instant(call.now + self._code), "family": None,
            }
        )  # fmt: skip
        return code

    def token(self, call: Call) -> Reply:
        """Exchange a grant for tokens; refusals are those of RFC 6749, section 5.2.

        They are answers and not problems: that a code was tried twice has to be remembered.
        """
        form = call.body or {}
        try:
            grant = form.get("grant_type")
            if not grant:
                raise _Refused("invalid_request", "grant_type is required.")
            handler = self._grants.get(grant)
            if handler is None:
                known = ", ".join(sorted(self._grants))
                raise _Refused("unsupported_grant_type", f"Known are {known}.")
            return handler(call, form)
        except _Refused as refused:
            return _no(refused, self._realm)

    def revoke(self, call: Call) -> Reply:
        """Revoke a token and all that came of the same grant; an unknown one is fine (RFC 7009)."""
        form = call.body or {}
        try:
            client = self._client(call, form)
            if not form.get("token"):
                raise _Refused("invalid_request", "token is required.")
        except _Refused as refused:
            return _no(refused, self._realm)
        row = call.world.table("oauth2_tokens").get(tokens.digest(form["token"]))
        if row is not None and row["client"] == client.id:
            tokens.revoke_family(call.world, row["family"])
        return Reply(200, headers=_NOT_STORED)

    def authenticate(self, call: Call) -> str:
        """The user (or else the client) of the bearer token that came (RFC 6750).

        Raises:
            Problem: 401 `invalid_token`, unknown, revoked or expired; 403 `insufficient_scope`.
        """
        (token,) = call.credentials.values()
        row, reason = tokens.recall(call.world, token, "access")
        if row is None:
            raise self._challenge(401, "invalid_token", reason)
        missing = [scope for scope in call.scopes if scope not in row["scopes"]]
        if missing:
            needed = " ".join(missing)
            raise self._challenge(
                403, "insufficient_scope", f"The token lacks {needed}.", f', scope="{needed}"'
            )
        return str(row["user"] or row["client"])

    # Grants

    def _by_client(self, call: Call, form: Mapping[str, Any]) -> Reply:
        client = self._client(call, form, "client_credentials", confidential=True)
        return self._issue(call, client, None, self._scopes(client, form), refresh=False)

    def _by_password(self, call: Call, form: Mapping[str, Any]) -> Reply:
        client = self._client(call, form, "password")
        user = self._users.get(str(form.get("username", "")))
        came = str(form.get("password", ""))
        if user is None or not hmac.compare_digest(user.password.encode(), came.encode()):
            raise _Refused("invalid_grant", "The user is not known, or the password is wrong.")
        return self._issue(call, client, user.name, self._scopes(client, form))

    def _by_code(self, call: Call, form: Mapping[str, Any]) -> Reply:
        client = self._client(call, form, "authorization_code")
        codes = call.world.table("oauth2_codes")
        row = codes.get(tokens.digest(str(form.get("code", ""))))
        if row is None or row["client"] != client.id:
            raise _Refused("invalid_grant", "The code is not known.")
        if row["family"] is not None:
            # Somebody else may have it: what came of it is revoked (RFC 6749, section 4.1.2).
            tokens.revoke_family(call.world, row["family"])
            raise _Refused("invalid_grant", "The code was used before; its tokens are revoked.")
        if row["expires_at"] <= instant(call.now):
            raise _Refused("invalid_grant", f"The code expired at {row['expires_at']}.")
        if row["redirect"] != form.get("redirect_uri"):
            raise _Refused("invalid_grant", "redirect_uri is not that of the authorization.")
        _prove(row, form.get("code_verifier"))
        codes.update(row["id"], family=row["id"])
        return self._issue(call, client, row["user"], row["scopes"], family=row["id"])

    def _by_refresh(self, call: Call, form: Mapping[str, Any]) -> Reply:
        client = self._client(call, form, "refresh_token")
        row, reason = tokens.recall(call.world, str(form.get("refresh_token", "")), "refresh")
        if row is None or row["client"] != client.id:
            raise _Refused("invalid_grant", reason or "The refresh token is not of this client.")
        if row["used"]:
            tokens.revoke_family(call.world, row["family"])
            raise _Refused(
                "invalid_grant", "The refresh token was used before; its grant is revoked."
            )
        scopes = str(form.get("scope", "")).split() or row["scopes"]
        if not set(scopes) <= set(row["scopes"]):
            raise _Refused("invalid_scope", "A refresh cannot widen what was granted.")
        if self._rotate:
            tokens.mark(call.world, row, used=True)
        return self._issue(
            call, client, row["user"], sorted(scopes), refresh=self._rotate, family=row["family"],
            granted=row["scopes"],
        )  # fmt: skip

    def _by_assertion(self, call: Call, form: Mapping[str, Any]) -> Reply:
        assertion = str(form.get("assertion", ""))
        reason = "No client issues such assertions."
        for client in self._clients.values():
            if client.key is None or JWT_BEARER not in client.grants:
                continue
            try:
                claims = read(
                    assertion, client.key, now=call.now, audience=self._audience,
                    instants_as_text=self._instants_as_text,
                )  # fmt: skip
            except InvalidAssertion as invalid:
                reason = str(invalid)
                continue
            if claims["iss"] != client.id:
                reason = f"iss has to be {client.id}."
            elif claims["sub"] not in self._users:
                reason = "sub is not a user."
            else:
                scopes = self._scopes(client, form)
                return self._issue(call, client, claims["sub"], scopes, refresh=False)
        raise _Refused("invalid_grant", reason)

    # What they share

    def _issue(
        self,
        call: Call,
        client: Client,
        user: str | None,
        scopes: list[str],
        *,
        refresh: bool = True,
        family: str | None = None,
        granted: list[str] | None = None,
    ) -> Reply:
        world = call.world
        family = family or f"G-{world.sequence('oauth2_grants')}"
        kept = {"client": client.id, "user": user}
        access = tokens.issue(world, "access", self._access, family=family, scopes=scopes, **kept)
        body: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(self._access.total_seconds()),
            "scope": " ".join(scopes),
        }
        if refresh and "refresh_token" in client.grants:
            # A refresh may ask for less this time, and for all that was granted the next.
            body["refresh_token"] = tokens.issue(
                world, "refresh", self._refresh, family=family, scopes=granted or scopes, **kept
            )
        return Reply(200, body, _NOT_STORED)

    def _client(
        self,
        call: Call,
        form: Mapping[str, Any],
        grant: str | None = None,
        *,
        confidential: bool = False,
    ) -> Client:
        header = call.request.headers.get("authorization", "")
        named = _basic(header)
        if header and named is None:
            raise _Refused("invalid_client", "Authorization is not readable as HTTP Basic.", 401)
        if named is not None and "client_secret" in form:
            raise _Refused(
                "invalid_request", "Name the client in the header or the body, not both."
            )
        client_id, came = named or (form.get("client_id", ""), form.get("client_secret", ""))
        client = self._clients.get(client_id)
        known = client.secret if client is not None else None
        if client is None or not hmac.compare_digest((known or "").encode(), came.encode()):
            raise _Refused("invalid_client", "The client is not known, or its secret wrong.", 401)
        if confidential and known is None:
            raise _Refused("unauthorized_client", "A client without a secret may not do this.")
        if grant is not None and grant not in client.grants:
            raise _Refused("unauthorized_client", f"This client may not use {grant}.")
        return client

    def _scopes(self, client: Client, form: Mapping[str, Any]) -> list[str]:
        wanted = set(str(form.get("scope", "")).split()) or set(client.scopes)
        refused = sorted(wanted - client.scopes)
        if refused:
            raise _Refused("invalid_scope", f"Not for this client: {' '.join(refused)}.")
        return sorted(wanted)

    def _challenge(self, status: int, code: str, detail: str, more: str = "") -> Problem:
        text = f'Bearer realm="{self._realm}", error="{code}", error_description="{detail}"{more}'
        return Problem(status, code, "", detail, headers={"www-authenticate": text})


def _prove(row: Mapping[str, Any], verifier: Any) -> None:
    """Check the code verifier (RFC 7636, section 4.6)."""
    if row["challenge"] is None:
        if verifier is not None:
            raise _Refused("invalid_grant", "There was no code_challenge for this code_verifier.")
        return
    if not isinstance(verifier, str) or not _VERIFIER.match(verifier):
        raise _Refused("invalid_grant", "code_verifier is 43 to 128 unreserved characters.")
    made = verifier
    if row["method"] == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    if not hmac.compare_digest(made.encode(), row["challenge"].encode()):
        raise _Refused("invalid_grant", "code_verifier does not fit the code_challenge.")


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


def _redirect(target: str, answer: Mapping[str, str]) -> Reply:
    joint = "&" if "?" in target else "?"
    return Reply(302, headers={"location": f"{target}{joint}{urlencode(answer)}", **_NOT_STORED})


def _no(refused: _Refused, realm: str = "mock") -> Reply:
    headers = dict(_NOT_STORED)
    if refused.status == 401:
        headers["www-authenticate"] = f'Basic realm="{realm}"'
    body = {"error": refused.error, "error_description": refused.description}
    return Reply(refused.status, body, headers)
