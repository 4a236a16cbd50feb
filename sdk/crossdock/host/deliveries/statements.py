"""The statements that every delivery needs.

They are put together once, as building one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from crossdock.host.store.schema import circuits, deliveries, events

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
SUCCEED: Final = (
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


def head_of_lane(unfinished: Sequence[str]) -> sa.Select[int]:
    """Select the first unfinished delivery of a lane that stands before a given one.

    The lock makes whoever is just finishing that one wait, so that it sees who stays behind.
    """
    return (
        sa.select(deliveries.c.id)
        .where(
            deliveries.c.lane == sa.bindparam("of_lane"),
            deliveries.c.state.in_(unfinished),
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
            the write lock), `ahead` names the one that stands before it, in the same statement.
    """
    if locks:
        return TO_BEGIN
    before = deliveries.alias()
    ahead = (
        sa.select(before.c.id)
        .where(
            before.c.lane == deliveries.c.lane,
            before.c.state.in_(unfinished),
            before.c.id < deliveries.c.id,
        )
        .limit(1)
        .correlate(deliveries)
        .scalar_subquery()
    )
    return TO_BEGIN.add_columns(ahead.label("ahead"))
