"""How QuickBooks is entered: OAuth 2.0 with a refresh token that changes when it is used.

Tokens come from another host than data. Source: the vendor's page on OAuth 2.0; the next refresh
token comes with each access token, and only the latest counts.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

import httpx
from attrs import evolve, field, frozen

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.refusals import wording
from crossdock.connectors.reading import Row, text, whole
from crossdock.connectors.rotation import Granted, InMemory, RotatingTokens, TokenStore
from crossdock.connectors.settings import Settings

KNOWN: Final = ("client_id", "client_secret", "refresh_token", "auth_url")
AUTH_URL: Final = "https://oauth.platform.intuit.com"


def access_of(
    settings: Settings,
    address: Address,
    *,
    transport: httpx.BaseTransport | None,
    deadline: Callable[[], float] | None,
    kept: TokenStore | None,
) -> tuple[Remote, RotatingTokens]:
    """Make what fetches tokens, and the credentials that use it.

    Args:
        settings: the connector's.
        address: of the data.
        transport: takes the place of the network, in tests.
        deadline: as the connector got it.
        kept: where the refresh token is kept; without it, in memory, for tests.

    Raises:
        ConfigError: a setting is missing or wrong.
    """
    client_id, secret = settings.text("client_id"), settings.secret("client_secret")
    url = settings.address("auth_url", default=AUTH_URL)
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    tokens = Remote(
        evolve(address, url=url),
        credentials=lambda _: _App(basic=basic, secret=secret),
        wording=wording,
        timeout=settings.timeout(),
        identity=settings.identity(),
        evidence_header="intuit_tid",
        transport=transport,
        deadline=deadline,
    )
    return tokens, RotatingTokens(
        lambda refresh: _granted(tokens, refresh),
        first=settings.secret("refresh_token"),
        client_secret=secret,
        kept=kept or InMemory(),
        where=settings.where,
    )


@frozen(kw_only=True)
class _App:
    """The app's own credentials (RFC 6749, section 2.3.1)."""

    basic: str = field(repr=False)
    secret: str = field(repr=False)

    def header(self) -> tuple[str, str]:
        """Give the header."""
        return "Authorization", f"Basic {self.basic}"

    def refused(self, value: str) -> bool:  # noqa: ARG002 - there are no others to try
        """Say that there are no others."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Give the secret, also as it is sent."""
        return (self.basic, self.secret)


def _granted(tokens: Remote, refresh: str) -> Granted:
    # Asked again with the same token only where the call was surely not heard.
    answer = tokens.call(
        use.REFRESH_TOKEN, form={"grant_type": "refresh_token", "refresh_token": refresh}
    )

    def granted(body: Row) -> Granted:
        return Granted(
            access=text(body, "access_token"),
            refresh=text(body, "refresh_token"),
            expires_in=whole(body, "expires_in"),
        )

    return tokens.read(answer, granted)
