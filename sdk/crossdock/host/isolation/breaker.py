"""A circuit breaker: a plugin that keeps failing is not asked for a while.

Closed, every call goes through. Too many faults open it: calls are refused at once, which costs
nobody a deadline. After the cool-off one call may probe (half-open); it closes the circuit if it
succeeds and opens it again if not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

from attrs import define

from crossdock.errors import PluginPaused
from crossdock.host.isolation.settings import BreakerSettings

State = Literal["closed", "open", "half-open"]

_log = logging.getLogger("crossdock.isolation")
_SLICES: Final = 10


@define
class _Slice:
    began: float
    calls: int = 0
    faults: int = 0


class Breaker:
    """The circuit of one plugin; may be used from several threads.

    Whoever was admitted says afterwards how it went, with one of `succeeded`, `failed` and
    `withdrawn`.

    Args:
        plugin_id: whose, for messages.
        settings: when it opens, and for how long.
        clock: gives seconds.

    Attributes:
        would_have_refused: calls that went through in a dry run only.
    """

    def __init__(
        self,
        plugin_id: str,
        settings: BreakerSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plugin_id = plugin_id
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._slices: deque[_Slice] = deque()
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._reason = ""
        self._probing = False
        self.would_have_refused = 0

    @property
    def state(self) -> State:
        """Whether calls go through."""
        with self._lock:
            if self._opened_at is None:
                return "closed"
            cooled = self._clock() >= self._opened_at + self._settings.cool_off_seconds
            return "half-open" if cooled else "open"

    def admit(self, point: str) -> None:
        """Let a call through, or refuse it.

        Raises:
            PluginPaused: the circuit is open.
        """
        with self._lock:
            if self._opened_at is None:
                return
            left = self._opened_at + self._settings.cool_off_seconds - self._clock()
            if left <= 0 and not self._probing:
                self._probing = True
                return
            if self._settings.dry_run:
                self.would_have_refused += 1
                return
        raise PluginPaused(
            f"{self._plugin_id} is not asked for now: {self._reason}"
            + (f"; it is tried again in {left:.0f} s" if left > 0 else "; one call is probing"),
            plugin_id=self._plugin_id,
            point=point,
            retry_after=max(left, 1.0),
        )

    def succeeded(self) -> None:
        """Note that a call was answered, whatever the answer was."""
        with self._lock:
            self._note(fault=False)
            self._in_a_row = 0
            # In a dry run a call that went through all the same is no probe, and proves as much.
            if self._opened_at is not None and (self._probing or self._settings.dry_run):
                self._close()

    def failed(self) -> None:
        """Note that the plugin was at fault."""
        with self._lock:
            now = self._note(fault=True)
            self._in_a_row += 1
            if self._probing:
                self._probing = False
                self._open(now, self._reason)
            elif self._opened_at is None and (reason := self._too_many()):
                self._open(now, reason)

    def withdrawn(self) -> None:
        """Note that an admitted call was not made after all."""
        with self._lock:
            self._probing = False

    def _note(self, *, fault: bool) -> float:
        now = self._clock()
        span = self._settings.window_seconds / _SLICES
        slices = self._slices
        if not slices or now >= slices[-1].began + span:
            slices.append(_Slice(now))
            while slices[0].began <= now - self._settings.window_seconds:
                slices.popleft()
        slices[-1].calls += 1
        slices[-1].faults += fault
        return now

    def _too_many(self) -> str:
        settings = self._settings
        if self._in_a_row >= settings.faults:
            return f"it failed {self._in_a_row} times in a row"
        calls = sum(each.calls for each in self._slices)
        faults = sum(each.faults for each in self._slices)
        if calls >= settings.minimum_calls and faults / calls >= settings.rate:
            return f"{faults} of its last {calls} calls failed"
        return ""

    def _open(self, now: float, reason: str) -> None:
        self._opened_at = now
        self._reason = reason
        seconds = self._settings.cool_off_seconds
        if self._settings.dry_run:
            _log.warning(
                "%s would not be asked for %g s (dry run): %s", self._plugin_id, seconds, reason
            )
        else:
            _log.error("%s is not asked for %g s: %s", self._plugin_id, seconds, reason)

    def _close(self) -> None:
        self._opened_at = None
        self._probing = False
        self._slices.clear()
        _log.warning("%s is asked again: a call succeeded", self._plugin_id)
