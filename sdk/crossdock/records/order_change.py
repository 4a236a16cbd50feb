"""A change or cancellation of an order that was placed already: a document of its own (D3)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attrs import frozen

from crossdock.records._fields import told
from crossdock.records.sales import Order, OrderLine

OrderChangeState = Literal["requested", "accepted", "refused"]


@frozen(kw_only=True)
class LineChange:
    """What is to become of one line of an order.

    Attributes:
        number: the line's number in the order.
        quantity: the new ordered quantity in the item's unit; `None` leaves it.
        requested_on: the new wanted day; `None` leaves it.
        cancel: cancels what is still open of the line.
    """

    number: int
    quantity: Decimal | None = None
    requested_on: date | None = None
    cancel: bool = False


@frozen(kw_only=True)
class OrderChange:
    """A change of an order after it was placed; the order is the sum of its changes.

    Attributes:
        id: `CO-7`; empty before it is stored. The ERP keeps it in the order's history, so that a
            change whose answer was lost is recognised.
        order_id: the CRM's order.
        kind: `cancel` cancels all that is still open.
        lines: changed lines.
        added: new lines, each with a number that the order does not have yet.
        reason: why, in the words of whoever asked.
        state: what the ERP said; `refused` with its reason in `answer`.
    """

    order_id: str
    kind: Literal["change", "cancel"]
    id: str = ""
    lines: tuple[LineChange, ...] = ()
    added: tuple[OrderLine, ...] = ()
    requested_on: date | None = None
    reason: str = ""
    requested_by: str = ""
    requested_at: datetime | None = None
    state: OrderChangeState = "requested"
    answer: str = told("credit", default="")
    answered_at: datetime | None = None


@frozen(kw_only=True)
class OrderChangeRequested:
    """Somebody wants an order changed or cancelled that was placed already."""

    change: OrderChange
    order: Order
