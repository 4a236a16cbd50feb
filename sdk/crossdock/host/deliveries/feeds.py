"""One reader for each change feed, whichever worker it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from crossdock.host.deliveries.locks import Lock, Locks

_LOOKS_EVERY_SECONDS: Final = 0.5


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
    feed: Feed,
    locks: Locks,
    stop: threading.Event,
    *,
    seconds: float,
    lease_seconds: float,
    hint: Callable[[], str | None] = lambda: None,
    look_seconds: float = _LOOKS_EVERY_SECONDS,
) -> None:
    """Read a feed over and over, as long as no other worker does.

    Args:
        feed: the feed.
        locks: of the store; the lease is one of them, so it ends with the process.
        stop: ends it.
        seconds: how long to wait when all was read.
        lease_seconds: how often to look whether the one who reads has gone.
        hint: gives a mark that changes when the system says that it has news, which ends the
            waiting. A system that is away is not asked earlier than it or the back-off wants.
        look_seconds: how often to look for a hint.
    """
    lease: Lock | None = None
    try:
        while not stop.is_set():
            if lease is None or not lease.held():
                lease = locks.acquire(f"feed-{feed.system}")
            if lease is None:
                stop.wait(lease_seconds)
            else:
                seen = hint()  # before the read, so that one that comes meanwhile is not lost
                wait = feed.read(stop)
                if wait is None:
                    _rest(stop, seconds, look_seconds, hint, seen)
                else:
                    stop.wait(wait)
    finally:
        if lease is not None:
            lease.release()


def _rest(
    stop: threading.Event,
    seconds: float,
    look_seconds: float,
    hint: Callable[[], str | None],
    seen: str | None,
) -> None:
    """Wait until it is time, a hint comes, or all is to end."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if stop.wait(min(left, look_seconds)):
            return
        if left > look_seconds and hint() != seen:
            return
