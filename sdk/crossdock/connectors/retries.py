"""Retries inside one call: few and quick.

They bridge a dropped connection or a short throttle. An outage is for the deliveries to sit out,
which remember what they were doing; a person who waits for a tab should rather be told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

import stamina
from attrs import frozen

from crossdock.errors import RemoteUnavailable

_T = TypeVar("_T")

_log: Final = logging.getLogger("crossdock.connectors")

# Without any logging set up, Python would print stamina's bare event name to standard error.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@frozen(kw_only=True)
class Retries:
    """How often and how long to try again.

    Attributes:
        attempts: how many tries in all.
        first_wait: seconds before the second try; it doubles, with as much jitter again.
        longest_wait: the longest `Retry-After` that is waited out here.
    """

    attempts: int = 3
    first_wait: float = 0.05
    longest_wait: float = 2.0

    def call(self, once: Callable[[], _T], *, repeatable: bool, left: Callable[[], float]) -> _T:
        """Do `once`, again where that is safe and may help.

        Args:
            once: one exchange; raises `RemoteUnavailable` when there was no proper answer.
            repeatable: whether doing it twice has the effect of once. Otherwise it is done again
                only when it surely did not take effect.
            left: seconds until the deadline; no wait reaches beyond it.
        """

        def worth_another(error: Exception) -> bool | float:
            if not isinstance(error, RemoteUnavailable) or (error.maybe_done and not repeatable):
                return False
            if error.retry_after is None:
                return left() > 2 * self.first_wait
            wait = error.retry_after
            return wait if wait <= self.longest_wait and wait < left() else False

        failed: list[RemoteUnavailable] = []
        try:
            return once()  # mostly; getting ready for another try costs a tenth of a call
        except RemoteUnavailable as error:
            failed.append(error)
            _log.debug("it may be tried again: %s", error)

        def again() -> _T:
            if failed:
                raise failed.pop()
            return once()

        for attempt in stamina.retry_context(
            on=worth_another,
            attempts=self.attempts,
            timeout=None,
            wait_initial=self.first_wait,
            wait_max=self.longest_wait,
            wait_jitter=self.first_wait,
        ):
            with attempt:
                return again()
        raise AssertionError("stamina raises the last error itself")


QUICK: Final = Retries()
