"""An order onto Tryton's wire: a sale that is made whole, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.tryton.drafting import Filled, Head
from crossdock.connectors.tryton.products import Product
from crossdock.connectors.tryton.sales import MARK, Line, Sale
from crossdock.connectors.writing import Unwritable, number
from crossdock.records import Order, OrderLine

#: What a new sale takes over from what its party chose.
_FROM_HEAD: Final = (
    "party", "invoice_party", "shipment_party", "invoice_address", "shipment_address",
    "payment_term", "price_list", "warehouse", "invoice_method", "shipment_method", "company",
)  # fmt: skip


@frozen(kw_only=True)
class Sold:
    """What a line of an order is made of."""

    line: OrderLine
    product: Product
    filled: Filled


def reference_of(order: Order) -> str:
    """Give what a sale carries: the CRM's name and the order's reference.

    Raises:
        Unwritable: one of both is missing, so that the sale could not be found again.
    """
    if not order.system or MARK in order.system:
        raise Unwritable("system", f"must be a name without {MARK!r}")
    if not order.reference:
        raise Unwritable("reference", "is missing")
    return f"{order.system}{MARK}{order.reference}"


def body(
    order: Order,
    head: Head,
    sold: Sequence[Sold],
    *,
    currency: int,
    keeps_discounts: bool,
    today: date,
) -> dict[str, Any]:
    """Write an order.

    Args:
        order: the CRM's.
        head: what Tryton fills in for its party.
        sold: its lines.
        currency: the id of its currency.
        keeps_discounts: whether lines keep a price before discount; else the words of a line do.
        today: the day there; Tryton ships nothing before it is sold.
    """
    values: dict[str, Any] = {
        **{name: head.values[name] for name in _FROM_HEAD if head.values.get(name) is not None},
        "currency": currency,
        "reference": reference_of(order),
        "lines": [["create", [line_body(each, keeps_discounts=keeps_discounts) for each in sold]]],
    }
    if order.requested_on is not None and order.requested_on > today:
        values["shipping_date"] = order.requested_on
    return values


def line_body(sold: Sold, *, keeps_discounts: bool) -> dict[str, Any]:
    """Write one line at its price."""
    line, filled = sold.line, sold.filled
    words = line.description if line.description != sold.product.name else ""
    if line.discount_percent and not keeps_discounts:
        told = f"{number(filled.price)} less {number(line.discount_percent)} %"
        words = f"{words or sold.product.name} ({told})"
    return {
        "type": "line",
        "sequence": line.number,
        "product": sold.product.id,
        "quantity": float(line.quantity),
        "unit": filled.unit,
        "unit_price": filled.net_price,
        "taxes": [["add", list(filled.taxes)]],
        **({"description": words} if words else {}),
        **({"base_price": filled.price} if keeps_discounts else {}),
    }


def same_order(found: Sale, sold: Sequence[Sold]) -> bool:
    """Whether a sale is what an order would become: same products and quantities, same prices."""
    return sorted(map(_of_line, found.lines)) == sorted(map(_of_sold, sold))


def _of_line(line: Line) -> tuple[int, Decimal, Decimal]:
    return line.product or 0, line.quantity, line.price


def _of_sold(sold: Sold) -> tuple[int, Decimal, Decimal]:
    return sold.product.id, sold.line.quantity, sold.filled.net_price
