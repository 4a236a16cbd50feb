"""From cron lines to events: each due occurrence of a job becomes one durable delivery.

A watermark for each job says which occurrence was published last, or from when on the job is known;
it moves in the transaction that publishes. So an occurrence comes once, however many workers there
are and wherever one dies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.host.asking.jobs import JobHandle, JobList, latest_occurrence
from crossdock.host.deliveries.events import job_lane
from crossdock.host.deliveries.polling import Poller
from crossdock.host.deliveries.reports import Report, say_nothing
from crossdock.host.store.schema import deliveries as rows
from crossdock.records import JobDue

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries

# No system can be called so: their names hold no space.
_SYSTEM: Final = "scheduled jobs"
_UNFINISHED: Final = ("queued", "running", "waiting", "behind")


class JobFeed(Poller):
    """Publishes the jobs that are due, on the store's clock.

    Attributes:
        least_seconds: it is looked at no more often, however often feeds are read: a cron line
            counts minutes.
    """

    least_seconds: Final = 1.0

    def __init__(
        self,
        deliveries: Deliveries,
        jobs: Callable[[], JobList],
        *,
        refresh_seconds: float = 30.0,
        report: Report = say_nothing,
    ) -> None:
        """Make a feed.

        Args:
            deliveries: where the occurrences are published.
            jobs: gives the jobs of all plugins: `Host.jobs`.
            refresh_seconds: how long what it gave is good for.
            report: takes news of what it does.
        """
        super().__init__(_SYSTEM, report)
        self._deliveries = deliveries
        self._store = deliveries.store
        self._jobs = jobs
        self._refresh_seconds = refresh_seconds
        self._asked_at = float("-inf")
        self._handles: Sequence[JobHandle] = ()
        self._told: frozenset[str] = frozenset()

    def read_page(self) -> bool:
        """Publish what is due; that is all there is."""
        if time.monotonic() >= self._asked_at + self._refresh_seconds:
            self._ask()
        now = self._store.clock()
        for handle in self._handles:
            self._publish(handle, now)
        return False

    def _ask(self) -> None:
        found = self._jobs()
        self._handles = found.jobs
        self._asked_at = time.monotonic()
        faults = {each.plugin_id: each.reason for each in found.missing}
        for plugin_id, reason in faults.items():
            if reason not in self._told:
                self._report("trouble", f"jobs of {plugin_id}: {reason}", plugin=plugin_id)
        self._told = frozenset(faults.values())

    def _publish(self, handle: JobHandle, now: datetime) -> None:
        due = latest_occurrence(handle.job.cron, now)
        known = self._store.watermarks.cursor(_SYSTEM, handle.address)
        since, _, line = (known or "").partition(" ")
        if line != handle.job.cron:
            # New, or on another schedule: what was due before nobody has missed.
            self._move(handle, now)
            return
        if due <= datetime.fromisoformat(since):
            return
        event = JobDue(plugin_id=handle.plugin_id, job_id=handle.job.id, due_at=due)
        with self._store.writing() as connection:
            if self._under_way(connection, event):
                return  # it comes due again when the way is free, with the latest occurrence
            subscribers = [(handle.plugin_id, handle.plugin_version)]
            new = self._deliveries.publish_within(connection, event, subscribers)
            self._move(handle, due, connection)
        if new:
            self._report(
                "published",
                f"job {handle.address} is due ({due:%Y-%m-%d %H:%M} UTC)",
                plugin=handle.plugin_id,
                job=handle.job.id,
                due_at=due.isoformat(),
            )

    def _under_way(self, connection: sa.Connection, event: JobDue) -> bool:
        lane = f"{event.plugin_id}|{job_lane(event)}"
        statement = sa.select(rows.c.id).where(rows.c.lane == lane, rows.c.state.in_(_UNFINISHED))
        return connection.execute(statement.limit(1)).first() is not None

    def _move(
        self, handle: JobHandle, to: datetime, connection: sa.Connection | None = None
    ) -> None:
        cursor = f"{to.isoformat()} {handle.job.cron}"
        self._store.watermarks.move(_SYSTEM, cursor, handle.address, connection=connection)
