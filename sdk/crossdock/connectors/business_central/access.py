"""How Business Central is entered: by an application of Microsoft Entra, with client credentials.

Tokens come from another host than data, and are for the whole service: which companies and records
the application may touch is set up in Business Central itself. Source: Microsoft's page on service
to service authentication.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import httpx
from attrs import evolve

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.refusals import wording
from crossdock.connectors.credentials import ClientCredentials, Token
from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.reading import Row, text, whole
from crossdock.connectors.settings import Settings

KNOWN: Final = ("auth_url", "client_id", "client_secret", "tenant")
AUTH_URL: Final = "https://login.microsoftonline.com"
SCOPE: Final = "https://api.businesscentral.dynamics.com/.default"


def access_of(
    settings: Settings,
    address: Address,
    *,
    transport: httpx.BaseTransport | None,
    deadline: Callable[[], float] | None,
) -> tuple[Remote, ClientCredentials]:
    """Make what fetches tokens, and the credentials that use it.

    Args:
        settings: the connector's.
        address: of the data.
        transport: takes the place of the network, in tests.
        deadline: as the connector got it.

    Raises:
        ConfigError: a setting is missing or wrong.
    """
    secret, tenant = settings.secret("client_secret"), settings.text("tenant")
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.text("client_id"),
        "client_secret": secret,
        "scope": SCOPE,
    }
    credentials = ClientCredentials(lambda: _issued(tokens, tenant, form), client_secret=secret)
    tokens = Remote(
        evolve(address, url=settings.address("auth_url", default=AUTH_URL)),
        credentials=lambda _: credentials,
        wording=wording,
        timeout=settings.timeout(),
        identity=settings.identity(),
        transport=transport,
        deadline=deadline,
    )
    return tokens, credentials


def _issued(tokens: Remote, tenant: str, form: Mapping[str, str]) -> Token:
    answer = tokens.call(use.ISSUE_TOKEN, {"tenantId": tenant}, form=form, authorized=False)

    def token(body: Row) -> Token:
        return Token(value=text(body, "access_token"), expires_in=whole(body, "expires_in"))

    return tokens.read(answer, token)
