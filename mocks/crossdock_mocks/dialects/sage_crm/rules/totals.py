"""Amounts that the server keeps: of a line, of a quote or an order, of an opportunity.

That a line's total is its quantity at the quoted price, and that a document's nett amount is that
of its lines, is how the vendor's screens compute; what is rounded when is our own guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.values import exact, rounded

_HUNDRED: Final = Decimal(100)
_OUT: Final = frozenset({"Declined", "Expired", "Cancelled"})


def line_sums(prefix: str, row: Row) -> None:
    """What a line comes to, and how much below the list price that is."""
    comment = row[f"{prefix}_linetype"] == "c"
    quantity = Decimal(0) if comment else exact(row[f"{prefix}_quantity"])
    listed, quoted = row[f"{prefix}_listprice"], row[f"{prefix}_quotedprice"]
    off = None
    if listed is not None and quoted is not None:
        off = exact(listed) - exact(quoted)
    row[f"{prefix}_discount"] = None if off is None else rounded(off, 6)
    row[f"{prefix}_discountsum"] = None if off is None else rounded(off * quantity)
    total = None if quoted is None and not comment else rounded(exact(quoted) * quantity)
    row[f"{prefix}_quotedpricetotal"] = total


def totals(head_prefix: str, line_prefix: str, head: Row, lines: Iterable[Row]) -> bool:
    """Sum up a document; tells whether that changed anything."""
    listed = list(lines)
    net = _sum(listed, f"{line_prefix}_quotedpricetotal")
    off = rounded(net * exact(head[f"{head_prefix}_discountpc"]) / _HUNDRED)
    nett = net - exact(off)
    sums = {
        f"{head_prefix}_lineitemdisc": rounded(_sum(listed, f"{line_prefix}_discountsum")),
        f"{head_prefix}_discountamt": off,
        f"{head_prefix}_nettamt": rounded(nett),
        f"{head_prefix}_grossamt": rounded(nett + exact(head[f"{head_prefix}_freight"])),
    }
    changed = any(head[name] != value for name, value in sums.items())
    head.update(sums)
    return changed


def opportunity_sums(deal: Row, quotes: Iterable[Row], orders: Iterable[Row]) -> bool:
    """Sum up an opportunity's quotes and orders in its currency; tells whether that changed it."""
    sums = {
        "oppo_totalquotes": rounded(_hung(deal, quotes, "quot")),
        "oppo_totalorders": rounded(_hung(deal, orders, "orde")),
    }
    changed = any(deal[name] != value for name, value in sums.items())
    deal.update(sums)
    return changed


def _hung(deal: Row, documents: Iterable[Row], prefix: str) -> Decimal:
    counted = (
        each
        for each in documents
        if each[f"{prefix}_currency"] == deal["oppo_currency"]
        and each[f"{prefix}_status"] not in _OUT
    )
    return _sum(counted, f"{prefix}_nettamt")


def _sum(rows: Iterable[Row], column: str) -> Decimal:
    return sum((exact(row[column]) for row in rows), Decimal(0))
