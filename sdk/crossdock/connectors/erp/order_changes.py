"""How the reference ERP is told of a change or cancellation of an order."""

from __future__ import annotations

from typing import Any

from crossdock.connectors.erp.orders import line_body
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.connectors.writing import number
from crossdock.records import LineChange, OrderChange


def change_body(change: OrderChange, unit: str) -> dict[str, Any]:
    """Write a change; its id goes into the note, which the ERP keeps in the order's history."""
    body: dict[str, Any] = {"note": _note(change)}
    if change.lines:
        body["lines"] = [_line_change(line) for line in change.lines]
    if change.added:
        body["addLines"] = [
            line_body(line, unit, f"added.{index}", {"orderId": change.order_id})
            for index, line in enumerate(change.added)
        ]
    if change.requested_on is not None:
        body["requestedOn"] = day_text(change.requested_on)
    return body


def cancel_body(change: OrderChange, _unit: str) -> dict[str, Any]:
    """Write a cancellation of all that is still open."""
    return {"note": _note(change)}


def _note(change: OrderChange) -> str:
    return f"{change.id}: {change.reason}"[:500] if change.reason else change.id


def _line_change(line: LineChange) -> dict[str, Any]:
    body: dict[str, Any] = {"line": line.number}
    if line.cancel:
        body["cancel"] = True
    if line.quantity is not None:
        body["quantity"] = number(line.quantity)
    if line.requested_on is not None:
        body["requestedOn"] = day_text(line.requested_on)
    return body
