"""What a connector looks up once and believes for some minutes, as it hardly ever changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
KEEP_SECONDS: Final = 300.0


class Remembered(Generic[_K, _V]):
    """Values that are good for a while; any number of threads may ask.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[_K, tuple[float, _V]] = {}

    def get(self, key: _K) -> _V | None:
        """Give a value that is still believed; `None` where there is none."""
        with self._lock:
            at, value = self._kept.get(key, (0.0, None))
            return value if value is not None and self._clock() - at < KEEP_SECONDS else None

    def put(self, key: _K, value: _V) -> None:
        """Keep a value from now on."""
        with self._lock:
            self._kept[key] = (self._clock(), value)
