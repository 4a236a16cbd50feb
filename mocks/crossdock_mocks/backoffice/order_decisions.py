"""Decisions about an order: approve, reject, hold, release, cancel."""

from __future__ import annotations

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.decimals import ZERO
from crossdock_mocks.backoffice.order_changes import drop_open, lift
from crossdock_mocks.backoffice.order_status import Quantities
from crossdock_mocks.backoffice.refusals import WrongState
from crossdock_mocks.backoffice.reservation import cover

_BY_HAND = ("manual", "imported")


def approve(books: Books, order: Document, note: str | None) -> None:
    """Approve an order that awaits approval; its credit hold is lifted.

    Raises:
        WrongState: It does not await approval.
    """
    _decide(books, order, "approved", note)
    order.header["holds"] = [each for each in order.header["holds"] if each["code"] != "credit"]
    books.record(order, "approved", note=note)


def reject(books: Books, order: Document, note: str | None) -> None:
    """Reject an order that awaits approval; what is open of it is cancelled.

    Raises:
        WrongState: It does not await approval.
    """
    _decide(books, order, "rejected", note)
    order.header["holds"] = []
    _drop(books, order)
    books.record(order, "rejected", note=note)


def _decide(books: Books, order: Document, status: str, note: str | None) -> None:
    approval = order.header["approval"]
    if approval["status"] != "pending":
        raise WrongState(
            "not_awaiting_approval", f"Order {order.id} does not await approval.",
            expected="pending", received=approval["status"],
        )  # fmt: skip
    order.header["approval"] = {
        **approval,
        "status": status,
        "decidedAt": books.now,
        "decidedBy": books.actor,
        "note": note,
    }


def hold(books: Books, order: Document, reason: str) -> None:
    """Put an order on hold by hand; it keeps its reservations.

    Raises:
        WrongState: Nothing of it is open, or it is on hold by hand already.
    """
    _must_be_open(order)
    if any(each["code"] in _BY_HAND for each in order.header["holds"]):
        raise WrongState("already_on_hold", f"Order {order.id} is on hold already.")
    order.header["holds"].append(
        {"code": "manual", "reason": reason, "placedAt": books.now, "placedBy": books.actor}
    )
    books.record(order, "held", note=reason)


def release(books: Books, order: Document, note: str | None) -> None:
    """Lift a hold that was put on by hand; one for credit is lifted by approval only.

    Raises:
        WrongState: It is not on hold, or only awaits approval.
    """
    holds: list[Row] = order.header["holds"]
    if not holds:
        raise WrongState("not_on_hold", f"Order {order.id} is not on hold.")
    left = [each for each in holds if each["code"] not in _BY_HAND]
    if len(left) == len(holds):
        raise WrongState(
            "approval_required", f"Order {order.id} awaits approval: approve or reject it."
        )
    order.header["holds"] = left
    books.record(order, "released", note=note)


def cancel(books: Books, order: Document, note: str | None) -> None:
    """Cancel all that is open of an order.

    Raises:
        WrongState: Nothing of it is open.
    """
    _must_be_open(order)
    lift(order.header)
    _drop(books, order)
    books.record(order, "cancelled", note=note)


def _must_be_open(order: Document) -> None:
    if not order.header["open"]:
        raise WrongState(
            "order_closed", f"Nothing of order {order.id} is open: it is {order.header['status']}."
        )


def _drop(books: Books, order: Document) -> None:
    for line in order.lines:
        if Quantities.read(line["quantities"]).open > ZERO:
            drop_open(line)
            cover(books, order, line)
