"""Quotes and sales orders: numbered, and their totals kept from their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from crossdock_mocks.dialects.saleslogix.entities.documents import ORDERED
from crossdock_mocks.dialects.saleslogix.rules.lines import extend, numbered, take_product
from crossdock_mocks.dialects.saleslogix.settings import base_currency
from crossdock_mocks.sdata import KEY, Records, Row, Rules, refused
from crossdock_mocks.sdata.values import exact, rounded


@attrs.frozen
class Kind:
    """A kind of document.

    Attributes:
        heads: Its resource.
        lines: That of its lines.
        link: The lines' reference to it.
        number: The field with its number.
        prefix: Beginning of its numbers.
        total: The field with the sum of its lines.
        dated: The field with its date.
    """

    heads: str
    lines: str
    link: str
    number: str
    prefix: str
    total: str
    dated: str


QUOTE: Final = Kind("quotes", "quoteItems", "Quote", "QuoteNumber", "QUO-", "Total", "DocumentDate")
ORDER: Final = Kind(
    "salesOrders", "salesOrderItems", "SalesOrder", "SalesOrderNumber", "SO-", "OrderTotal",
    "OrderDate",
)  # fmt: skip


def total(kind: Kind, head: Row, lines: list[Row]) -> None:
    """Keep what a document comes to: its lines, and then tax and freight."""
    net = sum((exact(each["ExtendedPrice"]) for each in lines), Decimal(0))
    document = sum((exact(each["DocTotalAmount"]) for each in lines), Decimal(0))
    extra = exact(head["Tax"]) + exact(head["Freight"])
    rate = exact(head["ExchangeRate"]) or Decimal(1)
    head[kind.total] = rounded(net)
    head[f"Doc{kind.total}"] = rounded(document)
    head["GrandTotal"] = rounded(net + extra)
    head["DocGrandTotal"] = rounded(document + extra * rate)


def _before(kind: Kind) -> Callable[[Records, Row, Row | None, Mapping[str, Any]], None]:
    def before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
        del given
        base = base_currency(records.world)
        row["BaseCurrencyCode"] = base
        row["CurrencyCode"] = row["CurrencyCode"] or base
        if old is None:
            number = records.world.sequence(f"slx_{kind.number}", start=100_001)
            row[kind.number] = f"{kind.prefix}{number}"
            row[kind.dated] = row[kind.dated] or records.now
        if old is None or old["Status"] != row["Status"]:
            row["StatusDate"] = records.now
        if old is not None and old["Account"] != row["Account"]:
            raise refused("A document stays with its account.", path="Account")
        total(kind, row, records.related(kind.lines, kind.link, row[KEY]))

    return before


def _line(kind: Kind) -> Callable[[Records, Row, Row | None, Mapping[str, Any]], None]:
    def before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
        head = records.get(kind.heads, row[kind.link])
        if old is not None and old[kind.link] != row[kind.link]:
            raise refused("A line stays with its document.", path=kind.link)
        if head is not None:
            _open(kind, head)
        take_product(records, row, given, "ActualID")
        extend(row, old, given, head and head["ExchangeRate"])
        numbered(records, kind.lines, kind.link, row)
        if "ErpOpenQuantity" in row and row["ErpOpenQuantity"] is None:
            row["ErpOpenQuantity"] = row["Quantity"]

    return before


def _open(kind: Kind, head: Row) -> None:
    """See that the lines of a document may change: those of a quote that was ordered stay."""
    if kind is QUOTE and head["Status"] == ORDERED:
        raise refused(f"Quote {head['QuoteNumber']} was ordered: its lines stay as they are.")


def _line_after(kind: Kind) -> Callable[[Records, Row, Row | None], None]:
    def after(records: Records, row: Row, old: Row | None) -> None:
        del old
        _again(records, kind, row)

    return after


def _line_gone(kind: Kind) -> Callable[[Records, Row], None]:
    return lambda records, row: _again(records, kind, row)


def _again(records: Records, kind: Kind, line: Row) -> None:
    head = records.get(kind.heads, line[kind.link])
    if head is not None:
        total(kind, head, records.related(kind.lines, kind.link, head[KEY]))
        records.keep(kind.heads, head)


def _line_goes(kind: Kind) -> Callable[[Records, Row], None]:
    def before_delete(records: Records, row: Row) -> None:
        head = records.get(kind.heads, row[kind.link])
        if head is not None:
            _open(kind, head)

    return before_delete


def _order_goes(records: Records, row: Row) -> None:
    del records
    if row["ErpExtId"] is not None:
        raise refused(
            f"{row['SalesOrderNumber']} is known to the back office as {row['ErpExtId']}: "
            "cancel it there."
        )


def _rules(kind: Kind) -> dict[str, Rules]:
    return {
        kind.heads: Rules(
            before=_before(kind), before_delete=_order_goes if kind is ORDER else None
        ),
        kind.lines: Rules(
            before=_line(kind), after=_line_after(kind), before_delete=_line_goes(kind),
            after_delete=_line_gone(kind),
        ),
    }  # fmt: skip


RULES: Final = {**_rules(QUOTE), **_rules(ORDER)}
