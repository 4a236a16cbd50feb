"""Credentials: found where the document says they are; whether they are good, the dialect says."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, final

from crossdock_mocks.engine.messages import Request
from crossdock_mocks.engine.parameters import split_query
from crossdock_mocks.engine.problem import Problem, Violation


@final
class Security:
    """The security requirements of one operation, any one of which is enough.

    Args:
        requirements: Their part of the plan.
    """

    def __init__(self, requirements: list[list[dict[str, Any]]]) -> None:
        self.needed = bool(requirements) and all(requirements)
        self._requirements = [each for each in requirements if each]
        self.query_names = frozenset(
            rule["name"]
            for each in self._requirements
            for rule in each
            if rule["type"] == "apiKey" and rule["in"] == "query"
        )

    def __bool__(self) -> bool:
        return bool(self._requirements)

    def credentials(self, request: Request) -> tuple[dict[str, str], tuple[str, ...]] | None:
        """What came for the first requirement that is met, with the scopes it asks for.

        Returns:
            Scheme names with their credentials, and the scopes; `None` when nothing came and the
            operation may be called without.

        Raises:
            Problem: 401, nothing (or nothing of the right form) came, and it is needed.
        """
        problems: list[Violation] = []
        for requirement in self._requirements:
            found: dict[str, str] = {}
            scopes: list[str] = []
            for rule in requirement:
                value = _find(rule, request, problems)
                if value is None:
                    break
                found[rule["scheme"]] = value
                scopes.extend(rule["scopes"])
            else:
                return found, tuple(scopes)
        if not self.needed and all(each.received is None for each in problems):
            return None
        raise self.refusal("authentication_required", "Authentication is required", problems)

    def refusal(
        self,
        code: str = "invalid_credentials",
        title: str = "The credentials are not valid",
        problems: list[Violation] | None = None,
    ) -> Problem:
        """A 401 that says which schemes there are (RFC 9110, section 11.6.1)."""
        challenges = dict.fromkeys(
            _challenge(rule, code) for requirement in self._requirements for rule in requirement
        )
        return Problem(
            401,
            code,
            title,
            "Send valid credentials: " + "; ".join(_wanted(r[0]) for r in self._requirements),
            problems or (),
            {"www-authenticate": ", ".join(challenges)},
        )


def _find(rule: Mapping[str, Any], request: Request, problems: list[Violation]) -> str | None:
    if rule["type"] == "apiKey":
        name = rule["name"]
        value = _key(rule["in"], name, request)
        if not value:
            problems.append(
                Violation(f"/{name}", "is required", _wanted(rule), None, rule["in"], "security")
            )
            return None
        return value
    header = request.headers.get("authorization")
    scheme, _, value = (header or "").partition(" ")
    value = value.strip()
    # A token has no spaces; the parameters of other schemes (OAuth 1, Digest) do.
    torn = " " in value and rule["http"] in ("bearer", "basic")
    if header is None or scheme.lower() != rule["http"] or not value or torn:
        problems.append(
            Violation(
                "/Authorization",
                "is required" if header is None else "does not have the right form",
                _wanted(rule),
                None if header is None else f"{scheme} ...",
                "header",
                "security",
            )
        )
        return None
    if rule["http"] != "basic":
        return value
    try:
        user = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        user = ""
    if ":" not in user:
        problems.append(
            Violation(
                "/Authorization", "is not base64 of user:password", _wanted(rule), "Basic ...",
                "header", "security",
            )
        )  # fmt: skip
        return None
    return user


def _key(where: str, name: str, request: Request) -> str | None:
    if where == "header":
        return request.headers.get(name.lower())
    if where == "query":
        values = split_query(request.query).get(name)
        return values[0] if values else None
    try:
        cookie = SimpleCookie(request.headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return cookie.value if cookie else None


def _wanted(rule: Mapping[str, Any]) -> str:
    if rule["type"] == "apiKey":
        return f"an API key in the {rule['in']} {rule['name']}"
    return f"Authorization: {rule['http'].capitalize()} ..."


def _challenge(rule: Mapping[str, Any], code: str) -> str:
    if rule["type"] == "apiKey":
        return f'ApiKey name="{rule["name"]}"'
    if rule["http"] == "bearer":
        return 'Bearer error="invalid_token"' if code == "invalid_credentials" else "Bearer"
    return f'{rule["http"].capitalize()} realm="mock"'
