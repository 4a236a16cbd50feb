"""Who calls: a program by its key, or a person or program by a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from crossdock.server.api.problems import Problem
from crossdock.server.api.settings import ApiSettings, Rate, TokenSettings, digest_of
from crossdock.server.api.tokens import BadToken, KeysAway, Tokens

KEY_PREFIX: Final = "cdk_"
ANY: Final = "*"
#: How often one address may send credentials that nobody knows.
GUESSES: Final = Rate(per_second=1.0, burst=20)


@frozen(kw_only=True)
class Caller:
    """Who calls.

    Attributes:
        name: `key:NAME` or `token:SUBJECT`, for logs, limits and the audit trail.
        scopes: what it may do here.
        user: the person that a token names.
        users: CRM users on whose behalf it may act; `*` stands for every user.
    """

    name: str
    scopes: frozenset[str]
    rate: Rate
    user: str = ""
    users: frozenset[str] = field(default=frozenset())

    def may_act_for(self, *names: str) -> bool:
        """Whether it may act for a user, known by any of these names."""
        return ANY in self.users or any(
            name and (name in self.users or name == self.user) for name in names
        )


def unauthorized(detail: str) -> Problem:
    """Say that nobody knows who calls."""
    return Problem(
        401, "unauthorized", "Who are you?", detail,
        headers={"www-authenticate": 'Bearer realm="crossdock", ApiKey realm="crossdock"'},
    )  # fmt: skip


class Callers:
    """Knows callers by what they present."""

    def __init__(self, settings: ApiSettings, tokens: Tokens | None) -> None:
        self._keys = {key.digest: key for key in settings.keys}
        self._tokens = tokens
        self._settings = settings.tokens

    def by_key(self, headers: Mapping[str, str]) -> Caller | None:
        """Give who presents a key; `None` where a token, or nothing, is presented.

        Raises:
            Problem: 401, the key is not known.
        """
        given = headers.get("x-api-key")
        if given is None:
            scheme, _, value = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not value.strip().startswith(KEY_PREFIX):
                return None
            given = value.strip()
        # Looked up by its digest: how long that takes tells nothing of the keys.
        key = self._keys.get(digest_of(given))
        if key is None:
            raise unauthorized("The key is not known.")
        return Caller(name=f"key:{key.name}", scopes=key.scopes, rate=key.rate, users=key.users)

    def by_token(self, headers: Mapping[str, str]) -> Caller:
        """Give who presents a token; may ask the issuer for its keys.

        Raises:
            Problem: 401, there is none or it is not to be believed; 503, it cannot be judged now.
        """
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise unauthorized("Send a key in X-Api-Key, or a bearer token in Authorization.")
        if self._tokens is None or self._settings is None:
            raise unauthorized("Bearer tokens are not taken here; send a key in X-Api-Key.")
        try:
            claims = self._tokens.claims(value.strip())
        except BadToken as bad:
            raise Problem(
                401, "unauthorized", "Who are you?", "The token is not to be believed.",
                headers={"www-authenticate": 'Bearer realm="crossdock", error="invalid_token"'},
                more={},
            ) from bad  # fmt: skip
        except KeysAway as away:
            raise Problem(
                503, "issuer_away", "Tokens cannot be judged now",
                "The issuer of tokens does not give its keys.", headers={"retry-after": "5"},
            ) from away  # fmt: skip
        return _caller_of(claims, self._settings)


def _caller_of(claims: Mapping[str, Any], settings: TokenSettings) -> Caller:
    roles = _roles(claims, settings.roles_claim)
    acts = bool(roles & settings.acting_roles)
    user = claims.get(settings.user_claim)
    subject = claims.get("sub") or user
    return Caller(
        name=f"token:{subject}",
        scopes=frozenset().union(*(settings.roles.get(role, frozenset()) for role in roles)),
        rate=settings.rate,
        user="" if acts or not isinstance(user, str) else user,
        users=frozenset({ANY}) if acts else frozenset(),
    )


def _roles(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Read roles: a list, or words with spaces between, as `scope` has them."""
    value: Any = claims
    for part in claim.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list):
        return frozenset(each for each in value if isinstance(each, str))
    return frozenset()
