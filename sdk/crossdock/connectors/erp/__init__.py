"""The connector to Crossdock's reference ERP, described by `specs/erp.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from crossdock.connectors.erp.connector import ErpConnector
from crossdock.connectors.settings import Settings

__all__ = ["ErpConnector", "connect"]


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> ErpConnector:
    """Connect to a reference ERP; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url`, `api_key`; optional `timeout` (seconds for one call, 10 by default),
            `identity` (what it calls itself where the host does not say), `tax_code` (of items
            that are entered elsewhere and made here) and `idempotency` (`false` does without
            idempotency keys, as for an ERP that keeps none).
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(
        settings, section=f"erp.{system}", known=("api_key", "idempotency", "tax_code")
    )
    return ErpConnector(system, checked, transport=transport, deadline=deadline)
