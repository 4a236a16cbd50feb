"""Customers: the trading accounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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


def create_customer(books: Books, asked: Mapping[str, Any]) -> Document:
    """Create a customer.

    Raises:
        Invalid: A price list or bill-to customer that it names does not exist.
    """
    header: Row = {
        "name": asked["name"],
        "taxNumber": asked.get("taxNumber"),
        "email": asked.get("email"),
        "phone": asked.get("phone"),
        "address": {**NO_ADDRESS, **asked.get("address", {})},
        "currency": asked.get("currency", books.settings.currency),
        "termsDays": asked.get("termsDays", 30),
        "creditLimit": None,
        "onHold": False,
        "holdReason": None,
        "priceLevel": None,
        "priceListId": None,
        "billToId": None,
        "externalReference": asked.get("externalReference"),
        "createdAt": books.now,
        "updatedAt": books.now,
    }
    _apply(books, header, asked)
    return books.add(CUSTOMER, header)


def change_customer(books: Books, customer: Document, asked: Mapping[str, Any]) -> None:
    """Change fields of a customer; of its address only the parts that are named.

    Raises:
        Invalid: A price list or bill-to customer that it names does not exist.
    """
    header = customer.header
    for name in ("name", "taxNumber", "email", "phone", "termsDays", "externalReference"):
        if name in asked:
            header[name] = asked[name]
    header["address"] = {**header["address"], **asked.get("address", {})}
    _apply(books, header, asked)
    books.touch(customer)


def _apply(books: Books, header: Row, asked: Mapping[str, Any]) -> None:
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


def bill_to(books: Books, customer: Row) -> Row:
    """The customer that is billed, and whose credit counts."""
    if customer["billToId"] is None:
        return customer
    return books.get(CUSTOMER, customer["billToId"]).header
