"""One reader for each change feed, whichever worker it is."""

from __future__ import annotations

import threading
from typing import Protocol

from crossdock.host.deliveries.locks import Lock, Locks


class Feed(Protocol):
    """A change feed; `ChangePoller` is one.

    Attributes:
        system: the configured name of the system that it belongs to.
    """

    @property
    def system(self) -> str:
        """The configured name of the system that it belongs to."""

    def read(self, stop: threading.Event) -> float | None:
        """Read what there is; gives the seconds to wait where the system is away."""


def follow(
    feed: Feed, locks: Locks, stop: threading.Event, *, seconds: float, lease_seconds: float
) -> None:
    """Read a feed over and over, as long as no other worker does.

    Args:
        feed: the feed.
        locks: of the store; the lease is one of them, so it ends with the process.
        stop: ends it.
        seconds: how long to wait when all was read.
        lease_seconds: how often to look whether the one who reads has gone.
    """
    lease: Lock | None = None
    try:
        while not stop.is_set():
            if lease is None or not lease.held():
                lease = locks.acquire(f"feed-{feed.system}")
            if lease is None:
                stop.wait(lease_seconds)
            else:
                wait = feed.read(stop)
                stop.wait(seconds if wait is None else wait)
    finally:
        if lease is not None:
            lease.release()
