"""Picking and shipping: reserved goods of an order leave, all at once or in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.decimals import ZERO, plain
from crossdock_mocks.backoffice.drafts import not_in_the_future, positive
from crossdock_mocks.backoffice.kinds import SHIPMENT
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.orders import change_quantities
from crossdock_mocks.backoffice.refusals import Invalid, WrongState
from crossdock_mocks.backoffice.reservation import ship_out

Wanted = list[tuple[Row, Decimal, str]]


def named_lines(order: Document, asked: Sequence[Mapping[str, Any]]) -> Wanted:
    """The order lines and quantities that a request names, each with its pointer.

    Raises:
        Invalid: A line is unknown or named twice, or a quantity is zero.
    """
    named: Wanted = []
    for position, each in enumerate(asked):
        here = f"/lines/{position}"
        line = order.line(each["orderLine"], f"{here}/orderLine")
        if any(line is known for known, _, _ in named):
            raise Invalid(
                "duplicate_line", f"Line {line['line']} is named twice.", f"{here}/orderLine",
                received=line["line"],
            )  # fmt: skip
        named.append((line, positive(each["quantity"], f"{here}/quantity"), f"{here}/quantity"))
    return named


def at_most(wanted: Decimal, most: Decimal, pointer: str, code: str, told: str) -> None:
    """Refuse more than there is.

    Raises:
        Invalid: It is more.
    """
    if wanted > most:
        raise Invalid(
            code, f"{told} {plain(most)}, not {plain(wanted)}.", pointer,
            expected=f"at most {plain(most)}", received=plain(wanted),
        )  # fmt: skip


def _must_not_be_held(order: Document) -> None:
    holds = order.header["holds"]
    if holds:
        reasons = " ".join(each["reason"] for each in holds)
        raise WrongState("order_on_hold", f"Order {order.id} is on hold: {reasons}")
    if not order.header["open"]:
        raise WrongState(
            "order_closed", f"Nothing of order {order.id} is open: it is {order.header['status']}."
        )


def pick(books: Books, order: Document, asked: Mapping[str, Any]) -> None:
    """Pick reserved goods for shipping: all of them, or the lines named.

    Raises:
        WrongState: The order is on hold or closed, or nothing is left to pick.
        Invalid: More is named than is reserved and not picked.
    """
    _must_not_be_held(order)
    if "lines" in asked:
        wanted = named_lines(order, asked["lines"])
        for line, quantity, pointer in wanted:
            left = _unpicked(line)
            told = f"Of line {line['line']} can be picked"
            at_most(quantity, left, pointer, "quantity_exceeds_reserved", told)
    else:
        wanted = [(line, _unpicked(line), "") for line in order.lines if _unpicked(line) > ZERO]
    if not wanted:
        raise WrongState("nothing_to_pick", f"Nothing of order {order.id} is left to pick.")
    changes = []
    for line, quantity, _ in wanted:
        before = line["quantities"]["picked"]
        change_quantities(line, picked=quantity)
        after = line["quantities"]["picked"]
        changes.append({"line": line["line"], "field": "picked", "from": before, "to": after})
    books.record(order, "picked", changes=changes)


def _unpicked(line: Row) -> Decimal:
    quantities = Quantities.read(line["quantities"])
    return quantities.reserved - quantities.picked


def ship(books: Books, order: Document, asked: Mapping[str, Any]) -> Document:
    """Ship reserved goods: all of them, or the lines and quantities named.

    Raises:
        WrongState: The order is on hold or closed, or nothing of it is reserved.
        Invalid: More is named than is reserved, or the day lies in the future.
    """
    _must_not_be_held(order)
    shipped_on = not_in_the_future(books, asked.get("shippedOn"), "/shippedOn")
    if "lines" in asked:
        wanted = named_lines(order, asked["lines"])
        for line, quantity, pointer in wanted:
            reserved = Decimal(line["quantities"]["reserved"])
            told = f"Of line {line['line']} is reserved"
            at_most(quantity, reserved, pointer, "quantity_exceeds_reserved", told)
    else:
        wanted = [
            (line, Decimal(line["quantities"]["reserved"]), "")
            for line in order.lines
            if Decimal(line["quantities"]["reserved"]) > ZERO
        ]
    if not wanted:
        raise WrongState(
            "nothing_to_ship", f"Nothing of order {order.id} is reserved: it waits for goods."
        )
    for line, quantity, _ in wanted:
        ship_out(books, order, line, quantity)
    shipment = books.add(
        SHIPMENT, _header(books, order, asked, shipped_on.isoformat(), len(wanted)),
        [
            _line(order, line, quantity, number)
            for number, (line, quantity, _) in enumerate(wanted, 1)
        ],
    )  # fmt: skip
    books.record(order, "shipped", document_id=shipment.id)
    return shipment


def _header(
    books: Books, order: Document, asked: Mapping[str, Any], shipped_on: str, lines: int
) -> Row:
    return {
        "orderId": order.id,
        "customerId": order.header["customerId"],
        "externalReference": asked.get("externalReference"),
        "shippedOn": shipped_on,
        "carrier": asked.get("carrier", order.header["carrier"]),
        "tracking": asked.get("tracking"),
        "shipTo": order.header["shipTo"],
        "source": order.header["source"],
        "lineCount": lines,
        "createdAt": books.now,
    }


def _line(order: Document, line: Row, quantity: Decimal, number: int) -> Row:
    return {
        "line": number,
        "orderId": order.id,
        "orderLine": line["line"],
        "itemId": line["itemId"],
        "description": line["description"],
        "unit": line["unit"],
        "quantity": plain(quantity),
        "invoicedQuantity": "0",
    }
