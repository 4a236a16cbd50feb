"""Lines that a caller asks for, priced: the same for a simulation, a new order and a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.catalogue import (
    PriceBook,
    list_price_text,
    price_source,
    sellable_item,
    tax_rate,
)
from crossdock_mocks.backoffice.decimals import ZERO, plain, price_text
from crossdock_mocks.backoffice.pricing import Price, agreed
from crossdock_mocks.backoffice.refusals import Invalid


def positive(text: str, pointer: str, name: str = "quantity") -> Decimal:
    """A number that has to be above zero.

    Raises:
        Invalid: It is zero.
    """
    value = Decimal(text)
    if value <= ZERO:
        raise Invalid(
            f"{name}_not_positive", f"The {name} has to be above zero.", pointer,
            expected="above 0", received=text,
        )  # fmt: skip
    return value


def not_in_the_future(books: Books, text: str | None, pointer: str) -> date:
    """A day of the past or today; today when it is not given.

    Raises:
        Invalid: It lies in the future.
    """
    if text is None:
        return books.today
    day = date.fromisoformat(text)
    if day > books.today:
        raise Invalid(
            "date_in_the_future", f"{text} has not come yet; today is {books.today}.", pointer,
            expected=f"at most {books.today}", received=text,
        )  # fmt: skip
    return day


def draft_lines(
    books: Books,
    customer: Row,
    asked: Sequence[Mapping[str, Any]],
    on: date,
    *,
    numbered: Collection[int] = (),
    pointer: str = "/lines",
) -> list[tuple[Row, Row, Decimal]]:
    """Price the lines of a draft.

    Args:
        books: The books.
        customer: The customer's header.
        asked: Lines as they are asked for.
        on: The day whose prices hold.
        numbered: Line numbers that are taken.
        pointer: Where the lines are in the request.

    Returns:
        For each line: the line in the house form, without amounts; its item; its quantity.

    Raises:
        Invalid: An item is unknown or not sold any more, a quantity is zero, a line number is
            taken, or an item has no price for this customer.
    """
    prices = PriceBook(books, customer, on)
    taken = set(numbered)
    drafted = []
    for position, each in enumerate(asked):
        here = f"{pointer}/{position}"
        number = each.get("line") or max(taken, default=0) + 1
        if number in taken:
            raise Invalid(
                "duplicate_line", f"There is already a line {number}.", f"{here}/line",
                received=number,
            )  # fmt: skip
        taken.add(number)
        item = sellable_item(books, each["itemId"], f"{here}/itemId")
        quantity = positive(each["quantity"], f"{here}/quantity")
        line: Row = {
            "line": number,
            "itemId": item["id"],
            "description": each.get("description") or item["description"] or item["name"],
            "unit": item["unit"],
            "quantity": plain(quantity),
            **priced(books, prices, item, quantity, each, here),
        }
        drafted.append((line, item, quantity))
    return drafted


def priced(
    books: Books,
    prices: PriceBook,
    item: Row,
    quantity: Decimal,
    asked: Mapping[str, Any],
    pointer: str,
) -> Row:
    """The price fields of a line.

    A unit price that is asked for is the whole agreement: without a discount beside it there is
    none. If price and discount are the ERP's own, so are rule and source.

    Raises:
        Invalid: The item has no price for this customer and none is asked for.
    """
    own = prices.price(item, quantity)
    asked_price, asked_discount = asked.get("unitPrice"), asked.get("discountPercent")
    price, discount, source = own, ZERO if own is None else own.discount, "rule"
    if asked_price is not None:
        unit, discount = Decimal(asked_price), Decimal(asked_discount or "0")
        source = "requested"
        if own is None or unit != own.unit_price:
            price = agreed(unit, discount)
    elif asked_discount is not None:
        discount, source = Decimal(asked_discount), "requested"
    if price is None:
        raise Invalid(
            "no_price",
            f"Item {item['id']} has no price in {prices.currency} for this customer.",
            f"{pointer}/itemId",
            received=item["id"],
        )
    if own is not None and discount == own.discount:
        source = "rule"
    if not discount:
        source = "none"
    places = books.places(prices.currency)
    return {
        "listPrice": list_price_text(books, prices.list_price(item), prices.currency),
        "unitPrice": price_text(price.unit_price, places),
        "discountPercent": plain(discount),
        "ruleDiscountPercent": plain(ZERO if own is None else own.discount),
        "discountSource": source,
        "discount": "0",
        "net": "0",
        "taxCode": item["taxCode"],
        "taxRate": plain(tax_rate(books, item["taxCode"])),
        "tax": "0",
        "priceRule": price.rule,
        "priceSource": _source(price, own),
    }


def _source(price: Price, own: Price | None) -> Row:
    source = price_source(price)
    if own is None or price is not own:
        source["discountFrom"] = None
    return source
