"""The ERPs that a demonstration is played on: how each is set up, and how it proves an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import httpx
from attrs import frozen

ERP_KEY: Final = "erp-demo-key"


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
    """

    title: str
    limits_credit: bool

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table of `crossdock.toml`."""

    def placed(self, url: str, reference: str) -> Placed:
        """Say what it has of a CRM order, and who made that."""


class ReferenceErp:
    """Our own reference ERP."""

    title = "Reference ERP"
    limits_credit = True

    def table(self, url: str) -> Mapping[str, Any]:
        """Give its table."""
        return {"system": "erp", "url": url, "api_key": ERP_KEY}

    def placed(self, url: str, reference: str) -> Placed:
        """Ask for the orders with the reference, and look into the journal."""
        with httpx.Client(base_url=url, headers={"X-Api-Key": ERP_KEY}, timeout=10) as erp:
            found = read(erp, "/sales-orders", externalReference=reference)["items"]
            callers = committed_callers(erp, "createSalesOrder", reference)
        return Placed(order_ids=tuple(each["id"] for each in found), callers=callers)


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


ERPS: Final[Mapping[str, DemoErp]] = {"erp": ReferenceErp()}
"""By the name of mock and connector."""
