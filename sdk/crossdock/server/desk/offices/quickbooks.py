"""Whoever keeps the books in QuickBooks: invoices what was ordered, and receives the payment.

QuickBooks has no warehouse and no credit control, so nobody there ships or approves. The operations
are those of `specs/quickbooks.openapi.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import httpx

from crossdock.host.settings.config import SystemConfig
from crossdock.secret import revealed
from crossdock.server.desk.words import Said

_MINOR_VERSION: Final = "75"
_EXPIRED: Final = 401


class QuickBooksOffice:
    """Invoices and takes payments in a QuickBooks company.

    Args:
        system: the configured company.
        transport: how it is reached, where it is not by a socket.
    """

    def __init__(self, system: SystemConfig, transport: httpx.BaseTransport | None = None) -> None:
        given = system.settings
        self._client = httpx.Client(timeout=10, transport=transport)
        self._tokens_url = f"{given.get('auth_url', given['url'])}/oauth2/v1/tokens/bearer"
        self._app = httpx.BasicAuth(str(given["client_id"]), revealed(given["client_secret"]))
        self._refresh_token = revealed(given["refresh_token"])
        self._company = f"{given['url']}/v3/company/{given['realm']}"
        self._orders = str(given.get("orders", "estimate"))

    @property
    def acts(self) -> frozenset[str]:
        """What they do: where an order is an invoice, nothing is left to be invoiced."""
        return frozenset({"pay"} if self._orders == "invoice" else {"invoice", "pay"})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def play(self, act: str, order_id: str, *, key: str, actor: str) -> Said:
        """Do one of `acts` on the document that stands for an order; see `BackOffice.play`."""
        try:
            if act == "invoice":
                return self._invoice(order_id, key, actor)
            if act == "pay":
                return self._pay(order_id, key, actor)
        except httpx.HTTPStatusError as refused:
            return Said(False, _reason(refused.response))
        return Said(False, f"Nobody in this back office knows how to {act!r}.")

    def _invoice(self, order_id: str, key: str, actor: str) -> Said:
        estimate = self._read("Estimate", order_id)
        lines = [
            {name: each for name, each in line.items() if name not in ("Id", "LineNum")}
            | {"LinkedTxn": [_link("Estimate", order_id, line["Id"])]}
            for line in estimate["Line"]
            if line["DetailType"] == "SalesItemLineDetail"
        ]
        body = {
            "CustomerRef": estimate["CustomerRef"],
            "CurrencyRef": estimate["CurrencyRef"],
            "LinkedTxn": [_link("Estimate", order_id)],
            "Line": lines,
            "PrivateNote": f"Invoiced by {actor}.",
        }
        invoice = self._write("Invoice", body, key)
        amount = f"{_decimal(invoice['TotalAmt'])} {invoice['CurrencyRef']['value']}"
        return Said(True, f"QuickBooks invoiced it: {invoice['DocNumber']} over {amount}.")

    def _pay(self, order_id: str, key: str, actor: str) -> Said:
        paid = []
        for invoice in self._invoices(order_id):
            amount = _decimal(invoice["Balance"])
            if not amount:
                continue
            body = {
                "CustomerRef": invoice["CustomerRef"],
                "CurrencyRef": invoice["CurrencyRef"],
                "TotalAmt": invoice["Balance"],
                "PaymentRefNum": invoice["DocNumber"],
                "PrivateNote": f"Received by {actor}.",
                "Line": [
                    {
                        "Amount": invoice["Balance"],
                        "LinkedTxn": [_link("Invoice", invoice["Id"])],
                    }
                ],
            }
            self._write("Payment", body, f"{key}-{invoice['Id']}")
            paid.append(f"{amount} {invoice['CurrencyRef']['value']} for {invoice['DocNumber']}")
        if not paid:
            return Said(False, "No invoice of this order is open, so there is nothing to pay.")
        return Said(True, f"The bank received {', '.join(paid)}.")

    def _invoices(self, order_id: str) -> list[dict[str, Any]]:
        if self._orders == "invoice":
            return [self._read("Invoice", order_id)]
        links = self._read("Estimate", order_id)["LinkedTxn"]
        return [
            self._read("Invoice", each["TxnId"]) for each in links if each["TxnType"] == "Invoice"
        ]

    def _read(self, entity: str, entity_id: str) -> dict[str, Any]:
        answer = self._send("GET", f"{entity.lower()}/{entity_id}")
        found: dict[str, Any] = answer.json()[entity]
        return found

    def _write(self, entity: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        answer = self._send("POST", entity.lower(), requestid=f"desk-{key}"[-50:], json=body)
        made: dict[str, Any] = answer.json()[entity]
        return made

    def _send(
        self, method: str, path: str, *, requestid: str = "", json: Any = None
    ) -> httpx.Response:
        params = {"minorversion": _MINOR_VERSION} | ({"requestid": requestid} if requestid else {})

        def send() -> httpx.Response:
            return self._client.request(method, f"{self._company}/{path}", params=params, json=json)

        answer = send() if "Authorization" in self._client.headers else None
        if answer is None or answer.status_code == _EXPIRED:
            self._sign_in()
            answer = send()
        return answer.raise_for_status()

    def _sign_in(self) -> None:
        grant = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        answer = self._client.post(self._tokens_url, data=grant, auth=self._app).raise_for_status()
        given = answer.json()
        self._refresh_token = given["refresh_token"]
        self._client.headers["Authorization"] = f"Bearer {given['access_token']}"


def _link(kind: str, entity_id: str, line_id: str = "") -> dict[str, str]:
    link = {"TxnId": entity_id, "TxnType": kind}
    return link | {"TxnLineId": line_id} if line_id else link


def _decimal(amount: float) -> Decimal:
    """Give an amount as people write it."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _reason(answer: httpx.Response) -> str:
    """Give QuickBooks' own reason, or its status where it gave none."""
    try:
        error = answer.json()["Fault"]["Error"][0]
        return f"QuickBooks said no: {error.get('Detail') or error['Message']}"
    except (ValueError, KeyError, IndexError, TypeError):
        return f"QuickBooks said no with status {answer.status_code} and gave no reason."
