"""Customers of sales documents: who is meant, who pays when, and who is blocked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.names import NO_GUID, decoded
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import CREDIT_MEMO, Document

_SIDES: Final = ("sellTo", "billTo", "shipTo")


ADDRESS_PARTS: Final = (
    ("AddressLine1", "addressLine1"),
    ("AddressLine2", "addressLine2"),
    ("City", "city"),
    ("Country", "country"),
    ("State", "state"),
    ("PostCode", "postalCode"),
)


def check_blocked(
    customer: Row, kind: Document, *, shipping: bool = False, posting: bool = False
) -> None:
    """See that a customer is not blocked for a document.

    Blocked for shipping forbids new quotes and orders and any posting that ships; blocked for
    invoicing forbids quotes, orders and invoices; blocked for all forbids everything.

    Raises:
        Problem: It is.
    """
    blocked = customer["blocked"]
    forbidden = (
        blocked == "All"
        or (blocked == "Invoice" and kind is not CREDIT_MEMO)
        or (blocked == "Ship" and (shipping if posting else kind.ordering))
    )
    if forbidden:
        raise dialog(
            f"You cannot {'post' if posting else 'create'} this type of document when Customer "
            f"{customer['number']} is blocked with type {decoded(blocked)}"
        )


def customer_of(records: Records, values: Row, side: str) -> Row | None:
    """The customer that a document names by id or number, on its sell-to or bill-to side.

    Raises:
        Problem: There is none, or id and number name different ones.
    """
    prefix = "customer" if side == "sell-to" else "billToCustomer"
    key, code = f"{prefix}Id", f"{prefix}Number"
    wanted, number = values.get(key, NO_GUID), values.get(code, "")
    if wanted == NO_GUID and not number:
        return None
    if wanted != NO_GUID:
        found = records.get("customers", wanted)
    else:
        found = records.first("customers", {"number": number})
    if found is None:
        raise dialog(f"The {side} customer cannot be found")
    if number and found["number"] != number:
        raise dialog(f"The {side} customer values do not match to a specific Customer")
    return found


def of_customer(records: Records, kind: Document, customer: Row, bill_to: Row) -> Row:
    """What a document takes over from its customers."""
    own = records.company["currency"]
    currency = bill_to["currencyCode"] or own
    known = records.by_code("currencies", currency) if currency != own else None
    values: Row = {
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "billToCustomerId": bill_to["id"],
        "billToCustomerNumber": bill_to["number"],
        "billToName": bill_to["displayName"],
        "shipToName": customer["displayName"],
        "shipToContact": "",
        "currencyId": NO_GUID if known is None else known["id"],
        "currencyCode": currency,
        "paymentTermsId": bill_to["paymentTermsId"],
        "shipmentMethodId": customer["shipmentMethodId"],
        "salesperson": customer["salespersonCode"],
        "phoneNumber": customer["phoneNumber"],
        "email": customer["email"],
    }
    for side, source in zip(_SIDES, (customer, bill_to, customer), strict=True):
        values.update({f"{side}{part}": source[name] for part, name in ADDRESS_PARTS})
    return {name: value for name, value in values.items() if name in entity(kind.set).properties}


def due_date(records: Records, terms_id: str, day: str) -> str:
    """When a document of a day is due by payment terms (`30D`, `1M`, ...)."""
    terms = records.get("paymentTerms", terms_id)
    formula = "" if terms is None else str(terms["dueDateCalculation"])
    begun = date.fromisoformat(day)
    number, unit = formula[:-1], formula[-1:]
    if not number.isdigit() or unit not in ("D", "W", "M", "Y"):
        return day
    many = min(int(number), 10_000)
    if unit in ("D", "W"):
        try:
            return (begun + timedelta(days=many * (7 if unit == "W" else 1))).isoformat()
        except OverflowError:
            return day
    months = begun.month - 1 + many * (12 if unit == "Y" else 1)
    year, month = begun.year + months // 12, months % 12 + 1
    for last in (begun.day, 30, 29, 28):
        try:
            return date(year, month, last).isoformat()
        except ValueError:
            continue
    return day


def biller(records: Records, customer: Row) -> Row:
    """Who gets the customer's invoices."""
    found = records.get("customers", customer.get("_billTo") or NO_GUID)
    return customer if found is None else found
