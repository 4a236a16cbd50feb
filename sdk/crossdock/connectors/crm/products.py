"""Products and what they cost in price lists, from the CRM's wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day_or_none,
    decimal,
    instant,
    money_or_none,
    text,
    text_or_empty,
    truth,
    whole,
    word,
)
from crossdock.connectors.writing import Unwritable, number
from crossdock.connectors.writing import day_or_none as day_written
from crossdock.records import Item, ListPrice, PriceList

_KINDS: Final = frozenset({"goods", "service", "charge"})


def item(row: Row, system: str) -> Item:
    """Read a product; its id is its code."""
    return Item(
        id=text(row, "id"),
        name=text(row, "name"),
        system=system,
        description=text_or_empty(row, "description"),
        product_line=text_or_empty(row, "family"),
        unit=text_or_empty(row, "unit"),
        kind=word(row, "kind", _KINDS),
        list_price=money_or_none(row, "list_price", currency(row)),
        active=truth(row, "active"),
        modified_at=instant(row, "updated_at"),
        modified_by=text_or_empty(row, "updated_by"),
        version=str(whole(row, "version")),
    )


def body(written: Item) -> dict[str, Any]:
    """Write a product; an emptied field is cleared, and a price brings its currency along."""
    said: dict[str, Any] = {
        "name": written.name,
        "description": written.description or None,
        "family": written.product_line or None,
        "unit": written.unit or None,
        "kind": written.kind,
        "list_price": None,
        "active": written.active,
    }
    if written.list_price is not None:
        said["list_price"] = number(written.list_price.amount)
        said["currency"] = written.list_price.currency
    return said


def price_list(row: Row, system: str) -> PriceList:
    """Read a price list."""
    return PriceList(
        id=text(row, "id"),
        name=text(row, "name"),
        system=system,
        currency=currency(row),
        valid_from=day_or_none(row, "valid_from"),
        valid_to=day_or_none(row, "valid_to"),
        active=truth(row, "active"),
        modified_at=instant(row, "updated_at"),
        version=str(whole(row, "version")),
    )


def price_list_body(written: PriceList) -> dict[str, Any]:
    """Write a price list, besides its currency, which is chosen once."""
    return {
        "name": written.name,
        "valid_from": day_written(written.valid_from),
        "valid_to": day_written(written.valid_to),
        "active": written.active,
    }


def list_price(row: Row, system: str) -> ListPrice:
    """Read what a product costs in a price list."""
    return ListPrice(
        price_list_id=text(row, "price_list_id"),
        item_id=text(row, "product_id"),
        system=system,
        price=money_or_none(row, "price", currency(row)),
        discount_percent=decimal(row, "discount_percent"),
        minimum_quantity=decimal(row, "min_quantity"),
        valid_from=day_or_none(row, "valid_from"),
        valid_to=day_or_none(row, "valid_to"),
        active=truth(row, "active"),
    )


def price_body(written: ListPrice, unit: str) -> dict[str, Any]:
    """Write what a product costs in a price list.

    Args:
        written: the price.
        unit: the currency of the list.

    Raises:
        Unwritable: it is in another currency.
    """
    price = written.price
    if price is not None and price.currency != unit:
        raise Unwritable("price", f"is in {price.currency}, and the list in {unit}")
    return {
        "product_id": written.item_id,
        "min_quantity": number(written.minimum_quantity),
        "price": None if price is None else number(price.amount),
        "discount_percent": number(written.discount_percent),
        "valid_from": day_written(written.valid_from),
        "valid_to": day_written(written.valid_to),
        "active": written.active,
    }
