"""Items and their stock, from the ERP's wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day,
    day_or_none,
    decimal,
    each,
    instant_or_none,
    money_or_none,
    part_or_none,
    text,
    text_or_empty,
    truth,
    whole,
    whole_or_none,
    word,
)
from crossdock.connectors.writing import Unwritable, number
from crossdock.connectors.writing import day_or_none as day_written
from crossdock.records import Availability, Item, ListPrice, PriceList, Receipt

_KINDS: Final = frozenset({"goods", "service", "charge"})


def item(row: Row, system: str) -> Item:
    """Read an item; list price and cost are in the company's currency."""
    unit = currency(row)
    return Item(
        id=text(row, "id"),
        name=text(row, "name"),
        system=system,
        description=text_or_empty(row, "description"),
        product_line=text_or_empty(row, "productLine"),
        unit=text(row, "unit"),
        kind=word(row, "kind", _KINDS),
        list_price=money_or_none(row, "listPrice", unit),
        cost=money_or_none(row, "cost", unit),
        tax_code=text(row, "taxCode"),
        lead_time_days=whole_or_none(row, "leadTimeDays"),
        active=truth(row, "active"),
        modified_at=instant_or_none(row, "updatedAt"),
        modified_by=text_or_empty(row, "updatedBy"),
        version=str(whole(row, "version")),
    )


def item_body(written: Item) -> dict[str, Any]:
    """Write what a caller may say of an item; an emptied field is cleared.

    The kind is chosen once, when it is made; cost and tax code are left as they are.
    """
    body: dict[str, Any] = {
        "name": written.name,
        "description": written.description or None,
        "productLine": written.product_line or None,
        "listPrice": None if written.list_price is None else number(written.list_price.amount),
        "active": written.active,
    }
    if written.unit:
        body["unit"] = written.unit
    return body


def price_body(written: ListPrice) -> dict[str, Any]:
    """Write a row of a price list.

    Raises:
        Unwritable: it has no price: the ERP keeps none that leaves it to the item.
    """
    if written.price is None:
        raise Unwritable("price", "is missing, and a price of a list has one")
    return {
        "price": number(written.price.amount),
        "minQuantity": number(written.minimum_quantity),
        "discountPercent": number(written.discount_percent),
        "validFrom": day_written(written.valid_from),
        "validTo": day_written(written.valid_to),
    }


def price_list(row: Row, system: str) -> PriceList:
    """Read a price list."""
    return PriceList(
        id=text(row, "id"),
        name=text(row, "name"),
        system=system,
        currency=currency(row),
        valid_from=day_or_none(row, "validFrom"),
        valid_to=day_or_none(row, "validTo"),
        modified_at=instant_or_none(row, "updatedAt"),
        version=str(whole(row, "version")),
    )


def list_price(row: Row, system: str) -> ListPrice:
    """Read a row of a price list."""
    return ListPrice(
        price_list_id=text(row, "priceListId"),
        item_id=text(row, "itemId"),
        system=system,
        price=money_or_none(row, "price", currency(row)),
        discount_percent=decimal(row, "discountPercent"),
        minimum_quantity=decimal(row, "minQuantity"),
        valid_from=day_or_none(row, "validFrom"),
        valid_to=day_or_none(row, "validTo"),
    )


def availability(row: Row, asked: Decimal) -> Availability:
    """Read an item's stock with the promise for the quantity that was asked for."""
    return Availability(
        item_id=text(row, "itemId"),
        asked=asked,
        on_hand=decimal(row, "onHand"),
        reserved=decimal(row, "reserved"),
        available=decimal(row, "available"),
        incoming=tuple(sorted(each(row, "incoming", _receipt), key=lambda due: due.due_on)),
        promised_on=part_or_none(
            row, "promise", lambda promise: day_or_none(promise, "promisedOn")
        ),
        lead_time_days=whole_or_none(row, "leadTimeDays"),
    )


def _receipt(row: Row) -> Receipt:
    return Receipt(due_on=day(row, "dueOn"), quantity=decimal(row, "quantity"))
