"""The processes of one plugin: started ahead and on demand, one call at a time in each.

A process serves users of one set of rights only, so that whatever a plugin keeps in its memory
never gets to somebody who may see less.
"""

from __future__ import annotations

import logging
import math
import os
import random
import threading
import time
import weakref
from typing import Any, Final, Literal

from attrs import define

from crossdock.errors import DeadlineExceeded, PluginFault, PluginNotLoaded, PluginPaused
from crossdock.host.isolation.process import Hello, Launch, PluginProcess
from crossdock.host.isolation.protocol import ChannelError

_log = logging.getLogger("crossdock.isolation")
_MOST_DOUBLINGS: Final = 20


@define(eq=False)
class _Turn:
    """A call that waits for a process."""

    rights: object
    beyond: int = 0  # as many more processes may live for it, as it holds up that many itself


class Pool:
    """Lends processes to calls.

    Args:
        launch: how to start one.
    """

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._idle: list[PluginProcess] = []  # the one that was used last stands last
        self._all: set[PluginProcess] = set()
        self._closed = False
        self._deaths = 0
        self._not_before = 0.0
        # Its seed makes a plugin's waits the same in every run, and different from another's.
        self._jitter = random.Random(launch.plugin_id)  # noqa: S311 - nothing secret comes of it
        self._renew_after_fork()
        weakref.finalize(self, _kill_all, self._all)
        _pools.add(self)

    def _renew_after_fork(self) -> None:
        """Leave the processes to the one who started them; they serve this one's parent."""
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._starting = 0
        self._ahead: PluginProcess | None = None
        self._turns: list[_Turn] = []
        self._idle.clear()
        self._all.clear()

    def start(self) -> None:
        """Start a process ahead; `await_hello` says what came of it.

        Raises:
            PluginNotLoaded: none can be started at all.
        """
        self._start_one(ahead=True)

    def _start_one(self, *, ahead: bool = False) -> None:
        with self._changed:
            self._starting += 1
        try:
            self._start(ahead=ahead)
        except (OSError, ChannelError) as refused:
            raise PluginNotLoaded(f"its process cannot be started: {refused}") from None

    def await_hello(self) -> Hello:
        """Wait for the process that was started ahead.

        Raises:
            PluginNotLoaded: the plugin's code cannot be imported, or not in time.
        """
        with self._changed:
            process, self._ahead = self._ahead, None
            if process is None or process not in self._idle:
                raise PluginNotLoaded("its pool was closed while its process started")
            self._idle.remove(process)
        try:
            hello = process.await_hello(math.inf)
        except PluginNotLoaded:
            self.close()
            self._let_go(process)
            process.buried()
            raise
        self.give_back(process)
        return hello

    def lend(self, rights: object, ends: float, point: str, nested: int = 0) -> PluginProcess:
        """Give a process that serves users of these rights, and nobody else until `give_back`.

        Whichever comes first is taken: one that is given back, or one that has been started.

        Args:
            rights: what plugin and user together may do.
            ends: until when to wait for one.
            point: for messages.
            nested: how many processes of this pool wait for the end of this very call.

        Raises:
            DeadlineExceeded: none was free, or ready, in time.
            PluginPaused: it died so often that none is started before the call must be over.
            PluginFault: none can be started, or the plugin is being unloaded.
        """
        turn = _Turn(rights, nested)
        with self._changed:
            self._turns.append(turn)
        try:
            while True:
                process = self._take(turn, ends, point)
                try:
                    process.await_hello(ends)
                except PluginNotLoaded as refused:
                    self.give_back(process, died=True)
                    raise self._fault(f"it cannot be started again: {refused}", point) from refused
                if process.usable():
                    return process
                self.give_back(process, died=True)
        finally:
            with self._changed:
                self._turns.remove(turn)
                self._changed.notify_all()

    def give_back(self, process: PluginProcess, *, died: bool = False) -> None:
        """Take a process back after a call.

        Args:
            process: the one that was lent.
            died: whether it must not, or cannot, be asked again; then another is started.
        """
        with self._changed:
            keep = not died and process.alive and not self._closed
            if keep:
                self._deaths = 0
                self._idle.append(process)
            self._changed.notify_all()
        if keep:
            return
        self._let_go(process)
        if died or not process.alive:
            self._replace()

    def close(self) -> None:
        """Kill the processes that nobody uses now, and each other one when it is given back."""
        with self._changed:
            self._closed = True
            idle, self._idle[:] = list(self._idle), []
            self._changed.notify_all()
        for process in idle:
            self._let_go(process)
        for process in idle:
            process.buried()

    def processes(self) -> tuple[PluginProcess, ...]:
        """Give those that live, idle or not."""
        with self._changed:
            return tuple(self._all)

    def _take(self, turn: _Turn, ends: float, point: str) -> PluginProcess:
        while True:
            with self._changed:
                if self._closed:
                    raise self._fault("it is being unloaded", point)
                now = time.monotonic()
                what, process = self._due(turn)
                if what == "take" and process is not None and process.ready:
                    self._idle.remove(process)
                    process.rights = turn.rights
                    return process
                if now >= ends:
                    raise self._late(
                        "its process is still starting" if process else "its processes are busy",
                        point,
                    )
                if what in ("take", "wait"):
                    self._changed.wait(min(ends, self._next_timeout()) - now)
                    continue
                if self._not_before > now:
                    if self._not_before >= ends and not self._all:
                        raise self._paused(self._not_before - now, point)
                    self._changed.wait(min(ends, self._not_before) - now)
                    continue
                if process is not None:
                    self._idle.remove(process)
                self._starting += 1
            if process is not None:
                self._let_go(process)
            try:
                self._start()
            except (OSError, ChannelError) as refused:
                raise self._fault(f"it cannot be started: {refused}", point) from refused

    def _due(self, turn: _Turn) -> tuple[Literal["take", "wait", "start"], PluginProcess | None]:
        """Say what a waiting call is to do, after what those before it will do.

        Without turns a thread that asks again and again would keep the others from ever asking.

        Returns:
            `take` with an idle process, which may still be starting; `start`, with one that must
            give way, as it serves other rights, where the pool is full; or `wait`.
        """
        free = list(self._idle)
        served = {one.rights for one in self._all}
        coming = self._starting
        most, living = self._launch.settings.pool, len(self._all) + coming
        for each in self._turns:
            fitting = [one for one in free if one.rights in (None, each.rights)]
            what: Literal["take", "wait", "start"] = "wait"
            process = None
            if fitting:
                what = "take"
                # One that knows these rights and is ready, the last that was used before others.
                process = max(fitting, key=lambda one: (one.ready, one.rights is not None))
                free.remove(process)
            elif coming > 0:
                coming -= 1
            elif living < most + each.beyond:
                what = "start"
                living += 1
            elif free and each.rights not in served:
                # Only for rights that nobody serves yet: else two sets would chase each other.
                what, process = "start", free.pop(0)
            if each is turn:
                return what, process
            served.add(each.rights)
        raise AssertionError("a call that waits has a turn")

    def _next_timeout(self) -> float:
        return min((each.starts_until for each in self._idle if not each.ready), default=math.inf)

    def _start(self, *, ahead: bool = False) -> None:
        """Start a process, counted in `_starting` before, and let whoever is first have it.

        Args:
            ahead: its hello, or its last words, will be waited for by `await_hello`.
        """
        pool = weakref.ref(self)

        def gone() -> None:
            if (alive := pool()) is not None:
                alive._gone(process)

        def ready() -> None:
            if (alive := pool()) is not None:
                alive._tell()

        try:
            process = PluginProcess(self._launch, gone, ready)
        except BaseException:
            with self._changed:
                self._starting -= 1
            raise
        with self._changed:
            self._starting -= 1
            self._all.add(process)
            if ahead:
                self._ahead = process
            if not self._closed:
                self._idle.append(process)
                self._changed.notify_all()
                return
        self._let_go(process)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _gone(self, process: PluginProcess) -> None:
        """Drop one that died while nobody used it."""
        with self._changed:
            # What it said of its end is still to be read where somebody will wait for its hello.
            if process not in self._idle or process is self._ahead:
                return
            self._idle.remove(process)
        self._let_go(process)

    def _let_go(self, process: PluginProcess) -> None:
        process.close()
        with self._changed:
            self._all.discard(process)
            self._changed.notify_all()

    def _replace(self) -> None:
        """Start another one after a death: at once after the first, later and later after more."""
        settings = self._launch.settings
        with self._changed:
            self._deaths += 1
            doublings = min(self._deaths - 2, _MOST_DOUBLINGS)
            if doublings >= 0:
                longest = min(
                    settings.restart_seconds * 2**doublings, settings.restart_most_seconds
                )
                self._not_before = time.monotonic() + longest * self._jitter.uniform(0.5, 1)
            full = len(self._all) + self._starting >= settings.pool
            if doublings >= 0 or self._closed or full:
                return
        try:
            self._start_one()
        except PluginNotLoaded as refused:
            _log.error("%s: %s", self._launch.plugin_id, refused)

    def _paused(self, seconds: float, point: str) -> PluginPaused:
        plugin_id = self._launch.plugin_id
        return PluginPaused(
            f"{plugin_id} died {self._deaths} times in a row; "
            f"it is started again in {seconds:.1f} s",
            plugin_id=plugin_id,
            point=point,
            retry_after=seconds,
        )

    def _fault(self, message: str, point: str) -> PluginFault:
        plugin_id = self._launch.plugin_id
        return PluginFault(f"{plugin_id}: {message}", plugin_id=plugin_id, point=point)

    def _late(self, message: str, point: str) -> DeadlineExceeded:
        plugin_id = self._launch.plugin_id
        return DeadlineExceeded(f"{plugin_id}: {message}", plugin_id=plugin_id, point=point)


def _kill_all(processes: set[PluginProcess]) -> None:
    for process in list(processes):
        process.close()


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork(*_: Any) -> None:
    for pool in list(_pools):
        pool._renew_after_fork()


os.register_at_fork(after_in_child=_after_fork)
