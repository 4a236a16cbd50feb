"""Orders whose page is read again for a while, because something was just set going."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_MOST: Final = 256


class Watches:
    """Which orders are watched, and until when; only the newest are kept.

    Args:
        seconds: how long an order is watched after `start`.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, seconds: float = 20.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: dict[str, float] = {}

    def start(self, order_id: str) -> None:
        """Watch an order from now on."""
        self._until.pop(order_id, None)
        self._until[order_id] = self._clock() + self._seconds
        while len(self._until) > _MOST:
            self._until.pop(next(iter(self._until)), None)

    def on(self, order_id: str) -> bool:
        """Say whether an order is watched."""
        return self._until.get(order_id, 0.0) > self._clock()
