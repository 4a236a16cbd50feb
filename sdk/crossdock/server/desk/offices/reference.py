"""The people behind the reference ERP, by its own documented operations (`specs/erp.openapi.yaml`).

Nothing else is told to them than what a person there would have entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote as percent_encoded

import httpx

from crossdock.host.settings.config import SystemConfig
from crossdock.secret import revealed
from crossdock.server.desk.words import Said

_DECIDED: Final = "Decided at the desk, playing the back office."


class ReferenceOffice:
    """Approves, receives, ships, invoices and takes payments in the reference ERP.

    Args:
        system: the configured ERP.
        transport: how it is reached, where it is not by a socket.
    """

    acts: Final = frozenset({"approve", "receive", "ship", "ship_part", "invoice", "pay"})

    def __init__(self, system: SystemConfig, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=str(system.settings["url"]),
            headers={"X-Api-Key": revealed(system.settings["api_key"])},
            timeout=10,
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def play(self, act: str, order_id: str, *, key: str, actor: str) -> Said:
        """Do one of `acts` on a sales order; see `BackOffice.play`."""
        try:
            return _Desk(self._client, order_id, key, actor).play(act)
        except httpx.HTTPStatusError as refused:
            return Said(False, _reason(refused.response))


class _Desk:
    """One press of a button."""

    def __init__(self, client: httpx.Client, order_id: str, key: str, actor: str) -> None:
        self._client = client
        self._order_id = order_id
        self._key = key
        self._actor = actor

    def play(self, act: str) -> Said:
        match act:
            case "approve":
                return self._approve()
            case "receive":
                return self._receive()
            case "ship":
                return self._ship(None)
            case "ship_part":
                return self._ship(_half(self._order()["lines"]))
            case "invoice":
                invoice = self._post(f"{self._path}/invoices", {"actor": self._actor})
                amount = f"{invoice['total']} {invoice['currency']}"
                return Said(True, f"The ERP invoiced it: {invoice['id']} over {amount}.")
            case "pay":
                return self._pay()
            case _:
                return Said(False, f"Nobody in the back office knows how to {act!r}.")

    @property
    def _path(self) -> str:
        return f"/sales-orders/{percent_encoded(self._order_id, safe='')}"

    def _order(self) -> dict[str, Any]:
        answer = self._client.get(self._path).raise_for_status()
        order: dict[str, Any] = answer.json()
        return order

    def _post(self, path: str, body: Mapping[str, Any], part: str = "") -> dict[str, Any]:
        key = f"desk-{self._key}{part}"
        answer = self._client.post(path, json=body, headers={"Idempotency-Key": key})
        document: dict[str, Any] = answer.raise_for_status().json()
        return document

    def _approve(self) -> Said:
        order = self._order()
        note = {"actor": self._actor, "note": _DECIDED}
        if order["approval"]["status"] == "pending":
            self._client.post(f"{self._path}/approve", json=note).raise_for_status()
        if any(hold["code"] != "credit" for hold in order["holds"]):
            self._client.post(f"{self._path}/release", json=note).raise_for_status()
        return Said(True, "The ERP let the order go.")

    def _receive(self) -> Said:
        received = []
        for line in self._order()["lines"]:
            if Decimal(line["quantities"]["backordered"]) > 0:
                # Older orders are served first, so all that is missing of the item has to come.
                path = f"/items/{line['itemId']}"
                stock = self._client.get(f"{path}/stock").raise_for_status().json()
                missing = stock["backordered"]
                self._post(f"{path}/receipts", {"quantity": missing}, part=f"-{line['line']}")
                received.append(f"{missing} x {line['itemId']}")
        if not received:
            return Said(False, "No goods are missing for this order.")
        return Said(True, f"The warehouse received {', '.join(received)}.")

    def _ship(self, lines: list[dict[str, Any]] | None) -> Said:
        body: dict[str, Any] = {"actor": self._actor}
        if lines is not None:
            if not lines:
                return Said(False, "Nothing is reserved for this order, so nothing can be shipped.")
            body["lines"] = lines
        shipment = self._post(f"{self._path}/shipments", body)
        return Said(True, f"The warehouse shipped it: {shipment['id']}.")

    def _pay(self) -> Said:
        asked = {"orderId": self._order_id, "open": "true", "limit": "500"}
        answer = self._client.get("/invoices", params=asked).raise_for_status()
        paid = []
        for invoice in answer.json()["items"]:
            amount = invoice["openAmount"]
            payment = self._post(
                "/payments",
                {
                    "customerId": invoice["billToId"],
                    "currency": invoice["currency"],
                    "amount": amount,
                    "method": "transfer",
                    "reference": invoice["id"],
                    "actor": self._actor,
                    "applications": [{"invoiceId": invoice["id"], "amount": amount}],
                },
                part=f"-{invoice['id']}",
            )
            paid.append(f"{amount} {invoice['currency']} for {invoice['id']} ({payment['id']})")
        if not paid:
            return Said(False, "No invoice of this order is open, so there is nothing to pay.")
        return Said(True, f"The bank received {', '.join(paid)}.")


def _half(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Take about half of what is reserved: half of each line, or one line where all are single."""
    reserved = [
        (line["line"], Decimal(line["quantities"]["reserved"]))
        for line in lines
        if Decimal(line["quantities"]["reserved"]) > 0
    ]
    halves = [(line, quantity // 2) for line, quantity in reserved if quantity >= 2]
    return [
        {"orderLine": line, "quantity": f"{quantity.normalize():f}"}
        for line, quantity in halves or reserved[:1]
    ]


def _reason(answer: httpx.Response) -> str:
    """Give the ERP's own reason (RFC 9457), or its status where it gave none."""
    try:
        problem = answer.json()
        return f"The ERP said no: {problem.get('detail') or problem['title']}"
    except (ValueError, KeyError, AttributeError):
        return f"The ERP said no with status {answer.status_code} and gave no reason."
