"""How far a load is, how fast it goes, and how long it will take from here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from attrs import frozen

_TOLD_EACH: Final = 0.2


@frozen(kw_only=True)
class Step:
    """How far one phase is.

    Attributes:
        phase: what is done, such as `reading customers of main`.
        done: how many.
        total: of how many; `None` where nobody knows.
        rate: how many a second since this process began the phase.
    """

    phase: str
    done: int
    total: int | None
    rate: float

    @property
    def left(self) -> float | None:
        """Seconds until it is over, at the rate so far."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.done) / self.rate

    @property
    def text(self) -> str:
        """Such as `writing: 1,200 of 4,000, 35 a second, 1 min 20 s left`."""
        of = f" of {self.total:,}" if self.total is not None else ""
        rate = f", {self.rate:,.0f} a second" if self.rate >= 1 else ""
        left = "" if self.left is None else f", {_span(self.left)} left"
        return f"{self.phase}: {self.done:,}{of}{rate}{left}"


class Progress:
    """Counts one phase and tells of it, not more often than anybody reads."""

    def __init__(
        self,
        tell: Callable[[Step], object],
        phase: str,
        *,
        done: int = 0,
        total: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._phase = phase
        self._before = done
        self._done = done
        self.total = total
        self._clock = clock
        self._began = clock()
        self._told = 0.0

    def more(self, count: int = 1) -> None:
        """Take note that so many more are done."""
        self._done += count
        now = self._clock()
        if now - self._told >= _TOLD_EACH or self._done == self.total:
            self._told = now
            passed = max(now - self._began, 1e-6)
            rate = (self._done - self._before) / passed
            self._tell(Step(phase=self._phase, done=self._done, total=self.total, rate=rate))


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 5 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
