"""The connector to Salesforce, described by `specs/salesforce.openapi.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from crossdock.connectors.salesforce import access
from crossdock.connectors.salesforce.connector import SalesforceConnector
from crossdock.connectors.settings import Settings

__all__ = ["SalesforceConnector", "connect"]

_KNOWN: Final = (
    *access.KNOWN, "api_version", "currency", "customer_numbers", "default_role", "feed_every",
    "feed_lag", "fields", "guards", "price_book", "role_field", "roles", "team_field",
)  # fmt: skip


def connect(
    system: str,
    settings: Mapping[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    deadline: Callable[[], float] | None = None,
) -> SalesforceConnector:
    """Connect to a Salesforce organization; nothing is sent until it is first asked for something.

    Args:
        system: its configured name, which its records carry.
        settings: `url` (its My Domain, such as `https://acme.my.salesforce.com`, where both log-in
            and API are), `client_id` of the connected app, and one of: `client_secret`;
            `client_secret` and `refresh_token`; `private_key` (RSA, PEM) and `username`, with
            `audience` where it is not `https://login.salesforce.com`. Optional: `timeout` (seconds
            for one call, 10 by default), `identity`, and

            - `session_seconds` (3600): after how long another session is asked for;
            - `api_version` (`v59.0`);
            - `customer_numbers`: the account field with the customer's number, by the name of each
              ERP (`{ main = "ERP_Customer_Number__c" }`);
            - `role_field` (`Title`), `team_field` (`Division`): the user fields that say what
              somebody is, such as `Profile.Name`, and in which team; `roles`: the role for each
              value of it, or for a person by user name; `default_role` of everybody else;
            - `fields`: what the organization calls a field of ours, where it has one for the same
              purpose already (`{ Crossdock_Tax_Number__c = "VAT_Id__c" }`);
            - `price_book`: the id of the price book that quotes and orders are made from (the
              standard one);
            - `currency`: the organization's own (EUR);
            - `guards`: `{ quote = "before" }` where the organization asks the side-car before it
              saves; otherwise quotes are judged after it;
            - `feed_every` (30 seconds) and `feed_lag` (300 seconds: the longest transaction): how
              the change feed is read.
        transport: takes the place of the network, in tests.
        deadline: gives the seconds that a call may still take, besides what the host sets around
            a call by `calling.deadline_in`.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and its place.
    """
    checked = Settings(settings, section="crm", known=_KNOWN)
    return SalesforceConnector(system, checked, transport=transport, deadline=deadline)
