"""A change or cancellation of an order that is an estimate, onto QuickBooks' wire.

A change is written on top of the estimate as it was just read, whole, with the `SyncToken` that it
was read with: where somebody else wrote meanwhile, QuickBooks refuses it (5010), and nothing is
lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from crossdock.connectors.quickbooks.orders import Sale, numbered
from crossdock.connectors.quickbooks.origin import with_line
from crossdock.connectors.quickbooks.placing import Sold, amount_of, line_body, told_lines
from crossdock.connectors.writing import Unwritable, json_number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.errors import RemoteRefused, Stale
from crossdock.records import LineChange, Order, OrderChange, OrderLine

_NOTHING = Decimal(0)


def altered(
    sale: Sale,
    order: Order,
    change: OrderChange,
    added: Mapping[int, Sold],
    *,
    label: str,
    system: str,
) -> dict[str, Any]:
    """Write the estimate as the change leaves it.

    Args:
        sale: the estimate as it is now.
        order: the order as it was read when the change was decided.
        change: what is to become of it.
        added: what each new line, by its number, is made of.
        label: QuickBooks in plain words.
        system: the configured name.

    Raises:
        Stale: it is not the one that was read.
        RemoteRefused: it is closed or declined, or less is wanted than is invoiced.
    """
    row = sale.document.row
    if row["SyncToken"] != order.version:
        raise Stale(
            f"{label} has estimate {order.id} in another state than it was read in "
            f"({row['SyncToken']}, not {order.version})",
            system=system,
            code="5010",
        )

    def refuse(problem: str) -> RemoteRefused:
        return RemoteRefused(
            f"{label} has estimate {order.id}, {problem}", system=system, code="not_changeable"
        )

    if sale.status in ("Closed", "Rejected"):
        raise refuse(f"which is {sale.status.lower()} and is changed by nobody any more")
    body: dict[str, Any] = {
        "Id": order.id,
        "SyncToken": row["SyncToken"],
        "sparse": True,
        "PrivateNote": _noted(sale, change),
    }
    if change.kind == "cancel":
        # What is invoiced was sold; the rest is over.
        body["TxnStatus"] = "Closed" if sale.alive else "Rejected"
        return body
    if change.requested_on is not None:
        body["ShipDate"] = day_text(change.requested_on)
    if change.lines or change.added:
        body["Line"] = _lines(sale, order, change, added, refuse)
    return body


def _noted(sale: Sale, change: OrderChange) -> str:
    """Add a change to the note for staff, and the numbers of new lines to where it came from."""
    said = f"{change.id}: {change.reason}"[:500] if change.reason else change.id
    origin = sale.origin
    if origin is not None and change.added:
        lines = sale.document.lines
        numbers = {
            int(line_id): number
            for line_id, number in numbered(lines, origin).items()
            if line_id.isdigit()
        }
        # A new line gets the next id.
        last = max(numbers, default=0)
        numbers |= {last + at: line.number for at, line in enumerate(change.added, start=1)}
        origin = evolve(origin, lines=told_lines(numbers))
    return with_line(sale.document.note, said, origin)


def _lines(
    sale: Sale, order: Order, change: OrderChange, added: Mapping[int, Sold], refuse: Any
) -> list[dict[str, Any]]:
    """Write all lines, as QuickBooks takes those that are missing for removed."""
    numbers = numbered(sale.document.lines, sale.origin)
    ids = {number: line_id for line_id, number in numbers.items()}
    there = {line.number: line for line in order.lines}
    wanted = {ids[each.number]: each for each in change.lines if each.number in ids}
    written: list[dict[str, Any]] = []
    for row in sale.document.row.get("Line", []):
        asked = wanted.get(row.get("Id", ""))
        if asked is None:
            if row.get("DetailType") != "SubTotalLineDetail":
                written.append(as_read(row))
            continue
        line = there[asked.number]
        quantity = _quantity(asked, line)
        if quantity < line.invoiced:
            raise refuse(
                f"of which {line.invoiced:f} x {line.item_id} are invoiced already, so it cannot "
                f"become {quantity:f}"
            )
        if quantity > _NOTHING:
            written.append(_with_quantity(row, quantity, order.currency, asked.number))
    for index, line in enumerate(change.added):
        written.append(line_body(line, added[line.number], order.currency, f"added.{index}"))
    if not written:
        raise refuse("which would have no line left; cancel the order instead")
    return written


def _quantity(asked: LineChange, line: OrderLine) -> Decimal:
    if asked.cancel:
        return line.invoiced
    return line.quantity if asked.quantity is None else asked.quantity


def _with_quantity(
    row: dict[str, Any], quantity: Decimal, unit: str, number: int
) -> dict[str, Any]:
    detail = dict(row["SalesItemLineDetail"])
    price = detail.get("UnitPrice")
    if price is None:
        raise Unwritable(f"lines.{number}.quantity", "is of a line without a price of one unit")
    detail["Qty"] = quantity
    amount = amount_of(Decimal(price), quantity, _NOTHING, unit)
    changed = {**row, "SalesItemLineDetail": detail, "Amount": amount}
    written: dict[str, Any] = as_read(changed)
    return written


def as_read(value: Any) -> Any:
    """Write what was read, digit for digit."""
    if isinstance(value, Decimal):
        return json_number(value, "lines")
    if isinstance(value, dict):
        return {name: as_read(each) for name, each in value.items()}
    return [as_read(each) for each in value] if isinstance(value, list) else value
