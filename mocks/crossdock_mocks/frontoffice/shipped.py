"""How far the orders of a data set's ERP have come, as its CRM would know by now.

A quote that became an order before the first day has been followed by the CRM since; so its order
begins with the quantities that the data set's shipments and invoices give. Payments are not
followed here: an order that is invoiced in full begins as invoiced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.office import Row

Read: TypeAlias = Callable[[str], Iterator[dict[str, Any]]]
Quantities: TypeAlias = Mapping[int, Decimal]
_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class Fulfilment:
    """One ERP order, line numbers to quantities."""

    order_id: str
    erp_status: str
    placed_at: str | None
    requested_on: str | None
    promised_on: str | None
    promised: Mapping[int, str]
    ordered: Quantities
    cancelled: Quantities
    shipped: Quantities
    invoiced: Quantities

    @property
    def status(self) -> str:
        """The order's status, from its quantities."""
        ordered, cancelled, shipped, invoiced = (
            sum(each.values(), _ZERO)
            for each in (self.ordered, self.cancelled, self.shipped, self.invoiced)
        )
        if self.erp_status == "cancelled" or (ordered and cancelled == ordered):
            return "cancelled"
        if not shipped:
            return "on_hold" if self.erp_status == "hold" else "confirmed"
        if invoiced:
            done = invoiced >= ordered - cancelled
            return "invoiced" if done else "partly_invoiced"
        return "shipped" if shipped >= ordered - cancelled else "partly_shipped"

    def follow(self, line: Row) -> Row:
        """A line of the CRM's order with the quantities of the ERP's line of the same number."""
        number = line["line"]
        if number not in self.ordered:
            return line
        ordered, cancelled = self.ordered[number], self.cancelled[number]
        shipped, invoiced = self.shipped.get(number, _ZERO), self.invoiced.get(number, _ZERO)
        if cancelled == ordered:
            status = "cancelled"
        elif not shipped:
            status = "open"
        elif invoiced:
            status = "invoiced" if invoiced >= ordered - cancelled else "partly_invoiced"
        else:
            status = "shipped" if shipped >= ordered - cancelled else "partly_shipped"
        return {
            **line,
            "erp_line": str(number),
            "status": status,
            "ordered_quantity": format(ordered, "f"),
            "cancelled_quantity": format(cancelled, "f"),
            "shipped_quantity": format(shipped, "f"),
            "invoiced_quantity": format(invoiced, "f"),
            "promised_on": self.promised.get(number, line["promised_on"]),
        }


def fulfilments(rows: Read, order_ids: set[str]) -> dict[str, Fulfilment]:
    """Follow some of a data set's ERP orders through its shipments and invoices.

    Args:
        rows: Reads a record kind; large kinds are read once, as a stream.
        order_ids: ERP orders that are wanted; without any nothing is read.
    """
    if not order_ids:
        return {}
    heads = {row["id"]: row for row in rows("orders") if row["id"] in order_ids}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows("order_lines"):
        if row["order_id"] in heads:
            lines[row["order_id"]].append(row)
    shipped = _quantities(rows, "shipment", heads)
    invoiced = _quantities(rows, "invoice", heads)
    return {
        key: Fulfilment(
            order_id=key,
            erp_status=head["status"],
            placed_at=kept(datetime.combine(head["ordered_on"], time(), UTC)),
            requested_on=_day(head["requested_on"]),
            promised_on=_day(head["promised_on"]),
            promised={
                each["line"]: each["promised_on"].isoformat()
                for each in lines[key]
                if each["promised_on"]
            },
            ordered={each["line"]: each["quantity"] for each in lines[key]},
            cancelled={each["line"]: each["cancelled_quantity"] or _ZERO for each in lines[key]},
            shipped=shipped[key],
            invoiced=invoiced[key],
        )
        for key, head in heads.items()
    }


def _quantities(rows: Read, kind: str, heads: Mapping[str, Row]) -> dict[str, dict[int, Decimal]]:
    """Quantities per order and order line, over the lines of all shipments or invoices."""
    orders = {row["id"]: row["order_id"] for row in rows(f"{kind}s") if row["order_id"] in heads}
    found: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    if not orders:
        return found
    for row in rows(f"{kind}_lines"):
        order_id = orders.get(row[f"{kind}_id"])
        if order_id is not None and row["order_line"] is not None:
            found[order_id][row["order_line"]] += row["quantity"]
    return found


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())
