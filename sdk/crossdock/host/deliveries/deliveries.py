"""Events and what became of them: publishing, reading, retrying."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

import sqlalchemy as sa
from attrs import frozen

from crossdock import tracing
from crossdock.errors import UnknownDelivery
from crossdock.host.deliveries.archive import Archive
from crossdock.host.deliveries.circuits import CircuitPolicy, Circuits
from crossdock.host.deliveries.delivery import (
    Attempt,
    Delivery,
    DeliveryState,
    FailureClass,
    delivery_number,
)
from crossdock.host.deliveries.editing import editable
from crossdock.host.deliveries.events import (
    concerns,
    event_id_of,
    event_type,
    lane_of,
    read_event,
    subject_of,
    write_event,
)
from crossdock.host.deliveries.interventions import Interventions, payload_of
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.limits import Limits
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.host.store.schema import attempts, deliveries, events, revisions
from crossdock.host.watching.spans import publishing
from crossdock.records import Event

if TYPE_CHECKING:
    from crossdock.host.deliveries.durable import Client
    from crossdock.host.store import AuditEntry, Store

#: The plugins that an event goes to: id and version of each.
Subscribers = Sequence[tuple[str, str]]


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


class Deliveries:
    """The deliveries of one store.

    This side only writes and reads rows, so any process may have it; a `Worker` does the work.

    Attributes:
        store: where they are.
        ledger: the changes of state that workers make.
        settings: what is configured of deliveries.
        circuits: the remote systems that are away, and what waits for them.
        limits: the quotas of the remote systems.
        archive: what was over long ago.
    """

    def __init__(
        self,
        store: Store,
        policy: RetryPolicy,
        settings: DeliverySettings | None = None,
        circuit_policy: CircuitPolicy | None = None,
    ) -> None:
        self.store: Final = store
        self.policy: Final = policy
        self.settings: Final = settings or DeliverySettings()
        self.circuits: Final = Circuits(store, circuit_policy)
        self.limits: Final = Limits(store, self.settings.limits)
        self.ledger: Final = Ledger(store, self._enqueue, policy, self.circuits, self.limits)
        self.archive: Final = Archive(store, self._forget)
        self._client: Client | None = None

    @classmethod
    def open(
        cls,
        store: Store,
        *,
        policy: RetryPolicy | None = None,
        settings: DeliverySettings | None = None,
        circuit_policy: CircuitPolicy | None = None,
    ) -> Self:
        """Open the deliveries of a store; makes or updates the durable engine's tables.

        Args:
            store: the store, which stays the caller's to close.
            policy: how often and when to try again; by default as `settings` say.
            settings: what is configured of deliveries.
            circuit_policy: when a system counts as away, and how often it is tried then.

        Raises:
            SetupError: the durable engine's tables cannot be made.
        """
        settings = settings or DeliverySettings()
        policy = policy or RetryPolicy(after_dead=settings.after_dead)
        opened = cls(store, policy, settings, circuit_policy)
        opened.migrate()
        return opened

    def migrate(self) -> None:
        """Make or update the durable engine's tables; quick where this was done before."""
        from crossdock.host.deliveries.migration import migrate

        migrate(self.store)

    def close(self) -> None:
        """Let go of connections; the store stays open."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Load the durable engine now (about 0.6 s), not at the first event."""
        self._durable()

    def publish(
        self, event: Event, subscribers: Subscribers, *, event_id: str | None = None
    ) -> str:
        """Store an event and one delivery for each subscriber, all in one transaction.

        When it returns, the event survives the death of every process. The same event again
        changes nothing.

        Args:
            event: what happened.
            subscribers: id and version of each plugin that it goes to; with none nothing is kept.
            event_id: what makes it the same event; by default it comes from the record and its
                version, or from the change's cursor.

        Returns:
            The event's id.
        """
        event_id = event_id or event_id_of(event)
        if subscribers:
            with (
                publishing(event_type(event), event_id),
                self.store.writing() as connection,
            ):
                self.publish_within(connection, event, subscribers, event_id=event_id)
        return event_id

    def publish_within(
        self,
        connection: sa.Connection,
        event: Event,
        subscribers: Subscribers,
        *,
        event_id: str | None = None,
    ) -> bool:
        """Publish as a part of the caller's own transaction (`Store.writing`).

        Returns:
            Whether the event is new.
        """
        event_id = event_id or event_id_of(event)
        if (about := concerns(event)) is not None:
            self.store.news.tell(*about, connection=connection)

        def account_of(system: str, customer_id: str) -> str | None:
            link = self.store.links.of_customer(system, customer_id, connection=connection)
            return link.account_id if link else None

        lane = lane_of(event, account_of)
        values = {
            "id": event_id,
            "type": event_type(event),
            "subject": subject_of(event),
            "lane": lane,
            "payload": write_event(event),
            "trace": tracing.carried().get("traceparent", ""),
        }
        if not subscribers or not self.ledger.record(connection, values):
            return False
        for plugin_id, version in subscribers:
            self.ledger.add(connection, event_id, plugin_id, version, lane)
        return True

    @property
    def _people(self) -> Interventions:
        return Interventions(self.store, self.ledger)

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

    def retry(
        self, delivery_id: str, *, actor: str = "person", version: str | None = None
    ) -> Delivery:
        """Try a dead delivery again, or a waiting one at once; steps that were done stay done.

        One that was rehearsed is done for good, if its plugin runs dry no more.

        Args:
            delivery_id: such as `D-17`.
            actor: who wants it, for the audit trail, such as `user:U-kim`.
            version: `Delivery.version` as the actor saw it; whichever it is where not given.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version by now.
            NotRetriable: it is neither dead, waiting nor rehearsed.
        """
        self._people.retry(delivery_number(delivery_id), actor, version)
        return self.get(delivery_id)

    def edit(
        self,
        delivery_id: str,
        changes: Mapping[str, str],
        *,
        actor: str,
        reason: str,
        version: str | None = None,
    ) -> Delivery:
        """Change what a dead or waiting delivery carries, and try it again.

        What it carried before is kept as a revision, with who changed it and why.

        Args:
            delivery_id: such as `D-17`.
            changes: texts by field, such as `{"lines.0.quantity": "3"}`; see `editable`.
            actor: who wants it, such as `user:U-kim`.
            reason: why.
            version: `Delivery.version` as the actor saw it; whichever it is where not given.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version by now.
            NotRetriable: it is neither dead nor waiting.
            NotEditable: it carries something else than an order, or the order is, or may be, in
                the ERP already.
            EditRefused: the changes do not make sense; it names each field.
        """
        self._people.edit(delivery_number(delivery_id), changes, actor, reason, version)
        return self.get(delivery_id)

    def assign(
        self, delivery_id: str, assignee: str, *, actor: str, version: str | None = None
    ) -> Delivery:
        """Say who is to look after a delivery: `user:U-kim`, `role:accounting`, or "" for nobody.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version than the one given.
            EditRefused: that names nobody.
        """
        self._people.assign(delivery_number(delivery_id), assignee, actor, version)
        return self.get(delivery_id)

    def note(self, delivery_id: str, text: str, *, actor: str) -> Delivery:
        """Add a note for whoever looks at a delivery next.

        Raises:
            UnknownDelivery: there is none of that number.
            EditRefused: there is no text.
        """
        self._people.note(delivery_number(delivery_id), text, actor)
        return self.get(delivery_id)

    def give_up(
        self, delivery_id: str, *, actor: str, reason: str, version: str | None = None
    ) -> Delivery:
        """Decide that a delivery is not to be done; what waited behind it goes on.

        Raises:
            UnknownDelivery: there is none of that number.
            DeliveryChanged: it has another version than the one given.
            NotRetriable: it is done or given up already, or a worker has it.
            EditRefused: no reason was given.
        """
        self._people.give_up(delivery_number(delivery_id), reason, actor, version)
        return self.get(delivery_id)

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
        if isinstance(oldest, str):
            oldest = datetime.fromisoformat(oldest)
        return Backlog(count=count, oldest=oldest, long=count >= self.settings.backlog)

    def _forget(self, over: Sequence[tuple[int, int]]) -> None:
        for number, runs in over:
            self._durable().forget(number, runs)

    def _durable(self) -> Client:
        if self._client is None:
            from crossdock.host.deliveries.durable import Client

            self._client = Client(self.store.url)
        return self._client

    def _enqueue(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        self._durable().enqueue(connection, number, run, lane)


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
