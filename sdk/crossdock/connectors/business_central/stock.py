"""How much of an item there is: what is on hand, less what open orders still have to ship.

Business Central tells no reservations and no date on which more will be there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.items import Product
from crossdock.connectors.business_central.odata import (
    AT_ONCE,
    Query,
    among,
)
from crossdock.connectors.business_central.orders import LINES
from crossdock.connectors.business_central.wire import quantity
from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.reading import Row, each, text
from crossdock.records import Availability

_ZERO: Final = Decimal(0)


def availability(
    company: Company, products: Iterable[Product], asked: Mapping[str, Decimal]
) -> dict[str, Availability]:
    """Say how much there is of the items that are kept in stock.

    Args:
        company: whose.
        products: the items; others than those in stock are left out.
        asked: how much of each is wanted, by its code.
    """
    held = {found.code: found.inventory for found in products if found.inventory is not None}
    promised = _promised(company, held)
    return {
        code: Availability(
            item_id=code,
            asked=asked.get(code, _ZERO),
            on_hand=on_hand,
            reserved=promised.get(code, _ZERO),
            available=max(on_hand - promised.get(code, _ZERO), _ZERO),
        )
        for code, on_hand in held.items()
    }


def _promised(company: Company, codes: Iterable[str]) -> Mapping[str, Decimal]:
    """Add up what open orders still have to ship."""
    found: dict[str, Decimal] = defaultdict(lambda: _ZERO)
    for piece in in_pieces(codes, AT_ONCE):
        lines = f"$filter={among('lineObjectNumber', piece)};$select={_FIELDS}"
        query = Query(filter="fullyShipped eq false", select="id", expand=f"{LINES}({lines})")
        for several in company.every(use.ORDERS, query, lambda row: each(row, LINES, _line)):
            for code, left in several:
                found[code] += left
    return found


_FIELDS: Final = "lineObjectNumber,quantity,shippedQuantity"


def _line(row: Row) -> tuple[str, Decimal]:
    return text(row, "lineObjectNumber"), quantity(row, "quantity") - quantity(
        row, "shippedQuantity"
    )
