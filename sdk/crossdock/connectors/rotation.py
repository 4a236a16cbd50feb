"""OAuth 2.0 refresh tokens that change with each use, kept where no process can lose them.

Some vendors give a new refresh token with each access token and forget the old one. Whoever uses
the old one and loses the answer, or uses it in two processes at once, or does not write the new one
down before it dies, has lost the connection: a person must grant it again. So here

- one refreshes at a time, over all threads and processes that share the `TokenStore`;
- who waited takes what the other one was given, access token too, instead of asking again;
- that the store can be written is proved before the old token is spent, and the new one is written
  before it is used;
- a token that a person granted anew (another one in the settings) counts more than what is stored.

What is stored is encrypted under the client secret, without which it is of no use to anybody.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol

from attrs import evolve, field, frozen

from crossdock.errors import RemoteUnauthorized

_log: Final = logging.getLogger("crossdock.connectors")
_EARLY_SECONDS: Final = 30.0


class TokenStore(Protocol):
    """Where tokens outlive the process that was given them."""

    def read(self) -> str | None:
        """Give what was written last, by whomever."""

    def write(self, text: str) -> None:
        """Keep a text; it is on disk when this returns."""

    def alone(self) -> AbstractContextManager[None]:
        """Let only one in at a time, over all processes that share the store."""


class InMemory:
    """A store for one process: for tests, and for tokens that nobody has to keep."""

    def __init__(self) -> None:
        self._text: str | None = None
        self._lock = threading.Lock()

    def read(self) -> str | None:
        """Give what was written last."""
        return self._text

    def write(self, text: str) -> None:
        """Keep a text until the process ends."""
        self._text = text

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one thread in at a time."""
        with self._lock:
            yield


@frozen(kw_only=True)
class Granted:
    """What the vendor gave for a refresh token.

    Attributes:
        refresh: the next refresh token; the same one where the vendor keeps it.
        expires_in: seconds that the access token is good for.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: float


@frozen(kw_only=True)
class _Kept:
    """What is stored.

    Attributes:
        of: the digest of the configured token that this one goes back to.
        expires_at: of the access token, in seconds since 1970.
    """

    of: str
    refresh: str = field(repr=False)
    access: str = field(default="", repr=False)
    expires_at: float = 0.0


class RotatingTokens:
    """Access tokens of a refresh token that changes with each use.

    Args:
        refresh: asks the vendor for new tokens; gets the refresh token.
        first: the configured refresh token, which a person granted.
        client_secret: of the app; encrypts what is stored.
        kept: where tokens are kept.
        where: the place of the settings, for what a person must do.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        refresh: Callable[[str], Granted],
        *,
        first: str,
        client_secret: str,
        kept: TokenStore,
        where: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._refresh = refresh
        self._first = first
        self._client_secret = client_secret
        self._kept = kept
        self._where = where
        self._clock = clock
        self._lock = threading.Lock()
        self._now: _Kept | None = None
        self._unwritten: _Kept | None = None
        self._refused = ""

    def header(self) -> tuple[str, str]:
        """Give the `Authorization` header of a token that is good for a while."""
        now = self._now
        if now is None or not self._is_good(now):
            now = self._renewed()
        return "Authorization", f"Bearer {now.access}"

    def refused(self, value: str) -> bool:
        """Give up a token that was refused; the next call of `header` gets another."""
        with self._lock:
            if self._now is not None and value == f"Bearer {self._now.access}":
                self._refused = self._now.access
        return True

    def secrets(self) -> tuple[str, ...]:
        """Give the client secret and all tokens."""
        now = self._now
        tokens = (now.access, now.refresh) if now else ()
        return (self._client_secret, self._first, *tokens)

    def _is_good(self, kept: _Kept) -> bool:
        if not kept.access or kept.access == self._refused:
            return False
        return self._clock() < kept.expires_at - _EARLY_SECONDS

    def _renewed(self) -> _Kept:
        with self._lock:
            if self._now is not None and self._is_good(self._now):
                return self._now  # who waited for the lock finds the work done
            with self._kept.alone():
                if self._unwritten is not None:  # the store failed when they came
                    self._write(self._unwritten)
                    self._unwritten = None
                there = self._stored()
                if not self._is_good(there):
                    there = self._spend(there)
                self._now = there
            return there

    def _stored(self) -> _Kept:
        """Give what is kept; the configured token where there is nothing, or a newer grant."""
        digest = hashlib.sha256(self._first.encode()).hexdigest()
        text = self._kept.read()
        if text is not None:
            plain = _opened(text, self._client_secret)
            if plain is not None and plain.get("of") == digest:
                return _Kept(**plain)
        return _Kept(of=digest, refresh=self._first)

    def _spend(self, there: _Kept) -> _Kept:
        # Were the store full or read-only, it would be told before the token is gone.
        self._write(evolve(there, access="", expires_at=0.0))
        asked_at = self._clock()
        try:
            granted = self._refresh(there.refresh)
        except RemoteUnauthorized as refused:
            if refused.code != "invalid_grant":
                raise
            raise RemoteUnauthorized(
                f"{refused} The refresh token is not taken any more: it was used elsewhere, taken "
                "back, or has expired. Grant access anew, and put the new refresh_token under "
                f"{self._where}.",
                system=refused.system,
                status=refused.status,
                code=refused.code,
                fields=refused.fields,
            ) from None
        given = _Kept(
            of=there.of,
            refresh=granted.refresh,
            access=granted.access,
            expires_at=asked_at + granted.expires_in,
        )
        # In this process at least, should the store fail now.
        self._now = self._unwritten = given
        self._write(given)
        self._unwritten = None
        return given

    def _write(self, kept: _Kept) -> None:
        plain = {
            "of": kept.of,
            "refresh": kept.refresh,
            "access": kept.access,
            "expires_at": kept.expires_at,
        }
        self._kept.write(_sealed(plain, self._client_secret))


def _key(client_secret: str) -> Any:
    from joserfc.jwk import OctKey

    digest = hashlib.sha256(b"crossdock tokens\0" + client_secret.encode()).digest()
    return OctKey.import_key(digest)


def _sealed(plain: dict[str, Any], client_secret: str) -> str:
    from joserfc import jwe

    header = {"alg": "dir", "enc": "A256GCM"}
    return jwe.encrypt_compact(header, json.dumps(plain), _key(client_secret))


def _opened(text: str, client_secret: str) -> dict[str, Any] | None:
    """Decrypt what was stored; `None` for what another client secret sealed."""
    from joserfc import jwe
    from joserfc.errors import JoseError

    try:
        payload = jwe.decrypt_compact(text, _key(client_secret)).plaintext
    except (JoseError, ValueError):
        _log.warning("stored tokens cannot be read with this client secret; the configured is used")
        return None
    plain: dict[str, Any] = json.loads(payload or b"{}")
    return plain
