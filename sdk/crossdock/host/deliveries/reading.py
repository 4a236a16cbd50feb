"""What is told of deliveries: lists, one, what it carries, its attempts, how much is to be done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import frozen

from crossdock.errors import UnknownDelivery
from crossdock.host.deliveries.delivery import (
    Attempt,
    Delivery,
    DeliveryState,
    FailureClass,
    delivery_number,
)
from crossdock.host.deliveries.editing import editable
from crossdock.host.deliveries.events import read_event
from crossdock.host.deliveries.interventions import payload_of
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.host.store.schema import attempts, deliveries, events, revisions
from crossdock.records import Event

if TYPE_CHECKING:
    from crossdock.host.store import AuditEntry, Store

_UNFINISHED: Final = ("queued", "running", "waiting", "behind")


@frozen(kw_only=True)
class Backlog:
    """What is not done yet.

    Attributes:
        count: how many deliveries.
        oldest: when the oldest of them was published.
        long: whether that is more than `[deliveries] backlog` says is usual.
    """

    count: int
    oldest: datetime | None
    long: bool


class DeliveriesRead:
    """The deliveries of one store as they are told.

    Attributes:
        store: where they are.
        settings: what is configured of deliveries.
    """

    def __init__(self, store: Store, settings: DeliverySettings) -> None:
        self.store: Final = store
        self.settings: Final = settings

    def list(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        plugin_id: str | None = None,
        event_id: str | None = None,
        subject: str | None = None,
        failures: Sequence[FailureClass] = (),
        system: str | None = None,
        assignee: str | None = None,
        published_before: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[Delivery, ...]:
        """List deliveries, newest first.

        Args:
            states: only those; all where it is empty.
            plugin_id: only of this plugin.
            event_id: only of this event.
            subject: only of events about this record.
            failures: only what failed for one of these; all where it is empty.
            system: only what failed at this remote system, or waits for it.
            assignee: only what this one looks after; what nobody does where it is empty.
            published_before: only what is older.
            before: only those with a lower number, to go on where the last page ended.
            limit: how many at most.
        """
        statement = _select().order_by(deliveries.c.id.desc()).limit(limit)
        if states:
            statement = statement.where(deliveries.c.state.in_(states))
        if plugin_id is not None:
            statement = statement.where(deliveries.c.plugin_id == plugin_id)
        if event_id is not None:
            statement = statement.where(deliveries.c.event_id == event_id)
        if subject is not None:
            statement = statement.where(events.c.subject == subject)
        if failures:
            statement = statement.where(deliveries.c.failure.in_(failures))
        if system is not None:
            statement = statement.where(deliveries.c.system == system)
        if assignee is not None:
            statement = statement.where(deliveries.c.assignee == assignee)
        if published_before is not None:
            statement = statement.where(deliveries.c.created_at < published_before)
        if before is not None:
            statement = statement.where(deliveries.c.id < before)
        with self.store.reading() as connection:
            return tuple(map(_delivery, connection.execute(statement)))

    def get(self, delivery_id: str) -> Delivery:
        """Read one delivery, such as `D-17`.

        Raises:
            UnknownDelivery: there is none of that number.
        """
        number = delivery_number(delivery_id)
        with self.store.reading() as connection:
            row = connection.execute(_select().where(deliveries.c.id == number)).one_or_none()
        if row is None:
            raise UnknownDelivery(f"there is no delivery D-{number}")
        return _delivery(row)

    def event(self, delivery_id: str, *, revision: int | None = None) -> Event:
        """Read what a delivery carries.

        Args:
            delivery_id: such as `D-17`.
            revision: as it was then, 0 as it was published; as it is now where it is not given.

        Raises:
            UnknownDelivery: there is no such delivery, or it never had that revision.
            ValueError: this version cannot read the event.
        """
        return read_event(self.payload(delivery_id, revision=revision))

    def payload(self, delivery_id: str, *, revision: int | None = None) -> str:
        """Read what a delivery carries as the JSON text that is stored; see `event`.

        Raises:
            UnknownDelivery: there is no such delivery, or it never had that revision.
        """
        number = delivery_number(delivery_id)
        with self.store.reading() as connection:
            row = connection.execute(
                sa.select(deliveries).where(deliveries.c.id == number)
            ).one_or_none()
            if row is None:
                raise UnknownDelivery(f"there is no delivery D-{number}")
            if revision is None or revision == row.revision:
                return payload_of(connection, row)
            payload: str | None = connection.scalar(
                sa.select(revisions.c.payload).where(
                    revisions.c.delivery_id == number, revisions.c.revision == revision
                )
                if revision
                else sa.select(events.c.payload).where(events.c.id == row.event_id)
            )
        if payload is None:
            raise UnknownDelivery(f"D-{number} has no revision {revision}")
        return payload

    def attempts(self, delivery_id: str, *, limit: int = 200) -> tuple[Attempt, ...]:
        """List the attempts at a delivery, oldest first; of many, the latest ones.

        Attempts that an older version made are not known.

        Raises:
            UnknownDelivery: there is none of that number.
        """
        delivery = self.get(delivery_id)
        number = delivery.number
        statement = sa.select(attempts).where(attempts.c.delivery_id == number)
        with self.store.reading() as connection:
            rows = connection.execute(statement.order_by(attempts.c.id.desc()).limit(limit)).all()
            began_at = connection.scalar(
                sa.select(deliveries.c.began_at).where(deliveries.c.id == number)
            )
        told = [_attempt(row) for row in reversed(rows)]
        if delivery.state in ("running", "done", "rehearsed"):
            told.append(
                Attempt(
                    outcome=delivery.state,
                    worker=delivery.worker,
                    began_at=began_at,
                    ended_at=delivery.finished_at,
                    revision=delivery.revision,
                )
            )
        return tuple(told)

    def history(self, delivery_id: str, *, limit: int = 200) -> tuple[AuditEntry, ...]:
        """List what people did with a delivery, and when it became dead, oldest first."""
        subject = f"D-{delivery_number(delivery_id)}"
        return self.store.audit.entries(subject=subject, newest=True, limit=limit)

    def editable(self, delivery_id: str) -> Mapping[str, str]:
        """Give the fields of what a delivery carries that `edit` may change, as text.

        Raises:
            UnknownDelivery: there is none of that number.
            NotEditable: nothing of it may be changed.
        """
        return editable(self.event(delivery_id))

    def counts(self) -> Mapping[str, int]:
        """Count the deliveries by state; a state without any is missing."""
        statement = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
        with self.store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def backlog(self) -> Backlog:
        """Say how much is not done yet, and since when; quick enough to be asked at each promotion.

        What needs a person is not counted: it holds nobody up but its own account.
        """
        unfinished = deliveries.c.state.in_(_UNFINISHED)
        statement = sa.select(sa.func.count(), sa.func.min(deliveries.c.created_at)).where(
            unfinished
        )
        with self.store.reading() as connection:
            count, oldest = connection.execute(statement).one()
        return Backlog(count=count, oldest=oldest, long=count >= self.settings.backlog)


def _select() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(deliveries, events.c.type, events.c.subject).join(
        events, events.c.id == deliveries.c.event_id
    )


def _delivery(row: sa.Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        number=row.id,
        event_id=row.event_id,
        event_type=row.type,
        subject=row.subject,
        plugin_id=row.plugin_id,
        plugin_version=row.plugin_version,
        lane=row.lane,
        state=row.state,
        attempts=row.attempts,
        worker=row.worker,
        created_at=row.created_at,
        due_at=row.due_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        failure=row.failure,
        cause=row.cause,
        traceback=row.traceback,
        system=row.system,
        held_by=row.held_by,
        assignee=row.assignee,
        revision=row.revision,
        run=row.run,
    )


def _attempt(row: sa.Row[*tuple[Any, ...]]) -> Attempt:
    return Attempt(
        outcome=row.outcome,
        worker=row.worker,
        began_at=row.began_at,
        ended_at=row.ended_at,
        revision=row.revision,
        failure=row.failure,
        system=row.system,
        cause=row.cause,
        evidence=json.loads(row.evidence) if row.evidence else None,
    )
