"""The processes of one plugin: started ahead and on demand, one call at a time in each.

A process serves users of one set of rights only, so that whatever a plugin keeps in its memory
never gets to somebody who may see less.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Final

from crossdock.errors import DeadlineExceeded, PluginFault, PluginNotLoaded, PluginPaused
from crossdock.host.isolation.process import Hello, Launch, PluginProcess
from crossdock.host.isolation.protocol import ChannelError, TimeUp

_log = logging.getLogger("crossdock.isolation")
_MOST_DOUBLINGS: Final = 20


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
        self._idle.clear()
        self._all.clear()

    def start(self) -> None:
        """Start a process ahead; `await_hello` says what came of it.

        Raises:
            PluginNotLoaded: none can be started at all.
        """
        try:
            process = self._new()
        except (OSError, ChannelError) as refused:
            raise PluginNotLoaded(f"its process cannot be started: {refused}") from None
        with self._changed:
            self._idle.append(process)

    def await_hello(self) -> Hello:
        """Wait for the process that was started ahead.

        Raises:
            PluginNotLoaded: the plugin's code cannot be imported, or not in time.
        """
        (process,) = self._idle
        try:
            return process.await_hello(time.monotonic() + self._launch.settings.start_seconds + 1)
        except PluginNotLoaded:
            self.close()
            raise

    def lend(self, rights: object, ends: float, point: str) -> PluginProcess:
        """Give a process that serves users of these rights, and nobody else until `give_back`.

        Args:
            rights: what plugin and user together may do.
            ends: until when to wait for one.
            point: for messages.

        Raises:
            DeadlineExceeded: none was free, or ready, in time.
            PluginPaused: it died so often that none is started before the call must be over.
            PluginFault: none can be started, or the plugin is being unloaded.
        """
        while True:
            process = self._take(rights, ends, point)
            try:
                process.await_hello(ends)
            except TimeUp:
                with self._changed:
                    self._idle.append(process)
                    self._changed.notify()
                raise self._late("its process is still starting", point) from None
            except PluginNotLoaded as refused:
                self.give_back(process, died=True)
                raise self._fault(f"it cannot be started again: {refused}", point) from refused
            if process.usable():
                process.rights = rights
                return process
            self.give_back(process, died=True)

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
            self._changed.notify()
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

    def _take(self, rights: object, ends: float, point: str) -> PluginProcess:
        settings = self._launch.settings
        while True:
            stranger = None
            with self._changed:
                if self._closed:
                    raise self._fault("it is being unloaded", point)
                if process := self._idle_for(rights):
                    return process
                now = time.monotonic()
                wait = self._not_before - now
                if len(self._all) >= settings.pool and self._idle:
                    stranger = self._idle.pop(0)
                elif len(self._all) < settings.pool and wait <= 0:
                    break
                elif now >= ends:
                    raise self._late("all of its processes are busy", point)
                elif len(self._all) < settings.pool and self._not_before >= ends:
                    raise PluginPaused(
                        f"{self._launch.plugin_id} died {self._deaths} times in a row; "
                        f"it is started again in {wait:.1f} s",
                        plugin_id=self._launch.plugin_id,
                        point=point,
                        retry_after=wait,
                    )
                else:
                    full = len(self._all) >= settings.pool
                    self._changed.wait(ends - now if full else min(wait, ends - now))
                    continue
            self._let_go(stranger)
        try:
            return self._new()
        except (OSError, ChannelError) as refused:
            raise self._fault(f"its process cannot be started: {refused}", point) from refused

    def _idle_for(self, rights: object) -> PluginProcess | None:
        for index in range(len(self._idle) - 1, -1, -1):
            if self._idle[index].rights in (None, rights):
                return self._idle.pop(index)
        return None

    def _new(self) -> PluginProcess:
        pool = weakref.ref(self)

        def gone() -> None:
            alive = pool()
            if alive is not None:
                alive._gone(process)

        process = PluginProcess(self._launch, gone)
        with self._changed:
            self._all.add(process)
        return process

    def _gone(self, process: PluginProcess) -> None:
        """Drop one that died while nobody used it."""
        with self._changed:
            if process not in self._idle:
                return
            self._idle.remove(process)
        self._let_go(process)

    def _let_go(self, process: PluginProcess) -> None:
        process.close()
        with self._changed:
            self._all.discard(process)
            self._changed.notify()

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
            if doublings >= 0 or self._closed or len(self._all) >= settings.pool:
                return
        try:
            self.start()
        except PluginNotLoaded as refused:
            _log.error("%s: %s", self._launch.plugin_id, refused)

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


_fork_hook: Callable[..., Any] = _after_fork
os.register_at_fork(after_in_child=_after_fork)
