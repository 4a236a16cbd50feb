"""A process that imports what every plugin needs, and waits to be told which one it serves.

Starting Python and importing the SDK is most of what it takes to start a plugin. Who restarts
plugins while somebody waits, as `crossdock dev` does, keeps one such process ahead.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from crossdock.host.isolation.nursery import Spawned, nursery
from crossdock.host.isolation.output import Output
from crossdock.host.isolation.protocol import Channel
from crossdock.host.isolation.settings import IsolationSettings

_BOOT: Final = (
    "import json, sys\n"
    "sys.path += [each for each in json.loads(sys.argv[1])['path'] if each not in sys.path]\n"
    "from crossdock.host.isolation.child import main\n"
    "main()\n"
)
# What a program may want to know of the machine; nothing that a secret is ever put into.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
_log = logging.getLogger("crossdock.isolation")


class Blank:
    """A process that serves nobody yet.

    Attributes:
        spawned: the process.
        channel: the host's end of what is said.
        words: what it writes when it crashes; a descriptor, which whoever takes it closes.
    """

    def __init__(self, settings: IsolationSettings) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        self._made_with = _what_counts(settings)
        self._lock = threading.Lock()
        self._over = False
        self._on_exit: Callable[[], None] | None = None
        limit = settings.frame_mb << 20
        ours, theirs = socket.socketpair()
        self.words, their_words = os.pipe()
        rate = settings.output_lines_per_second
        self._outputs = (
            Output(_log, logging.INFO, "stdout", rate),
            Output(_log, logging.WARNING, "stderr", rate),
        )
        try:
            start = {
                "path": [each for each in sys.path if each and Path(each).exists()],
                "channel": theirs.fileno(),
                "last_words": their_words,
                "limit": limit,
            }
            command = [
                settings.python or sys.executable,
                "-I",
                *(["-B"] if sys.dont_write_bytecode else []),
                "-c",
                _BOOT,
                json.dumps(start),
            ]
            self.spawned: Spawned = nursery().spawn(
                command,
                environment=_environment(),
                token=uuid4().hex,
                descriptors=(theirs.fileno(), their_words),
                outputs=self._outputs,
                on_exit=self._exited,
            )
        except BaseException:
            ours.close()
            os.close(self.words)
            raise
        finally:
            theirs.close()
            os.close(their_words)
        os.set_blocking(self.words, False)
        self.channel = Channel(ours, limit)

    def fits(self, settings: IsolationSettings) -> bool:
        """Whether it lives, and is as one that is started now with these settings."""
        return self._made_with == _what_counts(settings) and not self.spawned.over.is_set()

    def belongs_to(self, logger: logging.Logger, on_exit: Callable[[], None]) -> None:
        """Give it to a plugin.

        Args:
            logger: the plugin's, which gets what it prints.
            on_exit: called once it is gone, or at once if it is.
        """
        for each in self._outputs:
            each.logger = logger
        with self._lock:
            self._on_exit = on_exit
            over = self._over
        if over:
            on_exit()

    def close(self) -> None:
        """Kill it."""
        self.spawned.kill()
        self.channel.close()
        os.close(self.words)

    def _exited(self) -> None:
        with self._lock:
            self._over = True
            on_exit = self._on_exit
        if on_exit is not None:
            on_exit()


def _what_counts(settings: IsolationSettings) -> tuple[object, ...]:
    """Give what must be the same for a process that was started ahead to be as good as a new one.

    A process of the host's parent is none of the host's own.
    """
    return (
        settings.python,
        settings.frame_mb,
        settings.output_lines_per_second,
        tuple(sys.path),
        sys.dont_write_bytecode,
        os.getpid(),
    )


def _environment() -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # Each arena reserves address space, which is limited.
    return {**kept, "MALLOC_ARENA_MAX": "2"}


class _Ahead:
    """The one process that waits, where somebody wants one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blank: Blank | None = None

    def put(self, blank: Blank) -> None:
        """Keep one; another that waits is let go."""
        with self._lock:
            before, self._blank = self._blank, blank
        if before is not None:
            before.close()

    def take(self) -> Blank | None:
        """Give the one that waits."""
        with self._lock:
            blank, self._blank = self._blank, None
        return blank


_ahead: Final = _Ahead()


def take_blank(settings: IsolationSettings) -> Blank:
    """Give a process that serves nobody yet: the one that waits, or a new one.

    Raises:
        OSError: none can be started.
    """
    blank = _ahead.take()
    if blank is not None:
        if blank.fits(settings):
            return blank
        blank.close()
    return Blank(settings)


@contextmanager
def one_ahead(settings: IsolationSettings) -> Iterator[Callable[[], None]]:
    """Keep a process waiting for the next plugin that is started, for as long as the block runs.

    Gives what starts the next one, to be called when nobody waits for the machine.
    """

    def prepare() -> None:
        try:
            _ahead.put(Blank(settings))
        except OSError as refused:  # the next plugin is started without it, or says the same
            _log.warning("no process can be started ahead: %s", refused)

    prepare()
    try:
        yield prepare
    finally:
        if (blank := _ahead.take()) is not None:
            blank.close()
