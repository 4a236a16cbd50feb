"""Lines of opportunities, quotes and orders: which price they take, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.rules.base import Row, exact, extended, rounded

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records


def price(
    records: Records, head_name: str, row: Row, old: Row | None, *, discounted: bool = True
) -> Row | None:
    """Fill a line from its price book entry, and work out its totals.

    Returns:
        The price book entry, or nothing where it is missing.

    Raises:
        Refused: The entry is not of the head's price book, or is not active.
    """
    entry = records.get("PricebookEntry", row["PricebookEntryId"])
    head = records.get(head_name, row[f"{head_name}Id"])
    if entry is None or head is None:
        return None
    if old is None:
        _same_book(records, head_name, head, entry)
        row["Product2Id"] = entry["Product2Id"]
        row["ListPrice"] = entry["UnitPrice"]
        if row["UnitPrice"] is None:
            row["UnitPrice"] = entry["UnitPrice"]
    if row["Quantity"] is None:
        return entry
    row["TotalPrice"] = rounded(extended(row, discounted=discounted))
    if "Subtotal" in row:
        row["Subtotal"] = rounded(extended(row, discounted=False))
    return entry


def _same_book(records: Records, head_name: str, head: Row, entry: Row) -> None:
    if not entry["IsActive"]:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is inactive)",
            ["PricebookEntryId"],
        )
    if head["Pricebook2Id"] is None:
        # The first line decides the price book.
        head["Pricebook2Id"] = entry["Pricebook2Id"]
        records.keep(head_name, head)
    elif head["Pricebook2Id"] != entry["Pricebook2Id"]:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is in a different "
            f"pricebook than the one assigned to the {head_name.lower()})",
            ["PricebookEntryId"],
        )


def book_stays(records: Records, lines: str, link: str, row: Row, old: Row | None) -> None:
    """See that a head keeps its price book as long as it has lines.

    Raises:
        Refused: It changes while there are lines.
    """
    if old is None or old["Pricebook2Id"] in (None, row["Pricebook2Id"]):
        return
    if records.linked(lines, link, row["Id"]):
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception (You cannot change the price book of a record that has "
            "products.)",
            ["Pricebook2Id"],
        )


def total_price(given: Mapping[str, Any], row: Row) -> None:
    """Take a total that came instead of a price."""
    if given.get("TotalPrice") is not None and given.get("UnitPrice") is None and row["Quantity"]:
        row["UnitPrice"] = rounded(exact(given["TotalPrice"]) / exact(row["Quantity"]))
