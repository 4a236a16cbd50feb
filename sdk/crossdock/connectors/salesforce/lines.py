"""Lines of quotes and orders, from Salesforce's records and onto them.

A line's price on the platform has two digits, and an order's line knows no discount, so the exact
price stands in a field of ours beside it. Where the two no longer fit, somebody changed the line in
Salesforce, and the platform's own counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.catalogue import Entry
from crossdock.connectors.salesforce.fields import own, own_name
from crossdock.connectors.salesforce.org import Step
from crossdock.connectors.salesforce.queries import STAMPS
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm import documents
from crossdock.connectors.vendor_crm.documents import QUANTITIES
from crossdock.records import Money, OrderLine, QuoteLine

_COMMON: Final = (
    *STAMPS, "Product2.ProductCode", "Product2.Name", "PricebookEntryId", "Quantity", "UnitPrice",
    "ListPrice", "Description", "TotalPrice",
)  # fmt: skip
QUOTE_LINE: Final = (*_COMMON, "Discount", *own("QuoteLineItem"))
ORDER_LINE: Final = (*_COMMON, *own("OrderItem"))
_NUMBER, _PRICE, _UNIT, _NET = map(own_name, ("line", "unit_price", "unit", "net"))
_PROMISED, _DISCOUNT, _STATUS = map(own_name, ("promised_on", "discount", "line_status"))
_HUNDRED: Final = Decimal(100)
# What an activated order lets nobody change.
LOCKED: Final = frozenset({"Quantity", "UnitPrice"})


def numbered(rows: Iterable[Row]) -> dict[int, Row]:
    """Give lines by their numbers, in order.

    One that somebody added in Salesforce has none yet: it gets the next free one.
    """
    in_order = sorted(rows, key=lambda each: str(each["Id"]))
    return documents.filled(
        *documents.numbered(in_order, lambda row: values.whole_or_none(row, _NUMBER))
    )


def item_id(row: Row) -> str:
    """Give the code of a line's product."""
    return values.text(values.parent(row, "Product2"), "ProductCode")


def _is_ours(row: Row) -> bool:
    return values.whole_or_none(row, _NUMBER) is not None


def _common(number: int, row: Row, unit: str) -> dict[str, Any]:
    ours = _is_ours(row)
    product = values.parent(row, "Product2")
    described = values.text(row, "Description")
    net = values.money_or_none(row, _NET, unit)
    return {
        "number": number,
        "item_id": values.text(product, "ProductCode"),
        "quantity": values.decimal(row, "Quantity"),
        "unit": values.text(row, _UNIT),
        "description": described if ours else described or values.text(product, "Name"),
        "net": net if ours else values.money_or_none(row, "TotalPrice", unit),
        "promised_on": values.day_or_none(row, _PROMISED),
    }


def _priced(row: Row, discount: Decimal) -> tuple[Decimal | None, Decimal]:
    """Give the exact price, and whether a discount is in the platform's own."""
    shown = values.decimal_or_none(row, "UnitPrice")
    exact = values.decimal_or_none(row, _PRICE)
    if exact is not None and shown == values.cents(exact - exact * discount / _HUNDRED):
        return exact, discount
    if exact is None and _is_ours(row) and shown == values.decimal_or_none(row, "ListPrice"):
        return None, discount
    return shown, Decimal(0)


def _money(value: Decimal | None, unit: str) -> Money | None:
    return None if value is None else values.money(value, unit)


def quote_line(number: int, row: Row, unit: str) -> QuoteLine:
    """Read a line of a quote."""
    price, _ = _priced(row, Decimal(0))
    return QuoteLine(
        **_common(number, row, unit),
        unit_price=_money(price, unit),
        discount_percent=values.decimal(row, "Discount"),
        list_price=values.money_or_none(
            row, own_name("list_price") if _is_ours(row) else "ListPrice", unit
        ),
        tax_rate=values.decimal_or_none(row, own_name("tax_rate")),
        tax=values.money_or_none(row, own_name("tax"), unit),
        price_rule=values.text(row, own_name("price_rule")),
        price_source=values.text(row, own_name("price_source")),
    )


def order_line(number: int, row: Row, unit: str) -> OrderLine:
    """Read a line of an order."""
    quantities: dict[str, Any] = {name: values.decimal(row, own_name(name)) for name in QUANTITIES}
    price, discount = _priced(row, values.decimal(row, _DISCOUNT))
    return OrderLine(
        **_common(number, row, unit),
        **quantities,
        unit_price=_money(price, unit),
        discount_percent=discount,
        quote_line=values.whole_or_none(row, own_name("quote_line")),
    )


def _written(line: QuoteLine | OrderLine, unit: str, field: str) -> dict[str, Written]:
    price = values.as_amount(line.unit_price, unit, f"{field}.unit_price")
    return {
        "Quantity": values.as_number(line.quantity, f"{field}.quantity", 2),
        "Description": values.as_text(line.description),
        _NUMBER: line.number,
        _UNIT: values.as_text(line.unit),
        _PRICE: price,
        _NET: values.as_amount(line.net, unit, f"{field}.net"),
        _PROMISED: values.as_day(line.promised_on),
    }


def _shown(line: QuoteLine | OrderLine, list_price: Decimal) -> Decimal:
    return list_price if line.unit_price is None else line.unit_price.amount


def quote_line_written(
    line: QuoteLine, unit: str, field: str, list_price: Decimal
) -> dict[str, Written]:
    """Write a line of a quote; its cost never goes to the CRM.

    Args:
        line: the line; one without a price is shown at the list price.
        unit: the currency.
        field: its place, for messages.
        list_price: of the price book.
    """
    return {
        **_written(line, unit, field),
        "UnitPrice": values.as_cents(_shown(line, list_price), f"{field}.unit_price"),
        "Discount": values.as_number(line.discount_percent, f"{field}.discount_percent", 2) or None,
        own_name("list_price"): values.as_amount(line.list_price, unit, f"{field}.list_price"),
        own_name("tax_rate"): values.as_number(line.tax_rate, f"{field}.tax_rate"),
        own_name("tax"): values.as_amount(line.tax, unit, f"{field}.tax"),
        own_name("price_rule"): values.as_text(line.price_rule),
        own_name("price_source"): values.as_text(line.price_source),
    }


def order_line_written(
    line: OrderLine, unit: str, field: str, list_price: Decimal
) -> dict[str, Written]:
    """Write a line of an order, with how far it has come; its discount is in the price."""
    shown = _shown(line, list_price)
    if line.unit_price is not None:
        shown -= shown * line.discount_percent / _HUNDRED
    return {
        **_written(line, unit, field),
        "UnitPrice": values.as_cents(shown, f"{field}.unit_price"),
        _DISCOUNT: values.as_number(line.discount_percent, f"{field}.discount_percent"),
        own_name("quote_line"): line.quote_line,
        _STATUS: documents.standing(line),
        **{
            own_name(name): values.as_number(getattr(line, name), f"{field}.{name}")
            for name in QUANTITIES
        },
    }


def steps(
    kind: str,
    link: Mapping[str, Written],
    wanted: Mapping[int, tuple[str, Entry, Mapping[str, Written]]],
    now: Mapping[int, Row],
    *,
    remove: bool,
) -> list[Step]:
    """Say what must be written so that a document has the lines that are wanted.

    Args:
        kind: the object of the lines.
        link: the field and id of the document.
        wanted: item, price book entry and fields by number; another item is another line, as
            Salesforce lets nobody exchange a line's product.
        now: the lines that are there, by number.
        remove: whether those that are not wanted go.
    """
    gone: list[Step] = []
    changed: list[Step] = []
    made: list[Step] = []
    for number, row in now.items():
        replaced = number in wanted and wanted[number][0] != item_id(row)
        if replaced or (remove and number not in wanted):
            gone.append(Step(method="DELETE", kind=kind, record_id=str(row["Id"])))
    for number, (item, entry, fields) in wanted.items():
        row = now.get(number, {})
        if not row or item_id(row) != item:
            body = {**fields, **link, "PricebookEntryId": entry.id}
            made.append(Step(method="POST", kind=kind, values=body))
        elif difference := values.differing(fields, row):
            step = Step(method="PATCH", kind=kind, record_id=str(row["Id"]), values=difference)
            changed.append(step)
    return [*gone, *changed, *made]


def moves_what_is_locked(steps: Sequence[Step]) -> bool:
    """Whether writes of lines need an order that is not activated."""
    return any(step.method != "PATCH" or LOCKED & set(step.values) for step in steps)
