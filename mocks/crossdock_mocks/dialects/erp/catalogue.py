"""Items, prices, taxes, simulation and stock on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books
from crossdock_mocks.backoffice.catalogue import (
    PriceBook,
    is_stocked,
    item,
    list_price_text,
    price_source,
    search_condition,
    tax_rate,
)
from crossdock_mocks.backoffice.decimals import ZERO, plain, price_text
from crossdock_mocks.backoffice.drafts import positive
from crossdock_mocks.backoffice.kinds import (
    CUSTOMER,
    ITEM,
    ITEMS,
    PRICE_LIST,
    PRICE_LISTS,
    PRICES,
    RECEIPTS,
    STOCK,
    TAX_CODES,
)
from crossdock_mocks.backoffice.masters import change_item, create_item, set_price
from crossdock_mocks.backoffice.pricing import Price, quantity_breaks
from crossdock_mocks.backoffice.promises import promise_item, stock_view
from crossdock_mocks.backoffice.receipts import announce
from crossdock_mocks.backoffice.refusals import Missing
from crossdock_mocks.backoffice.simulation import simulate
from crossdock_mocks.backoffice.stock import MAIN, free_stock
from crossdock_mocks.dialects.erp.idempotency import creating
from crossdock_mocks.dialects.erp.wire import (
    behaviour,
    etag,
    expected_version,
    page,
    page_of,
    reply,
    wanted,
)
from crossdock_mocks.engine import Behaviour, Call, Problem, Reply, Violation, every

_ITEM_WORDS: Final = ("id", "name", "description")


# Prices for a customer


def _customer_prices(books: Books, call: Call) -> Reply:
    customer = books.get(CUSTOMER, call.path["customerId"]).header
    quantity = _quantity(call)
    prices = PriceBook(books, customer, books.today)
    return page_of(
        call,
        ITEMS,
        _items_wanted(call, {"active": True}),
        lambda row: _customer_price(books, prices, row, quantity),
        ("id",),
    )


def _customer_price(
    books: Books, prices: PriceBook, row: dict[str, Any], quantity: Decimal
) -> Mapping[str, Any] | None:
    rows = prices.rows(row["id"])
    price = prices.price(row, quantity, rows)
    if price is None:
        return None
    stock = books.find_one(STOCK, row["id"])
    available = ZERO if stock is None else free_stock(stock.header)
    return {
        "itemId": row["id"],
        "name": row["name"],
        "description": row["description"],
        "productLine": row["productLine"],
        "unit": row["unit"],
        "currency": prices.currency,
        "quantity": plain(quantity),
        "listPrice": list_price_text(books, prices.list_price(row), prices.currency),
        **_priced(books, prices, price),
        "priceSource": price_source(price),
        "breaks": [
            {"minQuantity": plain(step), **_priced(books, prices, here)}
            for step, here in quantity_breaks(
                rows, books.today, lambda much: prices.price(row, much, rows)
            )
        ],
        "taxCode": row["taxCode"],
        "taxRate": plain(tax_rate(books, row["taxCode"])),
        "available": plain(available) if is_stocked(row) else None,
    }


def _priced(books: Books, prices: PriceBook, price: Price) -> dict[str, Any]:
    places = books.places(prices.currency)
    return {
        "unitPrice": price_text(price.unit_price, places),
        "discountPercent": plain(price.discount),
        "netPrice": price_text(price.net_price, places),
        "priceRule": price.rule,
    }


def _quantity(call: Call) -> Decimal:
    quantity = Decimal(call.query["quantity"])
    if quantity <= ZERO:
        told = Violation("/quantity", "has to be above zero", "above 0", "0", "query")
        raise Problem(400, "invalid_request", "The request is not valid", errors=[told])
    return quantity


# Items, prices


def _items_wanted(call: Call, more: Mapping[str, Any]) -> Any:
    conditions: list[Any] = [{**wanted(call, "productLine", "kind", "active"), **more}]
    if "search" in call.query:
        conditions += search_condition(call.query["search"], _ITEM_WORDS)
    return every(*(each for each in conditions if each))


def _items(_: Books, call: Call) -> Reply:
    return page(call, ITEMS, _items_wanted(call, {}), ("id",))


def _item(books: Books, call: Call) -> Reply:
    row = item(books, call.path["itemId"])
    return Reply(200, row, {"etag": etag(row["version"])})


def _create_item(books: Books, call: Call) -> Reply:
    created = create_item(books, call.body)
    books.flush()
    return reply(books, created, 201, "/items")


def _change_item(books: Books, call: Call) -> Reply:
    found = books.get(ITEM, call.path["itemId"])
    books.expect(found, expected_version(call))
    change_item(books, found, call.body)
    books.flush()
    return reply(books, found)


def _price_lists(_: Books, call: Call) -> Reply:
    return page(call, PRICE_LISTS, {}, ("id",))


def _price_list(books: Books, call: Call) -> Reply:
    key = call.path["priceListId"]
    found = books.table(PRICE_LISTS).get(key)
    if found is None:
        raise Missing("not_found", f"There is no price list {key}.", received=key)
    return Reply(200, found)


def _prices(_: Books, call: Call) -> Reply:
    names = ("priceListId", "customerId", "priceLevel", "itemId", "promotion")
    return page(call, PRICES, wanted(call, *names))


def _set_price(books: Books, call: Call) -> Reply:
    price_list = books.get(PRICE_LIST, call.path["priceListId"])
    row = set_price(books, price_list, call.path["itemId"], call.body)
    books.flush()
    return Reply(200, row)


def _tax_codes(_: Books, call: Call) -> Reply:
    return page(call, TAX_CODES, {}, ("id",))


def _simulate(books: Books, call: Call) -> Reply:
    return Reply(200, simulate(books, call.body))


# Stock


def _stock(books: Books, call: Call) -> Reply:
    return page_of(
        call,
        ITEMS,
        _items_wanted(call, {"kind": "goods"}),
        lambda row: stock_view(books, row),
        ("id",),
    )


def _item_stock(books: Books, call: Call) -> Reply:
    row = item(books, call.path["itemId"])
    promised = None
    if "quantity" in call.query:
        quantity = _quantity(call)
        promised = promise_item(books, row, quantity, call.query.get("requestedOn"))
    return Reply(200, stock_view(books, row, promised))


def _receipts(books: Books, call: Call) -> Reply:
    item_id = item(books, call.path["itemId"])["id"]
    return page(call, RECEIPTS, {"itemId": item_id, **wanted(call, "status")})


def _create_receipt(books: Books, call: Call) -> Reply:
    row = item(books, call.path["itemId"])
    due = call.body.get("dueOn")
    received = announce(
        books,
        row,
        positive(call.body["quantity"], "/quantity"),
        books.today if due is None else date.fromisoformat(due),
        call.body.get("location", MAIN),
        call.body.get("reference"),
    )
    books.flush()
    return Reply(201, received)


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "listCustomerPrices": behaviour(_customer_prices),
    "listItems": behaviour(_items),
    "createItem": creating(_create_item),
    "getItem": behaviour(_item),
    "changeItem": behaviour(_change_item),
    "listPriceLists": behaviour(_price_lists),
    "getPriceList": behaviour(_price_list),
    "setListPrice": behaviour(_set_price),
    "listPrices": behaviour(_prices),
    "listTaxCodes": behaviour(_tax_codes),
    "simulatePrices": behaviour(_simulate),
    "listStock": behaviour(_stock),
    "getItemStock": behaviour(_item_stock),
    "listReceipts": behaviour(_receipts),
    "createReceipt": creating(_create_receipt),
}
"""Behaviour of each operation on items, prices and stock, by operation id."""
