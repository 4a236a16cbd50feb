"""How a run is begun: whether it is its turn, and what its worker has to know.

Nearly all are first runs of what nothing stands before; they begin with one statement that changes
nothing where anything is in the way. Whatever it leaves is looked at step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from crossdock.host.deliveries.circuits import Circuits, Held
from crossdock.host.deliveries.events import systems_of
from crossdock.host.deliveries.limits import Limits
from crossdock.host.deliveries.rows import change, note_attempt
from crossdock.host.deliveries.statements import BEGIN, begin_at_once, head_of_lane, to_begin
from crossdock.host.deliveries.work import Work
from crossdock.host.store.schema import revisions, steps

if TYPE_CHECKING:
    from crossdock.host.store import Store


class Beginning:
    """Begins the runs of one store's deliveries."""

    def __init__(
        self,
        store: Store,
        circuits: Circuits,
        limits: Limits,
        *,
        unfinished: Sequence[str],
        max_starts: int,
    ) -> None:
        """Say by what rules.

        Args:
            store: where the deliveries are.
            circuits: the remote systems that are away.
            limits: their quotas.
            unfinished: the states in which an earlier one of a lane stands before a later one.
            max_starts: how often a run may be begun, its workers having died.
        """
        self._store: Final = store
        self._circuits: Final = circuits
        self._limits: Final = limits
        self._max_starts: Final = max_starts
        self._locks: Final = store.shared
        self._at_once: Final = begin_at_once(unfinished)
        self._head: Final = head_of_lane(unfinished)
        self._to_begin: Final = to_begin(unfinished, locks=store.shared)

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
            if run == 1 and not self._limits.some:
                work = self._begin_at_once(connection, number, worker, version_of)
                if work is not None:
                    return work
            row = connection.execute(self._to_begin, {"number": number}).one_or_none()
            if row is None or row.run != run or row.state not in ("queued", "running"):
                return None
            # One that was begun before goes on: what it has recorded belongs to this run.
            ahead = self._ahead(connection, row) if row.state == "queued" else None
            if ahead is not None:
                cause = f"it stays behind D-{ahead}, an earlier one of the same account"
                change(connection, number, state="behind", worker="", cause=cause)
                return None
            probing: tuple[str, ...] = ()
            if row.some_away:
                held = self._look_at_circuits(connection, row)
                if isinstance(held, Held):
                    return None
                probing = held
            uses: tuple[str, ...] = ()
            if self._limits.some:
                uses = self._limits.on(self._needs(row))
                if row.state == "queued" and uses and not self._has_turn(connection, row, uses):
                    return None
            return self._begin(connection, row, worker, version_of, uses=uses, probing=probing)

    def _begin_at_once(
        self,
        connection: sa.Connection,
        number: int,
        worker: str,
        version_of: Callable[[str], str],
    ) -> Work | None:
        """Begin a first run; `None` where something is in the way, and nothing was changed."""
        now = self._store.clock()
        row = connection.execute(
            self._at_once, {"number": number, "worker_id": worker, "now": now}
        ).one_or_none()
        if row is None:
            return None
        version = version_of(row.plugin_id)
        if version and version != row.plugin_version:
            change(connection, number, plugin_version=version)
        return Work(
            number=number,
            run=1,
            event_id=row.event_id,
            event_type=row.type,
            subject=row.subject,
            plugin_id=row.plugin_id,
            lane=row.lane,
            payload=row.payload,
            attempts=row.attempts,
            created_at=row.created_at,
            began_at=now,
            trace=row.trace,
        )

    def _begin(
        self,
        connection: sa.Connection,
        row: Any,
        worker: str,
        version_of: Callable[[str], str],
        *,
        uses: tuple[str, ...],
        probing: tuple[str, ...],
    ) -> Work:
        worn_out = row.starts >= self._max_starts
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
                "number": row.id,
                "worker_id": worker,
                "now_starts": row.starts + 1,
                "now_attempts": tries,
                "first_start": row.started_at or now,
                "now": now,
                "version": version,
            },
        )
        if uses:
            change(connection, row.id, uses=f" {' '.join(uses)} ", slot_at=None)
        payload = row.payload
        if row.revision:
            payload = connection.scalar(
                sa.select(revisions.c.payload).where(
                    revisions.c.delivery_id == row.id, revisions.c.revision == row.revision
                )
            )
        known: dict[str, str] = {}
        if row.run > 1:
            recorded = connection.execute(
                sa.select(steps.c.name, steps.c.result).where(steps.c.delivery_id == row.id)
            )
            known = {step.name: step.result for step in recorded}
        return Work(
            number=row.id,
            run=row.run,
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

    def _look_at_circuits(self, connection: sa.Connection, row: Any) -> Held | tuple[str, ...]:
        """Say whether a delivery waits for a system that is away, or is the probe of some."""
        found = self._circuits.holding(connection, row.id, self._needs(row))
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
        turn = self._limits.admit(connection, row, uses)
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
        note_attempt(
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

    def _ahead(self, connection: sa.Connection, row: Any) -> int | None:
        """Give the first one of its lane that stands before a delivery, if there is any."""
        if not self._locks:
            return row.ahead  # type: ignore[no-any-return]  # a column of numbers
        place = {"of_lane": row.lane, "number": row.id}
        first: int | None = connection.scalar(self._head, place)
        return first
