"""Warehouse and bookkeeping in Business Central, by its own documented operations.

One action ships and invoices what an order's lines say is next, so goods and invoice go together; a
payment is entered into a journal and posted. The operations are those of
`specs/business-central.openapi.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import httpx

from crossdock.host.settings.config import SystemConfig
from crossdock.secret import revealed
from crossdock.server.desk.words import Said

_SCOPE: Final = "https://api.businesscentral.dynamics.com/.default"
_LOGIN: Final = "https://login.microsoftonline.com"
_EXPIRED: Final = 401


class BusinessCentralOffice:
    """Ships and invoices, and takes payments, in a company of Business Central.

    Args:
        system: the configured company.
        transport: how it is reached, where it is not by a socket.
    """

    acts: Final = frozenset({"ship", "ship_part", "pay"})

    def __init__(self, system: SystemConfig, transport: httpx.BaseTransport | None = None) -> None:
        given = system.settings
        self._client = httpx.Client(timeout=10, transport=transport)
        login = str(given.get("auth_url", _LOGIN))
        self._tokens_url = f"{login}/{given['tenant']}/oauth2/v2.0/token"
        self._grant = {
            "grant_type": "client_credentials",
            "client_id": str(given["client_id"]),
            "client_secret": revealed(given["client_secret"]),
            "scope": _SCOPE,
        }
        self._service = str(given["url"]).rstrip("/")
        self._name = str(given.get("company", ""))
        self._company = ""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def play(self, act: str, order_id: str, *, key: str, actor: str) -> Said:
        """Do one of `acts` on an order; see `BackOffice.play`."""
        try:
            if act == "ship":
                return self._ship(order_id, part=False)
            if act == "ship_part":
                return self._ship(order_id, part=True)
            if act == "pay":
                return self._pay(order_id, key, actor)
        except httpx.HTTPStatusError as refused:
            return Said(False, _reason(refused.response))
        return Said(False, f"Nobody in this back office knows how to {act!r}.")

    def _ship(self, order_id: str, *, part: bool) -> Said:
        found = self._rows(
            "salesOrders", f"number eq '{order_id}'", **{"$expand": "salesOrderLines"}
        )
        if not found:
            return Said(False, "All of this order is shipped and invoiced.")
        order = found[0]
        if part:
            self._only_half(order["salesOrderLines"])
        answer = self._send("POST", f"salesOrders({order['id']})/Microsoft.NAV.shipAndInvoice")
        where = answer.headers.get("location", "")
        if not where:
            return Said(True, "The warehouse shipped it.")
        invoice = self._send("GET", f"salesInvoices({where.rpartition('(')[2].rstrip(')')})").json()
        amount = f"{_decimal(invoice['totalAmountIncludingTax'])} {invoice['currencyCode']}"
        return Said(
            True,
            f"Business Central shipped and invoiced it: {invoice['number']} over {amount}.",
        )

    def _only_half(self, lines: list[dict[str, Any]]) -> None:
        """Say for each line how much is next: half of it, or one line where all are single."""
        items = [line for line in lines if Decimal(str(line["shipQuantity"])) > 0]
        halves = [(line, Decimal(str(line["shipQuantity"])) // 2) for line in items]
        if not any(half for _, half in halves):
            halves = [(line, Decimal(line is items[0])) for line in items]
        for line, quantity in halves:
            body = {"shipQuantity": float(quantity), "invoiceQuantity": float(quantity)}
            self._send("PATCH", f"salesOrderLines({line['id']})", json=body)

    def _pay(self, order_id: str, key: str, actor: str) -> Said:
        condition = f"orderNumber eq '{order_id}' and status eq 'Open'"
        paid = []
        for invoice in self._rows("salesInvoices", condition):
            journal = self._rows("customerPaymentJournals", "code ne ''")[0]["id"]
            payment = {
                "customerNumber": invoice["billToCustomerNumber"],
                "amount": -invoice["remainingAmount"],
                "appliesToInvoiceNumber": invoice["number"],
                "externalDocumentNumber": key[-35:],
                "description": f"Received by {actor}"[:100],
            }
            self._send("POST", f"customerPaymentJournals({journal})/customerPayments", json=payment)
            self._send("POST", f"journals({journal})/Microsoft.NAV.post")
            amount = f"{_decimal(invoice['remainingAmount'])} {invoice['currencyCode']}"
            paid.append(f"{amount} for {invoice['number']}")
        if not paid:
            return Said(False, "No invoice of this order is open, so there is nothing to pay.")
        return Said(True, f"The bank received {', '.join(paid)}.")

    def _rows(self, name: str, condition: str, **query: str) -> list[dict[str, Any]]:
        answer = self._send("GET", name, params={"$filter": condition, **query})
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def _send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        if not self._company:
            self._sign_in()
        headers = {"If-Match": "*"} if method == "PATCH" else {}

        def send() -> httpx.Response:
            url = f"{self._service}/companies({self._company})/{path}"
            return self._client.request(method, url, params=params, json=json, headers=headers)

        answer = send()
        if answer.status_code == _EXPIRED:
            self._sign_in()
            answer = send()
        return answer.raise_for_status()

    def _sign_in(self) -> None:
        answer = self._client.post(self._tokens_url, data=self._grant).raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        companies = self._client.get(f"{self._service}/companies").raise_for_status()
        listed = companies.json()["value"]
        wanted = [each for each in listed if self._name in ("", each["name"], each["id"])]
        self._company = (wanted or listed)[0]["id"]


def _decimal(amount: float) -> Decimal:
    """Give an amount as people write it."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _reason(answer: httpx.Response) -> str:
    """Give Business Central's own reason, or its status where it gave none."""
    try:
        return f"Business Central said no: {answer.json()['error']['message']}"
    except (ValueError, KeyError, TypeError):
        status = answer.status_code
        return f"Business Central said no with status {status} and gave no reason."
