"""The CRMs of a demonstration that speak SData: Sage CRM and SalesLogix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

import httpx

from crossdock.host import Host
from crossdock.records import Quote

_USER, _PASSWORD = "crossdock", "crossdock-secret"
_ROLES: Final = {
    "manager": "manager", "service": "service", "accounting": "accounting", "admin": "admin",
}  # fmt: skip


class SDataCrm(ABC):
    """A CRM that speaks SData, entered by a user's name and password.

    Attributes:
        name: of mock and connector.
        path: of its contract.
        quotes, number: its quotes, and the field with what the data set calls them.
        lines, quantity: lines of quotes, and their quantity.
    """

    title = ""
    look_seconds = 0.2
    name = path = quotes = number = lines = quantity = ""

    def tables(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        """Give its table, and which title of a user stands for which role."""
        return {
            "crm": {
                "system": self.name,
                "url": url,
                "user": _USER,
                "password": _PASSWORD,
                "default_role": "sales",
                "feed_every": 1,
                "feed_lag": 15,
            },
            "crm.roles": _ROLES,
        }

    def prepare(self, host: Host) -> str:  # noqa: ARG002 - its administrator made the fields
        """Do nothing: the mock has the fields that an administrator adds."""
        return ""

    def found(self, url: str, names: Mapping[str, str]) -> Mapping[str, str]:
        """Find quotes by the numbers that the data set calls them by."""
        kept = {name: value for name, value in names.items() if not name.endswith("quote")}
        with self._client(url) as client:
            for name in names.keys() - kept.keys():
                where = f"{self.number} eq '{names[name]}'"
                rows = self._rows(client, self.quotes, where)
                if rows:
                    kept[name] = str(rows[0]["$key"])
        return kept

    def change_inside(self, url: str, quote: Quote) -> str:
        """Have one more of the first line's item, as a colleague would in the CRM's own screens."""
        line = quote.lines[0]
        with self._client(url) as client:
            row = self._rows(client, self.lines, self.first_line_of(quote))[0]
            changed = {self.quantity: float(line.quantity + 1)}
            address = f"{self.lines}('{row['$key']}')"
            client.put(address, json=changed).raise_for_status()
        return f"{line.quantity + 1:f} x {line.item_id} in place of {line.quantity:f}"

    @abstractmethod
    def first_line_of(self, quote: Quote) -> str:
        """Write the condition that finds the first line of a quote."""

    def _rows(self, client: httpx.Client, kind: str, where: str) -> list[dict[str, Any]]:
        query = {"where": where, "count": "1"}
        found: list[dict[str, Any]] = (
            client.get(kind, params=query).raise_for_status().json()["$resources"]
        )
        return found

    def _client(self, url: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{url}{self.path}",
            auth=(_USER, _PASSWORD),
            params={"format": "json"},
            timeout=10,
        )


class SageCrm(SDataCrm):
    """Sage CRM, with a trading account for each customer number."""

    title = "Sage CRM"
    name = "sage-crm"
    path = "/sdata/crmj/sagecrm2/-/"
    quotes, number = "quotes", "quot_reference"
    lines, quantity = "quoteitems", "quit_quantity"

    def first_line_of(self, quote: Quote) -> str:
        """Write the condition that finds the first line of a quote."""
        return f"quit_orderquoteid eq {quote.id} and quit_linenumber eq {quote.lines[0].number}"


class SalesLogix(SDataCrm):
    """SalesLogix, which is sold today as Infor CRM."""

    title = "SalesLogix"
    name = "saleslogix"
    path = "/sdata/slx/dynamic/-/"
    quotes, number = "quotes", "QuoteNumber"
    lines, quantity = "quoteItems", "Quantity"

    def first_line_of(self, quote: Quote) -> str:
        """Write the condition that finds the first line of a quote."""
        return f"Quote.Id eq '{quote.id}' and LineNumber eq {quote.lines[0].number}"
