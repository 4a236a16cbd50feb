"""A circuit for each remote system: while one is away nothing is asked of it, and nothing is lost.

    closed -> open       the system did not answer so many times in a row, or asked to wait
    open -> half open    its time is over: one delivery goes ahead as the probe
    half open -> closed  the system answered the probe: all that waited go on, in order
    half open -> open    it did not: the next probe comes later

A delivery that needs a system whose circuit is open waits as a row (`held_by`), costs no attempt,
and holds the later ones of its lane. The state is in the store, so all workers share it; its time
is the store's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.errors import NotAway
from crossdock.host.store.schema import circuits, deliveries

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ACTOR: Final = "host"


class Requeue(Protocol):
    """Queues a delivery for its next run, within the given transaction."""

    def __call__(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        """Queue the run that follows `run`."""


@frozen(kw_only=True)
class CircuitPolicy:
    """When a circuit opens, and how often its system is tried.

    Attributes:
        failures: how often in a row a system must not answer one worker.
        first: how long after that the first probe comes.
        factor: how much longer each following wait is.
        longest: no wait is longer, unless the system asks for more.
        longest_asked: no longer than this is a system believed when it asks to wait.
        shortest_asked: a system that asks for less is waited for by the delivery's own back-off.
        probe_patience: how long a probe may take before another delivery is the probe.
    """

    failures: int = 5
    first: timedelta = timedelta(seconds=5)
    factor: float = 2.0
    longest: timedelta = timedelta(minutes=5)
    longest_asked: timedelta = timedelta(hours=24)
    shortest_asked: timedelta = timedelta(seconds=5)
    probe_patience: timedelta = timedelta(minutes=3)

    def wait(self, probes: int, asked: float | None) -> timedelta:
        """Give how long to wait for the probe after `probes` that failed."""
        seconds = self.first.total_seconds() * self.factor ** min(probes, 64)
        seconds = min(seconds, self.longest.total_seconds())
        return timedelta(
            seconds=max(seconds, min(asked or 0.0, self.longest_asked.total_seconds()))
        )


@frozen(kw_only=True)
class Circuit:
    """The circuit of one remote system that is away.

    Attributes:
        state: `half_open` while a probe is under way. A closed one is not kept.
        cause: why it opened, in plain words.
        opened_at: since when the system is away.
        probe_at: when the next probe is due.
        probes: how many probes found it away.
        held: how many deliveries wait for it.
    """

    system: str
    state: Literal["open", "half_open"]
    cause: str
    opened_at: datetime
    probe_at: datetime
    probes: int
    held: int


@frozen
class Held:
    """Why a delivery waits: which system is away, and the cause in plain words."""

    system: str
    cause: str


class Circuits:
    """The circuits of a store."""

    def __init__(self, store: Store, policy: CircuitPolicy | None = None) -> None:
        self._store: Final = store
        self._policy: Final = policy or CircuitPolicy()
        # Counted in each worker by itself: a success would otherwise be a write to a shared row.
        self._failures: Final[dict[str, int]] = {}
        self._guard: Final = threading.Lock()

    def list(self) -> tuple[Circuit, ...]:
        """Give the circuits that are not closed."""
        held = (
            sa.select(sa.func.count())
            .where(deliveries.c.held_by == circuits.c.system, deliveries.c.state == "waiting")
            .scalar_subquery()
        )
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(circuits, held.label("held")).order_by(circuits.c.system)
            ).all()
        return tuple(_shown(row, held=row.held) for row in rows)

    def holding(
        self, connection: sa.Connection, number: int, needs: Collection[str]
    ) -> Held | tuple[str, ...]:
        """Say which circuit a delivery must wait for, or whose probe it is.

        Args:
            connection: of the transaction that begins the delivery.
            number: the delivery.
            needs: the systems that it is known to need.
        """
        rows = connection.execute(
            sa.select(circuits)
            .where(circuits.c.system.in_(sorted(needs)))
            .order_by(circuits.c.system)
            .with_for_update()
        ).all()
        now = self._store.clock()
        for row in rows:
            if row.probe != number and row.probe_at > now:
                return Held(row.system, f"{row.system} is away: {row.cause}")
        for row in rows:
            if row.probe != number:  # its time is over, and nobody has tried it yet
                connection.execute(
                    sa.update(circuits)
                    .where(circuits.c.system == row.system)
                    .values(probe=number, probe_at=now + self._policy.probe_patience)
                )
        return tuple(row.system for row in rows)

    def answered(self, systems: Iterable[str]) -> None:
        """Take note that systems answered this worker."""
        with self._guard:
            for system in systems:
                self._failures.pop(system, None)

    def failed(
        self, connection: sa.Connection, system: str, cause: str, asked: float | None
    ) -> bool:
        """Take note that a system did not answer; says whether its circuit is open now.

        Args:
            connection: of a transaction that writes; the circuit is locked until it ends.
            system: which.
            cause: in plain words.
            asked: seconds that it asked to wait, where it did.
        """
        with self._guard:
            count = self._failures[system] = self._failures.get(system, 0) + 1
        row = connection.execute(
            sa.select(circuits).where(circuits.c.system == system).with_for_update()
        ).one_or_none()
        now = self._store.clock()
        if row is not None:
            if asked is not None:  # it says itself until when there is no use in asking
                self._wait_until(connection, row, now + self._policy.wait(0, asked))
            return True
        asks = asked is not None and asked >= self._policy.shortest_asked.total_seconds()
        if count < self._policy.failures and not asks:
            return False
        insert = postgresql.insert if self._store.shared else sqlite.insert
        made = connection.execute(
            insert(circuits)
            .values(
                system=system,
                cause=cause,
                opened_at=now,
                probe_at=now + self._policy.wait(0, asked),
                probes=0,
                probe=0,
            )
            .on_conflict_do_nothing()
            .returning(circuits.c.system)
        ).first()
        if made is not None:
            # What waits for it by its own back-off waits for the probe from now on.
            connection.execute(
                sa.update(deliveries)
                .where(
                    deliveries.c.state == "waiting",
                    deliveries.c.system == system,
                    deliveries.c.held_by == "",
                )
                .values(held_by=system, due_at=None)
            )
            self._tell(connection, "opened", system, {"cause": cause})
        return True

    def probed(self, number: int, systems: Iterable[str], answered: Mapping[str, bool]) -> None:
        """Take note of what became of a probe.

        Args:
            number: the delivery that was the probe.
            systems: whose circuits it tried.
            answered: the systems that it really asked: whether each answered sensibly.
        """
        with self._store.writing() as connection:
            for system in systems:
                row = connection.execute(
                    sa.select(circuits)
                    .where(circuits.c.system == system, circuits.c.probe == number)
                    .with_for_update()
                ).one_or_none()
                if row is None:
                    continue
                if answered.get(system):
                    self._close(connection, row)
                else:
                    away = system in answered
                    probes = row.probes + away
                    # One that ended without having asked the system leaves the next one to do it.
                    wait = self._policy.wait(probes, None) if away else timedelta()
                    connection.execute(
                        sa.update(circuits)
                        .where(circuits.c.system == system)
                        .values(
                            probe=0,
                            probes=probes,
                            probe_at=max(self._store.clock() + wait, _asked_for(row)),
                        )
                    )

    def try_now(self, system: str, *, actor: str) -> Circuit:
        """Let the next probe of a system that is away come at once, whatever it asked for.

        For a person who knows that it is back. It stays one probe: the rest goes on when that was
        answered.

        Args:
            system: which.
            actor: who wants it, for the audit trail, such as `user:U-kim`.

        Raises:
            NotAway: its circuit is closed.
        """
        with self._store.writing() as connection:
            row = connection.execute(
                sa.select(circuits).where(circuits.c.system == system).with_for_update()
            ).one_or_none()
            if row is None:
                raise NotAway(f"{system} is not away, as far as is known")
            if not row.probe:  # else it is tried just now
                connection.execute(
                    sa.update(circuits)
                    .where(circuits.c.system == system)
                    .values(probe_at=self._store.clock(), asked_until=None)
                )
            self._tell(connection, "tried", system, {"cause": row.cause}, actor=actor)
        return next((each for each in self.list() if each.system == system), _shown(row, held=0))

    def queue_probes(self, requeue: Requeue) -> int:
        """Queue a probe for each circuit whose time is over: the delivery that waits longest.

        A circuit that nothing waits for closes; the next delivery finds out by itself.
        """
        now = self._store.clock()
        due = sa.select(circuits).where(circuits.c.probe_at <= now)
        with self._store.reading() as connection:  # mostly there is none: take no write lock
            if connection.execute(due).first() is None:
                return 0
        queued = 0
        with self._store.writing() as connection:
            for row in connection.execute(due.with_for_update()).all():
                first = connection.execute(
                    sa.select(deliveries.c.id, deliveries.c.run, deliveries.c.lane)
                    .where(deliveries.c.held_by == row.system, deliveries.c.state == "waiting")
                    .order_by(deliveries.c.id)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                ).first()
                if first is None:
                    self._close(connection, row)
                    continue
                connection.execute(
                    sa.update(circuits)
                    .where(circuits.c.system == row.system)
                    .values(probe=first.id, probe_at=now + self._policy.probe_patience)
                )
                requeue(connection, first.id, first.run, first.lane)
                queued += 1
        return queued

    def _wait_until(self, connection: sa.Connection, row: Any, probe_at: datetime) -> None:
        if row.asked_until is None or row.asked_until < probe_at:
            connection.execute(
                sa.update(circuits)
                .where(circuits.c.system == row.system)
                .values(asked_until=probe_at, probe_at=max(row.probe_at, probe_at))
            )

    def _close(self, connection: sa.Connection, row: Any) -> None:
        now = self._store.clock()
        with self._guard:
            self._failures.pop(row.system, None)
        connection.execute(sa.delete(circuits).where(circuits.c.system == row.system))
        waited = connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.held_by == row.system, deliveries.c.state == "waiting")
            .values(held_by="", due_at=now)
        ).rowcount
        away = (now - row.opened_at).total_seconds()
        self._tell(connection, "closed", row.system, {"away_seconds": away, "waited": waited})

    def _tell(
        self,
        connection: sa.Connection,
        did: str,
        system: str,
        detail: Mapping[str, Any],
        *,
        actor: str = _ACTOR,
    ) -> None:
        self._store.audit.append(
            actor=actor,
            action=f"circuit.{did}",
            subject=system,
            detail=detail,
            connection=connection,
        )


def _shown(row: Any, *, held: int) -> Circuit:
    return Circuit(
        system=row.system,
        state="half_open" if row.probe else "open",
        cause=row.cause,
        opened_at=row.opened_at,
        probe_at=row.probe_at,
        probes=row.probes,
        held=held,
    )


def _asked_for(row: Any) -> datetime:
    """Until when the system asked to be left alone; long ago where it did not."""
    return row.asked_until or row.opened_at  # type: ignore[no-any-return]  # both are columns
