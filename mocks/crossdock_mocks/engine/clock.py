"""The clock of one world: it stands still, is set, is advanced, or ticks from where it was set."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import final


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"the clock needs an aware instant, not {at.isoformat()}")
    return at.astimezone(UTC)


@final
class Clock:
    """Time as one world sees it.

    Frozen by default, so that a test reads the same instant in each run. A ticking clock runs on
    from the instant it was set to at the pace of the real one.

    Args:
        at: Aware instant at which the world begins.
        ticking: Whether time passes by itself.
    """

    __slots__ = ("_at", "_error", "_since")

    def __init__(self, at: datetime, *, ticking: bool = False) -> None:
        self._at = _utc(at)
        self._error = timedelta()
        self._since: float | None = time.monotonic() if ticking else None

    @property
    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        if self._since is None:
            return self._at
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    @property
    def today(self) -> date:
        """The calendar day in UTC."""
        return self.now.date()

    @property
    def ticking(self) -> bool:
        """Whether time passes by itself."""
        return self._since is not None

    def set(self, at: datetime) -> None:
        """Set the clock to an aware instant; a ticking clock runs on from there."""
        self._at = _utc(at)
        if self._since is not None:
            self._since = time.monotonic()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock by a span (backwards if negative) and return the new instant."""
        self.set(self.now + by)
        return self.now

    def freeze(self) -> None:
        """Let the clock stand still where it is."""
        self._at, self._since = self.now, None

    @contextlib.contextmanager
    def wrong_by(self, by: timedelta) -> Iterator[None]:
        """Let the clock be wrong while the block runs; `true` still tells the right time."""
        self._error += by
        self._at += by
        try:
            yield
        finally:
            self._error -= by
            self._at -= by

    @property
    def true(self) -> datetime:
        """The instant by the world's clock, even while the system's clock is wrong."""
        return self.now - self._error

    def tick(self) -> None:
        """Let the clock run on from where it is."""
        self._at, self._since = self.now, time.monotonic()
