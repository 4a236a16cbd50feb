"""The connector to QuickBooks Online, described by `specs/quickbooks.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from crossdock.connectors.quickbooks import access, options
from crossdock.connectors.quickbooks.connector import QuickBooksConnector
from crossdock.connectors.rotation import TokenStore
from crossdock.connectors.settings import Settings

__all__ = ["QuickBooksConnector", "connect"]


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
    tokens: TokenStore | None = None,
) -> QuickBooksConnector:
    """Connect to a QuickBooks company; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url` (`https://quickbooks.api.intuit.com`), `realm` (the company's id),
            `client_id`, `client_secret` and `refresh_token` of the OAuth app. Optional: `orders`
            (what an order becomes: `estimate`, the default, or `invoice`), `customer_number` (the
            field that holds a customer's number: `DisplayName`, the default, for its first word;
            `Id` where there are no numbers), `auth_url` (where tokens come from), `timeout`
            (seconds for one call, 10 by default) and `identity`.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.
        tokens: keeps the refresh token, which changes with each use, beyond this process.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section=f"erp.{system}", known=(*access.KNOWN, *options.KNOWN))
    return QuickBooksConnector(
        system, checked, transport=transport, deadline=deadline, tokens=tokens
    )
