"""Change documents: what was asked for, and what the ERP said.

A change is stored together with the event that a plugin carries it out by, so it survives every
process. The ERP gets the change's id for its history, and the version that the change is based on:
one whose answer was lost is found there and not made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import (
    PlacementConflict,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnavailable,
    Stale,
)
from crossdock.host.store.schema import order_changes
from crossdock.ports import ErpPort
from crossdock.records import Order, OrderChange, OrderChangeRequested, OrderChangeState, User
from crossdock.records.plain import from_plain, to_plain
from crossdock.rules.order_status import open_quantity

if TYPE_CHECKING:
    from crossdock.host.store import Store

_TRIES: Final = 4  # others change the order as well; after so many a later attempt goes on

#: Publishes an event within a transaction.
Publish = Callable[[sa.Connection, OrderChangeRequested], object]


class OrderChanges:
    """The change documents of one store."""

    def __init__(self, store: Store, publish: Publish) -> None:
        """Make the change documents of a store.

        Args:
            store: where they are kept.
            publish: publishes a change, as a part of the transaction that stores it.
        """
        self._store: Final = store
        self._publish: Final = publish

    def request(self, order: Order, change: OrderChange, user: User) -> OrderChange:
        """Store that somebody wants an order changed, and have it carried out.

        Args:
            order: the CRM's order, which the ERP has acknowledged.
            change: what is to become of it.
            user: who wants it.

        Raises:
            PlacementConflict: the ERP does not have the order yet, or the change says nothing.
        """
        if not order.erp_order_id:
            raise PlacementConflict(
                f"{order.id} is not in the ERP yet ({order.status}), so nothing can be changed "
                "there; wait until it is acknowledged"
            )
        _complain_if_empty(order, change)
        now = self._store.clock()
        with self._store.writing() as connection:
            number = connection.execute(
                sa.insert(order_changes)
                .values(order_id=order.id, state="requested", body="", answer="", requested_at=now)
                .returning(order_changes.c.id)
            ).scalar_one()
            stored = evolve(
                change,
                id=f"CO-{number}",
                order_id=order.id,
                requested_by=user.id,
                requested_at=now,
                state="requested",
                answer="",
                answered_at=None,
            )
            connection.execute(
                sa.update(order_changes)
                .where(order_changes.c.id == number)
                .values(body=json.dumps(to_plain(stored), ensure_ascii=False))
            )
            self._store.audit.append(
                actor=f"user:{user.id}",
                action=f"order.{change.kind}_requested",
                subject=order.id,
                detail={"change": stored.id, "reason": change.reason},
                connection=connection,
            )
            self._publish(connection, OrderChangeRequested(change=stored, order=order))
        return stored

    def of_order(self, order_id: str) -> tuple[OrderChange, ...]:
        """List the changes of a CRM order, oldest first."""
        statement = (
            sa.select(order_changes)
            .where(order_changes.c.order_id == order_id)
            .order_by(order_changes.c.id)
        )
        with self._store.reading() as connection:
            return tuple(map(_change, connection.execute(statement)))

    def carry_out(self, erp: ErpPort, order: Order, change: OrderChange) -> Order:
        """Make a change in the ERP, or find out that it was made.

        Args:
            erp: the ERP that has the order.
            order: the ERP's order, as it was last read.
            change: the stored change.

        Raises:
            RemoteRefused: the ERP does not allow it; the change document says so.
            RemoteRejectedData: it cannot take it in this form; the same.
            RemoteUnavailable: it is not known, or others keep changing the order; try again.
        """
        try:
            changed = self._change(erp, order, change)
        except (RemoteRefused, RemoteRejectedData) as refused:
            self._answer(change, "refused", str(refused))
            raise
        self._answer(change, "accepted", "")
        return changed

    def _change(self, erp: ErpPort, order: Order, change: OrderChange) -> Order:
        for _ in range(_TRIES):
            current = erp.order(order.id)
            if is_made(current, change):
                return current
            try:
                return erp.change_order(current, change)
            except Stale:
                continue  # read again: it may be made by now, or be another order to change
        raise RemoteUnavailable(
            f"{order.id} is being changed by others; {change.id} is tried again",
            system=order.system,
            code="busy",
            maybe_done=False,
        )

    def _answer(self, change: OrderChange, state: OrderChangeState, answer: str) -> None:
        with self._store.writing() as connection:
            updated = connection.execute(
                sa.update(order_changes)
                .where(order_changes.c.id == _number(change), order_changes.c.state == "requested")
                .values(state=state, answer=answer, answered_at=self._store.clock())
            ).rowcount
            if updated:
                self._store.audit.append(
                    actor="host",
                    action=f"order.change_{state}",
                    subject=change.order_id,
                    detail={"change": change.id, "answer": answer},
                    connection=connection,
                )


def is_made(order: Order, change: OrderChange) -> bool:
    """Whether an ERP's order shows a change already.

    By the change's id in the order's history; where the ERP keeps none, by the lines.
    """
    if order.history:
        marks = (step.note for step in order.history)
        return any(note == change.id or note.startswith(f"{change.id}:") for note in marks)
    lines = {line.number: line for line in order.lines}
    if change.kind == "cancel":
        return all(open_quantity(line) <= 0 for line in order.lines)
    if change.requested_on not in (None, order.requested_on):
        return False
    return all(
        (there := lines.get(wanted.number)) is not None
        and wanted.quantity in (None, there.quantity)
        and (not wanted.cancel or open_quantity(there) <= 0)
        for wanted in change.lines
    ) and all(added.number in lines for added in change.added)


def _complain_if_empty(order: Order, change: OrderChange) -> None:
    if change.kind == "change" and not (change.lines or change.added or change.requested_on):
        raise PlacementConflict(f"the change of {order.id} changes nothing; name a line or a day")
    numbers = {line.number for line in order.lines}
    if unknown := [line.number for line in change.lines if line.number not in numbers]:
        raise PlacementConflict(f"{order.id} has no line {unknown[0]}")
    if taken := [line.number for line in change.added if line.number in numbers]:
        raise PlacementConflict(f"{order.id} has a line {taken[0]} already")


def _number(change: OrderChange) -> int:
    return int(change.id.removeprefix("CO-"))


def _change(row: sa.Row[*tuple[Any, ...]]) -> OrderChange:
    stored: OrderChange = from_plain(json.loads(row.body))
    return evolve(stored, state=row.state, answer=row.answer, answered_at=row.answered_at)
