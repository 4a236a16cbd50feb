"""Line items of quotes and orders, from HubSpot's objects and onto them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object, Portal
from crossdock.connectors.hubspot.properties import own
from crossdock.connectors.reading import Row, Unreadable
from crossdock.connectors.vendor_crm import documents
from crossdock.connectors.writing import amount
from crossdock.records import Money, OrderLine, QuoteLine

KIND: Final = "line_items"
LINE: Final = (
    "name", "description", "hs_sku", "quantity", "price", "discount", "hs_discount_percentage",
    "hs_position_on_quote", "hs_line_item_currency_code", *own(KIND),
)  # fmt: skip
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII).match
_HUNDRED: Final = Decimal(100)


def numbered(items: Iterable[Object]) -> dict[int, Object]:
    """Give line items by their line numbers, in order.

    One that somebody added in HubSpot has none yet: it gets the next free one, by its position.
    """
    known, new = documents.numbered(
        sorted(items, key=lambda each: int(each.id)),
        lambda item: values.whole_or_none(item.properties, "crossdock_line"),
    )
    return documents.filled(known, sorted(new, key=_position))


def _position(item: Object) -> tuple[Decimal, int]:
    return values.decimal(item.properties, "hs_position_on_quote", 10_000), int(item.id)


def _discount(row: Row) -> Decimal:
    """Read a discount in per cent; one that is an amount for each unit is turned into that."""
    percent = values.decimal_or_none(row, "hs_discount_percentage")
    if percent is not None:
        return percent
    off, price = values.decimal(row, "discount"), values.decimal(row, "price")
    return (off / price * _HUNDRED).quantize(Decimal("0.000001")).normalize() if price else off


def _common(number: int, item: Object, unit: str) -> dict[str, Any]:
    row = item.properties
    return {
        "number": number,
        "item_id": values.text(row, "hs_sku"),
        "quantity": values.decimal(row, "quantity", 1),
        "unit": values.text(row, "crossdock_unit"),
        "description": values.text(row, "description") or values.text(row, "name"),
        "unit_price": values.money_or_none(row, "price", unit),
        "discount_percent": _discount(row),
        "net": values.money_or_none(row, "crossdock_net", unit),
        "promised_on": values.day_or_none(row, "crossdock_promised_on"),
    }


def quote_line(number: int, item: Object, unit: str) -> QuoteLine:
    """Read a line of a quote."""
    row = item.properties
    return QuoteLine(
        **_common(number, item, unit),
        list_price=values.money_or_none(row, "crossdock_list_price", unit),
        tax_rate=values.decimal_or_none(row, "crossdock_tax_rate"),
        tax=values.money_or_none(row, "crossdock_tax", unit),
        price_rule=values.text(row, "crossdock_price_rule"),
        price_source=values.text(row, "crossdock_price_source"),
    )


def order_line(number: int, item: Object, unit: str) -> OrderLine:
    """Read a line of an order."""
    row = item.properties
    quantities: dict[str, Any] = {
        name: values.decimal(row, f"crossdock_{name}") for name in documents.QUANTITIES
    }
    return OrderLine(
        **_common(number, item, unit),
        **quantities,
        quote_line=values.whole_or_none(row, "crossdock_quote_line"),
    )


def _written(line: QuoteLine | OrderLine, unit: str, field: str) -> dict[str, str]:
    """Write what lines of quotes and orders share; HubSpot wants a name for each."""
    return {
        "hs_sku": line.item_id,
        "name": line.description or line.item_id,
        "description": line.description,
        "quantity": values.as_number(line.quantity),
        "price": _amount(line.unit_price, unit, f"{field}.unit_price"),
        "hs_discount_percentage": values.as_number(line.discount_percent),
        "hs_line_item_currency_code": unit,
        "hs_position_on_quote": str(line.number - 1),
        "crossdock_line": str(line.number),
        "crossdock_unit": line.unit,
        "crossdock_net": _amount(line.net, unit, f"{field}.net"),
        "crossdock_promised_on": values.as_day(line.promised_on),
    }


def quote_line_written(line: QuoteLine, unit: str, field: str) -> dict[str, str]:
    """Write a line of a quote; its cost never goes to the CRM."""
    return {
        **_written(line, unit, field),
        "crossdock_list_price": _amount(line.list_price, unit, f"{field}.list_price"),
        "crossdock_tax_rate": values.as_number(line.tax_rate),
        "crossdock_tax": _amount(line.tax, unit, f"{field}.tax"),
        "crossdock_price_rule": line.price_rule,
        "crossdock_price_source": line.price_source,
    }


def order_line_written(line: OrderLine, unit: str, field: str) -> dict[str, str]:
    """Write a line of an order, with how far it has come."""
    return {
        **_written(line, unit, field),
        "crossdock_quote_line": values.as_number(line.quote_line),
        "crossdock_line_status": documents.standing(line),
        **{
            f"crossdock_{name}": values.as_number(getattr(line, name))
            for name in documents.QUANTITIES
        },
    }


def _amount(value: Money | None, unit: str, field: str) -> str:
    return "" if value is None else amount(value, unit, field)


def differing(wanted: Mapping[str, str], now: Row) -> dict[str, str]:
    """Give the properties that differ; numbers and days by what they mean, not how they read."""
    return {
        name: value
        for name, value in wanted.items()
        if value != (there := now.get(name) or "") and not _same(value, there)
    }


def _same(one: str, other: str) -> bool:
    try:
        return Decimal(one) == Decimal(other)
    except ArithmeticError:
        pass
    if not _DAY(one) or not other:
        return False
    try:
        at, there = (values.instant_or_none({"at": each}, "at") for each in (one, other))
    except Unreadable:  # a text that begins like a day
        return False
    return at == there


class Lines:
    """Writes the line items of one quote or order so that it has exactly those that are wanted."""

    def __init__(self, portal: Portal, kind: str, owner_id: str) -> None:
        self._portal = portal
        self._kind = kind
        self._owner_id = owner_id

    def bring_to(
        self,
        wanted: Mapping[int, Mapping[str, str]],
        now: Mapping[int, Object],
        *,
        remove: bool = True,
    ) -> bool:
        """Write what differs; gives whether anything did.

        Each step may be done again after a lost answer: a new line is created under a key made of
        its document and number, and associating twice is once.
        """
        new = {number: row for number, row in wanted.items() if number not in now}
        changed = {
            now[number].id: difference
            for number, row in wanted.items()
            if number in now and (difference := differing(row, now[number].properties))
        }
        gone = [item.id for number, item in now.items() if number not in wanted] if remove else []
        if gone:
            self._portal.archive_many(KIND, gone)
        if changed:
            self._portal.change_many(KIND, changed)
        if new:
            prefix = f"{self._kind}:{self._owner_id}:"
            ids = self._portal.upsert(KIND, {f"{prefix}{n}": row for n, row in new.items()})
            pairs = [(line_id, self._owner_id) for line_id in ids.values()]
            self._portal.associate(KIND, self._kind, pairs)
        return bool(new or changed or gone)


def version_of(head: Object, items: Sequence[Object]) -> str:
    """Tell states of a document apart: its own last change, and those of its lines."""
    newest = max((item.updated_at for item in items), default=head.updated_at)
    return f"{head.version}/{newest.isoformat(timespec='milliseconds')}/{len(items)}"


__all__ = [
    "KIND", "LINE", "Lines", "differing", "numbered", "order_line", "order_line_written",
    "quote_line", "quote_line_written", "version_of",
]  # fmt: skip
