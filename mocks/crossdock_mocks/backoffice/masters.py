"""Items and list prices as the ERP's own people keep them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.catalogue import sellable_item
from crossdock_mocks.backoffice.decimals import plain, price_text
from crossdock_mocks.backoffice.kinds import ITEM, PRICES, TAX_CODES
from crossdock_mocks.backoffice.refusals import Invalid, WrongState

_PLAIN: Final = ("name", "description", "productLine", "unit", "leadTimeDays", "active")


def create_item(books: Books, asked: Mapping[str, Any]) -> Document:
    """Create an item under a code of the caller's choice.

    Raises:
        WrongState: The code is taken.
        Invalid: There is no such tax code.
    """
    if books.find_one(ITEM, asked["id"]) is not None:
        raise WrongState(
            "item_exists", f"There is an item {asked['id']} already.", "/id", received=asked["id"]
        )
    header: Row = {
        "id": asked["id"],
        "name": asked["name"],
        "description": None,
        "productLine": None,
        "unit": "pcs",
        "listPrice": None,
        "currency": books.settings.currency,
        "cost": None,
        "taxCode": asked["taxCode"],
        "kind": asked.get("kind", "goods"),
        "leadTimeDays": None,
        "active": True,
        "updatedAt": books.now,
        "updatedBy": books.actor,
    }
    _apply(books, header, asked)
    return books.add(ITEM, header)


def change_item(books: Books, item: Document, asked: Mapping[str, Any]) -> None:
    """Change fields of an item.

    Raises:
        Invalid: There is no such tax code.
    """
    _apply(books, item.header, asked)
    books.touch(item)


def _apply(books: Books, header: Row, asked: Mapping[str, Any]) -> None:
    header.update({name: asked[name] for name in _PLAIN if name in asked})
    places = books.places(header["currency"])
    for name in ("listPrice", "cost"):
        if name in asked:
            value = asked[name]
            header[name] = None if value is None else price_text(Decimal(value), places)
    if "taxCode" in asked:
        if asked["taxCode"] not in books.table(TAX_CODES):
            raise Invalid(
                "unknown_tax_code",
                f"There is no tax code {asked['taxCode']}.",
                "/taxCode",
                received=asked["taxCode"],
            )
        header["taxCode"] = asked["taxCode"]


def set_price(books: Books, price_list: Document, item_id: str, asked: Mapping[str, Any]) -> Row:
    """Say what an item costs in a price list from a quantity on; the row is there once.

    Raises:
        Invalid: There is no such item, or it is not sold any more.
    """
    item = sellable_item(books, item_id, "/itemId")
    table = books.table(PRICES)
    minimum = plain(Decimal(asked.get("minQuantity", "1")))
    mine = {"priceListId": price_list.id, "itemId": item["id"]}
    found = next((row for row in table.find(mine) if row["minQuantity"] == minimum), None)
    currency = price_list.header["currency"]
    row: Row = {
        "id": _next_id(books) if found is None else found["id"],
        **mine,
        "customerId": None,
        "priceLevel": None,
        "promotion": False,
        "minQuantity": minimum,
        "price": price_text(Decimal(asked["price"]), books.places(currency)),
        "discountPercent": plain(Decimal(asked.get("discountPercent", "0"))),
        "currency": currency,
        "validFrom": asked.get("validFrom"),
        "validTo": asked.get("validTo"),
    }
    if found is None:
        table.insert(row)
    else:
        table.replace(row)
    books.touch(price_list)
    return row


def _next_id(books: Books) -> str:
    table = books.table(PRICES)
    while True:
        key = books.world.sequence(PRICES, "PR-", 1)
        if key not in table:
            return key
