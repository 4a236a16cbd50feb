"""Products: what is sold, by the code that all systems know it by."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import conflict
from crossdock_mocks.frontoffice.resources import PRODUCT


def create_product(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a product under the code that the caller gives; its currency is the company's by default.

    Raises:
        Problem: 409 `duplicate_id`.
    """
    key = values["id"]
    if key in office.table(PRODUCT):
        raise conflict("duplicate_id", f"There is a product {key!r} already.")
    rest = {field: value for field, value in values.items() if field != "id"}
    rest.setdefault("currency", office.company_currency)
    return office.create(PRODUCT, _priced(rest, rest["currency"]), key=key)


def change_product(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a product."""
    return office.change(PRODUCT, row, _priced(values, values.get("currency", row["currency"])))


def _priced(values: Mapping[str, Any], currency: str) -> dict[str, Any]:
    if values.get("list_price") is None:
        return dict(values)
    return {**values, "list_price": amounts.text(Decimal(values["list_price"]), currency)}
