"""Stock as it is kept: what is on hand, where, and how much of it is reserved."""

from __future__ import annotations

from decimal import Decimal

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.kinds import STOCK

MAIN = "MAIN"
"""Location of goods that come in without one."""


def stock_of(books: Books, item_id: str) -> Document:
    """The stock of an item; empty if nothing was ever there."""
    found = books.find_one(STOCK, item_id)
    if found is not None:
        return found
    empty = {"itemId": item_id, "onHand": "0", "reserved": "0", "backordered": "0", "locations": []}
    return books.add(STOCK, empty)


def free_stock(stock: Row) -> Decimal:
    """On hand and not reserved, never negative."""
    return max(ZERO, Decimal(stock["onHand"]) - Decimal(stock["reserved"]))


def move(stock: Document, **by: Decimal) -> None:
    """Change quantities of a stock by so much."""
    for name, change in by.items():
        stock.header[name] = plain(Decimal(stock.header[name]) + change)


def put(stock: Document, location: str, quantity: Decimal) -> None:
    """Put goods into a location."""
    move(stock, onHand=quantity)
    for each in stock.header["locations"]:
        if each["location"] == location:
            each["onHand"] = plain(Decimal(each["onHand"]) + quantity)
            return
    stock.header["locations"].append({"location": location, "onHand": plain(quantity)})


def take(stock: Document, quantity: Decimal) -> None:
    """Take reserved goods out, from one location after the other."""
    move(stock, onHand=-quantity, reserved=-quantity)
    for each in stock.header["locations"]:
        here = min(max(ZERO, Decimal(each["onHand"])), quantity)
        each["onHand"] = plain(Decimal(each["onHand"]) - here)
        quantity -= here
