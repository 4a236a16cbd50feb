"""The connector to SalesLogix (Infor CRM), described by `specs/saleslogix.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from crossdock.connectors.saleslogix.connector import SalesLogixConnector
from crossdock.connectors.sdata import access, deals, feed, people
from crossdock.connectors.settings import Settings

__all__ = ["SalesLogixConnector", "connect"]

_KNOWN: Final = (
    *access.KNOWN, *deals.KNOWN, *feed.KNOWN, *people.KNOWN, "application", "currency", "erp",
)  # fmt: skip


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> SalesLogixConnector:
    """Connect to a SalesLogix; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url` of the server, such as `https://crm.acme.example`, `user` and `password`.
            Optional: `timeout` (seconds for one call, 10 by default), `identity`, and

            - `application` (`slx`): the name of the SData application, which the path holds;
            - `erp` (`main`): the ERP whose customer number stands in `ErpExtId` of an account;
            - `stages`: the stages of the sales process in order, such as
              `"Prove: open 50% best_case"`;
            - `roles`: the role for each title or login of a user; `default_role` of everybody else;
            - `currency` (EUR): the base currency, of what names none;
            - `feed_every` (15 seconds), `feed_lag` (60 seconds: the longest transaction) and
              `deletions_every` (3600 seconds): how the change feed is read.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section="crm", known=_KNOWN)
    return SalesLogixConnector(system, checked, transport=transport, deadline=deadline)
