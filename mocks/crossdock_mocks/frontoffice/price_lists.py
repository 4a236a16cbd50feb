"""Price lists: what products cost beside their own price, from a quantity on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import wrong
from crossdock_mocks.frontoffice.resources import PRICE, PRICE_LIST


def create_price_list(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a price list without prices; its currency is the company's by default.

    Raises:
        Problem: 422, it ends before it begins.
    """
    _check_days(values)
    return office.create(PRICE_LIST, {"currency": office.company_currency, **values})


def change_price_list(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a price list, its prices left as they are.

    Raises:
        Problem: 422, it ends before it begins.
    """
    _check_days({**row, **values})
    return office.change(PRICE_LIST, row, values)


def set_price(office: Office, price_list: Row, values: Mapping[str, Any]) -> Row:
    """Say what a product costs in a price list from a quantity on; the list is changed by it.

    Raises:
        Problem: 422, there is no such product, or it ends before it begins.
    """
    _check_days(values)
    office.check_references(PRICE, values)
    minimum = _plain(values.get("min_quantity", "1"))
    currency = price_list["currency"]
    price = values.get("price")
    wanted = {
        **PRICE.fields,
        **values,
        "price_list_id": price_list["id"],
        "min_quantity": minimum,
        "price": None if price is None else amounts.text(price, currency),
        "discount_percent": _plain(values.get("discount_percent", "0")),
        "currency": currency,
    }
    table = office.table(PRICE)
    key = {name: wanted[name] for name in ("price_list_id", "product_id", "min_quantity")}
    known = next(iter(table.find(key)), None)
    if known is None:
        row = {"id": office.world.sequence(PRICE.table, PRICE.prefix, PRICE.start), **wanted}
        table.insert(row)
    else:
        row = {"id": known["id"], **wanted}
        if row == known:
            return row
        table.replace(row)
    office.touch(PRICE_LIST, price_list)
    return row


def _check_days(values: Mapping[str, Any]) -> None:
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if begins and ends and ends < begins:
        raise wrong("/valid_to", "is before valid_from", begins, ends)


def _plain(number: str) -> str:
    """Write a number in one way, so that 10 and 10.0 are one quantity."""
    value = Decimal(number)
    whole = value == value.to_integral_value()
    return format(value.quantize(Decimal(1)) if whole else value.normalize(), "f")
