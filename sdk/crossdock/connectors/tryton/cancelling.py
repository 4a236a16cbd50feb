"""What is still open of a sale is given up, by the buttons that people press for it.

A sale that is not processed yet is cancelled. Of one that is, the shipments that have not left are
cancelled, and the exception that Tryton then asks about is answered with: not again. What was
shipped stays sold. Source: `sale.handle.shipment.exception` and `stock.shipment.out` of 8.2.
"""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.sales import Sale
from crossdock.errors import RemoteRefused

_GONE: Final = frozenset({"done", "cancelled"})
_CANCELLABLE: Final = frozenset({"draft", "waiting", "assigned", "picked"})


class Cancelling:
    """Gives up what is open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cancel(self, sale: Sale) -> None:
        """Give up what is open of a sale, as it was read.

        Raises:
            Stale: it changed since it was read.
            RemoteRefused: it is on its way out of the house.
        """
        stamps = {"_timestamp": sale.stamps()}
        match sale.state:
            case "draft" | "quotation":
                self._database.call(use.CANCEL_SALE, [[sale.id]], stamps)
            case "confirmed":
                self._database.call(use.DRAFT_SALE, [[sale.id]], stamps)
                self._database.call(use.CANCEL_SALE, [[sale.id]])
            case "processing":
                self._give_up_shipments(sale)
            case _:
                raise self._refused(sale, "done, so nothing is open")

    def _give_up_shipments(self, sale: Sale) -> None:
        if wire.label(sale.row, "invoice_method") == "order" and wire.keys(sale.row, "invoices"):
            raise self._refused(sale, "which was invoiced when it was ordered: credit it there")
        shipments = self._database.search(
            use.SEARCH_SHIPMENTS,
            [("id", "in", wire.keys(sale.row, "shipments"))],
            ("state", "number"),
            lambda row: (wire.key(row), wire.label(row, "state"), wire.label(row, "number")),
        )
        waiting = [(each, state, name) for each, state, name in shipments if state not in _GONE]
        packed = [name for _, state, name in waiting if state not in _CANCELLABLE]
        if packed:
            raise self._refused(sale, f"whose shipment {packed[0]} is packed already")
        if waiting:
            self._database.call(use.CANCEL_SHIPMENT, [[each for each, *_ in waiting]])
        self._not_again(sale)

    def _not_again(self, sale: Sale) -> None:
        """Answer the question about cancelled shipments: what was on them is not sent again."""
        around = {"active_id": sale.id, "active_ids": [sale.id], "active_model": "sale.sale"}
        told = self._database.call(use.OPEN_EXCEPTION, [], around)
        session, start, _ = told
        forms: dict[str, Any] = {}
        try:
            view = self._database.call(use.HANDLE_EXCEPTION, [session, forms, start], around)
            asked = view.get("view", {})
            given = {**asked.get("defaults", {}), **(asked.get("values") or {})}
            moves = given.get("domain_moves") or []
            forms["ask"] = {"domain_moves": moves, "recreate_moves": [], "ignore_moves": moves}
            self._database.call(use.HANDLE_EXCEPTION, [session, forms, "handle"], around)
        finally:
            self._database.call(use.CLOSE_EXCEPTION, [session], around)

    def _refused(self, sale: Sale, problem: str) -> RemoteRefused:
        return RemoteRefused(
            f"{self._database.label} has sale {sale.name}, {problem}",
            system=self._database.system,
            code="not_changeable",
        )
