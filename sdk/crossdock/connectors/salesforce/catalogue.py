"""Products in a price book, which lines of quotes and orders refer to in place of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.writing import Unwritable, json_number
from crossdock.records import OrderLine, QuoteLine


@frozen
class Entry:
    """What a product costs in a price book: lines refer to it, not to the product."""

    id: str
    list_price: Decimal


class Catalogue:
    """Finds products in the price book that quotes and orders are made from.

    Args:
        org: the organization.
        price_book: its id; empty for the organization's standard one.
    """

    def __init__(self, org: Org, price_book: str) -> None:
        self._org = org
        self._price_book = price_book

    def price_book(self) -> str:
        """Give the id of the price book."""
        if not self._price_book:
            rows = self._org.select(["Id"], "Pricebook2", where="IsStandard = true", limit=1)
            self._price_book = str(rows[0]["Id"]) if rows else ""
        return self._price_book

    def entries(self, codes: Iterable[str], price_book: str) -> dict[str, Entry]:
        """Give the active entries of products by their codes, as far as they are there."""
        wanted = [code for code in dict.fromkeys(codes) if code]
        found: dict[str, Entry] = {}
        for start in range(0, len(wanted), 100):
            where = soql.all_of(
                [
                    soql.equal("Pricebook2Id", price_book),
                    "IsActive = true",
                    soql.one_of("Product2.ProductCode", wanted[start : start + 100]),
                ]
            )
            rows = self._org.select(
                ["Id", "UnitPrice", "Product2.ProductCode"],
                "PricebookEntry",
                where=where,
                order="Id",
            )
            for row in rows:
                code, entry = self._org.read(row, _entry)
                found.setdefault(code, entry)
        return found

    def prices(self, product_ids: Iterable[str]) -> dict[str, Decimal]:
        """Give what products cost in the price book, by their ids, as far as they are in it."""
        found: dict[str, Decimal] = {}
        for some in in_pieces(product_ids, 100):
            where = soql.all_of(
                [
                    soql.equal("Pricebook2Id", self.price_book()),
                    soql.one_of("Product2Id", some),
                ]
            )
            for row in self._org.select(
                ["Product2Id", "UnitPrice", "Id"], "PricebookEntry", where=where
            ):
                found[str(row["Product2Id"])] = values.decimal(row, "UnitPrice")
        return found

    def set_price(self, product_id: str, price: Decimal) -> None:
        """Say what a product costs in the price book."""
        where = soql.all_of(
            [
                soql.equal("Pricebook2Id", self.price_book()),
                soql.equal("Product2Id", product_id),
            ]
        )
        rows = self._org.select(["Id", "UnitPrice"], "PricebookEntry", where=where, limit=1)
        amount = json_number(price, "list_price")
        if not rows:
            body: dict[str, Written] = {
                "Pricebook2Id": self.price_book(),
                "Product2Id": product_id,
                "UnitPrice": amount,
                "IsActive": True,
            }
            self._org.create("PricebookEntry", body)
        elif values.decimal(rows[0], "UnitPrice") != price:
            self._org.change("PricebookEntry", str(rows[0]["Id"]), {"UnitPrice": amount})


def _entry(row: Row) -> tuple[str, Entry]:
    code = values.text(values.parent(row, "Product2"), "ProductCode")
    return code, Entry(str(row["Id"]), values.decimal(row, "UnitPrice"))


def entry_of(line: QuoteLine | OrderLine, entries: Mapping[str, Entry], field: str) -> Entry:
    """Give the price book entry of a line's item.

    Raises:
        Unwritable: there is none, so Salesforce cannot keep the line.
    """
    found = entries.get(line.item_id)
    if found is None:
        raise Unwritable(
            f"{field}.item_id",
            f"no active product of the price book has the code {line.item_id!r}; add it there",
        )
    return found
