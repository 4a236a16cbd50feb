"""Bearer tokens of an OpenID Connect issuer (RFC 7519, RFC 8725)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crossdock.errors import ConfigError
from crossdock.server.api.settings import TokenSettings

_FRESH_SECONDS: Final = 600.0
_ASK_AGAIN_SECONDS: Final = 30.0
_LET_BE_SECONDS: Final = 5.0
_FETCH_SECONDS: Final = 5.0
_MOST_BYTES: Final = 256 * 1024
_LONGEST_TOKEN: Final = 16 * 1024


class BadToken(Exception):  # noqa: N818 - named for what happened
    """A token is not to be believed; the message says why, for the log."""


class KeysAway(Exception):  # noqa: N818
    """The issuer's keys cannot be had, so no token can be judged now."""


class Tokens:
    """Judges tokens of one issuer.

    The issuer's keys are read when they are needed, kept for ten minutes, and read again at once,
    though not more often than every half minute, when a token names a key that is not known.

    Args:
        settings: whose tokens are taken.
        now: seconds since 1970.
        transport: for the issuer's keys; the network by default.
    """

    def __init__(
        self,
        settings: TokenSettings,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._transport = transport
        self._keys: KeySet | None = None
        self._read_at = self._failed_at = -float("inf")
        self._lock = threading.Lock()
        if settings.jwks_file is not None:
            try:
                self._keys = _key_set(settings.jwks_file.read_bytes())
            except (OSError, ValueError, JoseError) as unusable:
                raise ConfigError(
                    f"[server.jwt] jwks_file: {settings.jwks_file} holds no keys ({unusable})"
                ) from None

    def claims(self, token: str) -> Mapping[str, Any]:
        """Give the claims of a token; may ask the issuer for its keys, so not on an event loop.

        Raises:
            BadToken: it is not to be believed.
            KeysAway: the issuer does not give its keys.
        """
        if len(token) > _LONGEST_TOKEN:
            raise BadToken("it is too long")
        settings = self._settings
        try:
            decoded = self._decode(token, again=False) or self._decode(token, again=True)
            if decoded is None:
                raise BadToken("no key of the issuer fits")
            registry = jwt.JWTClaimsRegistry(
                now=lambda: int(self._now()),
                leeway=settings.leeway_seconds,
                iss={"essential": True, "value": settings.issuer},
                aud={"essential": True, "value": settings.audience},
                exp={"essential": True},
            )
            registry.validate(decoded.claims)
        except (BadToken, KeysAway):
            raise
        except (JoseError, ValueError, TypeError, KeyError) as refused:
            raise BadToken(f"{type(refused).__name__}: {refused}") from None
        return decoded.claims

    def _decode(self, token: str, *, again: bool) -> jwt.Token | None:
        """Decode by the keys at hand; `None` where one is named that is not among them."""
        keys = self._key_set(again=again)
        try:
            return jwt.decode(token, keys, algorithms=list(self._settings.algorithms))
        except (JoseError, ValueError) as refused:
            # joserfc says so of a key id that it does not know.
            if not again and "key" in f"{type(refused).__name__} {refused}".lower():
                return None
            raise

    def _key_set(self, *, again: bool) -> KeySet:
        if self._settings.jwks_file is not None:
            assert self._keys is not None
            return self._keys
        with self._lock:
            now = time.monotonic()
            age = now - self._read_at
            if self._keys is None and now - self._failed_at < _LET_BE_SECONDS:
                raise KeysAway(f"{self._settings.jwks_url}: it did not answer just now")
            if self._keys is None or age > (_ASK_AGAIN_SECONDS if again else _FRESH_SECONDS):
                self._read_at = now
                try:
                    self._keys = self._fetch()
                except (httpx.HTTPError, ValueError, JoseError) as away:
                    self._failed_at = time.monotonic()
                    if self._keys is None:
                        raise KeysAway(f"{self._settings.jwks_url}: {away}") from None
            return self._keys

    def _fetch(self) -> KeySet:
        with (
            httpx.Client(timeout=_FETCH_SECONDS, transport=self._transport) as client,
            client.stream("GET", self._settings.jwks_url) as answer,
        ):
            answer.raise_for_status()  # of one that leads somewhere else, too
            read = bytearray()
            for chunk in answer.iter_bytes():
                read += chunk
                if len(read) > _MOST_BYTES:
                    raise ValueError("it is too long")
        return _key_set(bytes(read))


def _key_set(text: bytes) -> KeySet:
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("it is no JSON Web Key Set")
    return KeySet.import_key_set(document)  # type: ignore[arg-type]  # a document from outside
