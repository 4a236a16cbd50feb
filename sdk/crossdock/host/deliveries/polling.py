"""Reading a remote system over and over: trouble is said once, and waited out with back-off."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Final

from crossdock.errors import CrossdockError, NotSupported, RemoteError, RemoteUnavailable
from crossdock.host.deliveries.failure import failure_of
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.reports import Report

# A system that tells no changes may learn to, by an upgrade or another setting of it.
_WITHOUT_SECONDS: Final = 3600.0


class Poller(ABC):
    """Reads one system's change feed, a page at a time.

    Attributes:
        system: the system's configured name.
    """

    def __init__(self, system: str, report: Report) -> None:
        """Make a poller.

        Args:
            system: the system's configured name.
            report: takes news of what it does.
        """
        self.system: Final = system
        self._report = report
        self._backoff = RetryPolicy()
        self._failures = 0
        self._trouble = ""

    @abstractmethod
    def read_page(self) -> bool:
        """Read one page and publish it; says whether there is more.

        Raises:
            RemoteError: the system did not answer as it should; nothing was changed.
        """

    def read(self, stop: threading.Event) -> float | None:
        """Read what there is and publish it.

        Args:
            stop: ends a long read after the page that it is at.

        Returns:
            Seconds to wait where the system did not answer as it should, or tells no changes at
            all; `None` where all is well.
        """
        try:
            while self.read_page() and not stop.is_set():
                pass
        except NotSupported as none:
            return self._without(none)
        except Exception as error:  # noqa: BLE001 - the boundary: said once, tried again
            return self._away(error)
        if self._trouble:
            self._report("feed_back", f"feed {self.system} answers again", system=self.system)
        self._failures, self._trouble = 0, ""
        return None

    def _without(self, none: NotSupported) -> float:
        if str(none) != self._trouble:
            self._report(
                "feed_none",
                f"feed {self.system}: there is none, so changes in it are seen only by who looks: "
                f"{none}",
                system=self.system,
                cause=str(none),
                expected=True,
            )
        self._trouble = str(none)
        return _WITHOUT_SECONDS

    def _away(self, error: Exception) -> float:
        self._failures += 1
        failure = failure_of(error)
        if failure.cause != self._trouble:
            away = isinstance(error, RemoteUnavailable)
            self._report(
                "feed_away" if away else "feed_blocked",
                f"feed {self.system} {'is away' if away else 'cannot be read'}, trying on: "
                f"{failure.cause}",
                system=self.system,
                failure=failure.kind,
                cause=failure.cause,
                expected=isinstance(error, CrossdockError | RemoteError),
                traceback=failure.traceback,
            )
        self._trouble = failure.cause
        number = sum(self.system.encode())  # the jitter's seed; ERPs do not come back together
        return self._backoff.wait(number, self._failures, asked=failure.retry_after).total_seconds()
