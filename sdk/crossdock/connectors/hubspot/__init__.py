"""The connector to HubSpot CRM, described by `specs/hubspot.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from crossdock.connectors.hubspot import access
from crossdock.connectors.hubspot.connector import HubSpotConnector
from crossdock.connectors.settings import Settings

__all__ = ["HubSpotConnector", "connect"]

_KNOWN: Final = (
    *access.KNOWN, "archived_every", "currency", "customer_numbers", "default_role", "feed_every",
    "pipeline", "properties", "roles", "search_lag", "searches_per_second",
)  # fmt: skip


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> HubSpotConnector:
    """Connect to a HubSpot account; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url` (`https://api.hubapi.com`), and either `access_token` of a private app or
            `client_id`, `client_secret` and `refresh_token` of an OAuth app. Optional: `timeout`
            (seconds for one call, 10 by default), `identity`, and

            - `customer_numbers`: the company property with the customer's number, by the name of
              each ERP (`{ main = "erp_customer_number" }`);
            - `roles`: the role of each team, by its name, or of a person, by e-mail address, as
              HubSpot tells none; `default_role` of everybody else;
            - `properties`: what the portal calls a property of ours, where it has one for the
              same purpose already (`{ crossdock_tax_number = "vat_id" }`);
            - `pipeline`: which pipeline's stages deals go through (`default`);
            - `currency`: the portal's own (EUR), for what names none;
            - `feed_every` (10 seconds), `searches_per_second` (4), `search_lag` (30 seconds) and
              `archived_every` (60 seconds): how the change feed is read.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section="crm", known=_KNOWN)
    return HubSpotConnector(system, checked, transport=transport, deadline=deadline)
