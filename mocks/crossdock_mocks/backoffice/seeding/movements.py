"""Seeding of goods that moved: shipments out, returns back."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from operator import itemgetter
from typing import Any

from crossdock_mocks.backoffice.books import Row
from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.backoffice.kinds import RETURN, SHIPMENT
from crossdock_mocks.backoffice.orders import NO_SOURCE
from crossdock_mocks.backoffice.seeding.order_lines import OrderLines
from crossdock_mocks.backoffice.seeding.source import Source, begun, day
from crossdock_mocks.engine import World


def described(item: dict[str, Any], description: str | None = None) -> dict[str, str]:
    """What a line says about its item."""
    return {
        "itemId": item["id"],
        "description": description or item["description"] or item["name"],
        "unit": item["unit"],
    }


def ship_address(order: dict[str, Any] | None, name: str | None) -> Row:
    """Where an order goes, with the name on the parcel."""
    fields = ("street", "city", "region", "postcode", "country")
    return {
        "name": name,
        **{each: None if order is None else order[f"ship_{each}"] for each in fields},
    }


class Movements:
    """Seeds shipments and returns of one data set.

    Args:
        world: The world.
        source: The data set.
        order_lines: Its order lines, which learn what was shipped and returned.
    """

    def __init__(self, world: World, source: Source, order_lines: OrderLines) -> None:
        self._world = world
        self._source = source
        self._order_lines = order_lines
        self._items = {row["id"]: row for row in source.rows("items")}

    def seed_shipments(self) -> None:
        """Shipments with their lines; what is invoiced counts on the oldest first."""
        orders = {row["id"]: row for row in self._source.rows("orders")}
        heads = {row["id"]: row for row in self._source.rows("shipments")}
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in self._source.rows("shipment_lines"):
            order_id = heads[row["shipment_id"]]["order_id"]
            number = self._order_lines.note("shipped", order_id, row)
            lines[row["shipment_id"]].append(
                {
                    "line": row["line"],
                    "orderId": order_id,
                    "orderLine": number,
                    **described(self._items[row["item_id"]]),
                    "quantity": plain(row["quantity"]),
                    "invoicedQuantity": "0",
                }
            )
        self._share_invoiced(heads, lines)
        self._world.table(SHIPMENT.table).insert_many(
            self._shipment(head, orders.get(head["order_id"]), len(lines[head["id"]]))
            for head in heads.values()
        )
        assert SHIPMENT.lines_table is not None
        self._world.table(SHIPMENT.lines_table).insert_many(
            {"id": key, "lines": lines[key]} for key in heads
        )

    def _share_invoiced(
        self, heads: dict[str, dict[str, Any]], lines: dict[str, list[Row]]
    ) -> None:
        left: dict[tuple[str, int], Decimal] = {}
        for head in sorted(heads.values(), key=itemgetter("shipped_on")):
            for line in lines[head["id"]]:
                if line["orderLine"] is None:
                    continue
                key = (line["orderId"], line["orderLine"])
                if key not in left:
                    left[key] = self._order_lines.lines[key[0]][key[1]].invoiced
                share = min(left[key], Decimal(line["quantity"]))
                line["invoicedQuantity"] = plain(share)
                left[key] -= share

    def _shipment(self, head: dict[str, Any], order: dict[str, Any] | None, lines: int) -> Row:
        return {
            "id": head["id"],
            "orderId": head["order_id"],
            "customerId": head["customer_id"],
            "externalReference": None,
            "shippedOn": day(head["shipped_on"]),
            "carrier": head["carrier"],
            "tracking": head["tracking"],
            "shipTo": ship_address(order, head["ship_name"]),
            "source": NO_SOURCE,
            "lineCount": lines,
            "createdAt": begun(head["shipped_on"]),
            "version": 1,
        }

    def seed_returns(self) -> None:
        """Returns with their lines. What of them is credited is not known line by line."""
        heads = {row["id"]: row for row in self._source.rows("returns")}
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in self._source.rows("return_lines"):
            order_id = heads[row["return_id"]]["order_id"]
            number = self._order_lines.note("returned", order_id, row)
            lines[row["return_id"]].append(
                {
                    "line": row["line"],
                    "orderId": order_id,
                    "orderLine": number,
                    **described(self._items[row["item_id"]]),
                    "quantity": plain(row["quantity"]),
                    "creditedQuantity": "0",
                }
            )
        self._world.table(RETURN.table).insert_many(
            {
                "id": key,
                "customerId": head["customer_id"],
                "orderId": head["order_id"],
                "externalReference": None,
                "receivedOn": day(head["received_on"]),
                "reason": head["reason"],
                "restocked": True,
                "source": NO_SOURCE,
                "lineCount": len(lines[key]),
                "createdAt": begun(head["received_on"]),
                "version": 1,
                "lines": lines[key],
            }
            for key, head in heads.items()
        )
