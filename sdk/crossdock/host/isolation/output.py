"""What a plugin's process prints: into the log, line by line, and never more than it can bear."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

_LONGEST_LINE: Final = 2_000


class Output:
    """One stream of a process, cut into lines.

    Everything is read, so that a plugin that prints without end is not held up by it; what goes
    beyond the rate is dropped and counted, and the count is logged once a second.

    Attributes:
        logger: the plugin's.

    Args:
        logger: where lines go.
        level: of each line.
        name: `stdout` or `stderr`.
        lines_per_second: how many lines may be logged.
        clock: gives seconds.
    """

    def __init__(
        self,
        logger: logging.Logger,
        level: int,
        name: str,
        lines_per_second: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.logger = logger
        self._level = level
        self._name = name
        self._rate = lines_per_second
        self._clock = clock
        self._second = clock()
        self._logged = 0
        self._dropped = 0
        self._started = b""

    def take(self, piece: bytes) -> None:
        """Take what was read."""
        text = self._started + piece
        start = 0
        while not self._spent():
            end = text.find(b"\n", start)
            if end < 0:
                self._started = text[start : start + _LONGEST_LINE]
                return
            self._log(text[start:end])
            start = end + 1
        # The rest is counted and not cut up: that is what a flood would make us do all day.
        self._dropped += text.count(b"\n", start)
        self._started = b""

    def end(self) -> None:
        """Log the last line, which no newline ended, and how much was dropped."""
        if self._started and not self._spent():
            self._log(self._started)
        self._started = b""
        self._tell_dropped()

    def _spent(self) -> bool:
        now = self._clock()
        if now - self._second >= 1:
            self._tell_dropped()
            self._second, self._logged = now, 0
        return self._logged >= self._rate

    def _log(self, line: bytes) -> None:
        self._logged += 1
        shown = line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip()
        if shown:
            self.logger.log(self._level, "%s: %s", self._name, shown)

    def _tell_dropped(self) -> None:
        if self._dropped:
            self.logger.warning(
                "%s: %d more lines were dropped; at most %d a second are logged",
                self._name,
                self._dropped,
                self._rate,
            )
            self._dropped = 0
