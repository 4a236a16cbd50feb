"""Company, customers, items, prices, stock and contracts on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.catalogue import (
    PriceBook,
    is_stocked,
    item,
    list_price_text,
    price_source,
    search_condition,
    tax_rate,
)
from crossdock_mocks.backoffice.contracts import contract_view, create_contract, with_status
from crossdock_mocks.backoffice.credit_status import credit_view
from crossdock_mocks.backoffice.customers import change_customer, create_customer
from crossdock_mocks.backoffice.decimals import ZERO, plain, price_text
from crossdock_mocks.backoffice.drafts import positive
from crossdock_mocks.backoffice.kinds import (
    COMPANY,
    CONTRACT,
    CUSTOMER,
    ITEMS,
    PRICE_LISTS,
    PRICES,
    RECEIPTS,
    STOCK,
    TAX_CODES,
)
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

_CUSTOMER_WORDS: Final = (
    "id", "name", "email", "taxNumber", "address.city", "address.postcode",
)  # fmt: skip
_ITEM_WORDS: Final = ("id", "name", "description")


# Company


def _company(books: Books, call: Call) -> Reply:
    document = books.get(COMPANY, "company")
    body = {name: value for name, value in document.header.items() if name != "id"}
    return Reply(200, {**body, "today": call.today.isoformat()}, {"etag": etag(document.version)})


def _change_company(books: Books, call: Call) -> Reply:
    document = books.get(COMPANY, "company")
    books.expect(document, expected_version(call))
    document.header.update(call.body)
    books.touch(document)
    books.flush()
    return _company(books, call)


# Customers


def _customers(_: Books, call: Call) -> Reply:
    conditions: list[Any] = [wanted(call, "taxNumber", "externalReference", "billToId", "onHold")]
    if "search" in call.query:
        conditions += search_condition(call.query["search"], _CUSTOMER_WORDS)
    if "email" in call.query:
        conditions += search_condition(call.query["email"], ("email",))
        return _customers_by_email(call, every(*conditions))
    return page(call, CUSTOMER.table, every(*(each for each in conditions if each)), ("id",))


def _customers_by_email(call: Call, where: Any) -> Reply:
    """Addresses are compared whole, whatever their case; the condition only narrows them down."""
    email = call.query["email"].casefold()
    return page_of(
        call,
        CUSTOMER.table,
        where,
        lambda row: row if (row["email"] or "").casefold() == email else None,
        ("id",),
    )


def _create_customer(books: Books, call: Call) -> Reply:
    customer = create_customer(books, call.body)
    books.flush()
    return reply(books, customer, 201, "/customers")


def _customer(books: Books, call: Call) -> Reply:
    return reply(books, books.get(CUSTOMER, call.path["customerId"]))


def _change_customer(books: Books, call: Call) -> Reply:
    customer = books.get(CUSTOMER, call.path["customerId"])
    books.expect(customer, expected_version(call))
    change_customer(books, customer, call.body)
    books.flush()
    return reply(books, customer)


def _credit(books: Books, call: Call) -> Reply:
    return Reply(200, credit_view(books, books.get(CUSTOMER, call.path["customerId"]).header))


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


# Contracts


def _contracts(books: Books, call: Call) -> Reply:
    conditions: list[Any] = [wanted(call, "customerId")]
    if "status" in call.query:
        conditions.append(with_status(books, call.query["status"]))
    return page_of(
        call,
        CONTRACT.table,
        every(*(each for each in conditions if each)),
        lambda row: contract_view(books, row),
        ("id",),
    )


def _contract_reply(books: Books, document: Document, status: int = 200) -> Reply:
    headers = {"etag": etag(document.version)}
    if status == 201:
        headers["location"] = f"/contracts/{document.id}"
    return Reply(status, contract_view(books, document.header), headers)


def _create_contract(books: Books, call: Call) -> Reply:
    document = create_contract(books, call.body)
    books.flush()
    return _contract_reply(books, document, 201)


def _contract(books: Books, call: Call) -> Reply:
    return _contract_reply(books, books.get(CONTRACT, call.path["contractId"]))


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "getCompany": behaviour(_company),
    "changeCompany": behaviour(_change_company),
    "listCustomers": behaviour(_customers),
    "createCustomer": creating(_create_customer),
    "getCustomer": behaviour(_customer),
    "changeCustomer": behaviour(_change_customer),
    "getCreditStatus": behaviour(_credit),
    "listCustomerPrices": behaviour(_customer_prices),
    "listItems": behaviour(_items),
    "getItem": behaviour(_item),
    "listPriceLists": behaviour(_price_lists),
    "getPriceList": behaviour(_price_list),
    "listPrices": behaviour(_prices),
    "listTaxCodes": behaviour(_tax_codes),
    "simulatePrices": behaviour(_simulate),
    "listStock": behaviour(_stock),
    "getItemStock": behaviour(_item_stock),
    "listReceipts": behaviour(_receipts),
    "createReceipt": creating(_create_receipt),
    "listContracts": behaviour(_contracts),
    "createContract": creating(_create_contract),
    "getContract": behaviour(_contract),
}
"""Behaviour of each operation on master data, by operation id."""
