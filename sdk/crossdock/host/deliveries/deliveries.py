"""Events and what became of them: publishing, and what people do about what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Self

import sqlalchemy as sa

from crossdock import tracing
from crossdock.host.deliveries.archive import Archive
from crossdock.host.deliveries.circuits import CircuitPolicy, Circuits
from crossdock.host.deliveries.delivery import (
    Delivery,
    delivery_number,
)
from crossdock.host.deliveries.events import (
    concerns,
    event_id_of,
    event_type,
    lane_of,
    subject_of,
    write_event,
)
from crossdock.host.deliveries.interventions import Interventions
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.limits import Limits
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.reading import DeliveriesRead
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.host.watching.spans import publishing
from crossdock.records import Event

if TYPE_CHECKING:
    from crossdock.host.deliveries.durable import Client
    from crossdock.host.store import Store

#: The plugins that an event goes to: id and version of each.
Subscribers = Sequence[tuple[str, str]]


class Deliveries(DeliveriesRead):
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
        super().__init__(store, settings or DeliverySettings())
        self.policy: Final = policy
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
