"""Products, from the CRM's wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    instant,
    money_or_none,
    text,
    text_or_empty,
    truth,
    whole,
    word,
)
from crossdock.connectors.writing import number
from crossdock.records import Item

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
