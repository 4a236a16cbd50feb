"""The connector to Tryton 8, by its JSON-RPC; nothing of Tryton is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from crossdock.connectors.settings import Settings
from crossdock.connectors.tryton import access, options
from crossdock.connectors.tryton.connector import TrytonConnector

__all__ = ["TrytonConnector", "connect"]


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> TrytonConnector:
    """Connect to a company in Tryton; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url`, `database`, `user` and `password`; the user's company is the one that is
            worked for. Optional: `customer_category` (the party category that customers are in),
            `accept_warnings` (the names of warnings that are answered with yes; all others are
            refusals), `timeout` (seconds for one call, 10 by default) and `identity`.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section=f"erp.{system}", known=(*access.KNOWN, *options.KNOWN))
    return TrytonConnector(system, checked, transport=transport, deadline=deadline)
