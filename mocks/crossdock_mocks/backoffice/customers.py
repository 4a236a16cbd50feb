"""Customers: the trading accounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.decimals import amount_text
from crossdock_mocks.backoffice.kinds import CUSTOMER, PRICE_LISTS
from crossdock_mocks.backoffice.refusals import Invalid

NO_ADDRESS: Row = {
    "name": None,
    "street": None,
    "city": None,
    "region": None,
    "postcode": None,
    "country": None,
}
_PLAIN: Final = (
    "name", "legalName", "taxNumber", "email", "phone", "website", "termsDays", "active",
    "externalReference",
)  # fmt: skip


def create_customer(books: Books, asked: Mapping[str, Any]) -> Document:
    """Create a customer.

    Raises:
        Invalid: A price list or bill-to customer that it names does not exist.
    """
    header: Row = {
        "name": asked["name"],
        "legalName": asked.get("legalName"),
        "taxNumber": asked.get("taxNumber"),
        "email": asked.get("email"),
        "phone": asked.get("phone"),
        "website": asked.get("website"),
        "address": {**NO_ADDRESS, **asked.get("address", {})},
        "shippingAddress": None,
        "currency": asked.get("currency", books.settings.currency),
        "termsDays": asked.get("termsDays", 30),
        "creditLimit": None,
        "onHold": False,
        "holdReason": None,
        "priceLevel": None,
        "priceListId": None,
        "billToId": None,
        "active": asked.get("active", True),
        "externalReference": asked.get("externalReference"),
        "createdAt": books.now,
        "updatedAt": books.now,
        "updatedBy": books.actor,
    }
    _apply(books, header, asked)
    return books.add(CUSTOMER, header)


def change_customer(books: Books, customer: Document, asked: Mapping[str, Any]) -> None:
    """Change fields of a customer; of its address only the parts that are named.

    A delivery address of null is that of the customer itself.

    Raises:
        Invalid: A price list or bill-to customer that it names does not exist.
    """
    header = customer.header
    for name in _PLAIN:
        if name in asked:
            header[name] = asked[name]
    header["address"] = {**header["address"], **asked.get("address", {})}
    _apply(books, header, asked)
    books.touch(customer)


def _apply(books: Books, header: Row, asked: Mapping[str, Any]) -> None:
    if "shippingAddress" in asked:
        given = asked["shippingAddress"]
        before = header["shippingAddress"] or NO_ADDRESS
        header["shippingAddress"] = None if given is None else {**before, **given}
    if "creditLimit" in asked:
        limit = asked["creditLimit"]
        places = books.places(header["currency"])
        header["creditLimit"] = None if limit is None else amount_text(Decimal(limit), places)
    if "onHold" in asked:
        header["onHold"] = asked["onHold"]
        if not asked["onHold"]:
            header["holdReason"] = None
    if "holdReason" in asked:
        header["holdReason"] = asked["holdReason"]
    if header["holdReason"] and not header["onHold"]:
        raise Invalid(
            "hold_reason_without_hold",
            "A hold reason is given, but the customer is not on hold.",
            "/holdReason",
            received=header["holdReason"],
        )
    if "priceLevel" in asked:
        header["priceLevel"] = asked["priceLevel"]
    if asked.get("priceListId") is not None and asked["priceListId"] not in books.table(
        PRICE_LISTS
    ):
        raise Invalid(
            "unknown_price_list",
            f"There is no price list {asked['priceListId']}.",
            "/priceListId",
            received=asked["priceListId"],
        )
    if "priceListId" in asked:
        header["priceListId"] = asked["priceListId"]
    if "billToId" in asked:
        _bill_to(books, header, asked["billToId"])


def _bill_to(books: Books, header: Row, bill_to_id: str | None) -> None:
    if bill_to_id is not None:
        biller = books.referred(CUSTOMER, bill_to_id, "/billToId").header
        if bill_to_id == header.get("id") or biller["billToId"] is not None:
            raise Invalid(
                "bill_to_chain",
                f"{bill_to_id} cannot be billed for others: it is this customer itself,"
                " or is billed elsewhere.",
                "/billToId",
                received=bill_to_id,
            )
        if biller["currency"] != header["currency"]:
            raise Invalid(
                "currency_mismatch",
                f"{bill_to_id} is billed in {biller['currency']}, not {header['currency']}.",
                "/billToId",
                expected=header["currency"],
                received=biller["currency"],
            )
    header["billToId"] = bill_to_id


def trading_customer(books: Books, customer_id: str, pointer: str) -> Row:
    """The customer that a new document is for.

    Raises:
        Invalid: There is none, or nobody trades with it any more.
    """
    found = books.referred(CUSTOMER, customer_id, pointer).header
    if not found["active"]:
        raise Invalid(
            "inactive_customer",
            f"Customer {customer_id} is not active, so it gets no new documents.",
            pointer,
            received=customer_id,
        )
    return found


def bill_to(books: Books, customer: Row) -> Row:
    """The customer that is billed, and whose credit counts."""
    if customer["billToId"] is None:
        return customer
    return books.get(CUSTOMER, customer["billToId"]).header
