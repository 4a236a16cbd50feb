"""What a draft would come to if it were ordered now; nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.catalogue import is_stocked
from crossdock_mocks.backoffice.credit_status import check_credit
from crossdock_mocks.backoffice.customers import bill_to, trading_customer
from crossdock_mocks.backoffice.decimals import ZERO, plain, price_text
from crossdock_mocks.backoffice.drafts import draft_lines
from crossdock_mocks.backoffice.kinds import ORDER, STOCK
from crossdock_mocks.backoffice.promises import promise_item
from crossdock_mocks.backoffice.refusals import Invalid
from crossdock_mocks.backoffice.stock import free_stock
from crossdock_mocks.backoffice.valuation import Money, write_amounts


def simulate(books: Books, asked: Mapping[str, Any]) -> Row:
    """Price, tax, stock and credit of a draft.

    Raises:
        Invalid: The customer, an item or the order is unknown, a line is not valid, or the customer
            is billed in another currency than its own.
    """
    customer = trading_customer(books, asked["customerId"], "/customerId")
    on = date.fromisoformat(asked["priceOn"]) if "priceOn" in asked else books.today
    before = ZERO
    if "orderId" in asked:
        order = books.referred(ORDER, asked["orderId"], "/orderId").header
        if order["customerId"] != customer["id"]:
            raise Invalid(
                "order_of_another_customer",
                f"Order {order['id']} is of {order['customerId']}, not {customer['id']}.",
                "/orderId",
                expected=customer["id"],
                received=order["customerId"],
            )
        before = Decimal(order["total"])
    drafted = draft_lines(books, customer, asked["lines"], on)
    lines = [line for line, _, _ in drafted]
    money = Money(books.places(customer["currency"]), books.settings.rounding)
    header: Row = {}
    write_amounts(header, lines, [quantity for _, _, quantity in drafted], money)
    taken: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for (line, item, quantity), each in zip(drafted, asked["lines"], strict=True):
        cost = item["cost"] if item["currency"] == customer["currency"] else None
        line["unitCost"] = (
            None if cost is None else price_text(Decimal(cost), books.places(item["currency"]))
        )
        wanted = each.get("requestedOn") or asked.get("requestedOn")
        line["stock"] = _stock(books, item, quantity, wanted, taken[item["id"]])
        taken[item["id"]] += quantity
    billed = bill_to(books, customer)
    if billed["currency"] != customer["currency"]:
        raise Invalid(
            "currency_mismatch",
            f"{customer['id']} trades in {customer['currency']},"
            f" but is billed to {billed['id']} in {billed['currency']}.",
            "/customerId",
        )
    credit = check_credit(books, customer, Decimal(header["total"]) - before)
    return {
        "customerId": customer["id"],
        "currency": customer["currency"],
        "priceOn": on.isoformat(),
        "pricePolicy": books.settings.price_policy,
        "lines": lines,
        **header,
        "credit": credit.view,
    }


def _stock(books: Books, item: Row, quantity: Decimal, wanted: str | None, taken: Decimal) -> Row:
    promised = promise_item(
        books, item, quantity, date.fromisoformat(wanted) if wanted else None, taken
    )
    found = books.find_one(STOCK, item["id"])
    free = ZERO if found is None else free_stock(found.header)
    waits = max(ZERO, quantity - max(ZERO, free - taken)) if is_stocked(item) else ZERO
    return {
        "onHand": "0" if found is None else found.header["onHand"],
        "reserved": "0" if found is None else found.header["reserved"],
        "available": plain(free),
        "backordered": plain(waits),
        "promisedOn": None if promised.on is None else promised.on.isoformat(),
        "basis": promised.basis,
    }
