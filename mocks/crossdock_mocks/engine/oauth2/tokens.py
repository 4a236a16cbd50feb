"""Access tokens, refresh tokens and codes: issued, looked up, revoked, on the world's clock."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final

from crossdock_mocks.engine.messages import instant
from crossdock_mocks.engine.tables import TableSpec
from crossdock_mocks.engine.world import World

TABLES: Final = (
    TableSpec("oauth2_codes"),
    TableSpec("oauth2_tokens", indexes=("family",)),
)
"""Tables that a dialect with an `AuthorizationServer` has to declare."""


def digest(token: str) -> str:
    """Tables can be looked into; so they hold no token that could be used."""
    return hashlib.sha256(token.encode()).hexdigest()


def secret(world: World, kind: str, owner: str) -> str:
    """A new token; the same calls give the same tokens in each run.

    Args:
        world: The world that issues it.
        kind: `access`, `refresh` or `code`.
        owner: Whose it is.
    """
    number = world.sequence("oauth2_secrets")
    return hashlib.sha256(f"{world.name}/{kind}/{owner}/{number}".encode()).hexdigest()


def issue(
    world: World, kind: str, lifetime: timedelta | None, *, family: str, **claims: Any
) -> str:
    """Issue an access or refresh token.

    Args:
        world: The world that issues it.
        kind: `access` or `refresh`.
        lifetime: How long it is good for; `None` for ever.
        family: The grant that it comes from: revoking one revokes all of them.
        claims: What is kept with it: client, user, scopes.
    """
    token = secret(world, kind, str(claims.get("client", "")))
    expires = None if lifetime is None else instant(world.clock.now + lifetime)
    world.table("oauth2_tokens").insert(
        {
            "id": digest(token), "kind": kind, "family": family, "expires_at": expires,
            "revoked": False, "used": False, **claims,
        }
    )  # fmt: skip
    return token


def recall(world: World, token: str, kind: str) -> tuple[dict[str, Any] | None, str]:
    """What is kept with a token, or the reason why it is worth nothing."""
    row = world.table("oauth2_tokens").get(digest(token))
    if row is None or row["kind"] != kind:
        return None, f"The {kind} token is not known."
    if row["revoked"]:
        return None, f"The {kind} token was revoked."
    if row["expires_at"] is not None and row["expires_at"] <= instant(world.clock.now):
        return None, f"The {kind} token expired at {row['expires_at']}."
    return row, ""


def mark(world: World, row: dict[str, Any], **changes: Any) -> None:
    """Change what is kept with a token."""
    world.table("oauth2_tokens").update(row["id"], **changes)


def revoke_family(world: World, family: str) -> None:
    """Revoke all tokens of one grant."""
    tokens = world.table("oauth2_tokens")
    for row in list(tokens.find({"family": family})):
        if not row["revoked"]:
            tokens.update(row["id"], revoked=True)
