"""Threads for calls that wait for other systems: so many at work, so many waiting, and no more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from crossdock.server.api.problems import Problem

_T = TypeVar("_T")
_COME_BACK_SECONDS: Final = 1


class ClientGone(Exception):  # noqa: N818 - named for what happened
    """Nobody waits for the answer any more."""


class Pool:
    """A bounded pool.

    Attributes:
        threads: calls at work side by side.
        queue: calls that may wait.
    """

    def __init__(self, name: str, *, threads: int, queue: int) -> None:
        self.threads: Final = threads
        self.queue: Final = queue
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._inside = 0
        self._lock = threading.Lock()

    @property
    def inside(self) -> int:
        """Calls at work or waiting."""
        with self._lock:
            return self._inside

    async def run(self, call: Callable[[], _T], gone: Callable[[], Awaitable[object]]) -> _T:
        """Run a call in a thread.

        Args:
            call: what to run.
            gone: returns when the client is gone; a call that still waits is then never made, and
                what one that was begun gives is thrown away.

        Raises:
            Problem: 503, there is no room.
            ClientGone: nobody waits for it any more.
        """
        work = self._submit(call)
        answer = asyncio.wrap_future(work)
        leaving = asyncio.ensure_future(gone())
        try:
            either: set[asyncio.Future[Any]] = {answer, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientGone
            return answer.result()
        finally:
            work.cancel()
            for each in (answer, leaving):
                each.cancel()
            # What is thrown away here was logged by the call itself, if it was an error.
            await asyncio.gather(answer, leaving, return_exceptions=True)

    def _submit(self, call: Callable[[], _T]) -> Future[_T]:
        with self._lock:
            if self._inside >= self.threads + self.queue:
                raise Problem(
                    503, "busy", "Too much at once",
                    f"{self.threads} requests are worked on and {self.queue} wait; come back soon",
                    headers={"retry-after": str(_COME_BACK_SECONDS)},
                )  # fmt: skip
            self._inside += 1
        try:
            work = self._executor.submit(call)
        except RuntimeError:
            self._left()
            raise Problem(
                503, "stopping", "The side-car stops",
                headers={"retry-after": str(_COME_BACK_SECONDS)},
            ) from None  # fmt: skip
        work.add_done_callback(lambda _: self._left())
        return work

    def _left(self) -> None:
        with self._lock:
            self._inside -= 1

    def close(self) -> None:
        """Drop what waits and let what is at work finish."""
        self._executor.shutdown(wait=True, cancel_futures=True)
