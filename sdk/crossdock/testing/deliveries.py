"""Deliveries that run when a test says so: in this thread, without an engine and without waiting.

Rows, states, recorded steps, retries, circuits, quotas and the exceptions queue are those of every
host. Only who runs them is another one: `run` in place of a worker, on a clock that passes by
itself from one due instant to the next.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa

from crossdock.host.deliveries import Deliveries
from crossdock.host.deliveries.delivery import Delivery
from crossdock.host.deliveries.run import Runner
from crossdock.host.deliveries.settled import go_on_with_settled
from crossdock.host.store.schema import circuits, deliveries
from crossdock.records import Event

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.host.deliveries.feeds import Feed

WORKER: Final = "kit"
_MOST_ROUNDS: Final = 1_000


class MovableClock(Protocol):
    """A clock that can be put forward."""

    @property
    def now(self) -> datetime:
        """The instant, aware, in UTC."""

    def set(self, at: datetime) -> None:
        """Put it to an instant."""


class Crash(BaseException):
    """A worker that died here: no handler catches it, and nothing is noted of it.

    Raise it where a plugin's code calls something of the test's, or let `crash_after` raise it.
    """


class InProcessDeliveries(Deliveries):
    """The deliveries of one host in a test.

    Attributes:
        news: what a worker would have reported: a word for programs, and a sentence.
    """

    news: list[tuple[str, str]]

    def migrate(self) -> None:
        """Make no tables of the durable engine: there is none."""

    def attach(self, host: Host, clock: MovableClock) -> None:
        """Say who delivers, and which clock passes."""
        self._queue: deque[tuple[int, int]] = deque()
        self._recorded: dict[tuple[int, int], dict[str, str]] = {}
        self._crash_after = ""
        self._clock = clock
        self.news = []
        self._now: tuple[int, int] = (0, 0)
        versions = {plugin.id: plugin.manifest.version for plugin in host.plugins}
        self._feeds = _feeds(host, self, self._report)
        self._runner = Runner(
            self,
            host.deliver,
            lambda plugin_id: versions.get(plugin_id, ""),
            self,
            WORKER,
            self._report,
            recorder=lambda: _Recorder(self._recorded.setdefault(self._now, {}), self._die_after),
        )

    def begin(self) -> None:
        """Take the present state of the systems as known: changes count from here."""
        self._read_feeds()
        self._queue.clear()

    def run(self, *, within: timedelta = timedelta(hours=1)) -> tuple[Delivery, ...]:
        """Deliver all that is published, and all that comes of it, until nothing is left to do.

        Change feeds are read, jobs that are due are run. Where something waits (a retry, a system
        that is away), the clock passes to the instant at which it is due.

        Args:
            within: how far the clock may pass.

        Returns:
            What became of every delivery that was begun, in the order of their numbers.

        Raises:
            RuntimeError: plugins keep making work for each other without end.
            Crash: a handler was let die; run again to see how it is gone on with.
        """
        until = self._clock.now + within
        begun: dict[int, None] = {}
        for _ in range(_MOST_ROUNDS):
            if self._read_feeds() or self._queue:
                self._empty_queue(begun)
                continue
            due = self._next_due()
            if due is None or due > until:
                return tuple(self.get(f"D-{number}") for number in sorted(begun))
            if due > self._clock.now:
                self._clock.set(due)
            self._take_up_due()
        raise RuntimeError(
            f"{_MOST_ROUNDS} rounds of deliveries did not come to an end: plugins answer each "
            "other's changes; the last was " + (self.news[-1][1] if self.news else "nothing")
        )

    def deliver_again(self, delivery: Delivery | str) -> Delivery:
        """Deliver something once more from its beginning, as after a crash before it was noted.

        Its recorded steps are forgotten and its idempotency key is the same.
        """
        found = self.get(delivery if isinstance(delivery, str) else delivery.id)
        with self.store.writing() as connection:
            row = connection.execute(
                sa.select(deliveries).where(deliveries.c.id == found.number)
            ).one()
            connection.execute(
                sa.update(deliveries).where(deliveries.c.id == found.number).values(starts=0)
            )
            self.ledger.requeue(connection, row.id, row.run, row.lane)
        self._empty_queue({})
        return self.get(found.id)

    @contextmanager
    def crash_after(self, step: str) -> Iterator[None]:
        """Let the worker die once, right after a step was recorded.

        Args:
            step: its name, with `*` and `?` as in file names.

        Raises:
            AssertionError: nothing of that name was recorded while the block ran.
        """
        self._crash_after = step
        try:
            yield
            if self._crash_after:
                done = sorted({name for each in self._recorded.values() for name in each})
                raise AssertionError(
                    f"no step {step!r} was recorded, so nothing died; "
                    f"recorded were: {', '.join(done) or 'none'}"
                )
        finally:
            self._crash_after = ""

    def recorded_steps(self, number: int, run: int) -> Mapping[str, str]:
        """Give what a run recorded; for the runner."""
        return self._recorded.get((number, run), {})

    # How it is done.

    def _enqueue(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:  # noqa: ARG002 - the base class's signature
        # What is rolled back is in the queue all the same; the ledger begins none that it lacks.
        self._queue.append((number, run))

    def _forget(self, over: Sequence[tuple[int, int]]) -> None:
        for number, runs in over:
            for run in range(1, runs + 1):
                self._recorded.pop((number, run), None)

    def _report(self, kind: str, text: str, **_detail: Any) -> None:
        self.news.append((kind, text))

    def _die_after(self, step: str) -> None:
        if self._crash_after and fnmatchcase(step, self._crash_after):
            self._crash_after = ""
            raise Crash(f"the worker died after the step {step!r}")

    def _empty_queue(self, begun: dict[int, None]) -> None:
        while self._queue:
            self._now = self._queue.popleft()
            begun[self._now[0]] = None
            try:
                self._runner.run(*self._now)
            except Crash:
                self._queue.appendleft(self._now)
                raise

    def _read_feeds(self) -> bool:
        """Read what is new; says whether anything was published."""
        before = len(self._queue)
        for feed in self._feeds:
            feed.read(threading.Event())
        go_on_with_settled(self)
        return len(self._queue) > before

    def _take_up_due(self) -> None:
        self.ledger.circuits.queue_probes(self.ledger.requeue)
        self.ledger.enqueue_due()

    def _next_due(self) -> datetime | None:
        """Say when the next waiting delivery, or the next probe of a system, is due."""
        with self.store.reading() as connection:
            waiting = connection.scalar(
                sa.select(sa.func.min(deliveries.c.due_at)).where(deliveries.c.state == "waiting")
            )
            held = connection.scalar(
                sa.select(sa.func.count()).where(
                    deliveries.c.state == "waiting", deliveries.c.held_by != ""
                )
            )
            probe = connection.scalar(sa.select(sa.func.min(circuits.c.probe_at))) if held else None
        found = [_instant(each) for each in (waiting, probe) if each is not None]
        return min(found, default=None)


class _Recorder:
    """Records the steps of one run in memory."""

    def __init__(self, recorded: dict[str, str], after: Callable[[str], None]) -> None:
        self._recorded = recorded
        self._after = after

    def do(self, name: str, fn: Callable[[], str]) -> str:
        """Call `fn` and record its result, or give the result that was recorded."""
        if name not in self._recorded:
            self._recorded[name] = fn()
            self._after(name)
        return self._recorded[name]


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _feeds(host: Host, own: Deliveries, report: Callable[..., None]) -> list[Feed]:
    """Give what a worker reads besides its queue, as far as somebody is told of it."""
    from crossdock.host.approvals.clock import ApprovalClock
    from crossdock.host.deliveries.changes import ChangePoller
    from crossdock.host.deliveries.jobs import JobFeed
    from crossdock.host.deliveries.promotions import PromotionPoller

    def told(event: Event) -> list[tuple[str, str]]:
        return host.subscriptions(event)

    feeds: list[Feed] = [ApprovalClock(host.approvals)]
    if host.explain("document_changed") or host.explain("record_changed"):
        feeds += [
            ChangePoller(
                own,
                host.erp.using(system),
                told,
                order_seen=host.order_seen,
                record_seen=host.record_seen,
                report=report,
            )
            for system in host.erp.systems
        ]
    # It tells of what was saved behind the host's back.
    if host.crm.guards.quote == "after" or host.explain("record_changed"):
        feeds.append(
            PromotionPoller(
                own,
                host.crm,
                told,
                of_quote=host.quote_written,
                record_seen=host.record_seen,
                report=report,
            )
        )
    if host.explain("scheduled_jobs"):
        feeds.append(JobFeed(own, host.jobs, refresh_seconds=0, report=report))
    return feeds
