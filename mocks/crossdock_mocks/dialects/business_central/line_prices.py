"""What a line of a sales document costs, and what of it is to be shipped and invoiced next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crossdock_mocks.backoffice.books import Books
from crossdock_mocks.backoffice.catalogue import PriceBook
from crossdock_mocks.backoffice.decimals import HUNDRED, ZERO, plain
from crossdock_mocks.dialects.business_central.errors import dialog, field_invalid
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.writers import Given


def tax_of(records: Records, code: str) -> Row:
    """The tax fields of a line with a tax group.

    Raises:
        Problem: There is no such group.
    """
    group = records.by_code("taxGroups", code)
    if group is None:
        raise field_invalid(f"The Tax Group {code!r} does not exist")
    rate = Decimal(group.get("_rate", "0"))
    return {"taxCode": code, "taxPercent": plain(rate * HUNDRED), "_taxRate": plain(rate)}


def price_for(
    records: Records, document: Row, item: Row, quantity: Decimal
) -> tuple[Decimal, Decimal]:
    """Unit price and discount of an item for a document's customer: the best of what applies.

    An item that has no price in the document's currency costs nothing until somebody says so.
    """
    customer = records.get("customers", document["billToCustomerId"]) or {}
    day = next(
        document[name]
        for name in ("orderDate", "documentDate", "invoiceDate", "creditMemoDate")
        if name in document
    )
    book = PriceBook(
        Books(records.world),
        {
            # Agreements stay the customer's own when it gets another number.
            "id": customer.get("_pricedAs") or customer.get("number"),
            "name": customer.get("displayName"),
            "currency": document["currencyCode"],
            "priceListId": customer.get("_priceListId"),
            "priceLevel": customer.get("_priceLevel"),
        },
        date.fromisoformat(day),
    )
    row = {
        "id": item["number"],
        "listPrice": item["unitPrice"],
        "currency": records.company["currency"],
    }
    price = book.price(row, quantity)
    return (ZERO, ZERO) if price is None else (price.unit_price, price.discount)


def plan_quantities(line: Row, given: Given, before: Row | None) -> None:
    """What is to be shipped and invoiced next of an order's line.

    Raises:
        Problem: More is to be shipped or invoiced than there is, or less is ordered than shipped.
    """
    ordered = Decimal(line.get("quantity", "0"))
    shipped, invoiced = (
        Decimal(line.get(name) or "0") for name in ("shippedQuantity", "invoicedQuantity")
    )
    if ordered < shipped:
        raise field_invalid(f"Quantity must not be less than {plain(shipped)}, which was shipped")
    fresh = before is None or "quantity" in given
    if "shipQuantity" not in given and fresh:
        line["shipQuantity"] = plain(ordered - shipped)
    to_ship = Decimal(line.get("shipQuantity") or "0")
    if to_ship < ZERO or to_ship > ordered - shipped:
        raise dialog(f"You cannot ship more than {plain(ordered - shipped)} units")
    if "invoiceQuantity" not in given and (fresh or "shipQuantity" in given):
        line["invoiceQuantity"] = plain(to_ship + shipped - invoiced)
    to_invoice = Decimal(line.get("invoiceQuantity") or "0")
    if to_invoice < ZERO or to_invoice > ordered - invoiced:
        raise dialog(f"You cannot invoice more than {plain(ordered - invoiced)} units")
