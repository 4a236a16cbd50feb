"""Who gets the goods: reservation first come first served, back-orders, goods leaving.

A row of demand stands for each open order line of goods, numbered in the order of asking. Free
stock never lies beside a back-order: whatever comes free goes to the one that waits longest.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock_mocks.backoffice.allocation import first_come
from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.catalogue import is_stocked, item
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.kinds import DEMAND, ORDER
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.stock import free_stock, move, stock_of, take


def demand_id(order_id: str, line: int) -> str:
    """Id of the row of demand of an order line."""
    return f"{order_id}:{line}"


def cover(books: Books, order: Document, line: Row) -> None:
    """Reserve for what is open of a line after it changed, and give back what it needs no more.

    Services and charges need no stock: what is open of them is always ready.
    """
    quantities = Quantities.read(line["quantities"])
    if not is_stocked(item(books, line["itemId"])):
        quantities.reserved = quantities.open
        _write_quantities(line, quantities)
        return
    demand = books.table(DEMAND)
    row = demand.get(demand_id(order.id, line["line"]))
    waited = ZERO if row is None else Decimal(row["backordered"])
    stock = stock_of(books, line["itemId"])
    given_back = max(ZERO, quantities.reserved - quantities.open)
    taken = min(free_stock(stock.header), max(ZERO, quantities.open - quantities.reserved))
    quantities.reserved += taken - given_back
    _write_quantities(line, quantities)
    move(stock, reserved=taken - given_back, backordered=quantities.backordered - waited)
    books.touch(stock)
    _write_demand(books, order, line, quantities, row)
    if given_back:
        allocate(books, line["itemId"], None)


def _write_quantities(line: Row, quantities: Quantities) -> None:
    quantities.picked = min(quantities.picked, quantities.reserved)
    broken = quantities.broken()
    if broken is not None:
        raise ValueError(f"line {line['line']}: {broken}")
    line["quantities"] = quantities.written()


def _write_demand(
    books: Books, order: Document, line: Row, quantities: Quantities, row: Row | None
) -> None:
    demand = books.table(DEMAND)
    if quantities.open <= ZERO:
        if row is not None:
            demand.delete(row["id"])
        return
    position = int(books.world.sequence(DEMAND)) if row is None else row["position"]
    written = {
        "id": demand_id(order.id, line["line"]),
        "orderId": order.id,
        "line": line["line"],
        "itemId": line["itemId"],
        "position": position,
        "neededOn": line["requestedOn"],
        "backordered": plain(quantities.backordered),
        "waiting": quantities.backordered > ZERO,
    }
    if row is None:
        demand.insert(written)
    else:
        demand.replace(written)


def allocate(books: Books, item_id: str, document_id: str | None) -> None:
    """Give free stock to back-orders, first come first served.

    Args:
        books: The books.
        item_id: The item.
        document_id: The receipt or return that the goods came with, if any.
    """
    stock = stock_of(books, item_id)
    free = free_stock(stock.header)
    if free <= ZERO:
        return
    waiting = books.table(DEMAND).find({"itemId": item_id, "waiting": True}, order="position")
    shares = first_come(free, [Decimal(row["backordered"]) for row in waiting])
    for row, share in zip(waiting, shares, strict=True):
        if share <= ZERO:
            break
        order = books.get(ORDER, row["orderId"])
        line = order.line(row["line"])
        quantities = Quantities.read(line["quantities"])
        before = line["quantities"]["reserved"]
        quantities.reserved += share
        _write_quantities(line, quantities)
        move(stock, reserved=share, backordered=-share)
        books.touch(stock)
        _write_demand(books, order, line, quantities, row)
        if line["promisedOn"] is None and quantities.backordered <= ZERO:
            line["promisedOn"] = max(books.today.isoformat(), line["requestedOn"] or "")
        change = {
            "line": line["line"],
            "field": "reserved",
            "from": before,
            "to": line["quantities"]["reserved"],
        }
        books.record(order, "allocated", document_id=document_id, changes=[change])


def ship_out(books: Books, order: Document, line: Row, quantity: Decimal) -> None:
    """Let reserved goods of a line leave."""
    quantities = Quantities.read(line["quantities"])
    quantities.reserved -= quantity
    quantities.shipped += quantity
    quantities.picked = max(ZERO, quantities.picked - quantity)
    _write_quantities(line, quantities)
    if not is_stocked(item(books, line["itemId"])):
        return
    stock = stock_of(books, line["itemId"])
    take(stock, quantity)
    books.touch(stock)
    row = books.table(DEMAND).get(demand_id(order.id, line["line"]))
    _write_demand(books, order, line, quantities, row)
