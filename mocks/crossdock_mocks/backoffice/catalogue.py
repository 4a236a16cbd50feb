"""Items, tax codes and prices as they are kept: what an item costs a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.decimals import plain, price_text
from crossdock_mocks.backoffice.kinds import ITEMS, PRICE_LISTS, PRICES, TAX_CODES
from crossdock_mocks.backoffice.pricing import Price, PriceRow, Rule, find_price
from crossdock_mocks.backoffice.refusals import Invalid, Missing
from crossdock_mocks.engine import contains, either


def item(books: Books, item_id: str) -> Row:
    """An item.

    Raises:
        Missing: There is none.
    """
    found = books.table(ITEMS).get(item_id)
    if found is None:
        raise Missing("not_found", f"There is no item {item_id}.", received=item_id)
    return found


def sellable_item(books: Books, item_id: str, pointer: str) -> Row:
    """The item that a line of a request names.

    Raises:
        Invalid: There is none, or it is not sold any more.
    """
    found = books.table(ITEMS).get(item_id)
    if found is None:
        raise Invalid("unknown_item", f"There is no item {item_id}.", pointer, received=item_id)
    if not found["active"]:
        raise Invalid(
            "inactive_item", f"Item {item_id} is not sold any more.", pointer, received=item_id
        )
    return found


def is_stocked(item_row: Mapping[str, Any]) -> bool:
    """Whether the item is goods; services and charges have no stock."""
    return bool(item_row["kind"] == "goods")


def tax_rate(books: Books, code: str) -> Decimal:
    """The rate of a tax code, as a fraction."""
    found = books.table(TAX_CODES).get(code)
    if found is None:
        raise Missing("not_found", f"There is no tax code {code}.", received=code)
    return Decimal(found["rate"])


class PriceBook:
    """Prices for one customer on one day.

    Args:
        books: The books.
        customer: The customer's header.
        on: The day whose prices hold.
    """

    def __init__(self, books: Books, customer: Row, on: date) -> None:
        self._books = books
        self._customer = customer
        self._on = on
        self._policy = books.settings.price_policy
        self.currency: str = customer["currency"]
        self._price_list = self._valid_price_list()

    def _valid_price_list(self) -> Row | None:
        list_id = self._customer["priceListId"]
        found = None if list_id is None else self._books.table(PRICE_LISTS).get(list_id)
        if found is None:
            return None
        on = self._on.isoformat()
        begun = found["validFrom"] is None or found["validFrom"] <= on
        ended = found["validTo"] is not None and found["validTo"] < on
        return found if begun and not ended else None

    def list_price(self, item_row: Row) -> Decimal | None:
        """The item's own price, if it has one in the customer's currency."""
        if item_row["listPrice"] is None or item_row["currency"] != self.currency:
            return None
        return Decimal(item_row["listPrice"])

    def rows(self, item_id: str) -> list[PriceRow]:
        """The price rows of an item that are meant for this customer, promotions included."""
        meant: list[dict[str, Any]] = [{"promotion": True}, {"customerId": self._customer["id"]}]
        if self._price_list is not None:
            meant.append({"priceListId": self._price_list["id"]})
        if self._customer["priceLevel"] is not None:
            meant.append({"priceLevel": self._customer["priceLevel"]})
        found = self._books.table(PRICES).find({"itemId": item_id})
        return [
            self._row(row)
            for row in found
            if row["currency"] == self.currency
            and any(all(row[name] == value for name, value in each.items()) for each in meant)
        ]

    def _row(self, row: Row) -> PriceRow:
        rule: Rule
        if row["promotion"]:
            rule, name = "promotion", "Promotion"
        elif row["customerId"] is not None:
            rule, name = "contract", f"Contract of {self._customer['name']}"
        elif row["priceListId"] is not None:
            listed = self._price_list
            name = row["priceListId"] if listed is None else listed["name"]
            rule, name = "price_list", f"Price list {name}"
        else:
            rule, name = "price_level", f"Price level {row['priceLevel']}"
        return PriceRow(
            id=row["id"],
            rule=rule,
            name=name,
            price=None if row["price"] is None else Decimal(row["price"]),
            discount=Decimal(row["discountPercent"]),
            min_quantity=Decimal(row["minQuantity"]),
            valid_from=_day(row["validFrom"]),
            valid_to=_day(row["validTo"]),
        )

    def price(
        self, item_row: Row, quantity: Decimal, rows: list[PriceRow] | None = None
    ) -> Price | None:
        """The ERP's own price of an item for a quantity, or None if it has none."""
        return find_price(
            item_row["id"],
            self.list_price(item_row),
            self.rows(item_row["id"]) if rows is None else rows,
            quantity,
            self._on,
            self._policy,
        )


def price_source(price: Price) -> Row:
    """The source of a price in the house form."""
    return {
        "kind": price.source_kind,
        "id": price.source_id,
        "name": price.source_name,
        "minQuantity": None if price.min_quantity is None else plain(price.min_quantity),
        "validFrom": None if price.valid_from is None else price.valid_from.isoformat(),
        "validTo": None if price.valid_to is None else price.valid_to.isoformat(),
        "discountFrom": price.discount_from,
    }


def list_price_text(books: Books, value: Decimal | None, currency: str) -> str | None:
    """A unit price as text, None as it is."""
    return None if value is None else price_text(value, books.places(currency))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def search_condition(words: str, fields: tuple[str, ...]) -> list[Any]:
    """Conditions under which each of the words occurs in one of the fields."""
    return [either(*({name: contains(word)} for name in fields)) for word in words.split()]
