"""The connector to Sage CRM, described by `specs/sage-crm.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from crossdock.connectors.sage_crm.connector import SageCrmConnector
from crossdock.connectors.sdata import access, deals, feed, people
from crossdock.connectors.settings import Settings

__all__ = ["SageCrmConnector", "connect"]

_KNOWN: Final = (
    *access.KNOWN, *deals.KNOWN, *feed.KNOWN, *people.KNOWN, "currency", "erps", "install",
)  # fmt: skip


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> SageCrmConnector:
    """Connect to a Sage CRM; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url` of the server, such as `https://crm.acme.example`, `user` and `password` of
            a user with the rights of an administrator or to all that is worked with. Optional:
            `timeout` (seconds for one call, 10 by default), `identity`, and

            - `install` (`crm`): the name of the installation, which the path holds;
            - `erps` (`["main"]`): the ERPs whose customers are kept as trading accounts;
            - `stages`: the stages of the sales process in order, such as
              `"Prove: open 50% best_case"`;
            - `roles`: the role for each title or logon of a user; `default_role` of everybody else;
            - `currency` (EUR): of what names none;
            - `feed_every` (15 seconds), `feed_lag` (60 seconds: the longest transaction) and
              `deletions_every` (3600 seconds): how the change feed is read.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section="crm", known=_KNOWN)
    return SageCrmConnector(system, checked, transport=transport, deadline=deadline)
