"""Items and their stock, from the ERP's wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day,
    day_or_none,
    decimal,
    each,
    money_or_none,
    part_or_none,
    text,
    text_or_empty,
    truth,
    whole_or_none,
    word,
)
from crossdock.records import Availability, Item, Receipt

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
