"""Lines: what they take from their product, and what they come to.

A discount is a fraction: 0.1 is ten per cent. A price that was given stands; one that was not is
worked out again when what it depends on changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.sdata import Records, Row, refused
from crossdock_mocks.sdata.values import exact, rounded

_BASIS: Final = ("Product", "Price", "Discount", "Quantity")


def take_product(records: Records, row: Row, given: Mapping[str, Any], named: str) -> None:
    """Fill what was not given from the product.

    Args:
        records: The records.
        row: The line.
        given: What came.
        named: The line's field for the product's own number, or nothing.

    Raises:
        Refused: The line says of nothing that it is sold.
    """
    product = records.get("products", row["Product"])
    if product is None:
        if not row["ProductName"]:
            raise refused("A line names a Product, or has a ProductName.", path="Product")
        return
    taken = {"ProductName": "Name", "Family": "Family"}
    if named:
        taken[named] = "ActualId"
    for own, theirs in taken.items():
        if row[own] is None or ("Product" in given and own not in given):
            row[own] = product[theirs]
    if row["Price"] is None or ("Product" in given and "Price" not in given):
        row["Price"] = product["Price"]
    if "UnitOfMeasure" in row and row["UnitOfMeasure"] is None:
        row["UnitOfMeasure"] = product["UnitOfMeasure"]


def extend(row: Row, old: Row | None, given: Mapping[str, Any], rate: Any) -> None:
    """Work out what a line comes to.

    Args:
        row: The line.
        old: What it was.
        given: What came.
        rate: Units of the document's currency for one of the company's.

    Raises:
        Refused: Quantity or discount cannot be.
    """
    if exact(row["Quantity"]) < 0:
        raise refused("A quantity is not below zero.", path="Quantity")
    if not 0 <= exact(row["Discount"]) <= 1:
        raise refused("A discount is a fraction between 0 and 1.", path="Discount")
    changed = old is None or any(row[name] != old[name] for name in _BASIS)
    quantity, by = exact(row["Quantity"]), exact(rate) or 1

    def keep(name: str, value: Any) -> None:
        if name in row and ((changed and given.get(name) is None) or row[name] is None):
            row[name] = value

    if row["Price"] is None:
        return
    keep("CalculatedPrice", rounded(exact(row["Price"]) * (1 - exact(row["Discount"]))))
    keep("ExtendedPrice", rounded(quantity * exact(row["CalculatedPrice"])))
    keep("DocCalculatedPrice", rounded(exact(row["CalculatedPrice"]) * by))
    if "DocCalculatedPrice" in row:
        keep("DocExtendedPrice", rounded(quantity * exact(row["DocCalculatedPrice"])))
        keep("DocTotalAmount", row["DocExtendedPrice"])


def numbered(records: Records, kind: str, column: str, row: Row) -> None:
    """Give a line that has no number the next one of its document."""
    if row["LineNumber"] is None:
        others = records.related(kind, column, row[column])
        row["LineNumber"] = max((each["LineNumber"] or 0 for each in others), default=0) + 1
