"""The ERPs that a demonstration is played on: how each is set up, and how it proves an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import httpx
from attrs import frozen

ERP_KEY: Final = "erp-demo-key"
# What every mock of a QuickBooks company begins with.
QUICKBOOKS_APP: Final = {
    "realm": "9341453050718264",
    "client_id": "crossdock-app",
    "client_secret": "crossdock-app-secret",
    "refresh_token": "crossdock-refresh-token",
}

# What every mock of Business Central begins with.
BUSINESS_CENTRAL_APP: Final = {
    "tenant": "contoso.example",
    "client_id": "c0ffee00-0000-4000-8000-000000000001",
    "client_secret": "business-central-secret",
}
_BUSINESS_CENTRAL: Final = "/v2.0/production/api/v2.0"


@frozen(kw_only=True)
class Placed:
    """What an ERP has of one CRM order.

    Attributes:
        order_ids: of all its orders that carry the CRM order's reference.
        callers: who the journal says made them, once for each committed call.
    """

    order_ids: tuple[str, ...]
    callers: tuple[str, ...]


class DemoErp(Protocol):
    """An ERP that a demonstration is played on.

    Attributes:
        title: what people call it.
        limits_credit: whether it stops an order over a credit limit.
        ships: whether it records what is shipped.
        journals: whether it says who called; a mock does.
        feed_seconds: how often its feed is read; a vendor counts calls by the minute.
    """

    title: str
    limits_credit: bool
    ships: bool
    journals: bool
    feed_seconds: float

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table of `crossdock.toml`."""

    def placed(self, url: str, reference: str) -> Placed:
        """Say what it has of a CRM order, and who made that."""


class ReferenceErp:
    """Our own reference ERP."""

    title = "Reference ERP"
    limits_credit = True
    ships = True
    journals = True
    feed_seconds = 0.2

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table."""
        return {"system": "erp", "url": url, "api_key": ERP_KEY}

    def placed(self, url: str, reference: str) -> Placed:
        """Ask for the orders with the reference, and look into the journal."""
        with httpx.Client(base_url=url, headers={"X-Api-Key": ERP_KEY}, timeout=10) as erp:
            found = read(erp, "/sales-orders", externalReference=reference)["items"]
            callers = committed_callers(erp, "createSalesOrder", reference)
        return Placed(order_ids=tuple(each["id"] for each in found), callers=callers)


class QuickBooks:
    """A mock of QuickBooks Online; an order is an estimate there that was accepted."""

    title = "QuickBooks Online"
    limits_credit = False
    ships = False
    journals = True
    feed_seconds = 1.0

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table: the company and the grant that the mock begins with."""
        return {"system": "quickbooks", "url": url, "auth_url": url, **QUICKBOOKS_APP}

    def placed(self, url: str, reference: str) -> Placed:
        """Ask for the estimates with the order's number, and look into the journal."""
        with httpx.Client(base_url=url, timeout=10) as books:
            app = httpx.BasicAuth(QUICKBOOKS_APP["client_id"], QUICKBOOKS_APP["client_secret"])
            grant = {
                "grant_type": "refresh_token",
                "refresh_token": QUICKBOOKS_APP["refresh_token"],
            }
            tokens = books.post("/oauth2/v1/tokens/bearer", data=grant, auth=app)
            books.headers["Authorization"] = (
                f"Bearer {tokens.raise_for_status().json()['access_token']}"
            )
            query = f"SELECT * FROM Estimate WHERE DocNumber = '{reference}'"  # noqa: S608 - our own
            company = f"/v3/company/{QUICKBOOKS_APP['realm']}"
            found = read(books, f"{company}/query", query=query)["QueryResponse"]
            callers = committed_callers(books, "writeEstimate", reference)
        return Placed(
            order_ids=tuple(each["Id"] for each in found.get("Estimate", ())), callers=callers
        )


class BusinessCentral:
    """A mock of Business Central; an order is made there of a quote that claims it."""

    title = "Business Central"
    limits_credit = True
    ships = True
    journals = True
    feed_seconds = 1.0

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table: the application that the mock begins with."""
        return {
            "system": "business-central",
            "url": f"{url}{_BUSINESS_CENTRAL}",
            "auth_url": url,
            **BUSINESS_CENTRAL_APP,
        }

    def placed(self, url: str, reference: str) -> Placed:
        """Ask for orders, and posted invoices of orders that are gone, with the order's number.

        Whose quote became the order stands in the journal of the call that claimed it.
        """
        with httpx.Client(base_url=url, timeout=10) as service:
            app = {name: value for name, value in BUSINESS_CENTRAL_APP.items() if name != "tenant"}
            grant = {
                "grant_type": "client_credentials",
                "scope": "https://api.businesscentral.dynamics.com/.default",
                **app,
            }
            tokens = service.post(
                f"/{BUSINESS_CENTRAL_APP['tenant']}/oauth2/v2.0/token", data=grant
            )
            service.headers["Authorization"] = (
                f"Bearer {tokens.raise_for_status().json()['access_token']}"
            )
            companies = read(service, f"{_BUSINESS_CENTRAL}/companies")["value"]
            company = f"{_BUSINESS_CENTRAL}/companies({companies[0]['id']})"
            numbered = {"$filter": f"externalDocumentNumber eq '{reference}'"}
            orders = read(service, f"{company}/salesOrders", **numbered)["value"]
            invoices = read(service, f"{company}/salesInvoices", **numbered)["value"]
            callers = committed_callers(service, "createSalesQuote", reference)
        numbers = [each["number"] for each in orders] + [each["orderNumber"] for each in invoices]
        return Placed(order_ids=tuple(dict.fromkeys(numbers)), callers=callers)


def read(client: httpx.Client, path: str, **query: str) -> Any:
    """Read something of a mock."""
    return client.get(path, params=query).raise_for_status().json()


def committed_callers(client: httpx.Client, operation: str, text: str) -> tuple[str, ...]:
    """Say who made the committed calls of an operation whose body holds a text between quotes."""
    entries = read(client, "/_mock/journal", operation=operation, committed="true")["entries"]
    return tuple(
        entry["request_headers"].get("user-agent", "")
        for entry in entries
        if f'"{text}"' in str(entry["request_body"]).replace("'", '"')
    )


class Tryton:
    """A live Tryton, which is no mock: see `crossdock.demo.tryton`."""

    title = "Tryton"
    # What customers owed before is not brought into its books, so nobody is at the limit.
    limits_credit = False
    ships = True
    journals = False
    feed_seconds = 1.0

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table: the database, and the user that was made for us."""
        from crossdock.demo.tryton.server import settings

        return {**settings(url), "timeout": 60}

    def placed(self, url: str, reference: str) -> Placed:
        """Ask for the sales with the reference, and by whose login they were made."""
        from crossdock.connectors.tryton.session import Session

        given = self.table(url)
        login = (str(given[name]) for name in ("database", "user", "password"))
        with Session(url, *login) as session:
            session.sign_in()
            wanted = [["reference", "=", f"crm:{reference}"]]
            found = session.find("sale.sale", wanted, "number", "create_uid.rec_name")
        return Placed(
            order_ids=tuple(each["number"] or f"#{each['id']}" for each in found),
            callers=tuple(str(each["create_uid."]["rec_name"]) for each in found),
        )


ERPS: Final[Mapping[str, DemoErp]] = {
    "business-central": BusinessCentral(),
    "erp": ReferenceErp(),
    "quickbooks": QuickBooks(),
}
"""By the name of mock and connector."""

LIVE: Final[Mapping[str, DemoErp]] = {"tryton": Tryton()}
"""Real ones, by the name of the connector."""
