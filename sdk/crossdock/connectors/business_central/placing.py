"""An order onto Business Central's wire: a sales quote that becomes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.business_central.offers import LINES
from crossdock.connectors.business_central.origin import (
    FIRST,
    STEP,
    Origin,
    document_number,
    sequence_of,
)
from crossdock.connectors.writing import Unwritable, json_number
from crossdock.records import Address, Order, OrderLine

#: Prices are kept to five digits; Business Central would round others without a word.
_PLACES: Final = 5
_LONGEST: Final = {
    "name": 100, "street": 150, "city": 30, "region": 30, "postcode": 20, "country": 10,
}  # fmt: skip
_LINE_OF_STREET: Final = 100
_LONGEST_DESCRIPTION: Final = 100


def quote_body(customer_number: str, order: Order) -> dict[str, Any]:
    """Write an order as the quote that it is made of.

    It holds nothing of the moment or the process. A line with a price is written at it, which is
    what the customer was quoted; one without is priced by Business Central.
    """
    origin = Origin(
        reference=order.reference,
        system=order.system,
        quote_id=order.quote_id or "",
        opportunity_id=order.opportunity_id or "",
    )
    comment = {"sequence": FIRST, "lineType": "Comment", "description": origin.text()}
    return {
        "customerNumber": customer_number,
        "externalDocumentNumber": document_number(order.reference),
        **ship_to(order.ship_to),
        LINES: [
            comment,
            *(
                line_body(line, order.currency, f"lines.{index}")
                for index, line in enumerate(order.lines)
            ),
        ],
    }


def line_body(line: OrderLine, unit: str, field: str) -> dict[str, Any]:
    """Write one line; its number is kept by Business Central's own."""
    if not 0 < line.number < STEP:
        raise Unwritable(f"{field}.number", f"must lie between 1 and {STEP - 1}")
    written: dict[str, Any] = {
        "sequence": sequence_of(line.number),
        "lineType": "Item",
        "lineObjectNumber": line.item_id,
    }
    if line.description:
        written["description"] = line.description[:_LONGEST_DESCRIPTION]
    written["quantity"] = decimal(line.quantity, f"{field}.quantity")
    if line.unit_price is not None:
        if line.unit_price.currency != unit:
            raise Unwritable(
                f"{field}.unit_price", f"is in {line.unit_price.currency}, the document in {unit}"
            )
        written["unitPrice"] = decimal(line.unit_price.amount, f"{field}.unit_price")
        written["discountPercent"] = decimal(line.discount_percent, f"{field}.discount_percent")
    elif line.discount_percent:
        written["discountPercent"] = decimal(line.discount_percent, f"{field}.discount_percent")
    return written


def decimal(value: Decimal, field: str) -> int | float:
    """Write a number, as far as Business Central keeps its digits."""
    if value != round(value, _PLACES):
        raise Unwritable(field, f"{value} has more than {_PLACES} digits behind the point")
    return json_number(value.normalize(), field)


def ship_to(to: Address) -> dict[str, str]:
    """Write where goods go; nothing where that is left to the customer's own address."""
    if to == Address():
        return {}
    for name, most in _LONGEST.items():
        if len(getattr(to, name)) > most:
            raise Unwritable(f"ship_to.{name}", f"is longer than {most} characters")
    street = to.street
    cut = street.rfind(", ", 0, _LINE_OF_STREET) if len(street) > _LINE_OF_STREET else -1
    head = street[: cut if cut > 0 else _LINE_OF_STREET]
    rest = street[len(head) :].removeprefix(", ")
    if len(rest) > _LONGEST["street"] - _LINE_OF_STREET:
        raise Unwritable("ship_to.street", "is too long for the two lines of an address")
    told = {
        "shipToAddressLine1": head,
        "shipToAddressLine2": rest,
        "shipToCity": to.city,
        "shipToState": to.region,
        "shipToPostCode": to.postcode,
    }
    # What is not given would stay the customer's, and make one address of two.
    named = {"shipToName": to.name, "shipToCountry": to.country}
    return told | {name: value for name, value in named.items() if value}
