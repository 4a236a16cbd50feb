"""Seeding of orders, with the reservations of what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from crossdock_mocks.backoffice.allocation import Dated, available_to_promise, promise
from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.decimals import ZERO, plain, price_text
from crossdock_mocks.backoffice.kinds import DEMAND, ORDER, ORDER_EVENTS
from crossdock_mocks.backoffice.order_status import Quantities, progress
from crossdock_mocks.backoffice.orders import (
    NO_APPROVAL,
    NO_SOURCE,
    write_order_amounts,
    write_order_status,
)
from crossdock_mocks.backoffice.seeding.masters import no_stock
from crossdock_mocks.backoffice.seeding.movements import described, ship_address
from crossdock_mocks.backoffice.seeding.order_lines import OrderLines, Progress, Settled
from crossdock_mocks.backoffice.seeding.source import Source, begun, day
from crossdock_mocks.backoffice.stock import free_stock

ACTOR = "import"


class Orders:
    """Seeds the orders of one data set; shipments, invoices and returns have to be there.

    Args:
        books: The books, with company and items in them.
        source: The data set.
        order_lines: Its order lines.
        billers: The bill-to customer of each customer that has one.
        stock: Stock by item; it learns what is reserved.
        supplies: Receipts that are due, by item.
    """

    def __init__(
        self,
        books: Books,
        source: Source,
        order_lines: OrderLines,
        billers: dict[str, str],
        stock: dict[str, Row],
        supplies: dict[str, list[tuple[date, Decimal]]],
    ) -> None:
        self._books = books
        self._world = books.world
        self._source = source
        self._order_lines = order_lines
        self._billers = billers
        self._stock = stock
        self._supplies = supplies
        self._demands: dict[str, list[Dated]] = defaultdict(list)
        self._items = {row["id"]: row for row in source.rows("items")}
        self._rates = {row["id"]: row["rate"] for row in source.rows("tax_codes")}
        self._position = 0

    def seed_orders(self) -> None:
        """Orders with their lines; open ones reserve stock in the order of their dates.

        Raises:
            ValueError: More of a line was shipped, invoiced, credited or returned than can be.
        """
        by_day = sorted(self._source.rows("orders"), key=itemgetter("ordered_on"))
        assert ORDER.lines_table is not None
        headers, lines = self._world.table(ORDER.table), self._world.table(ORDER.lines_table)
        for _, rows in groupby(by_day, lambda row: row["ordered_on"].year):
            made = [self._order(row) for row in rows]
            headers.insert_many(header for header, _ in made)
            lines.insert_many({"id": header["id"], "lines": each} for header, each in made)
            self._world.table(ORDER_EVENTS).insert_many(
                event for header, _ in made for event in self._history(header)
            )

    def _order(self, row: dict[str, Any]) -> tuple[Row, list[Row]]:
        header = self._header(row)
        lines: list[Row] = []
        for progress_of in self._order_lines.lines.get(row["id"], {}).values():
            quantities = self._quantities(row, progress_of)
            line = self._line(row, progress_of.row, header["currency"])
            self._reserve(header, line, quantities)
            line["quantities"] = quantities.written()
            lines.append(line)
        each = [Quantities.read(line["quantities"]) for line in lines]
        write_order_amounts(self._books, header, lines, each)
        settled = self._order_lines.settled.get(row["id"], Settled())
        paid = progress(settled.total - settled.open, settled.total)
        if settled.invoices and not settled.total:
            paid = "fully"
        write_order_status(header, lines, each, paid)
        return header, lines

    def _header(self, row: dict[str, Any]) -> Row:
        at = begun(row["ordered_on"])
        held = {"code": "imported", "reason": "On hold when imported.", "placedAt": at}
        return {
            "id": row["id"],
            "customerId": row["customer_id"],
            "billToId": self._billers.get(row["customer_id"], row["customer_id"]),
            "externalReference": None,
            "customerReference": row["reference"],
            "source": NO_SOURCE,
            "currency": row["currency"],
            "orderedOn": day(row["ordered_on"]),
            "requestedOn": day(row["requested_on"]),
            "promisedOn": day(row["promised_on"]),
            "approval": NO_APPROVAL,
            "holds": [{**held, "placedBy": ACTOR}] if row["status"] == "hold" else [],
            "shipTo": ship_address(row, None),
            "carrier": row["carrier"],
            "createdBy": ACTOR,
            "createdAt": at,
            "updatedAt": at,
            "version": 1,
        }

    def _quantities(self, order: dict[str, Any], line: Progress) -> Quantities:
        """What became of a line. What a closed order did not ship is cancelled."""
        shipped = max(line.shipped, line.invoiced, line.returned)
        quantities = Quantities(
            ordered=line.row["quantity"],
            cancelled=line.row["cancelled_quantity"],
            shipped=shipped,
            returned=line.returned,
            invoiced=line.invoiced,
            credited=line.credited,
            returns_credited=min(line.credited, line.returned),
        )
        if order["status"] in ("closed", "cancelled") and quantities.open > ZERO:
            quantities.cancelled += quantities.open
        broken = quantities.broken()
        if broken is not None:
            raise ValueError(f"data set: order {order['id']} line {line.row['line']}: {broken}")
        return quantities

    def _line(self, order: dict[str, Any], row: dict[str, Any], currency: str) -> Row:
        discount = plain(row["discount_percent"])
        return {
            "line": row["line"],
            **described(self._items[row["item_id"]], row["description"]),
            "quantity": plain(row["quantity"]),
            "listPrice": None,
            "unitPrice": price_text(row["unit_price"], self._books.places(currency)),
            "discountPercent": discount,
            "ruleDiscountPercent": discount,
            "discountSource": "none" if discount == "0" else "rule",
            "discount": "0",
            "net": "0",
            "taxCode": row["tax_code"],
            "taxRate": plain(self._rates[row["tax_code"]]),
            "tax": "0",
            "priceRule": "imported",
            "priceSource": {
                "kind": "import",
                "id": None,
                "name": "Imported",
                "minQuantity": None,
                "validFrom": None,
                "validTo": None,
                "discountFrom": None,
            },
            "requestedOn": day(order["requested_on"]),
            "promisedOn": day(row["promised_on"] or order["promised_on"]),
            "source": NO_SOURCE,
        }

    # Reservation

    def _reserve(self, header: Row, line: Row, quantities: Quantities) -> None:
        if quantities.open <= ZERO:
            return
        item_id = line["itemId"]
        if self._items[item_id]["kind"] != "goods":
            quantities.reserved = quantities.open
        else:
            stock = self._stock.setdefault(item_id, no_stock(item_id))
            quantities.reserved = min(free_stock(stock), quantities.open)
            stock["reserved"] = plain(Decimal(stock["reserved"]) + quantities.reserved)
            stock["backordered"] = plain(Decimal(stock["backordered"]) + quantities.backordered)
            self._queue(header, line, quantities)
        if line["promisedOn"] is None:
            line["promisedOn"] = self._promised(line, quantities)
        if quantities.backordered > ZERO:
            needed = date.fromisoformat(line["requestedOn"] or self._books.today.isoformat())
            self._demands[item_id].append(Dated(needed, quantities.backordered))

    def _queue(self, header: Row, line: Row, quantities: Quantities) -> None:
        self._position += 1
        self._world.table(DEMAND).insert(
            {
                "id": f"{header['id']}:{line['line']}",
                "orderId": header["id"],
                "line": line["line"],
                "itemId": line["itemId"],
                "position": self._position,
                "neededOn": line["requestedOn"],
                "backordered": plain(quantities.backordered),
                "waiting": quantities.backordered > ZERO,
            }
        )

    def _promised(self, line: Row, quantities: Quantities) -> str | None:
        today, item_id = self._books.today, line["itemId"]
        wanted = None if line["requestedOn"] is None else date.fromisoformat(line["requestedOn"])
        supplies = [Dated(*each) for each in self._supplies.get(item_id, ())]
        steps = available_to_promise(ZERO, supplies, self._demands[item_id], today)
        found = promise(
            quantities.backordered,
            steps,
            today=today,
            wanted=wanted,
            lead_time_days=self._items[item_id]["lead_time_days"],
        )
        return day(found.on)

    def reserve_numbers(self) -> None:
        """Let demand go on behind what was seeded."""
        if self._position:
            self._world.reserve(DEMAND, self._position)

    def _history(self, header: Row) -> Iterator[Row]:
        entered = {
            "at": header["createdAt"], "actor": ACTOR, "event": "entered", "status": "confirmed",
            "documentId": None, "note": None, "changes": [],
        }  # fmt: skip
        imported = {**entered, "event": "imported", "status": header["status"]}
        imported["at"] = begun(self._source.as_of)
        yield {"orderId": header["id"], "sequence": 1, **entered}
        yield {"orderId": header["id"], "sequence": 2, **imported}
