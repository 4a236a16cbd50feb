"""A draft as Business Central prices it, from the quote that was written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.items import Product
from crossdock.connectors.business_central.lines import Line, lines
from crossdock.connectors.business_central.offers import LINES
from crossdock.connectors.business_central.origin import line_number, sequence_of
from crossdock.connectors.business_central.wire import (
    money,
)
from crossdock.connectors.reading import Row, Unreadable, day, number, optional_text, text
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.connectors.writing import json_number
from crossdock.records import (
    Availability,
    CreditOutcome,
    Money,
    PricedLine,
    PriceRequest,
    PriceRequestLine,
    Pricing,
    TaxAmount,
)

_HUNDRED: Final = Decimal(100)


@frozen(kw_only=True)
class Quoted:
    """What came back.

    Attributes:
        payer: the number of the customer that would be invoiced.
    """

    number: str
    payer: str
    currency: str
    on: date
    net: Money
    tax: Money
    gross: Money
    lines: tuple[Line, ...]


def quote_body(customer_number: str, request: PriceRequest) -> dict[str, Any]:
    """Write a draft as a quote; a discount that nobody asked for is left to Business Central."""
    body: dict[str, Any] = {"customerNumber": customer_number}
    if request.on is not None:
        body["documentDate"] = day_text(request.on)
    body[LINES] = [_line(line, f"lines.{index}") for index, line in enumerate(request.lines)]
    return body


def _line(line: PriceRequestLine, field: str) -> dict[str, Any]:
    # Each property is applied as it comes: what a line sells before how much of it.
    written: dict[str, Any] = {
        "sequence": sequence_of(line.number),
        "lineType": "Item",
        "lineObjectNumber": line.item_id,
        "quantity": json_number(line.quantity, f"{field}.quantity"),
    }
    if line.discount_percent is not None:
        written["discountPercent"] = json_number(line.discount_percent, f"{field}.discount_percent")
    return written


def quoted(row: Row) -> Quoted:
    """Read a quote with its lines."""
    unit = text(row, "currencyCode")
    return Quoted(
        number=text(row, "customerNumber"),
        payer=text(row, "billToCustomerNumber"),
        currency=unit,
        on=day(row, "documentDate"),
        net=money(row, "totalAmountExcludingTax", unit),
        tax=money(row, "totalTaxAmount", unit),
        gross=money(row, "totalAmountIncludingTax", unit),
        lines=lines(row, LINES).sold,
    )


def pricing(
    found: Quoted,
    request: PriceRequest,
    products: Mapping[str, Product],
    *,
    system: str,
    home: str,
    stock: Mapping[str, Availability],
    credit: CreditOutcome | None,
) -> Pricing:
    """Give the draft as it would be invoiced.

    Args:
        found: what Business Central made of it.
        request: what was asked.
        products: the items, by their numbers.
        system: the configured name.
        home: the company's own currency, of list prices and costs.
        stock: how much there is of each item in stock.
        credit: what the draft would do to the customer's credit, where that is known.

    Raises:
        Unreadable: a line of the draft is not there.
    """
    by_number = {line_number(line.sequence): line for line in found.lines}
    missing = [line.number for line in request.lines if line.number not in by_number]
    if missing:
        raise Unreadable(LINES, f"expected a line {sequence_of(missing[0])}, got none")
    unit = found.currency
    made = tuple(
        _priced(line, by_number[line.number], products[line.item_id], unit, home, system, stock)
        for line in request.lines
    )
    taxes = sum((line.tax for line in made), start=Money.zero(unit))
    return Pricing(
        customer_id=found.number,
        system=system,
        currency=unit,
        on=found.on,
        lines=made,
        taxes=_taxes(found.lines, unit),
        net=found.net,
        tax=found.tax,
        gross=found.gross,
        rounding="document",
        residue=found.tax - taxes,
        credit=credit,
    )


def _priced(
    asked: PriceRequestLine,
    line: Line,
    product: Product,
    unit: str,
    home: str,
    system: str,
    stock: Mapping[str, Availability],
) -> PricedLine:
    list_price = (
        of_unit(product.price, home) if product.price is not None and unit == home else None
    )
    price = of_unit(line.price, unit)
    own = price == list_price
    return PricedLine(
        number=asked.number,
        item_id=asked.item_id,
        quantity=line.quantity,
        unit=line.unit,
        description=line.description,
        list_price=list_price,
        unit_price=price,
        discount_percent=line.discount_percent,
        net=of_unit(line.net, unit),
        tax_code=optional_text(line.row, "taxCode"),
        tax_rate=number(line.row, "taxPercent") / _HUNDRED,
        tax=money(line.row, "netTaxAmount", unit),
        # Which of its price lists it took, Business Central does not tell.
        rule="list price" if own else "price list",
        source=f"item {asked.item_id} in {system}" if own else f"price lists of {system}",
        unit_cost=of_unit(product.cost, home)
        if product.cost is not None and unit == home
        else None,
        availability=stock.get(asked.item_id),
    )


def _taxes(sold: Sequence[Line], unit: str) -> tuple[TaxAmount, ...]:
    found: dict[tuple[str, Decimal], tuple[Money, Money]] = {}
    for line in sold:
        key = optional_text(line.row, "taxCode"), number(line.row, "taxPercent") / _HUNDRED
        base, tax = found.get(key, (Money.zero(unit), Money.zero(unit)))
        found[key] = (
            base + of_unit(line.net, unit),
            tax + money(line.row, "netTaxAmount", unit),
        )
    return tuple(
        TaxAmount(code=code, rate=rate, base=base, tax=tax)
        for (code, rate), (base, tax) in found.items()
    )
