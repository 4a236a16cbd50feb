"""Quotes: what their lines come to, with tax and shipping."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, exact, rounded, total
from crossdock_mocks.dialects.salesforce.rules.lines import book_stays, price

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records


def sums(row: Row, lines: list[Row]) -> Row:
    """What a quote's totals are, given its lines."""
    subtotal = total(each["Subtotal"] for each in lines)
    net = total(each["TotalPrice"] for each in lines)
    discount = (subtotal - net) / subtotal * 100 if subtotal else Decimal(0)
    return {
        "Subtotal": rounded(subtotal),
        "TotalPrice": rounded(net),
        "Discount": rounded(discount),
        "GrandTotal": rounded(net + exact(row["Tax"]) + exact(row["ShippingHandling"])),
        "LineItemCount": len(lines),
    }


def _before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    deal = records.get("Opportunity", row["OpportunityId"])
    if old is None and deal is not None:
        row["AccountId"] = deal["AccountId"]
        if row["Pricebook2Id"] is None:
            row["Pricebook2Id"] = deal["Pricebook2Id"]
    lines = []
    if old is not None:
        book_stays(records, "QuoteLineItem", "QuoteId", row, old)
        lines = records.linked("QuoteLineItem", "QuoteId", row["Id"])
    row.update(sums(row, lines))


def _line(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    price(records, "Quote", row, old)


def _line_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    head = records.get("Quote", row["QuoteId"])
    if head is not None:
        lines = records.linked("QuoteLineItem", "QuoteId", head["Id"])
        records.rolled_up("Quote", head, sums(head, lines))


QUOTE: Final = Rules(before=_before)
LINE: Final = Rules(before=_line, after=_line_after)
