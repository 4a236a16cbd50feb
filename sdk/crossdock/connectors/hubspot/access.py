"""How HubSpot is entered: by a private app's token or by OAuth; and at what pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from crossdock.connectors.credentials import ClientCredentials, Credentials, Token
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.reading import Row, text, whole
from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.connectors.http import Remote

KNOWN: Final = ("access_token", "client_id", "client_secret", "refresh_token")
_LONGEST_WAIT_SECONDS: Final = 5.0


@frozen
class PrivateApp:
    """The fixed token of a private app."""

    token: str = field(repr=False)

    def header(self) -> tuple[str, str]:
        """Give the header."""
        return "Authorization", f"Bearer {self.token}"

    def refused(self, value: str) -> bool:  # noqa: ARG002 - there is no other token to try
        """Say that there is no other token."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Give the token."""
        return (self.token,)


class Refreshed(ClientCredentials):
    """Access tokens that a refresh token gives; many threads share one, and one of them asks."""

    def __init__(
        self, issue: Callable[[], Token], *, client_secret: str, refresh_token: str
    ) -> None:
        super().__init__(issue, client_secret=client_secret)
        self._refresh_token = refresh_token

    def secrets(self) -> tuple[str, ...]:
        """Give the secret and both tokens."""
        return (*super().secrets(), self._refresh_token)


def credentials_of(settings: Settings) -> Callable[[Remote], Credentials]:
    """Read the credentials: `access_token`, or `client_id`, `client_secret` and `refresh_token`.

    Raises:
        ConfigError: neither is there in full, or both are.
    """
    given = {name for name in KNOWN if settings.has(name)}
    if given == {"access_token"}:
        token = settings.secret("access_token")
        return lambda _remote: PrivateApp(token)
    if "access_token" in given:
        raise ConfigError(
            f"{settings.where} has both a private app's access_token and OAuth credentials; "
            "keep one of them"
        )
    if not given:
        raise ConfigError(
            f"{settings.where} lacks credentials: add access_token = ... of a private app, or "
            "client_id, client_secret and refresh_token of an OAuth app"
        )
    client_id = settings.text("client_id")
    secret, refresh = settings.secret("client_secret"), settings.secret("refresh_token")
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": secret,
        "refresh_token": refresh,
    }
    return lambda remote: Refreshed(
        lambda: _token(remote, form), client_secret=secret, refresh_token=refresh
    )


def _token(remote: Remote, form: Mapping[str, str]) -> Token:
    answer = remote.call(use.ISSUE_TOKEN, form=form, authorized=False)

    def token(body: Row) -> Token:
        return Token(value=text(body, "access_token"), expires_in=whole(body, "expires_in"))

    return remote.read(answer, token)


class Pace:
    """Keeps calls below what HubSpot allows, so that it seldom has to refuse one.

    Searches have a limit of their own for the whole account (four or five a second), which no
    header tells. For the others, each answer says how much is left of the current interval.

    Args:
        searches: how many searches a second this connector makes at most.
        clock: seconds that only go forward.
        sleep: waits.
    """

    def __init__(
        self,
        searches: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._every = 1 / searches
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_search = 0.0
        self._closed_until = 0.0

    def wait(self, *, search: bool, left: float) -> None:
        """Wait for a call's turn, at most `left` seconds: the deadline is the caller's to tell."""
        with self._lock:
            now = self._clock()
            wait = self._closed_until - now
            if search:
                # Evenly, as the limit is one of any second: a handful at once would fill it.
                begins = max(self._next_search, now)
                self._next_search = begins + self._every
                wait = max(wait, begins - now)
        if wait > 0:
            self._sleep(max(0.0, min(wait, left, _LONGEST_WAIT_SECONDS)))

    def heard(self, headers: Mapping[str, str]) -> None:
        """Read from an answer's headers what is left of the interval."""
        left = headers.get("x-hubspot-ratelimit-remaining", "")
        interval = headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
        if left == "0" and interval.isascii() and interval.isdigit():
            with self._lock:
                self._closed_until = self._clock() + min(int(interval) / 1000, 1.0)
