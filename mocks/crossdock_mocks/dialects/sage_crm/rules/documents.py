"""Quotes and orders with their items: what is filled in, wanted, and summed up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from crossdock_mocks.dialects.sage_crm.entities.columns import NO
from crossdock_mocks.dialects.sage_crm.rules.common import moved
from crossdock_mocks.dialects.sage_crm.rules.totals import line_sums, opportunity_sums, totals
from crossdock_mocks.sdata import KEY, refused
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records


@final
@attrs.frozen
class Document:
    """One of the two pairs of tables.

    Attributes:
        head: The entity of the document, and `heads` the beginning of its columns.
        line: The entity of its items, and `lines` the beginning of theirs.
        letter: What a reference begins with that the server makes.
    """

    head: str
    heads: str
    line: str
    lines: str
    letter: str

    # The document

    def before(
        self, records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """A document has a reference, a day, and a customer that fits."""
        del given
        column = f"{self.heads}_reference"
        row[column] = row[column] or f"{self.letter}-{row[KEY]}"
        if old is None and row[f"{self.heads}_opened"] is None:
            row[f"{self.heads}_opened"] = records.now
        percent = row[f"{self.heads}_discountpc"]
        if percent is not None and not 0 <= percent <= 100:
            raise refused("A discount is 0 to 100 per cent.", path=f"{self.heads}_discountpc")
        account = records.get("account", row[f"{self.heads}_accountid"])
        if account is not None and account["acc_companyid"] != row[f"{self.heads}_companyid"]:
            raise refused(
                f"Trading account '{account[KEY]}' is not one of this company.",
                path=f"{self.heads}_accountid",
            )

    def after(self, records: Records, row: Row, old: Row | None) -> None:
        """Totals follow head and lines; opportunities follow their documents."""
        self.settle(records, row[KEY])
        gone = moved(row, old, f"{self.heads}_opportunityid")
        for deal in {gone, row[f"{self.heads}_opportunityid"]} - {None}:
            settle_opportunity(records, deal)

    def after_delete(self, records: Records, row: Row) -> None:
        """An opportunity is worth less without a document of its."""
        settle_opportunity(records, row[f"{self.heads}_opportunityid"])

    def settle(self, records: Records, key: Any) -> None:
        """Sum up a document that is still there."""
        head = records.get(self.head, key)
        if head is not None and totals(self.heads, self.lines, head, self.items(records, key)):
            records.keep(self.head, head)
            settle_opportunity(records, head[f"{self.heads}_opportunityid"])

    def items(self, records: Records, key: Any) -> list[Row]:
        """The lines of a document, by their numbers."""
        rows = records.related(self.line, f"{self.lines}_orderquoteid", key)
        return sorted(rows, key=lambda row: (row[f"{self.lines}_linenumber"] or 0, row[KEY]))

    # Its lines

    def before_line(
        self, records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """A line is of a product, or says what it is of; the rest follows from that."""
        del given
        prefix = self.lines
        head = records.get(self.head, row[f"{prefix}_orderquoteid"])
        self._check(row)
        product = records.get("newproduct", row[f"{prefix}_productid"])
        if product is not None and row[f"{prefix}_linetype"] == "i":
            if old is None and product["prod_active"] == NO:
                raise refused(
                    f"Product '{product['prod_code']}' is not sold any more.",
                    path=f"{prefix}_productid",
                )
            self._follow(records, row, old, product, head)
        else:
            row[f"{prefix}_productfamilyid"] = None
        if row[f"{prefix}_quotedprice"] is None:
            row[f"{prefix}_quotedprice"] = row[f"{prefix}_listprice"]
        if row[f"{prefix}_linenumber"] is None and head is not None:
            numbers = [each[f"{prefix}_linenumber"] or 0 for each in self.items(records, head[KEY])]
            row[f"{prefix}_linenumber"] = max(numbers, default=0) + 1
        line_sums(prefix, row)

    def _check(self, row: Row) -> None:
        prefix = self.lines
        kind = row[f"{prefix}_linetype"] or "i"
        row[f"{prefix}_linetype"] = kind
        if kind == "i" and row[f"{prefix}_productid"] is None:
            raise refused("A line of a product needs one.", path=f"{prefix}_productid")
        if kind != "i" and row[f"{prefix}_description"] is None:
            raise refused("A line without a product needs text.", path=f"{prefix}_description")
        if kind != "c" and not row[f"{prefix}_quantity"]:
            raise refused("A line needs a quantity.", path=f"{prefix}_quantity")

    def _follow(
        self, records: Records, row: Row, old: Row | None, product: Row, head: Row | None
    ) -> None:  # fmt: skip
        prefix = self.lines
        row[f"{prefix}_productfamilyid"] = product["prod_productfamilyid"]
        another = old is not None and old[f"{prefix}_productid"] != product[KEY]
        for name, value in (
            ("uomid", product["prod_uomid"]),
            ("description", product["prod_name"]),
        ):
            column = f"{prefix}_{name}"
            left = another and old is not None and old[column] == row[column]
            if row[column] is None or left:  # what the line had was of the other product
                row[column] = value
        if row[f"{prefix}_listprice"] is None and head is not None:
            row[f"{prefix}_listprice"] = _list_price(
                records, product[KEY], head[f"{self.heads}_currency"]
            )

    def after_line(self, records: Records, row: Row, old: Row | None) -> None:
        """The document of a line is summed up anew; both, where the line was moved."""
        gone = moved(row, old, f"{self.lines}_orderquoteid")
        for key in {gone, row[f"{self.lines}_orderquoteid"]} - {None}:
            self.settle(records, key)

    def after_line_delete(self, records: Records, row: Row) -> None:
        """The document of a line that went is summed up anew."""
        self.settle(records, row[f"{self.lines}_orderquoteid"])


QUOTE: Final = Document("quotes", "quot", "quoteitems", "quit", "Q")
ORDER: Final = Document("orders", "orde", "orderitems", "orit", "R")


def settle_opportunity(records: Records, key: Any) -> None:
    """Sum up the quotes and orders of an opportunity."""
    deal = records.get("opportunity", key)
    if deal is None:
        return
    quotes = records.related("quotes", "quot_opportunityid", key)
    orders = records.related("orders", "orde_opportunityid", key)
    if opportunity_sums(deal, quotes, orders):
        records.keep("opportunity", deal)


def _list_price(records: Records, product: Any, currency: Any) -> Any:
    """The price of a product in a currency, where there is one."""
    for each in records.related("pricing", "pric_productid", product):
        if each["pric_currency"] == currency and each["pric_active"] != NO:
            return each["pric_price"]
    return None
