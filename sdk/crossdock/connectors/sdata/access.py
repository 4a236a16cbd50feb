"""Basic authentication (RFC 7617), which is all that SData knows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import field, frozen

from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.connectors.credentials import Credentials
    from crossdock.connectors.http import Remote

KNOWN = ("user", "password")
"""The settings that it takes."""


@frozen
class Basic:
    """A user and a password that go with each call."""

    user: str
    password: str = field(repr=False)

    @property
    def _encoded(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def header(self) -> tuple[str, str]:
        """Give the header."""
        return "Authorization", f"Basic {self._encoded}"

    def refused(self, value: str) -> bool:  # noqa: ARG002 - there is no other password to try
        """Say that there is nothing else to try."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Give the password, plain and as it is sent."""
        return (self.password, self._encoded)


def credentials_of(settings: Settings) -> Callable[[Remote], Credentials]:
    """Read user and password.

    Raises:
        ConfigError: one of them is missing, or the user holds a colon, which no header carries.
    """
    user, password = settings.text("user"), settings.secret("password")
    if ":" in user:
        raise ConfigError(f"'user' under {settings.where} must not hold a colon")
    return lambda remote: Basic(user, password)  # noqa: ARG005 - nothing is asked for first
