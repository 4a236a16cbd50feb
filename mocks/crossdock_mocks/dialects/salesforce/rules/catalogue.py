"""Prices: a product has a standard price before it has another, and one in each price book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, in_use

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

_LINES = ("OpportunityLineItem", "QuoteLineItem", "OrderItem")


def _entry(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    book = records.get("Pricebook2", row["Pricebook2Id"])
    product = records.get("Product2", row["Product2Id"])
    if book is None or product is None:
        return  # what is required is missing, and that is told next
    if old is None:
        prices = [
            each
            for each in records.linked("PricebookEntry", "Product2Id", product["Id"])
            if each["Id"] != row["Id"]
        ]
        if any(each["Pricebook2Id"] == book["Id"] for each in prices):
            raise Refused(
                "DUPLICATE_VALUE",
                "This price definition already exists in this price book",
                [],
            )
        if not book["IsStandard"]:
            standard = [each for each in prices if _is_standard(records, each)]
            if not standard:
                raise Refused(
                    "STANDARD_PRICE_NOT_DEFINED",
                    "Before creating a custom price, create a standard price.",
                    [],
                )
            if row["UseStandardPrice"]:
                row["UnitPrice"] = standard[0]["UnitPrice"]
    if row["UseStandardPrice"] and "UnitPrice" in given and old is not None:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "List Price: field cannot be changed while the standard price is used",
            ["UnitPrice"],
        )
    row.update(Name=product["Name"], ProductCode=product["ProductCode"])


def _is_standard(records: Records, entry: Row) -> bool:
    book = records.get("Pricebook2", entry["Pricebook2Id"])
    return book is not None and bool(book["IsStandard"])


def _entry_changed(records: Records, row: Row, old: Row | None) -> None:
    if old is None or old is row or old["UnitPrice"] == row["UnitPrice"]:
        return
    if _is_standard(records, row):
        for each in records.linked("PricebookEntry", "Product2Id", row["Product2Id"]):
            if each["UseStandardPrice"] and each["Id"] != row["Id"]:
                each["UnitPrice"] = row["UnitPrice"]
                records.keep("PricebookEntry", each)


def _product_changed(records: Records, row: Row, old: Row | None) -> None:
    if old is not None and old is not row:
        for each in records.linked("PricebookEntry", "Product2Id", row["Id"]):
            named = {"Name": row["Name"], "ProductCode": row["ProductCode"]}
            records.rolled_up("PricebookEntry", each, named)


def _needed(records: Records, field: str, row: Row) -> None:
    for lines in _LINES:
        if records.linked(lines, field, row["Id"]):
            raise in_use(row["Name"], "lines of opportunities, quotes or orders")


def _entry_goes(records: Records, row: Row) -> None:
    _needed(records, "PricebookEntryId", row)
    if _is_standard(records, row):
        others = records.linked("PricebookEntry", "Product2Id", row["Product2Id"])
        if len(others) > 1:
            raise in_use(row["Name"], "prices in other price books")


def _product_goes(records: Records, row: Row) -> None:
    _needed(records, "Product2Id", row)


def _book_goes(records: Records, row: Row) -> None:
    if row["IsStandard"]:
        raise in_use(row["Name"], "standard prices")
    for each in records.linked("PricebookEntry", "Pricebook2Id", row["Id"]):
        _needed(records, "PricebookEntryId", each)


PRODUCT = Rules(after=_product_changed, before_delete=_product_goes)
PRICE_BOOK = Rules(before_delete=_book_goes)
ENTRY = Rules(before=_entry, after=_entry_changed, before_delete=_entry_goes)
