"""When goods can leave: what is coming in, what can be promised, and how it is shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.allocation import (
    AvailableFrom,
    Dated,
    Promise,
    available_to_promise,
    promise,
)
from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.catalogue import is_stocked, item
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.kinds import DEMAND, RECEIPTS, STOCK
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.reservation import demand_id
from crossdock_mocks.backoffice.stock import free_stock
from crossdock_mocks.engine import lt


def incoming(books: Books, item_id: str) -> list[Row]:
    """The receipts of an item that are due, soonest first."""
    found = books.table(RECEIPTS).find({"itemId": item_id, "status": "due"}, order="dueOn")
    return list(found)


def _supplies(books: Books, item_id: str) -> list[Dated]:
    return [
        Dated(date.fromisoformat(row["dueOn"]), Decimal(row["quantity"]))
        for row in incoming(books, item_id)
    ]


def promisable(books: Books, item_id: str, ahead_of: int | None = None) -> list[AvailableFrom]:
    """What can be promised of an item to new orders (see `available_to_promise`).

    Args:
        books: The books.
        item_id: The item.
        ahead_of: Only the back-orders before this position count; all of them unless given.
    """
    condition: dict[str, Any] = {"itemId": item_id, "waiting": True}
    if ahead_of is not None:
        condition["position"] = lt(ahead_of)
    demands = [
        Dated(_needed(row, books.today), Decimal(row["backordered"]))
        for row in books.table(DEMAND).find(condition)
    ]
    found = books.find_one(STOCK, item_id)
    free = ZERO if found is None else free_stock(found.header)
    return available_to_promise(free, _supplies(books, item_id), demands, books.today)


def _needed(row: Row, today: date) -> date:
    return today if row["neededOn"] is None else max(today, date.fromisoformat(row["neededOn"]))


def promise_item(
    books: Books, item_row: Row, quantity: Decimal, wanted: date | None, taken: Decimal = ZERO
) -> Promise:
    """When a quantity of an item could leave, if it were ordered now.

    Args:
        books: The books.
        item_row: The item.
        quantity: How much.
        wanted: Not before this day.
        taken: What earlier lines of the same draft already take.
    """
    if not is_stocked(item_row):
        day = max(books.today, wanted) if wanted else books.today
        return Promise(quantity, ZERO, day, "not_stocked")
    return promise(
        quantity,
        promisable(books, item_row["id"]),
        today=books.today,
        wanted=wanted,
        lead_time_days=item_row["leadTimeDays"],
        taken=taken,
    )


def promise_line(books: Books, order: Document, line: Row) -> None:
    """Write the day on which what is open of a line can leave; none if nobody can tell."""
    quantities = Quantities.read(line["quantities"])
    if quantities.open <= ZERO:
        return
    wanted = None if line["requestedOn"] is None else date.fromisoformat(line["requestedOn"])
    if quantities.backordered <= ZERO:
        line["promisedOn"] = (max(books.today, wanted) if wanted else books.today).isoformat()
        return
    row = books.table(DEMAND).get(demand_id(order.id, line["line"]))
    position = 0 if row is None else row["position"]
    found = promise(
        quantities.backordered,
        promisable(books, line["itemId"], position),
        today=books.today,
        wanted=wanted,
        lead_time_days=item(books, line["itemId"])["leadTimeDays"],
    )
    line["promisedOn"] = None if found.on is None else found.on.isoformat()


def stock_view(books: Books, item_row: Row, promised: Promise | None = None) -> Row:
    """Stock of an item in the house form."""
    found = books.find_one(STOCK, item_row["id"])
    empty: Row = {"onHand": "0", "reserved": "0", "backordered": "0", "locations": []}
    stock = empty if found is None else found.header
    return {
        "itemId": item_row["id"],
        "name": item_row["name"],
        "unit": item_row["unit"],
        "asOf": books.today.isoformat(),
        "onHand": stock["onHand"],
        "reserved": stock["reserved"],
        "backordered": stock["backordered"],
        "available": plain(free_stock(stock)),
        "incoming": [
            {"receiptId": row["id"], "dueOn": row["dueOn"], "quantity": row["quantity"]}
            for row in incoming(books, item_row["id"])
        ],
        "availableToPromise": [
            {
                "from": step.start.isoformat(),
                "quantity": plain(step.quantity),
                "cumulative": plain(step.cumulative),
            }
            for step in promisable(books, item_row["id"])
        ],
        "leadTimeDays": item_row["leadTimeDays"],
        "locations": stock["locations"],
        "promise": None if promised is None else promise_view(promised),
    }


def promise_view(promised: Promise) -> Row:
    """A promise in the house form."""
    return {
        "quantity": plain(promised.quantity),
        "fromStock": plain(promised.from_stock),
        "promisedOn": None if promised.on is None else promised.on.isoformat(),
        "basis": promised.basis,
    }
