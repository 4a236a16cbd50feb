"""Goods that come in: announced, received on their day, put back after a return."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.catalogue import is_stocked
from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.backoffice.kinds import RECEIPTS
from crossdock_mocks.backoffice.refusals import Invalid
from crossdock_mocks.backoffice.reservation import allocate
from crossdock_mocks.backoffice.stock import MAIN, put, stock_of
from crossdock_mocks.engine import le


def announce(
    books: Books,
    item_row: Row,
    quantity: Decimal,
    due_on: date,
    location: str = MAIN,
    reference: str | None = None,
) -> Row:
    """Announce goods; they arrive by themselves on their day, or now if that has come.

    Raises:
        Invalid: The item is a service or a charge.
    """
    item_id = item_row["id"]
    if not is_stocked(item_row):
        raise Invalid("not_stocked", f"{item_id} is a {item_row['kind']}: it has no stock.")
    row: Row = {
        "id": books.world.sequence(RECEIPTS, "RC-", 800001),
        "itemId": item_id,
        "location": location,
        "dueOn": due_on.isoformat(),
        "quantity": plain(quantity),
        "status": "due",
        "receivedOn": None,
        "reference": reference,
    }
    books.table(RECEIPTS).insert(row)
    if due_on <= books.today:
        return _receive(books, row)
    books.touch(stock_of(books, item_id))
    return row


def _receive(books: Books, row: Row) -> Row:
    stock = stock_of(books, row["itemId"])
    put(stock, row["location"], Decimal(row["quantity"]))
    books.touch(stock)
    row = {**row, "status": "received", "receivedOn": row["dueOn"]}
    books.table(RECEIPTS).replace(row)
    allocate(books, row["itemId"], row["id"])
    return row


def catch_up(books: Books) -> bool:
    """Receive what was due by today; tells whether there was anything."""
    due = books.table(RECEIPTS).find({"status": "due", "dueOn": le(books.today)}, order=("dueOn",))
    for row in due:
        _receive(books, row)
    return bool(due)


def put_back(books: Books, item_id: str, quantity: Decimal, document_id: str) -> None:
    """Put returned goods into stock, where back-orders get them first."""
    stock = stock_of(books, item_id)
    location = next((each["location"] for each in stock.header["locations"]), MAIN)
    put(stock, location, quantity)
    books.touch(stock)
    allocate(books, item_id, document_id)
