"""What people do with deliveries: try again, change and try again, hand on, give up, note.

Each is one transaction, with its line in the audit trail.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from crossdock.errors import (
    DeliveryChanged,
    EditRefused,
    FieldError,
    NotEditable,
    NotRetriable,
    UnknownDelivery,
)
from crossdock.host.deliveries.delivery import version_of
from crossdock.host.deliveries.editing import differences, edited, order_of
from crossdock.host.deliveries.events import read_event, write_event
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.rows import change, locked
from crossdock.host.store.schema import events, placements, revisions, steps
from crossdock.records import Order

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ASSIGNEE: Final = re.compile(r"(user|role):[\w.@-]{1,100}")
_MOST_CHARACTERS: Final = 2000


class Interventions:
    """What people do with the deliveries of a store."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store: Final = store
        self._ledger: Final = ledger

    def retry(self, number: int, actor: str, version: str | None = None) -> None:
        """Queue a dead, waiting or rehearsed delivery now, with its attempts counted afresh.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version than the one given.
            NotRetriable: it is in another state.
        """
        with self._store.writing() as connection:
            row = self._stuck(connection, number, "retried", version, also=("rehearsed",))
            self._queue(connection, row)
            self._tell(
                connection,
                actor,
                "retried",
                row,
                {"was": row.state, "failure": row.failure, "cause": row.cause},
            )

    def edit(
        self,
        number: int,
        changes: Mapping[str, str],
        actor: str,
        reason: str,
        version: str | None = None,
    ) -> None:
        """Change what a delivery carries, keep what it carried, and queue it.

        The next attempt has the idempotency key of the one before as long as something may have
        been made under that. Only after a definite refusal it gets one of its own: a system that
        remembers keys would hold the old one against the new contents.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version than the one given.
            NotRetriable: it is neither dead nor waiting.
            NotEditable: its record cannot be changed, or not any more.
            EditRefused: the changes do not make sense; it names each field.
        """
        with self._store.writing() as connection:
            row = self._stuck(connection, number, "changed", version)
            before = read_event(payload_of(connection, row))
            order = order_of(before)
            fate = self._fate(connection, row, order)
            after = edited(before, changes, trading_accounts=self._known(order))
            changed = differences(before, after)
            if not changed:
                raise EditRefused([FieldError("", "nothing was changed; to try again, retry")])
            if not reason.strip():
                raise EditRefused([FieldError("reason", "say why, for whoever reads it later")])
            revision = row.revision + 1
            connection.execute(
                sa.insert(revisions).values(
                    delivery_id=number,
                    revision=revision,
                    payload=write_event(after),
                    actor=actor,
                    reason=_bounded(reason),
                    at=self._store.clock(),
                )
            )
            # What was done for the old contents is done anew for the new ones.
            done = connection.scalars(
                sa.delete(steps).where(steps.c.delivery_id == number).returning(steps.c.name)
            ).all()
            new_key = fate == "refused"
            change(
                connection,
                number,
                revision=revision,
                key_revision=revision if new_key else row.key_revision,
                key_fate="" if new_key else fate,
            )
            self._queue(connection, row)
            self._tell(
                connection,
                actor,
                "edited",
                row,
                {
                    "reason": _bounded(reason),
                    "revision": revision,
                    "changed": changed,
                    "idempotency_key": "new" if new_key else "same",
                    "steps_to_do_again": sorted(done),
                },
            )

    def assign(self, number: int, assignee: str, actor: str, version: str | None = None) -> None:
        """Say who is to look after a delivery: `user:U-kim`, `role:accounting`, or nobody.

        Raises:
            UnknownDelivery: there is none of that number.
            EditRefused: that names nobody.
        """
        if assignee and not _ASSIGNEE.fullmatch(assignee):
            raise EditRefused(
                [FieldError("assignee", "write user:U-kim or role:accounting, or leave it empty")]
            )
        with self._store.writing() as connection:
            row = self._row(connection, number, version)
            if row.assignee != assignee:
                change(connection, number, assignee=assignee)
                self._tell(
                    connection, actor, "assigned", row, {"from": row.assignee, "to": assignee}
                )

    def note(self, number: int, text: str, actor: str) -> None:
        """Add a note for whoever looks at a delivery next.

        Raises:
            UnknownDelivery: there is none of that number.
            EditRefused: there is no text.
        """
        if not text.strip():
            raise EditRefused([FieldError("note", "a note needs a text")])
        with self._store.writing() as connection:
            row = self._row(connection, number)
            self._tell(connection, actor, "noted", row, {"note": _bounded(text)})

    def give_up(self, number: int, reason: str, actor: str, version: str | None = None) -> None:
        """Decide that a delivery is not to be done; what waited behind it goes on.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version than the one given.
            NotRetriable: it is done, given up already, or a worker has it or is about to.
            EditRefused: no reason was given.
        """
        if not reason.strip():
            raise EditRefused([FieldError("reason", "say why, for whoever reads it later")])
        with self._store.writing() as connection:
            row = self._row(connection, number, version)
            if row.state not in ("dead", "waiting", "behind"):
                raise NotRetriable(
                    f"D-{number} is {row.state.replace('_', ' ')}; only what is dead or waits can "
                    "be given up"
                )
            change(
                connection,
                number,
                state="given_up",
                finished_at=self._store.clock(),
                due_at=None,
                held_by="",
            )
            self._tell(
                connection,
                actor,
                "given_up",
                row,
                {
                    "reason": _bounded(reason),
                    "was": row.state,
                    "failure": row.failure,
                    "cause": row.cause,
                },
            )
            if row.state != "behind":
                self._ledger.release(connection, row.lane)

    def _row(self, connection: sa.Connection, number: int, version: str | None = None) -> Any:
        row = connection.execute(locked(number)).one_or_none()
        if row is None:
            raise UnknownDelivery(f"there is no delivery D-{number}")
        if version is not None and version != version_of(row):
            raise DeliveryChanged(
                f"something happened with D-{number} since it was looked at; look at it again"
            )
        return row

    def _stuck(
        self,
        connection: sa.Connection,
        number: int,
        verb: str,
        version: str | None,
        *,
        also: Collection[str] = (),
    ) -> Any:
        row = self._row(connection, number, version)
        if row.state not in ("dead", "waiting", *also):
            state = row.state.replace("_", " ")
            raise NotRetriable(f"D-{number} is {state}; only what is dead or waiting can be {verb}")
        return row

    def _queue(self, connection: sa.Connection, row: Any) -> None:
        change(connection, row.id, attempts=0, finished_at=None)
        self._ledger.requeue(connection, row.id, row.run, row.lane)

    def _fate(self, connection: sa.Connection, row: Any, order: Order) -> str:
        """Say what is known of the key; refuse the change where that rules it out."""
        if row.failure == "possibly_created":
            raise NotEditable(
                f"D-{row.id} may have become an order already; look in {row.system or 'the ERP'} "
                "first, as a change would make a second one"
            )
        fate: str = row.key_fate
        placed = self._placed(connection, order)
        if placed is not None:
            if placed.state == "possibly_created":
                raise NotEditable(
                    f"{placed.reference} may be in {placed.erp_system} already; look there first"
                )
            if placed.state == "acknowledged":
                fate = "created"
            elif placed.state == "sent":
                fate = "maybe"
        if fate == "created":
            where = f" as {placed.erp_order_id}" if placed and placed.erp_order_id else ""
            raise NotEditable(
                f"the order is in the ERP already{where}, only what follows did not get done; "
                "retry that, and change the order where it is"
            )
        if placed is not None and placed.state == "refused" and fate == "refused":
            # Its next sending, with the new contents, has a key of its own as well.
            connection.execute(
                sa.update(placements)
                .where(
                    placements.c.crm_system == placed.crm_system,
                    placements.c.reference == placed.reference,
                )
                .values(revision=placements.c.revision + 1)
            )
        return fate

    def _placed(self, connection: sa.Connection, order: Order) -> Any:
        return connection.execute(
            sa.select(placements)
            .where(
                placements.c.crm_system == order.system,
                placements.c.reference == order.id,
            )
            .with_for_update()
        ).one_or_none()

    def _known(self, order: Order) -> list[str]:
        known = self._store.links.of_account(order.system, order.account_id)
        return [f"{link.erp_system}:{link.customer_id}" for link in known]

    def _tell(
        self, connection: sa.Connection, actor: str, did: str, row: Any, detail: dict[str, Any]
    ) -> None:
        self._store.audit.append(
            actor=actor,
            action=f"delivery.{did}",
            subject=f"D-{row.id}",
            detail={"event": row.event_id, "plugin": row.plugin_id, **detail},
            connection=connection,
        )


def payload_of(connection: sa.Connection, row: Any) -> str:
    """Give what a delivery carries now as the JSON text that is stored: its latest revision."""
    statement = (
        sa.select(revisions.c.payload).where(
            revisions.c.delivery_id == row.id, revisions.c.revision == row.revision
        )
        if row.revision
        else sa.select(events.c.payload).where(events.c.id == row.event_id)
    )
    payload: str = connection.execute(statement).scalar_one()
    return payload


def _bounded(text: str) -> str:
    return text.strip()[:_MOST_CHARACTERS]
