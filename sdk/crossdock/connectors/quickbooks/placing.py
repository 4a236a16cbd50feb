"""An order onto QuickBooks' wire: an estimate that was accepted, or an invoice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.quickbooks.items import Product
from crossdock.connectors.quickbooks.orders import Placed
from crossdock.connectors.quickbooks.origin import Origin, document_number
from crossdock.connectors.writing import Unwritable, json_number, number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.records import Address, Money, Order, OrderLine, minor_units

LONGEST_KEY: Final = 50
_HUNDRED: Final = Decimal(100)
_PRICE_STEP: Final = Decimal("0.0000001")


@frozen(kw_only=True)
class Sold:
    """What a line of an order needs of QuickBooks: its item, and the tax code that applies."""

    product: Product
    tax_code: str


def request_id(key: str) -> str:
    """Give the `requestid` of an idempotency key; one that is too long is told by its digest."""
    if len(key) <= LONGEST_KEY:
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:LONGEST_KEY]


def amount_of(price: Decimal, quantity: Decimal, discount_percent: Decimal, unit: str) -> Decimal:
    """Give what a line comes to, as QuickBooks rounds it: half up, to the currency's digits."""
    exact = price * quantity * (_HUNDRED - discount_percent) / _HUNDRED
    return exact.quantize(Decimal(1).scaleb(-minor_units(unit)), rounding=ROUND_HALF_UP)


def body(
    placed: Placed, customer_id: str, order: Order, sold: Mapping[int, Sold], *, home: str
) -> dict[str, Any]:
    """Write an order.

    It holds nothing of the moment or the process, so that the same order gives the same body.
    QuickBooks has no discount for a line: the price that is sent is less it, and the description
    says so.

    Args:
        placed: what it becomes.
        customer_id: QuickBooks' own.
        order: the CRM's.
        sold: what each line, by its number, is made of.
        home: the company's currency, which documents need not name.
    """
    origin = Origin(
        reference=order.reference,
        system=order.system,
        order_id=order.id,
        quote_id=order.quote_id or "",
        opportunity_id=order.opportunity_id or "",
        lines=told_lines(dict(enumerate((line.number for line in order.lines), start=1))),
    )
    written: dict[str, Any] = {
        "CustomerRef": {"value": customer_id},
        "DocNumber": document_number(order.reference),
        "PrivateNote": origin.note(f"Order {order.reference} of the CRM."),
        "Line": [
            line_body(line, sold[line.number], order.currency, f"lines.{index}")
            for index, line in enumerate(order.lines)
        ],
    }
    if placed == "estimate":
        # What a customer ordered is an estimate that was agreed to; a pending one is an offer.
        written |= {"TxnStatus": "Accepted", "AcceptedBy": f"Order {order.reference}"[:100]}
    if order.currency != home:
        written["CurrencyRef"] = {"value": order.currency}
    if order.requested_on is not None:
        written["ShipDate"] = day_text(order.requested_on)
    if order.ship_to != Address():
        written["ShipAddr"] = _address(order.ship_to)
    return written


def line_body(line: OrderLine, sold: Sold, unit: str, field: str) -> dict[str, Any]:
    """Write one line at its price, or at the item's where it has none."""
    price = sold.product.price if line.unit_price is None else _amount(line.unit_price, unit, field)
    if price is None:
        raise Unwritable(f"{field}.unit_price", "is missing, and the item has no sales price")
    discount = line.discount_percent
    net_price = (price * (_HUNDRED - discount) / _HUNDRED).quantize(_PRICE_STEP)
    words = line.description or sold.product.description or sold.product.name
    if discount:
        words += f" ({number(price)} {unit} less {number(discount)} %)"
    detail: dict[str, Any] = {
        "ItemRef": {"value": sold.product.id},
        "Qty": json_number(line.quantity, f"{field}.quantity"),
        "UnitPrice": json_number(net_price.normalize(), f"{field}.unit_price"),
    }
    if sold.tax_code:
        detail["TaxCodeRef"] = {"value": sold.tax_code}
    return {
        "DetailType": "SalesItemLineDetail",
        "Description": words[:4000],
        "Amount": json_number(amount_of(price, line.quantity, discount, unit), f"{field}.net"),
        "SalesItemLineDetail": detail,
    }


def _amount(price: Money, unit: str, field: str) -> Decimal:
    if price.currency != unit:
        raise Unwritable(f"{field}.unit_price", f"is in {price.currency}, the document in {unit}")
    return price.amount


def told_lines(numbers: Mapping[int, int]) -> Mapping[int, int]:
    """Give the line numbers that have to be told: none, where each line's id is its number."""
    return {} if all(line == number for line, number in numbers.items()) else numbers


def _address(to: Address) -> dict[str, str]:
    told = {
        "Line1": to.name or to.street,
        "Line2": to.street if to.name else "",
        "City": to.city,
        "CountrySubDivisionCode": to.region,
        "PostalCode": to.postcode,
        "Country": to.country,
    }
    return {name: value for name, value in told.items() if value}
