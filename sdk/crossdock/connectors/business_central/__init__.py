"""The connector to Business Central, described by `specs/business-central.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from crossdock.connectors.business_central import access, connector
from crossdock.connectors.business_central.connector import BusinessCentralConnector
from crossdock.connectors.settings import Settings

__all__ = ["BusinessCentralConnector", "connect"]


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> BusinessCentralConnector:
    """Connect to a company in Business Central; nothing is sent until it is first asked for.

    Args:
        system: its configured name, which its records carry.
        settings: `url` (of the service:
            `https://api.businesscentral.dynamics.com/v2.0/production/api/v2.0`), `tenant` (the
            Entra tenant), `client_id` and `client_secret` of the application. Optional: `company`
            (its name or id; needed where there are several), `feed_lag` (the seconds that a
            posting may take until it shows, 300 by default), `compared_every` (how often, in
            seconds, it is looked for orders that were deleted, 300 by default), `hints_url` and
            `hints_secret` (where Business Central sends notifications of changes, and what they
            are known by), `auth_url` (where tokens come from), `timeout` (seconds for one call,
            10 by default) and `identity`.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section=f"erp.{system}", known=(*access.KNOWN, *connector.KNOWN))
    return BusinessCentralConnector(system, checked, transport=transport, deadline=deadline)
