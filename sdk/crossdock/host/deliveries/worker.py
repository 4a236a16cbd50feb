"""A worker: takes deliveries from the queue, brings back those that waited, inherits from the dead.

There may be any number of workers on one store, one in a process.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from attrs import frozen

from crossdock.errors import SetupError
from crossdock.host.deliveries.durable import Client, Engine
from crossdock.host.deliveries.feeds import Feed, follow
from crossdock.host.deliveries.locks import Lock, locks_of
from crossdock.host.deliveries.lost import bring_back
from crossdock.host.deliveries.reports import Report, say_nothing
from crossdock.host.deliveries.run import Runner, VersionOf
from crossdock.host.deliveries.settled import go_on_with_settled

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries
    from crossdock.host.deliveries.delivery import Deliver

_LOST_SECONDS: Final = 5.0
_NEXT_BATCH_SECONDS: Final = 1.0


@frozen(kw_only=True)
class WorkerSettings:
    """How a worker works.

    Attributes:
        poll_seconds: how often it looks for new deliveries and for due ones.
        feed_seconds: how often it asks each ERP for changes.
        concurrency: how many deliveries it does side by side, each of another account.
        inherit_seconds: how often it looks for workers that died.
        probe_seconds: how often it looks for systems whose time to be tried again has come.
        archive_seconds: how often it looks for what was over long ago.
        drain_seconds: how long it lets what is under way finish when it is asked to stop.
    """

    poll_seconds: float = 0.1
    feed_seconds: float = 1.0
    concurrency: int = 16
    inherit_seconds: float = 1.0
    probe_seconds: float = 0.5
    archive_seconds: float = 60.0
    drain_seconds: float = 20.0


def new_worker_id() -> str:
    """Make a name that no other worker has or ever had."""
    return f"w-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class Worker:
    """Delivers what was published, until it is told to stop.

    Attributes:
        id: a name that no other worker has or ever had.
        feeds: what it reads besides its queue.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        deliver: Deliver,
        *,
        worker_id: str | None = None,
        version_of: VersionOf = lambda _plugin_id: "",
        feeds: Sequence[Feed] = (),
        settings: WorkerSettings | None = None,
        report: Report = say_nothing,
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Make a worker.

        Args:
            deliveries: the deliveries of the store.
            deliver: runs a plugin's handler: `Host.deliver`.
            worker_id: from `new_worker_id`, where it must be known before.
            version_of: gives the version of a loaded plugin, or an empty string.
            feeds: the ERPs' change feeds to turn into events; one worker reads one feed at a time.
            settings: how it works.
            report: takes news of what it does.
            secrets: gives what must not stand in the evidence of a failure, besides what the
                connectors know.
        """
        self.id: Final = worker_id or new_worker_id()
        self._deliveries = deliveries
        self._settings = settings or WorkerSettings()
        self._report = report
        self.feeds: Final = tuple(feeds)
        self._locks = locks_of(deliveries.store)
        self._client = Client(deliveries.store.url)
        self._runner = Runner(
            deliveries, deliver, version_of, self._client, self.id, report, secrets
        )
        self._under_way = 0
        self._counting = threading.Lock()
        self._draining = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then finish what is under way.

        Raises:
            SetupError: the connection that proves this worker alive was lost; others take over its
                work, so it must not go on.
        """
        settings = self._settings
        alive = self._locks.acquire(self.id)
        if alive is None:
            raise SetupError(f"the name {self.id} is taken; start the worker again")
        engine = Engine(self._deliveries.store.url, self.id, self._run)
        try:
            self._client.register_queue(
                poll_seconds=settings.poll_seconds, concurrency=settings.concurrency
            )
            engine.launch()
            feeds = [
                threading.Thread(target=self._follow, args=(feed, stop), name=f"feed-{feed.system}")
                for feed in self.feeds
            ]
            for thread in feeds:
                thread.start()
            self._report("ready", f"worker {self.id} ready", worker=self.id)
            try:
                self._tend(stop, alive)
            finally:
                stop.set()
                for thread in feeds:
                    thread.join()
                self._drain()
        finally:
            engine.close()
            self._client.close()
            self._locks.close()
        self._report("stopped", f"worker {self.id} stopped", worker=self.id)

    def _run(self, number: int, run: int) -> None:
        """Do one run in a thread of the engine."""
        with self._counting:
            self._under_way += 1
        try:
            if self._draining.is_set() and self._deliveries.ledger.hand_back(number, run):
                return
            self._runner.run(number, run)
        finally:
            with self._counting:
                self._under_way -= 1

    def _tend(self, stop: threading.Event, alive: Lock) -> None:
        """Queue what is due and inherit from the dead, over and over."""
        inherit_at = probe_at = lost_at = 0.0
        archive_at = time.monotonic() + self._settings.archive_seconds
        in_trouble = False
        while not stop.is_set():
            try:
                if time.monotonic() >= inherit_at:
                    if not alive.held():
                        raise SetupError(
                            f"worker {self.id} lost its connection to the store, so others take "
                            "over its work; start it again"
                        )
                    self._inherit()
                    go_on_with_settled(self._deliveries)
                    inherit_at = time.monotonic() + self._settings.inherit_seconds
                ledger = self._deliveries.ledger
                if time.monotonic() >= probe_at:
                    ledger.circuits.queue_probes(ledger.requeue)
                    probe_at = time.monotonic() + self._settings.probe_seconds
                ledger.enqueue_due()
                if time.monotonic() >= lost_at:
                    self._bring_back()
                    lost_at = time.monotonic() + _LOST_SECONDS
                if time.monotonic() >= archive_at:
                    archive_at = time.monotonic() + self._archive()
                in_trouble = False
            except sa.exc.OperationalError as error:
                # The database may be busy or restarting; what is to be done is still in it.
                if not in_trouble:
                    self._report("trouble", f"the store does not answer: {error.orig}")
                in_trouble = True
            stop.wait(self._settings.poll_seconds)

    def _bring_back(self) -> None:
        """Take up again what ended without an outcome."""
        found = bring_back(self._deliveries, self._client)
        if found:
            self._report(
                "trouble",
                f"{found} runs had ended without an outcome; they are tried again",
                deliveries=found,
            )

    def _archive(self) -> float:
        """Give one batch to the archive; gives the seconds until the next one."""
        keep_days = self._deliveries.settings.keep_days
        if keep_days is None:
            return self._settings.archive_seconds
        moved = self._deliveries.archive.move(timedelta(days=keep_days))
        return _NEXT_BATCH_SECONDS if moved else self._settings.archive_seconds

    def _inherit(self) -> None:
        """Resume the work of every worker whose lock is free, as it died with it."""
        for executor in self._client.executors() - {self.id}:
            lock = self._locks.acquire(executor)
            if lock is None:
                continue
            try:
                taken = self._client.resume_work_of(executor)
            finally:
                lock.release()
            if taken:
                self._report(
                    "took_over",
                    f"took over  {taken} of {executor}, which died",
                    worker=executor,
                    deliveries=taken,
                )

    def _follow(self, feed: Feed, stop: threading.Event) -> None:
        follow(
            feed,
            self._locks,
            stop,
            # A system that counts calls is read less often; a hint ends the waiting all the same.
            seconds=max(self._settings.feed_seconds, getattr(feed, "least_seconds", 0.0)),
            lease_seconds=self._settings.inherit_seconds,
            hint=partial(self._hint, feed.system),
        )

    def _hint(self, system: str) -> str | None:
        try:
            return self._deliveries.store.watermarks.hinted(system)
        except sa.exc.OperationalError:  # it is told where work is queued; without it, time does
            return None

    def _drain(self) -> None:
        self._draining.set()
        with self._counting:
            left = self._under_way
        if left:
            self._report("stopping", f"stopping, {left} still under way", deliveries=left)
        deadline = time.monotonic() + self._settings.drain_seconds
        while time.monotonic() < deadline:
            with self._counting:
                if self._under_way == 0:
                    return
            time.sleep(0.02)
