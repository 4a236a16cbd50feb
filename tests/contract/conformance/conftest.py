"""Every mock that is shipped, on a socket, with what a caller needs to know of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import Any

import attrs
import httpx
import pytest

from crossdock_mocks import installed
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import business_central, quickbooks, sage_crm, salesforce, saleslogix
from crossdock_mocks.engine import App, MockTransport, Snapshot, World, serve_in_thread
from crossdock_mocks.sdata import Contract


def _erp(client: httpx.Client) -> dict[str, str]:
    return {"X-Api-Key": "erp-demo-key"}


def _crm(client: httpx.Client) -> dict[str, str]:
    asked = {
        "grant_type": "client_credentials",
        "client_id": "crossdock",
        "client_secret": "crossdock-secret",
    }
    token = client.post("/oauth/token", data=asked).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}", "X-Acting-User": "U-kim"}


def _hubspot(client: httpx.Client) -> dict[str, str]:
    return {"Authorization": "Bearer pat-eu1-00000000-0000-4000-8000-000000000001"}


def _quickbooks(client: httpx.Client) -> dict[str, str]:
    asked = {"grant_type": "refresh_token", "refresh_token": quickbooks.REFRESH_TOKEN}
    application = (quickbooks.CLIENT_ID, quickbooks.CLIENT_SECRET)
    answer = client.post("/oauth2/v1/tokens/bearer", data=asked, auth=application)
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}


def _business_central(client: httpx.Client) -> dict[str, str]:
    asked = {
        "grant_type": "client_credentials",
        "client_id": business_central.CLIENT_ID,
        "client_secret": business_central.CLIENT_SECRET,
        "scope": business_central.SCOPE,
    }
    answer = client.post("/common/oauth2/v2.0/token", data=asked).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _salesforce(client: httpx.Client) -> dict[str, str]:
    asked = {
        "grant_type": "client_credentials",
        "client_id": salesforce.CLIENT,
        "client_secret": salesforce.SECRET,
    }
    answer = client.post("/services/oauth2/token", data=asked).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _sage_crm(client: httpx.Client) -> dict[str, str]:
    return _basic(sage_crm.USER, sage_crm.PASSWORD)


def _saleslogix(client: httpx.Client) -> dict[str, str]:
    return _basic(saleslogix.USER, saleslogix.PASSWORD)


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


CREDENTIALS: dict[str, Callable[[httpx.Client], dict[str, str]]] = {
    "business-central": _business_central,
    "erp": _erp,
    "crm": _crm,
    "hubspot": _hubspot,
    "quickbooks": _quickbooks,
    "sage-crm": _sage_crm,
    "saleslogix": _saleslogix,
    "salesforce": _salesforce,
}


def _quickbooks_knows(world: World) -> dict[str, list[str]]:
    base = "/v3/company/{realmId}"
    tables = [name for name in world.tables if name.startswith("qbo_")]
    rows = {
        f"{base}/{name.removeprefix('qbo_')}": world.table(name).find(limit=50) for name in tables
    }
    ids = {path: [row["Id"] for row in found if "Id" in row] for path, found in rows.items()}
    return {"/v3/company": [quickbooks.REALM_ID], **ids}


def _business_central_knows(world: World) -> dict[str, list[str]]:
    business_central.allow(world, 1_000_000)
    company = "/companies({companyId})"
    known = {
        f"{company}/{name}": [row["id"] for row in world.table(name).find(limit=50)]
        for name in world.tables
        if name not in ("agedAccountsReceivables", "subscriptions") and not name.startswith("oauth")
        if (world.table(name).first() or {}).get("_key")
    }
    for head in ("salesQuote", "salesOrder", "salesInvoice", "salesCreditMemo", "salesShipment"):
        owner = world.table(f"{head}Lines").first()
        if owner is not None:
            known[f"{company}/{head}s"] = [owner["documentId"]]
            known[f"{company}/{head}s({{id}})/{head}Lines"] = [owner["id"]]
    return {"/companies": [world.table("companies").find()[0]["id"]], **known}


def _hubspot_knows(world: World) -> dict[str, list[str]]:
    kinds = "/crm/v3/objects/{objectType}"
    stage = world.table("hubspot_pipelines").find()[0]
    companies = [row["id"] for row in world.table("hubspot_records").find({"type": "0-2"})]
    objects = "/crm/v4/objects/{objectType}/{objectId}/associations"
    by_default = "/crm/v4/objects/{fromObjectType}/{fromObjectId}/associations/default"
    pipelines = "/crm/v3/pipelines/{objectType}"
    return {
        **{f"/crm/v3/{each}": ["companies"] for each in ("objects", "properties")},
        "/crm/v4/objects": ["companies"],
        "/crm/v3/pipelines": ["deals"],
        pipelines: [stage["id"]],
        f"{pipelines}/{{pipelineId}}/stages": [each["id"] for each in stage["stages"]],
        kinds: companies,
        f"{kinds}/{{objectId}}/associations": ["companies"],
        "/crm/v4/objects/{objectType}": companies,
        objects: ["companies"],
        f"{objects}/{{toObjectType}}": companies,
        "/crm/v4/objects/{fromObjectType}": companies,
        by_default: ["companies"],
        f"{by_default}/{{toObjectType}}": companies,
        "/crm/v4/associations": ["companies"],
        "/crm/v4/associations/{fromObjectType}": ["companies", "contacts"],
        "/crm/v3/associations": ["companies"],
        "/crm/v3/associations/{fromObjectType}": ["companies", "contacts"],
        "/crm/v3/properties/{objectType}": ["name", "crossdock_email"],
        "/crm/v3/properties/{objectType}/groups": ["crossdock"],
        "/webhooks/v3": ["3010001"],
    }


def _salesforce_knows(world: World) -> dict[str, list[str]]:
    salesforce.allow(world, 1_000_000)
    base = "/services/data/{version}"
    objects = ["Account", "Contact", "Opportunity", "Product2", "Task", "Lead"]
    accounts = [row["Id"] for row in world.table("sf_Account").find(limit=50)]
    numbers = [row["ERP_Customer_Number__c"] for row in world.table("sf_Account").find(limit=50)]
    field = f"{base}/sobjects/{{object}}/{{field}}"
    many = f"{base}/composite/sobjects"
    return {
        "/services/data": ["v59.0"],
        f"{base}/sobjects": objects,
        many: objects,
        f"{base}/composite/tree": objects,
        f"{many}/{{object}}": ["ERP_Customer_Number__c"],
        f"{base}/sobjects/{{object}}": [*accounts, "ERP_Customer_Number__c"],
        field: [each for each in numbers if each],
        "/services/Soap/u": ["59.0"],
    }


def _sdata_knows(contract: Contract) -> Callable[[World], dict[str, list[str]]]:
    """Keys in quotes, by the resource that they are of."""

    def knows(world: World) -> dict[str, list[str]]:
        return {
            f"/{each.name}": [f"'{row['key']}'" for row in world.table(each.table).find(limit=50)]
            for each in contract.resources
        }

    return knows


KNOWN: dict[str, Callable[[World], dict[str, list[str]]]] = {
    "business-central": _business_central_knows,
    "hubspot": _hubspot_knows,
    "quickbooks": _quickbooks_knows,
    "sage-crm": _sdata_knows(sage_crm.CONTRACT),
    "saleslogix": _sdata_knows(saleslogix.CONTRACT),
    "salesforce": _salesforce_knows,
}
"""Ids that no list without a parameter in its path tells of, by the path before them."""


def _sdata_links(contract: Contract) -> dict[str, str]:
    """The tables that fields with keys lead to."""
    return {
        reference.by: contract.resource(reference.to).table
        for each in contract.resources
        for reference in each.references
        if reference.by is not None
    }


VALUES = {
    "business-central": {
        "customerId": "customers", "itemId": "items", "invoiceId": "salesInvoices",
        "paymentTermsId": "paymentTerms", "documentId": "salesOrders",
        "journalId": "customerPaymentJournals",
    },
    "sage-crm": _sdata_links(sage_crm.CONTRACT),
}  # fmt: skip
"""Tables whose ids a property of a body may hold."""

_CREDENTIALS = ("Authorization", "X-Api-Key")


@attrs.define
class Mock:
    """A mock on a socket.

    Attributes:
        headers: Credentials that open everything, and who acts.
        known: Ids that exist, by the path before them, such as `/sales-orders`.
        values: Values that exist, by the name of their property, such as `customerId`.
    """

    app: App
    world: World
    url: str
    headers: dict[str, str]
    known: dict[str, list[str]]
    values: dict[str, list[Any]]
    start: Snapshot

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials alone."""
        return {name: self.headers[name] for name in _CREDENTIALS if name in self.headers}

    def begin_again(self) -> None:
        """Go back to the start, so that no request depends on those before it."""
        if any(entry.committed for entry in self.world.journal):
            self.world.restore(self.start)
        self.world.journal.clear()

    def path_parameters(self, path: str, given: dict[str, Any], number: int) -> dict[str, Any]:
        """Path parameters with an id that exists, where one is known for that place."""
        filled = dict(given)
        for found in re.finditer(r"\{(\w+)\}", path):
            ids = self.known.get(path[: found.start() - 1])
            if ids:
                filled[found[1]] = ids[number % len(ids)]
        return filled

    def body(self, given: Any, number: int) -> Any:
        """A body with references to what exists, where values are known for that property."""
        if isinstance(given, list):
            return [self.body(each, number) for each in given]
        if not isinstance(given, dict):
            return given
        filled = {name: self.body(each, number) for name, each in given.items()}
        for name, each in filled.items():
            values = self.values.get(name)
            if values and (isinstance(each, str) or type(each) is type(values[0])):
                filled[name] = values[number % len(values)]
        return filled


def _walk(value: Any) -> Iterator[tuple[str, str]]:
    """Each property of a JSON value that holds text."""
    if isinstance(value, list):
        for each in value:
            yield from _walk(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                yield name, each
            else:
                yield from _walk(each)


def _look_around(
    app: App, client: httpx.Client
) -> tuple[dict[str, list[str]], dict[str, list[Any]]]:
    """What the lists of a mock hold: ids by the path of their list, and values by property."""
    known: dict[str, list[str]] = {}
    values: dict[str, list[Any]] = {}
    for operation in app.operations.values():
        if operation.method == "GET" and "{" not in operation.path:
            answer = client.get(operation.path)
            body = answer.json() if answer.status_code == 200 else {}
            members = body.values() if isinstance(body, dict) else [body]
            listed = next((each for each in members if isinstance(each, list)), [])
            rows = [each for each in listed if isinstance(each, dict)]
            known[operation.path] = [str(next(iter(row.values()))) for row in rows[:50]]
            for name, value in _walk(rows[:50]):
                values.setdefault(name, []).append(value)
    return known, values


def _open(name: str) -> tuple[App, World]:
    app = App(installed.dialect(name))
    data = generate(seed=1, scale=0.05)
    return app, app.open_world(data, now=datetime.combine(data.as_of, time(9), UTC))


@pytest.fixture(scope="session")
def mocks() -> Iterator[Callable[[str], Mock]]:
    """Open a mock on a socket; the same one when asked again."""
    opened: dict[str, tuple[Mock, Any]] = {}

    def give(name: str) -> Mock:
        if name not in opened:
            app, world = _open(name)
            with httpx.Client(transport=MockTransport(app, world), base_url="http://m") as client:
                headers = CREDENTIALS[name](client)
                client.headers.update(headers)
                known, values = _look_around(app, client)
            known.update(KNOWN.get(name, lambda _: {})(world))
            for prop, table in VALUES.get(name, {}).items():
                rows = world.table(table).find(limit=50)
                values[prop] = [row["id"] if "id" in row else row["key"] for row in rows]
            server = serve_in_thread((app, world))
            (address,) = server.__enter__()
            mock = Mock(app, world, address.base_url, headers, known, values, world.snapshot())
            opened[name] = mock, server
        return opened[name][0]

    yield give
    for mock, server in opened.values():
        server.__exit__(None, None, None)
        mock.world.close()
