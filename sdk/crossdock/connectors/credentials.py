"""How a connector shows that it may call: a fixed key, or OAuth 2.0 client credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from attrs import field, frozen

_EARLY_SECONDS: Final = 30.0
_EARLY_PART: Final = 0.1


class Credentials(Protocol):
    """What goes with each call."""

    def header(self) -> tuple[str, str]:
        """Give the header's name and value; may ask the remote system for a token first."""

    def refused(self, value: str) -> bool:
        """Hear that a header's value was refused; true when another try has a new one."""

    def secrets(self) -> tuple[str, ...]:
        """Give all that must never be shown."""


@frozen
class ApiKey:
    """One fixed header."""

    name: str
    key: str = field(repr=False)

    def header(self) -> tuple[str, str]:
        """Give the header."""
        return self.name, self.key

    def refused(self, value: str) -> bool:  # noqa: ARG002 - there is no other key to try
        """Say that there is no other key."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Give the key."""
        return (self.key,)


@frozen(kw_only=True)
class Token:
    """An access token and the seconds that it was given for."""

    value: str = field(repr=False)
    expires_in: float


class ClientCredentials:
    """One token for all calls of a connector (RFC 6749, section 4.4).

    It is fetched when it is first needed, and again when it has expired or was refused. Of many
    threads that need one at once, one asks and the others wait for it.

    Args:
        issue: asks the remote system for a token.
        client_secret: what it is asked with; kept here only to be masked.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        issue: Callable[[], Token],
        *,
        client_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issue = issue
        self._client_secret = client_secret
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    def header(self) -> tuple[str, str]:
        """Give the `Authorization` header of a token that is good for a while."""
        token = self._token
        if token is None or self._clock() >= self._renew_at:
            token = self._renewed(token)
        return "Authorization", f"Bearer {token.value}"

    def refused(self, value: str) -> bool:
        """Give up a token that was refused; the next call of `header` gets another."""
        with self._lock:
            if self._token is not None and value == f"Bearer {self._token.value}":
                self._token = None
        return True

    def secrets(self) -> tuple[str, ...]:
        """Give the secret and the token."""
        token = self._token
        return (self._client_secret, token.value) if token else (self._client_secret,)

    def _renewed(self, stale: Token | None) -> Token:
        with self._lock:
            # Whoever waited for the lock finds the work done.
            if self._token is None or self._token is stale:
                asked_at = self._clock()
                token = self._issue()
                early = min(_EARLY_SECONDS, token.expires_in * _EARLY_PART)
                self._renew_at = asked_at + token.expires_in - early
                self._token = token
            return self._token
