"""The thread of a server that sends webhooks; it sleeps until somebody subscribes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

_log = logging.getLogger("crossdock.mocks")
_PAUSE: Final = 0.02


@final
class Courier:
    """Flushes the webhooks of worlds, and of the forks that are made of them, while a block runs.

    Args:
        worlds: The first worlds of a server's mocks.
    """

    def __init__(self, worlds: Iterable[World]) -> None:
        self._worlds = list(dict.fromkeys(worlds))
        self._something = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="crossdock-webhooks", daemon=True)

    def __enter__(self) -> Courier:
        for world in self._worlds:
            world.worlds.wake = self._something.set
            if any(each.subscribed for each in world.worlds):
                self._something.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._something.set()
        self._thread.join()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._something.wait()
            if self._ended:
                return
            # Cleared before it looks, so that who subscribes meanwhile is not missed.
            self._something.clear()
            busy = [each for first in self._worlds for each in first.worlds if each.subscribed]
            for each in busy:
                try:
                    each.webhooks.flush()
                except Exception:  # noqa: BLE001 - the boundary of the thread
                    # A dialect's payload may fail; the next message may be a good one.
                    _log.exception("webhooks could not be sent")
            if busy:
                pause.wait(_PAUSE)
                self._something.set()
