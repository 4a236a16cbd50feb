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
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.deliveries.beginning import Beginning
from crossdock.host.deliveries.circuits import Circuits
from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.limits import Limits
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.rows import change, note_attempt
from crossdock.host.deliveries.statements import ADD, DUE, FIRST_BEHIND, to_succeed
from crossdock.host.deliveries.work import Work
from crossdock.host.store.schema import deliveries, events, steps

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ACTIVE: Final = ("queued", "running", "waiting")


class Enqueue(Protocol):
    """Puts one run of a delivery into the durable queue, within the given transaction."""

    def __call__(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        """Enqueue run `run` of delivery `number`; runs of one lane go one after the other."""


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
        self._record = self._insert(events).on_conflict_do_nothing().returning(events.c.id)
        self._locks = store.shared
        self._succeed = to_succeed(locks=store.shared)
        holding = ("dead",) if policy.after_dead == "hold" else ()
        self._beginning = Beginning(
            store,
            self.circuits,
            self.limits,
            unfinished=(*_ACTIVE, *holding),
            max_starts=policy.max_starts,
        )

    def record(self, connection: sa.Connection, event: Mapping[str, Any]) -> bool:
        """Write an event; says whether it is new."""
        values = {**event, "published_at": self._store.clock()}
        return connection.execute(self._record, values).first() is not None

    def add(
        self, connection: sa.Connection, event_id: str, plugin_id: str, version: str, lane: str
    ) -> int:
        """Write one delivery of a new event and queue it; gives its number."""
        lane = f"{plugin_id}|{lane}"
        number: int = connection.execute(
            ADD,
            {
                "event_id": event_id,
                "plugin_id": plugin_id,
                "plugin_version": version,
                "lane": lane,
                "state": "queued",
                "run": 1,
                "created_at": self._store.clock(),
            },
        ).scalar_one()
        self._enqueue(connection, number, 1, lane)
        return number

    def begin(
        self, number: int, run: int, worker: str, version_of: Callable[[str], str]
    ) -> Work | None:
        """Begin a run, or go on with one whose worker died; see `Beginning.begin`."""
        return self._beginning.begin(number, run, worker, version_of)

    def succeed(self, work: Work, worker: str, *, rehearsed: bool = False) -> bool:
        """Finish a run well; says whether this worker still had it.

        Args:
            work: the run.
            worker: who had it.
            rehearsed: whether its plugin ran dry, so that nothing was done.
        """
        with self._store.writing() as connection:
            ended = connection.execute(
                self._succeed,
                {
                    "number": work.number,
                    "run_number": work.run,
                    "worker_id": worker,
                    "outcome": "rehearsed" if rehearsed else "done",
                    "of_lane": work.lane,
                    "now": self._store.clock(),
                },
            ).one_or_none()
            if ended is None:
                return False
            # Where rows are locked, who went behind this one meanwhile shows only now.
            if self._locks or ended.behind is not None:
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
            note_attempt(
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


def _text(evidence: Mapping[str, Any] | None) -> str | None:
    return None if evidence is None else json.dumps(evidence, ensure_ascii=False)
