"""Several questions of one call at a time, in threads that all calls share.

A view that asks three systems waits for the slowest, not for the sum. Each question is a method of
a port behind the gateway, so it keeps the call's rights and its deadline wherever it runs; what a
thread waits for is never another of these threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final

from crossdock.answers import Answer

THREADS: Final = 16


class SideBySide:
    """Asks in threads, made when they are first needed.

    Args:
        threads: how many questions of all calls are asked at a time; more of them wait.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def ask(self, asks: Sequence[Callable[[], Any]]) -> tuple[Answer[Any], ...]:
        """Ask all of them, the first one in the caller's own thread; gives answers in order.

        One that waits for a thread until the call's deadline is over is refused by the port, as
        any late question is.
        """
        if len(asks) < 2:
            return tuple(Answer.of(ask) for ask in asks)
        pool = self._started()
        # Who calls, until when and for whom stands in context variables, which are a thread's own.
        others = [pool.submit(copy_context().run, Answer.of, ask) for ask in asks[1:]]
        return (Answer.of(asks[0]), *(other.result() for other in others))

    def close(self) -> None:
        """Let the threads end; what they are still asking ends at its own deadline."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    def _started(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="crossdock-asks")
            return self._pool
