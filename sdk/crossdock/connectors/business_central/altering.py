"""A change or cancellation of an order, onto Business Central's wire.

A change is a transaction: the order's head is written first, as it was read, so that all of it is
refused where somebody else wrote meanwhile. What is cancelled of a line leaves the line, as nothing
else would keep it from being shipped, and is told in words; see `origin`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.batch import Wish
from crossdock.connectors.business_central.lines import Line
from crossdock.connectors.business_central.orders import Sale, version
from crossdock.connectors.business_central.origin import (
    cancelled_line,
    cancelled_part,
    line_number,
)
from crossdock.connectors.business_central.placing import decimal, line_body
from crossdock.connectors.business_central.wire import quantity
from crossdock.connectors.reading import text
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.errors import RemoteRefused, Stale
from crossdock.records import LineChange, Order, OrderChange, OrderLine

_ZERO: Final = Decimal(0)
_ANY: Final = "*"
Refuse = Callable[[str], RemoteRefused]
"""Makes the error for what cannot be done to the order."""


def wishes(sale: Sale, order: Order, change: OrderChange, *, label: str, system: str) -> list[Wish]:
    """Write a change as the requests of one transaction; none where nothing is to be done.

    Args:
        sale: the order as it is now.
        order: the order as it was read when the change was decided.
        change: what is to become of it.
        label: Business Central in plain words.
        system: the configured name.

    Raises:
        Stale: it is not the one that was read.
        RemoteRefused: less is wanted than is shipped, or an item is cancelled that is shipped.
    """
    if version(sale) != order.version:
        raise Stale(
            f"{label} has order {order.id} in another state than it was read in",
            system=system,
            code="Request_EntityChanged",
        )

    def refuse(problem: str) -> RemoteRefused:
        return RemoteRefused(
            f"{label} has order {order.id}, {problem}", system=system, code="not_changeable"
        )

    inside = list(_changes(sale, order, change, refuse))
    head: dict[str, Any] = {}
    if change.requested_on is not None:
        head["requestedDeliveryDate"] = day_text(change.requested_on)
    if not head and not inside:
        return []
    # What is there is written again where there is nothing else to write: it is what checks.
    head = head or {"externalDocumentNumber": text(sale.row, "externalDocumentNumber")}
    first = Wish(operation=use.UPDATE_ORDER, entity_id=sale.id, body=head, etag=sale.etag)
    return [first, *inside]


def _changes(sale: Sale, order: Order, change: OrderChange, refuse: Refuse) -> Iterator[Wish]:
    there = {line_number(line.sequence): line for line in sale.lines.sold}
    known = {line.number: line for line in order.lines}
    if change.kind == "cancel":
        for number, line in there.items():
            yield from _cancelled(sale, line, known[number])
        return
    for asked in change.lines:
        line_there = there.get(asked.number)
        if line_there is None:
            if asked.cancel and known[asked.number].cancelled:
                continue  # it is cancelled already
            raise refuse(f"whose line {asked.number} is not there any more")
        yield from _changed(sale, line_there, known[asked.number], asked, refuse)
    for index, added in enumerate(change.added):
        body = line_body(added, sale.currency, f"added.{index}")
        yield Wish(operation=use.CREATE_LINE, entity_id=sale.id, body=body)


def _changed(
    sale: Sale, line: Line, known: OrderLine, asked: LineChange, refuse: Refuse
) -> Iterator[Wish]:
    body: dict[str, Any] = {}
    if asked.requested_on is not None:
        body["shipmentDate"] = day_text(asked.requested_on)
    if asked.cancel:
        yield from _cancelled(sale, line, known)
        return
    if asked.quantity is not None:
        wanted = asked.quantity - known.cancelled
        if wanted < known.shipped:
            raise refuse(
                f"of which {known.shipped:f} x {line.code} are shipped already, so it cannot "
                f"become {asked.quantity:f}"
            )
        if wanted <= _ZERO:
            raise refuse(f"whose line {asked.number} would be nothing; cancel it instead")
        body["quantity"] = decimal(wanted, f"lines.{asked.number}.quantity")
    if body:
        yield Wish(operation=use.UPDATE_LINE, entity_id=line.id, body=body, etag=_ANY)


def _cancelled(sale: Sale, line: Line, known: OrderLine) -> Iterator[Wish]:
    """Take what is open off a line; a line of which nothing was shipped becomes a comment."""
    shipped = quantity(line.row, "shippedQuantity")
    if shipped >= line.quantity:
        return
    if shipped:
        left = known.cancelled + line.quantity - shipped
        body = {
            "quantity": decimal(shipped, "lines.quantity"),
            "description2": cancelled_part(left),
        }
        yield Wish(operation=use.UPDATE_LINE, entity_id=line.id, body=body, etag=_ANY)
        return
    yield Wish(operation=use.DELETE_LINE, entity_id=line.id, etag=_ANY)
    comment = {
        "sequence": line.sequence,
        "lineType": "Comment",
        "description": cancelled_line(known),
    }
    yield Wish(operation=use.CREATE_LINE, entity_id=sale.id, body=comment)
