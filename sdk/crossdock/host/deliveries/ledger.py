"""The states of a delivery and how one follows from another; each change is one transaction.

    published -> queued -> running -> done, or rehearsed (a person retries it) -> queued
                   ^  ^       |-> waiting (transient; due again later) -> queued
                   |  |       |-> dead (a person retries or edits it)  -> queued
                   |  |              `-> given_up (a person says why)
                   |  `-- behind (an earlier one of its lane is not finished)
                   `----- handed back by a worker that is closing

Each time that a delivery is queued it gets a new *run*, and with it a workflow of its own in the
durable engine, in the same transaction. Whatever an older run still does finds that the row has
moved on, and changes nothing. What people do is in `interventions`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.deliveries.circuits import Circuits, Held
from crossdock.host.deliveries.events import systems_of
from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.limits import Limits
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.statements import (
    BEGIN,
    DUE,
    FIRST_BEHIND,
    SUCCEED,
    head_of_lane,
    to_begin,
)
from crossdock.host.store.schema import attempts, deliveries, events, revisions, steps

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ACTIVE: Final = ("queued", "running", "waiting")
_EVIDENCE_KEPT: Final = 3


class Enqueue(Protocol):
    """Puts one run of a delivery into the durable queue, within the given transaction."""

    def __call__(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        """Enqueue run `run` of delivery `number`; runs of one lane go one after the other."""


@frozen(kw_only=True)
class Work:
    """A run that a worker has begun.

    Attributes:
        payload: the event as JSON text, in its latest revision.
        key_revision: the revision whose idempotency key this run has.
        known: results of steps that earlier runs recorded, as JSON text by name.
        trace: the span that the event was published in, as `tracing.carried` gave it.
        probing: the systems that are away and that it tries, as the probe of their circuits.
        worn_out: whether workers died too often with this run; it must not be tried again.
    """

    number: int
    run: int
    event_id: str
    event_type: str
    subject: str
    plugin_id: str
    lane: str
    payload: str
    attempts: int
    created_at: datetime
    revision: int = 0
    key_revision: int = 0
    began_at: datetime | None = None
    known: Mapping[str, str] = field(factory=dict)
    trace: str = ""
    worn_out: bool = False
    probing: tuple[str, ...] = ()


class Ledger:
    """The rows of events and deliveries."""

    def __init__(
        self,
        store: Store,
        enqueue: Enqueue,
        policy: RetryPolicy,
        circuits: Circuits | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._store = store
        self._enqueue = enqueue
        self._policy = policy
        self.circuits: Final = circuits or Circuits(store)
        self.limits: Final = limits or Limits(store)
        self._insert = postgresql.insert if store.shared else sqlite.insert
        holding = ("dead",) if policy.after_dead == "hold" else ()
        self._head = head_of_lane((*_ACTIVE, *holding))
        self._locks = store.shared
        self._to_begin = to_begin((*_ACTIVE, *holding), locks=store.shared)

    def record(self, connection: sa.Connection, event: Mapping[str, Any]) -> bool:
        """Write an event; says whether it is new."""
        insert = self._insert(events).values(**event, published_at=self._store.clock())
        written = insert.on_conflict_do_nothing().returning(events.c.id)
        return connection.execute(written).first() is not None

    def add(
        self, connection: sa.Connection, event_id: str, plugin_id: str, version: str, lane: str
    ) -> int:
        """Write one delivery of a new event and queue it; gives its number."""
        lane = f"{plugin_id}|{lane}"
        inserted = connection.execute(
            sa.insert(deliveries)
            .values(
                event_id=event_id,
                plugin_id=plugin_id,
                plugin_version=version,
                lane=lane,
                state="queued",
                run=1,
                attempts=0,
                starts=0,
                worker="",
                created_at=self._store.clock(),
                cause="",
                traceback="",
            )
            .returning(deliveries.c.id)
        )
        number: int = inserted.scalar_one()
        self._enqueue(connection, number, 1, lane)
        return number

    def begin(
        self, number: int, run: int, worker: str, version_of: Callable[[str], str]
    ) -> Work | None:
        """Begin a run, or go on with one whose worker died.

        Args:
            number: the delivery.
            run: the run that the worker was given.
            worker: who begins it.
            version_of: gives a plugin's version; the delivery remembers that which it began with.

        Returns:
            What is to be done; `None` where nothing is: the row has moved on, or the delivery has
            to stay behind an earlier one of its lane, or waits for a system that is away.
        """
        with self._store.writing() as connection:
            row = connection.execute(self._to_begin, {"number": number}).one_or_none()
            if row is None or row.run != run or row.state not in ("queued", "running"):
                return None
            # One that was begun before goes on: what it has recorded belongs to this run.
            if row.state == "queued" and self._has_predecessor(connection, row):
                change(connection, number, state="behind", worker="")
                return None
            probing: tuple[str, ...] = ()
            if row.some_away:
                held = self._look_at_circuits(connection, row)
                if isinstance(held, Held):
                    return None
                probing = held
            uses: tuple[str, ...] = ()
            if self.limits.some:
                uses = self.limits.on(self._needs(row))
                if row.state == "queued" and uses and not self._has_turn(connection, row, uses):
                    return None
            worn_out = row.starts >= self._policy.max_starts
            tries = row.attempts + (row.starts == 0)
            version = row.plugin_version
            if row.started_at is None:
                version = version_of(row.plugin_id) or version
            now = self._store.clock()
            if row.state == "running":
                self._note_death(connection, row, now)
            connection.execute(
                BEGIN,
                {
                    "number": number,
                    "worker_id": worker,
                    "now_starts": row.starts + 1,
                    "now_attempts": tries,
                    "first_start": row.started_at or now,
                    "now": now,
                    "version": version,
                },
            )
            if uses:
                change(connection, number, uses=f" {' '.join(uses)} ", slot_at=None)
            payload = row.payload
            if row.revision:
                payload = connection.scalar(
                    sa.select(revisions.c.payload).where(
                        revisions.c.delivery_id == number, revisions.c.revision == row.revision
                    )
                )
            known: dict[str, str] = {}
            if run > 1:
                recorded = connection.execute(
                    sa.select(steps.c.name, steps.c.result).where(steps.c.delivery_id == number)
                )
                known = {step.name: step.result for step in recorded}
        return Work(
            number=number,
            run=run,
            event_id=row.event_id,
            event_type=row.type,
            subject=row.subject,
            plugin_id=row.plugin_id,
            lane=row.lane,
            payload=payload,
            attempts=tries,
            created_at=row.created_at,
            revision=row.revision,
            key_revision=row.key_revision,
            began_at=now,
            known=known,
            trace=row.trace,
            worn_out=worn_out,
            probing=probing,
        )

    def succeed(self, work: Work, worker: str, *, rehearsed: bool = False) -> bool:
        """Finish a run well; says whether this worker still had it.

        Args:
            work: the run.
            worker: who had it.
            rehearsed: whether its plugin ran dry, so that nothing was done.
        """
        with self._store.writing() as connection:
            ended = connection.execute(
                SUCCEED,
                {
                    "number": work.number,
                    "run_number": work.run,
                    "worker_id": worker,
                    "outcome": "rehearsed" if rehearsed else "done",
                    "now": self._store.clock(),
                },
            )
            if ended.rowcount == 0:
                return False
            self.release(connection, work.lane)
        return True

    def fail(
        self, work: Work, worker: str, failure: Failure, recorded: Mapping[str, str]
    ) -> datetime | None:
        """Finish a run badly: a transient failure waits, anything else is dead.

        Args:
            work: the run.
            worker: who had it.
            failure: what went wrong.
            recorded: results of the steps that were done, so that no later run does them again.

        Returns:
            When it is tried again; `None` where it is dead, waits for its remote system, or this
            worker no longer had it.
        """
        now = self._store.clock()
        again = failure.kind == "transient" and work.attempts < self._policy.max_attempts
        with self._store.writing() as connection:
            # First the circuit, then the delivery: who closes the circuit releases what it holds.
            held = (
                again
                and failure.away
                and self.circuits.failed(
                    connection, failure.system, failure.cause, failure.retry_after
                )
            )
            due = (
                now + self._policy.wait(work.number, work.attempts, asked=failure.retry_after)
                if again and not held
                else None
            )
            values: dict[str, object] = {
                "state": "waiting" if again else "dead",
                "due_at": due,
                "finished_at": None if again else now,
                "failure": failure.kind,
                "cause": failure.cause,
                "traceback": failure.traceback,
                "system": failure.system,
                "held_by": failure.system if held else "",
                # What a system that is away did not see was no attempt at it.
                "attempts": work.attempts - 1 if held else work.attempts,
            }
            if failure.fate is not None:
                values["key_fate"] = failure.fate
            if not self._leave(connection, work, worker, **values):
                return None
            self.keep(connection, work.number, recorded)
            self.note_attempt(
                connection,
                work.number,
                run=work.run,
                revision=work.revision,
                worker=worker,
                began_at=work.began_at,
                ended_at=now,
                outcome="held" if held else "waiting" if again else "dead",
                failure=failure.kind,
                system=failure.system,
                cause=failure.cause,
                evidence=_text(failure.evidence),
            )
            if not again:
                self._store.audit.append(
                    actor=f"worker:{worker}",
                    action="delivery.dead",
                    subject=f"D-{work.number}",
                    detail={
                        "event": work.event_id,
                        "plugin": work.plugin_id,
                        "failure": failure.kind,
                        "system": failure.system,
                        "cause": failure.cause,
                        "attempts": work.attempts,
                    },
                    connection=connection,
                )
                if self._policy.after_dead == "pass":
                    self.release(connection, work.lane)
        return due

    def hand_back(self, number: int, run: int) -> bool:
        """Give a run that was not begun yet to the other workers; says whether that was so."""
        with self._store.writing() as connection:
            handed = connection.execute(
                sa.update(deliveries)
                .where(
                    deliveries.c.id == number,
                    deliveries.c.run == run,
                    deliveries.c.state == "queued",
                )
                .values(state="waiting", due_at=self._store.clock())
            )
        return handed.rowcount > 0

    def enqueue_due(self, limit: int = 100) -> int:
        """Queue the waiting deliveries that are due, those due longest first; says how many."""
        now = self._store.clock()
        with self._store.reading() as connection:  # mostly there is none: take no write lock
            if connection.execute(DUE, {"now": now, "most": 1}).first() is None:
                return 0
        with self._store.writing() as connection:
            locked = DUE.with_for_update(skip_locked=True)
            rows = connection.execute(locked, {"now": now, "most": limit}).all()
            for row in rows:
                self.requeue(connection, row.id, row.run, row.lane)
        return len(rows)

    def _look_at_circuits(self, connection: sa.Connection, row: Any) -> Held | tuple[str, ...]:
        """Say whether a delivery waits for a system that is away, or is the probe of some."""
        found = self.circuits.holding(connection, row.id, self._needs(row))
        if not isinstance(found, Held):
            return found
        if row.state == "running":  # its worker died with it; what it began is gone on with
            return ()
        change(
            connection,
            row.id,
            state="waiting",
            held_by=found.system,
            system=found.system,
            due_at=None,
            worker="",
            failure="transient",
            cause=found.cause,
        )
        return found

    def _needs(self, row: Any) -> frozenset[str]:
        """Name the remote systems that a delivery is known to need."""

        def erp_of(crm: str, account_id: str) -> str | None:
            known = self._store.links.of_account(crm, account_id)
            return known[0].erp_system if known else None

        needs = systems_of(row.payload, row.type, erp_of)
        if row.failure == "transient" and row.system:
            needs |= {row.system}
        return needs

    def _has_turn(self, connection: sa.Connection, row: Any, uses: Sequence[str]) -> bool:
        """Say whether the limits of the systems that it uses let a delivery begin now."""
        turn = self.limits.admit(connection, row, uses)
        if turn is None:
            return True
        change(
            connection,
            row.id,
            state="waiting",
            due_at=turn.due_at,
            slot_at=turn.due_at if turn.reserved else None,
            worker="",
            failure=None,
            cause=f"it waits for its turn: {turn.cause}",
        )
        return False

    def _note_death(self, connection: sa.Connection, row: Any, now: datetime) -> None:
        """Take note that a worker died with a delivery, which is begun again."""
        if row.key_fate != "created":
            change(connection, row.id, key_fate="maybe")
        self.note_attempt(
            connection,
            row.id,
            run=row.run,
            revision=row.revision,
            worker=row.worker,
            began_at=row.began_at,
            ended_at=now,
            outcome="died",
            failure=None,
            system="",
            cause="the worker died with it, or lost it",
            evidence=None,
        )

    def note_attempt(self, connection: sa.Connection, number: int, **values: object) -> None:
        """Write down an attempt; of a delivery's evidence only the latest is kept."""
        connection.execute(sa.insert(attempts), {"delivery_id": number, **values})
        if values["evidence"] is None:
            return
        latest = (
            sa.select(attempts.c.id)
            .where(attempts.c.delivery_id == number, attempts.c.evidence.is_not(None))
            .order_by(attempts.c.id.desc())
            .limit(_EVIDENCE_KEPT)
        )
        connection.execute(
            sa.update(attempts)
            .where(
                attempts.c.delivery_id == number,
                attempts.c.evidence.is_not(None),
                attempts.c.id.not_in(latest.scalar_subquery()),
            )
            .values(evidence=None)
        )

    def _has_predecessor(self, connection: sa.Connection, row: Any) -> bool:
        if not self._locks:
            return row.ahead is not None
        place = {"of_lane": row.lane, "number": row.id}
        return connection.execute(self._head, place).first() is not None

    def _leave(self, connection: sa.Connection, work: Work, worker: str, **values: object) -> bool:
        left = connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.id == work.number,
                deliveries.c.run == work.run,
                deliveries.c.state == "running",
                deliveries.c.worker == worker,
            )
            .values(**values)
        )
        return left.rowcount > 0

    def release(self, connection: sa.Connection, lane: str) -> None:
        """Queue the first of a lane that stayed behind."""
        following = connection.execute(FIRST_BEHIND, {"of_lane": lane}).first()
        if following is not None:
            self.requeue(connection, following.id, following.run, lane)

    def requeue(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        """Queue a delivery for the run that follows `run`."""
        change(
            connection,
            number,
            state="queued",
            run=run + 1,
            starts=0,
            worker="",
            due_at=None,
            held_by="",
        )
        self._enqueue(connection, number, run + 1, lane)

    def keep(self, connection: sa.Connection, number: int, recorded: Mapping[str, str]) -> None:
        """Keep results of steps, by name, so that no later run does them again."""
        for name, result in recorded.items():
            insert = self._insert(steps).values(delivery_id=number, name=name, result=result)
            connection.execute(insert.on_conflict_do_nothing())


def locked(number: int) -> sa.Select[*tuple[Any, ...]]:
    """Select a delivery's row, so that nobody else changes it until the transaction is over."""
    return sa.select(deliveries).where(deliveries.c.id == number).with_for_update()


def change(connection: sa.Connection, number: int, **values: object) -> None:
    """Change columns of a delivery's row."""
    connection.execute(sa.update(deliveries).where(deliveries.c.id == number).values(**values))


def _text(evidence: Mapping[str, Any] | None) -> str | None:
    return None if evidence is None else json.dumps(evidence, ensure_ascii=False)
