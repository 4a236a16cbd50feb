"""The CRMs that a demonstration is played on: how each is set up, and what happens inside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import httpx

from crossdock.connectors.provisioning import Provisioning
from crossdock.demo.sdata_crms import SageCrm, SalesLogix
from crossdock.host import Host
from crossdock.records import Quote

CRM_CLIENT: Final = {"client_id": "crossdock", "client_secret": "crossdock-secret"}
_HUBSPOT_TOKEN: Final = "pat-eu1-00000000-0000-4000-8000-000000000001"  # noqa: S105 - the mock's own
_SALESFORCE: Final = "/services/data/v59.0"


class DemoCrm(Protocol):
    """A CRM that a demonstration is played on.

    Attributes:
        title: what people call it.
        look_seconds: how often the story looks whether something has happened: as often as a
            person would where the CRM counts calls.
    """

    title: str
    look_seconds: float

    def tables(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        """Give the tables of `crossdock.toml` that are about it."""

    def prepare(self, host: Host) -> str:
        """Give it what it lacks; says what was done, or nothing."""

    def found(self, url: str, names: Mapping[str, str]) -> Mapping[str, str]:
        """Give the CRM's own ids of what a data set wants played."""

    def change_inside(self, url: str, quote: Quote) -> str:
        """Let a colleague change a quote inside the CRM, where that asks nobody before it saves.

        Says what was changed; nothing where the CRM asks.
        """


class ReferenceCrm:
    """Our own reference CRM, which keeps the ids of a data set."""

    title = "Reference CRM"
    look_seconds = 0.05

    def tables(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        """Give its table."""
        return {"crm": {"system": "crm", "url": url, **CRM_CLIENT}}

    def prepare(self, host: Host) -> str:  # noqa: ARG002 - it lacks nothing
        """Do nothing."""
        return ""

    def found(self, url: str, names: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002
        """Give the ids as they are."""
        return names

    def change_inside(self, url: str, quote: Quote) -> str:  # noqa: ARG002 - nothing gets past us
        """Do nothing: the CRM asks the host before it saves."""
        return ""


class HubSpot:
    """HubSpot, entered by a private app's token."""

    title = "HubSpot"
    look_seconds = 0.5

    def tables(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        """Give its table, and the roles that it knows nothing of."""
        return {
            "crm": {
                "system": "hubspot",
                "url": url,
                "access_token": _HUBSPOT_TOKEN,
                "default_role": "sales",
                "search_lag": 15,
                "feed_every": 1,
            },
            "crm.roles": {
                "Sales": "manager",
                "Service": "service",
                "Accounting": "accounting",
                "Office": "admin",
            },
        }

    def prepare(self, host: Host) -> str:
        """Make the properties that the portal lacks."""
        provisioning = getattr(host.crm, "provisioning", None)
        if not isinstance(provisioning, Provisioning):
            return ""
        made = len(provisioning.provision())
        return f"{made} properties were made for Crossdock" if made else "has all properties"

    def found(self, url: str, names: Mapping[str, str]) -> Mapping[str, str]:
        """Find quotes by their titles, which hold what the data set calls them."""
        with _client(url) as client:
            titles = _titles(client)
        quotes = {
            name: titles.get(f"Quote {names[name]}", "")
            for name in ("quote", "over_limit_quote")
            if name in names
        }
        return {name: value for name, value in {**names, **quotes}.items() if value}

    def change_inside(self, url: str, quote: Quote) -> str:
        """Have one more of the first line's item, as a colleague would in HubSpot's own screens."""
        line = quote.lines[0]
        with _client(url) as client:
            head = client.get(
                f"/crm/v3/objects/quotes/{quote.id}", params={"associations": "line_items"}
            ).raise_for_status()
            kinds = head.json()["associations"]
            rows = (kinds.get("line items") or kinds["line_items"])["results"]
            ids = [{"id": row["id"]} for row in rows]
            body = {"inputs": ids, "properties": ["hs_sku"], "propertiesWithHistory": []}
            items = client.post("/crm/v3/objects/line_items/batch/read", json=body)
            item_id = next(
                row["id"]
                for row in items.raise_for_status().json()["results"]
                if row["properties"]["hs_sku"] == line.item_id
            )
            changed = {"properties": {"quantity": f"{line.quantity + 1:f}"}}
            client.patch(f"/crm/v3/objects/line_items/{item_id}", json=changed).raise_for_status()
        return f"{line.quantity + 1:f} x {line.item_id} in place of {line.quantity:f}"


class Salesforce:
    """Salesforce, entered by client credentials of a connected app."""

    title = "Salesforce"
    look_seconds = 0.2

    def tables(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        """Give its table, and which title of a user stands for which role."""
        return {
            "crm": {
                "system": "salesforce",
                "url": url,
                **CRM_CLIENT,
                "role_field": "Title",
                "default_role": "sales",
                "feed_every": 1,
                "feed_lag": 15,
            },
            "crm.roles": {
                "manager": "manager",
                "service": "service",
                "accounting": "accounting",
                "admin": "admin",
            },
        }

    def prepare(self, host: Host) -> str:
        """Say whether the fields were deployed that it needs."""
        provisioning = getattr(host.crm, "provisioning", None)
        if not isinstance(provisioning, Provisioning):
            return ""
        lacking = len(provisioning.lacking())
        return f"lacks {lacking} fields" if lacking else "has all fields"

    def found(self, url: str, names: Mapping[str, str]) -> Mapping[str, str]:
        """Find quotes by the key that says what the data set calls them."""
        kept = {name: value for name, value in names.items() if not name.endswith("quote")}
        with self._client(url) as client:
            for name in names.keys() - kept.keys():
                where = f"External_Key__c = '{names[name]}'"
                rows = _records(client, f"SELECT Id FROM Quote WHERE {where}")  # noqa: S608 - SOQL
                if rows:
                    kept[name] = rows[0]["Id"]
        return kept

    def change_inside(self, url: str, quote: Quote) -> str:
        """Have one more of the first line's item, as a colleague would in Salesforce's screens."""
        line = quote.lines[0]
        wanted = f"QuoteId = '{quote.id}' AND Product2.ProductCode = '{line.item_id}'"
        with self._client(url) as client:
            rows = _records(
                client,
                f"SELECT Id FROM QuoteLineItem WHERE {wanted} ORDER BY Id LIMIT 1",  # noqa: S608
            )
            changed = {"Quantity": f"{line.quantity + 1:f}"}
            address = f"{_SALESFORCE}/sobjects/QuoteLineItem/{rows[0]['Id']}"
            client.patch(address, json=changed).raise_for_status()
        return f"{line.quantity + 1:f} x {line.item_id} in place of {line.quantity:f}"

    def _client(self, url: str) -> httpx.Client:
        grant = {"grant_type": "client_credentials", **CRM_CLIENT}
        answer = httpx.post(f"{url}/services/oauth2/token", data=grant, timeout=10)
        token = answer.raise_for_status().json()["access_token"]
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def _records(client: httpx.Client, statement: str) -> list[dict[str, Any]]:
    answer = client.get(f"{_SALESFORCE}/query", params={"q": statement}).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def _client(url: str) -> httpx.Client:
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {_HUBSPOT_TOKEN}"}, timeout=10
    )


def _titles(client: httpx.Client) -> dict[str, str]:
    """Give the ids of all quotes by their titles; searches are few in a second, and not ours."""
    found: dict[str, str] = {}
    query = {"properties": "hs_title", "limit": "100"}
    while True:
        page = client.get("/crm/v3/objects/quotes", params=query).raise_for_status().json()
        found |= {row["properties"]["hs_title"]: row["id"] for row in page["results"]}
        if "paging" not in page:
            return found
        query["after"] = page["paging"]["next"]["after"]


CRMS: Final[Mapping[str, DemoCrm]] = {
    "crm": ReferenceCrm(),
    "hubspot": HubSpot(),
    "sage-crm": SageCrm(),
    "salesforce": Salesforce(),
    "saleslogix": SalesLogix(),
}
"""By the name of mock and connector."""
