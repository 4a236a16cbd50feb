"""The one thread that starts plugins' processes, reads what they print, and buries them.

The kernel tells a process of its parent's death when the *thread* that started it ends. So that no
request's thread takes plugins with it, all of them are started by one thread that lives as long as
the host's process does.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import selectors
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any, Final, cast

from attrs import define, field

from crossdock.host.isolation.output import Output

_log = logging.getLogger("crossdock.isolation")
_PIECE: Final = 1 << 18
_PIPE_SIZE: Final = 1 << 20
_WITHOUT_PIDFD_SECONDS: Final = 0.05
TOKEN: Final = "CROSSDOCK_PROCESS"  # noqa: S105 - the name of a variable that marks our processes


@define(eq=False)
class Spawned:
    """A process that the nursery started.

    Attributes:
        token: marks it and what it forks, in their environment.
        searched: whether what it forked must be looked for when it is killed; not where the kernel
            refuses it to fork.
        over: set once the process is gone and buried, with its exit code in `code`.
    """

    process: subprocess.Popen[bytes]
    token: str
    searched: bool = True
    over: threading.Event = field(factory=threading.Event)
    code: int | None = None
    _outputs: tuple[Output, Output] | None = None
    _on_exit: Callable[[], None] | None = None
    _burial: threading.Lock = field(factory=threading.Lock)

    @property
    def pid(self) -> int:
        """Its process id, which nobody else gets before it is buried."""
        return self.process.pid

    def signal(self, number: int) -> None:
        """Send it a signal; nothing happens when it is gone."""
        with self._burial:
            if not self.over.is_set():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it at once, with its process group and what it forked; do not wait for it."""
        with self._burial:
            if self.over.is_set():
                return
            self._kill_all()

    def _kill_all(self) -> None:
        # While it is not buried, neither its id nor its group's is given to anybody else.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        if self.searched:
            _kill_marked(self.token)


def _kill_marked(token: str) -> None:
    """Kill every process that inherited a token, whatever group or session it went to."""
    mark = f"{TOKEN}={token}".encode()
    for _ in range(3):  # one may fork while we look
        found = [pid for pid in _processes() if mark in _environment(pid)]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> list[int]:
    try:
        return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    except OSError:  # no such thing outside Linux
        return []


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


class Nursery:
    """Starts and buries processes; `nursery()` gives this process's own."""

    def __init__(self) -> None:
        self.pid: Final = os.getpid()
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._wake, wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake, False)
        self._waker = wake
        self._without_pidfd: set[Spawned] = set()
        self._selector.register(self._wake, selectors.EVENT_READ, self._work)
        threading.Thread(target=self._run, name="crossdock-isolation", daemon=True).start()

    def spawn(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        token: str,
        descriptors: Sequence[int],
        outputs: tuple[Output, Output],
        on_exit: Callable[[], None],
    ) -> Spawned:
        """Start a process in a session of its own.

        Args:
            command: program and arguments.
            environment: all that it gets.
            token: see `Spawned`.
            descriptors: what it inherits besides its output.
            outputs: take what it writes to stdout and stderr.
            on_exit: called by the nursery's thread when it is gone.

        Raises:
            OSError: it cannot be started.
        """
        answer: Future[Spawned] = Future()

        def start() -> None:
            try:
                process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={**environment, TOKEN: token},
                    pass_fds=tuple(descriptors),
                    start_new_session=True,
                    cwd="/",
                )
            except BaseException as raised:  # noqa: BLE001 - it is raised where it was asked for
                answer.set_exception(raised)
                return
            spawned = Spawned(process, token)
            spawned._outputs = outputs
            spawned._on_exit = on_exit
            self._watch(spawned)
            answer.set_result(spawned)

        self._jobs.put(start)
        self._rouse()
        return answer.result()

    def when_readable(self, descriptor: int, tell: Callable[[], None]) -> None:
        """Call `tell` in the nursery's thread once there is something to read, or nothing any more.

        Args:
            descriptor: the nursery's own from now on; it closes it.
            tell: must not block for long.
        """

        def readable() -> None:
            self._selector.unregister(descriptor)
            os.close(descriptor)
            tell()

        self._jobs.put(lambda: self._register(descriptor, readable))
        self._rouse()

    def _register(self, descriptor: int, act: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, act)

    def _rouse(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._waker, b"x")

    def _watch(self, spawned: Spawned) -> None:
        assert spawned._outputs is not None
        for stream, output in zip(_streams(spawned), spawned._outputs, strict=True):
            os.set_blocking(stream.fileno(), False)
            _widen(stream)
            self._selector.register(stream, selectors.EVENT_READ, self._reader(stream, output))
        try:
            watched = os.pidfd_open(spawned.pid)
        except (AttributeError, OSError):
            self._without_pidfd.add(spawned)
            return

        def gone() -> None:
            self._selector.unregister(watched)
            os.close(watched)
            self._bury(spawned)

        self._selector.register(watched, selectors.EVENT_READ, gone)

    def _run(self) -> None:
        while True:
            timeout = _WITHOUT_PIDFD_SECONDS if self._without_pidfd else None
            for key, _ in self._selector.select(timeout):
                try:
                    if key.fd in self._selector.get_map():  # an earlier one may have taken it out
                        key.data()
                except Exception:  # noqa: BLE001 - the thread must outlive whatever one process did
                    _log.exception("a plugin's process could not be looked after")
            for spawned in list(self._without_pidfd):
                if os.waitid(os.P_PID, spawned.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    self._without_pidfd.discard(spawned)
                    self._bury(spawned)

    def _work(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 1024)
        while not self._jobs.empty():
            self._jobs.get()()

    def _bury(self, spawned: Spawned) -> None:
        """Take what it left, and its entry in the table of processes."""
        assert spawned._outputs is not None
        with spawned._burial:
            spawned._kill_all()  # what it forked, before its group's id is free
            spawned.code = spawned.process.wait()
            spawned.over.set()
        for stream, output in zip(_streams(spawned), spawned._outputs, strict=True):
            while _read(stream, output):
                pass
            output.end()
            self._put_away(stream)
        assert spawned._on_exit is not None
        spawned._on_exit()

    def _reader(self, stream: IO[bytes], output: Output) -> Callable[[], None]:
        def read() -> None:
            if not _read(stream, output):
                self._put_away(stream)  # it closed its end, and may live on

        return read

    def _put_away(self, stream: IO[bytes]) -> None:
        if not stream.closed:
            self._selector.unregister(stream)
            stream.close()


def _streams(spawned: Spawned) -> tuple[IO[bytes], IO[bytes]]:
    process = spawned.process
    return cast(IO[bytes], process.stdout), cast(IO[bytes], process.stderr)


def _read(stream: IO[bytes], output: Output) -> bool:
    """Read what there is; whether there may be more."""
    if stream.closed:
        return False
    try:
        piece = os.read(stream.fileno(), _PIECE)
    except BlockingIOError:
        return False
    if piece:
        output.take(piece)
    return bool(piece)


def _widen(stream: IO[bytes]) -> None:
    """Make a pipe large, so that one who prints a lot waits for us less often."""
    try:
        import fcntl

        fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    except (AttributeError, OSError):  # outside Linux, or beyond what this user may have
        return


_nursery: Nursery | None = None
_making = threading.Lock()


def nursery() -> Nursery:
    """Give this process's nursery; a process that was forked from a host gets one of its own."""
    global _nursery
    with _making:
        if _nursery is None or _nursery.pid != os.getpid():
            _nursery = Nursery()
        return _nursery


def _forget(*_: Any) -> None:
    global _making, _nursery
    _nursery, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)
