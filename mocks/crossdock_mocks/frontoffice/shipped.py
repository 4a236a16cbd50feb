"""How far the orders of a data set's ERP have come, as its CRM would know by now.

A quote that became an order before the first day has been followed by the CRM since; so its order
begins with the quantities that the data set's shipments and invoices give, and with the ERP's
prices and tax rates. Payments are not followed here: an order that is invoiced in full begins as
invoiced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.lines import with_amounts
from crossdock_mocks.frontoffice.office import Row

Read: TypeAlias = Callable[[str], Iterator[dict[str, Any]]]
_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class ErpLine:
    """One line of an ERP order: what was ordered at which price, and how far it has come."""

    ordered: Decimal
    cancelled: Decimal
    shipped: Decimal
    invoiced: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal | None
    promised_on: str | None


@attrs.frozen(kw_only=True)
class Fulfilment:
    """One ERP order with its lines by number."""

    order_id: str
    erp_status: str
    placed_at: str
    requested_on: str | None
    promised_on: str | None
    lines: Mapping[int, ErpLine]

    @property
    def status(self) -> str:
        """The order's status, from the quantities of its lines."""
        if self.erp_status == "cancelled":
            return "cancelled"
        reached = _reached(*self.lines.values())
        if reached == "open":
            return "on_hold" if self.erp_status == "hold" else "confirmed"
        return reached

    def follow(self, line: Row, currency: str) -> Row:
        """A line of the CRM's order as the ERP's line of the same number has it."""
        number = line["line"]
        erp = self.lines.get(number)
        if erp is None:
            return line
        followed = {
            **line,
            "erp_line": str(number),
            "status": _reached(erp),
            "ordered_quantity": format(erp.ordered, "f"),
            "cancelled_quantity": format(erp.cancelled, "f"),
            "shipped_quantity": format(erp.shipped, "f"),
            "invoiced_quantity": format(erp.invoiced, "f"),
            "quantity": format(erp.ordered, "f"),
            "unit_price": format(erp.unit_price, "f"),
            "discount_percent": format(erp.discount_percent, "f"),
            "net_amount": None,
            "tax_rate": None if erp.tax_rate is None else format(erp.tax_rate, "f"),
            "tax_amount": None,
            "promised_on": erp.promised_on or line["promised_on"],
        }
        return with_amounts(followed, currency)


def _reached(*lines: ErpLine) -> str:
    """How far some lines have come together."""
    wanted = sum((line.ordered - line.cancelled for line in lines), _ZERO)
    shipped = sum((line.shipped for line in lines), _ZERO)
    invoiced = sum((line.invoiced for line in lines), _ZERO)
    if not wanted:
        return "cancelled"
    if not shipped:
        return "open"
    if invoiced:
        return "invoiced" if invoiced >= wanted else "partly_invoiced"
    return "shipped" if shipped >= wanted else "partly_shipped"


def fulfilments(rows: Read, order_ids: set[str]) -> dict[str, Fulfilment]:
    """Follow some of a data set's ERP orders through its shipments and invoices.

    Args:
        rows: Reads a record kind; large kinds are read once, as a stream.
        order_ids: ERP orders that are wanted; without any nothing is read.
    """
    if not order_ids:
        return {}
    heads = {row["id"]: row for row in rows("orders") if row["id"] in order_ids}
    rates = {row["id"]: row["rate"] for row in rows("tax_codes")}
    shipped = _quantities(rows, "shipment", heads)
    invoiced = _quantities(rows, "invoice", heads)
    lines: dict[str, dict[int, ErpLine]] = defaultdict(dict)
    for row in rows("order_lines"):
        order_id, number = row["order_id"], row["line"]
        if order_id in heads:
            lines[order_id][number] = ErpLine(
                ordered=row["quantity"],
                cancelled=row["cancelled_quantity"] or _ZERO,
                shipped=shipped[order_id][number],
                invoiced=invoiced[order_id][number],
                unit_price=row["unit_price"],
                discount_percent=row["discount_percent"] or _ZERO,
                tax_rate=rates.get(row["tax_code"]),
                promised_on=_day(row["promised_on"]),
            )
    return {
        key: Fulfilment(
            order_id=key,
            erp_status=head["status"],
            placed_at=kept(datetime.combine(head["ordered_on"], time(), UTC)),
            requested_on=_day(head["requested_on"]),
            promised_on=_day(head["promised_on"]),
            lines=lines[key],
        )
        for key, head in heads.items()
    }


def _quantities(
    rows: Read, kind: str, heads: Mapping[str, Row]
) -> defaultdict[str, defaultdict[int, Decimal]]:
    """Quantities per order and order line, over the lines of all shipments or invoices."""
    orders = {row["id"]: row["order_id"] for row in rows(f"{kind}s") if row["order_id"] in heads}
    found: defaultdict[str, defaultdict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    if not orders:
        return found
    for row in rows(f"{kind}_lines"):
        order_id = orders.get(row[f"{kind}_id"])
        if order_id is not None and row["order_line"] is not None:
            found[order_id][row["order_line"]] += row["quantity"]
    return found


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())
