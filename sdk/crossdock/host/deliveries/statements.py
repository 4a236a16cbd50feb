"""The statements that every delivery needs.

They are put together once, as building one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from crossdock.host.store.schema import circuits, deliveries, events

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import ReturningUpdate

ADD: Final = sa.insert(deliveries).returning(deliveries.c.id)
TO_BEGIN: Final = (
    sa.select(
        deliveries,
        events.c.payload,
        events.c.type,
        events.c.subject,
        events.c.trace,
        sa.exists(sa.select(circuits.c.system)).label("some_away"),
    )
    .join(events, events.c.id == deliveries.c.event_id)
    .where(deliveries.c.id == sa.bindparam("number"))
    .with_for_update(of=deliveries)
)
BEGIN: Final = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("number"))
    .values(
        state="running",
        worker=sa.bindparam("worker_id"),
        starts=sa.bindparam("now_starts"),
        attempts=sa.bindparam("now_attempts"),
        started_at=sa.bindparam("first_start"),
        began_at=sa.bindparam("now"),
        plugin_version=sa.bindparam("version"),
    )
)
FIRST_BEHIND: Final = (
    sa.select(deliveries.c.id, deliveries.c.run)
    .where(deliveries.c.lane == sa.bindparam("of_lane"), deliveries.c.state == "behind")
    .order_by(deliveries.c.id)
    .limit(1)
    .with_for_update()
)
DUE: Final = (
    sa.select(deliveries.c.id, deliveries.c.run, deliveries.c.lane)
    .where(deliveries.c.state == "waiting", deliveries.c.due_at <= sa.bindparam("now"))
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def _one_of(column: sa.Column[str], values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Compare one by one: an `IN` is put together anew each time that it is run."""
    return sa.or_(*(column == value for value in values))


def head_of_lane(unfinished: Sequence[str]) -> sa.Select[int]:
    """Select the first unfinished delivery of a lane that stands before a given one.

    The lock makes whoever is just finishing that one wait, so that it sees who stays behind.
    """
    return (
        sa.select(deliveries.c.id)
        .where(
            deliveries.c.lane == sa.bindparam("of_lane"),
            _one_of(deliveries.c.state, unfinished),
            deliveries.c.id < sa.bindparam("number"),
        )
        .order_by(deliveries.c.id)
        .limit(1)
        .with_for_update()
    )


def to_begin(unfinished: Sequence[str], *, locks: bool) -> sa.Select[*tuple[Any, ...]]:
    """Select a delivery to be begun, with its event and whether some system is away.

    Args:
        unfinished: the states in which an earlier one of the lane stands before it.
        locks: whether the database locks rows; where it does not (SQLite, whose transaction has
            the write lock), `ahead` names the first that stands before it, in the same statement.
    """
    if locks:
        return TO_BEGIN
    before = deliveries.alias()
    ahead = (
        sa.select(sa.func.min(before.c.id))
        .where(
            before.c.lane == deliveries.c.lane,
            _one_of(before.c.state, unfinished),
            before.c.id < deliveries.c.id,
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    return TO_BEGIN.add_columns(ahead.label("ahead"))


def begin_at_once(unfinished: Sequence[str]) -> ReturningUpdate[Any]:
    """Begin the first run of a delivery as it was published, with its event, where it may begin.

    It may not while an earlier one of its lane is unfinished or some system is away. On PostgreSQL
    both are as they were when the statement began: an earlier one that is just being finished
    counts as unfinished, and is looked at again with its row locked.

    Args:
        unfinished: the states in which an earlier one of the lane stands before it.
    """
    before = deliveries.alias()
    ahead = (
        sa.select(before.c.id)
        .where(
            before.c.lane == deliveries.c.lane,
            _one_of(before.c.state, unfinished),
            before.c.id < deliveries.c.id,
        )
        .correlate(deliveries)
    )

    def of_event(column: sa.Column[str]) -> sa.Label[str]:
        # Subqueries, as SQLite returns nothing else of another table.
        of = sa.select(column).where(events.c.id == deliveries.c.event_id).correlate(deliveries)
        return of.scalar_subquery().label(column.name)

    return (
        sa.update(deliveries)
        .where(
            deliveries.c.id == sa.bindparam("number"),
            deliveries.c.run == 1,
            deliveries.c.state == "queued",
            deliveries.c.revision == 0,
            deliveries.c.started_at.is_(None),
            ~sa.exists(ahead),
            ~sa.exists(sa.select(circuits.c.system)),
        )
        .values(
            state="running",
            worker=sa.bindparam("worker_id"),
            starts=1,
            attempts=deliveries.c.attempts + 1,
            started_at=sa.bindparam("now"),
            began_at=sa.bindparam("now"),
        )
        .returning(
            deliveries.c.event_id,
            deliveries.c.plugin_id,
            deliveries.c.plugin_version,
            deliveries.c.lane,
            deliveries.c.attempts,
            deliveries.c.created_at,
            *map(of_event, (events.c.payload, events.c.type, events.c.subject, events.c.trace)),
        )
    )


def to_succeed(*, locks: bool) -> ReturningUpdate[Any]:
    """Finish a run well, if its worker still has it.

    Args:
        locks: whether the database locks rows; where it does not (SQLite, whose transaction has
            the write lock), `behind` names one that stayed behind, in the same statement.
    """
    succeed = (
        sa.update(deliveries)
        .where(
            deliveries.c.id == sa.bindparam("number"),
            deliveries.c.run == sa.bindparam("run_number"),
            deliveries.c.state == "running",
            deliveries.c.worker == sa.bindparam("worker_id"),
        )
        .values(
            state=sa.bindparam("outcome"),  # done, or rehearsed
            finished_at=sa.bindparam("now"),
            failure=None,
            cause="",
            traceback="",
            system="",
        )
    )
    if locks:
        return succeed.returning(deliveries.c.id)
    other = deliveries.alias()
    behind = (
        sa.select(sa.func.min(other.c.id))
        .where(other.c.lane == sa.bindparam("of_lane"), other.c.state == "behind")
        .scalar_subquery()
    )
    return succeed.returning(behind.label("behind"))
