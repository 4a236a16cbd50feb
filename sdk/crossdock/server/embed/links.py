"""Embed links: signed, expiring, bound to one user, record, tab and page that may hold the frame.

The signature is an HMAC with SHA-256 (itsdangerous). Nothing in a link is secret: it names ids and
parameters, and whoever holds it can read them; nobody without a key can change them.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from attrs import field, frozen
from itsdangerous import BadData, URLSafeSerializer

from crossdock.errors import ConfigError, CrossdockError
from crossdock.server.embed.settings import EmbedSettings

Subject: TypeAlias = Literal["account", "contact"]

_SALT: Final = "crossdock.embed.1"
_LONGEST: Final = 4096


class RefusedLinkError(CrossdockError):
    """A link was not made by us, or was changed on its way."""


class ExpiredLinkError(CrossdockError):
    """A link was good once.

    Attributes:
        origin: whose frame it was for.
    """

    def __init__(self, message: str, *, origin: str) -> None:
        super().__init__(message)
        self.origin = origin


@frozen(kw_only=True)
class Embedding:
    """What a link stands for.

    Attributes:
        tab: plugin and tab, as in `erp-tabs/aging`.
        record: the CRM's id of the account or the contact.
        user: the CRM's id of the user on whose behalf it is shown.
        origin: whose page may hold the frame, such as `https://crm.example`.
        expires: seconds since 1970 in UTC.
        params: the tab's parameters, as text.
    """

    tab: str
    record: str
    user: str
    origin: str
    expires: int
    params: Mapping[str, str] = field(factory=dict)
    subject: Subject = "account"


@frozen(kw_only=True)
class SignedLink:
    """What a CRM puts into an iframe, and until when it can be opened."""

    url: str
    expires: datetime


def sign(
    settings: EmbedSettings,
    *,
    tab: str,
    record: str,
    user: str,
    origin: str,
    params: Mapping[str, str] | None = None,
    subject: Subject = "account",
    lifetime_seconds: int | None = None,
    now: float | None = None,
) -> SignedLink:
    """Make the link that shows a tab in a frame.

    Args:
        settings: the table `[embed]`.
        tab: plugin and tab, as in `erp-tabs/aging`.
        record: the CRM's id of the account or the contact.
        user: the CRM's id of the user; the tab shows what that user may see.
        origin: the page that holds the frame; one of those that are configured.
        params: the tab's parameters, as text; the reader may change them in the frame.
        subject: what kind of record it is.
        lifetime_seconds: less than what is configured.
        now: seconds since 1970; the wall clock where not given.

    Raises:
        ConfigError: the origin is none of those that are configured, or the life is too long.
    """
    if origin not in settings.origins:
        known = ", ".join(settings.origins)
        raise ConfigError(f"{origin!r} may hold no tab in a frame; [embed] origins are: {known}")
    seconds = settings.lifetime_seconds if lifetime_seconds is None else lifetime_seconds
    if not 0 < seconds <= settings.lifetime_seconds:
        raise ConfigError(
            f"a link can live from 1 to {settings.lifetime_seconds} seconds, not {seconds}; "
            "[embed] lifetime_seconds says so"
        )
    embedding = Embedding(
        tab=tab,
        record=record,
        user=user,
        origin=origin,
        expires=int(time.time() if now is None else now) + seconds,
        params=dict(params or {}),
        subject=subject,
    )
    return SignedLink(
        url=f"{settings.url}/t/{token_of(settings, embedding)}",
        expires=datetime.fromtimestamp(embedding.expires, tz=UTC),
    )


def token_of(settings: EmbedSettings, embedding: Embedding) -> str:
    """Sign what a link stands for.

    Raises:
        ConfigError: it is more than an address can carry.
    """
    token = _serializer(settings).dumps(
        {
            "t": embedding.tab,
            "r": embedding.record,
            "u": embedding.user,
            "o": embedding.origin,
            "e": embedding.expires,
            "p": dict(embedding.params),
            "s": embedding.subject,
        }
    )
    if len(token) > _LONGEST:
        raise ConfigError(f"the parameters of {embedding.tab} are too long for a link")
    return token


def read(settings: EmbedSettings, token: str, *, now: float) -> Embedding:
    """Read a link.

    Raises:
        RefusedLinkError: none of our keys signed this, or its page may hold no frames any more.
        ExpiredLinkError: it was good once.
    """
    if len(token) > _LONGEST:
        raise RefusedLinkError("the link is longer than any of ours")
    try:
        claims = _serializer(settings).loads(token)
    except BadData as bad:
        raise RefusedLinkError(str(bad)) from None
    embedding = Embedding(
        tab=claims["t"],
        record=claims["r"],
        user=claims["u"],
        origin=claims["o"],
        expires=claims["e"],
        params=claims["p"],
        subject=claims["s"],
    )
    if embedding.origin not in settings.origins:
        raise RefusedLinkError(f"{embedding.origin} may hold no frames any more")
    if now >= embedding.expires:
        raise ExpiredLinkError("the link has expired", origin=embedding.origin)
    return embedding


def _serializer(settings: EmbedSettings) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(settings.keys),
        salt=_SALT,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
