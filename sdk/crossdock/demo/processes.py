"""The parts of a demonstration as processes: started, watched, and stopped by their own handles."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

from crossdock.errors import CrossdockError

_STOP_SECONDS: Final = 15.0


class ProcessFailed(CrossdockError):  # noqa: N818 - named for what happened
    """A process did not come up, or ended before its time; the message holds its last words."""


class Process:
    """One `crossdock` command in a process of its own.

    Its first line on standard output must be a JSON object that says it is ready; everything that
    it writes is kept in a log file.

    Attributes:
        name: what it is called in messages.
        ready: what it said when it was ready.
        log: the file that keeps what it wrote.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        self.ready: dict[str, Any] = {}
        self._arguments = [sys.executable, "-m", "crossdock", *arguments]
        self._popen: subprocess.Popen[bytes] | None = None
        self._said = threading.Event()
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._running().pid

    def _running(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise ProcessFailed(f"{self.name} was not started")
        return self._popen

    def start(self, *, seconds: float = 60.0, check: Callable[[], None] | None = None) -> Self:
        """Start it and wait until it says that it is ready.

        Args:
            seconds: how long to wait.
            check: called while waiting; what it raises ends the wait, and the process runs on.

        Raises:
            ProcessFailed: it ended, or said nothing within `seconds`.
        """
        log = self.log.open("ab")
        with _signals_held_back():
            # A session of its own: Ctrl-C reaches only the parent, which stops its parts in order.
            self._popen = subprocess.Popen(  # noqa: S603 - our own command
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        assert self._popen.stdout is not None
        self._said.clear()
        self._reader = threading.Thread(
            target=self._read, args=(self._popen.stdout, log), name=f"log {self.name}", daemon=True
        )
        self._reader.start()
        deadline = time.monotonic() + seconds
        while not self._said.wait(0.05):
            if check is not None:
                check()
            if self._popen.poll() is not None:
                self._reader.join(timeout=5)
                if self._said.is_set():
                    break
                raise ProcessFailed(self._last_words(f"ended with {self._popen.returncode}"))
            if time.monotonic() > deadline:
                self.kill()
                raise ProcessFailed(self._last_words(f"was not ready after {seconds:.0f} s"))
        return self

    def _read(self, pipe: IO[bytes], log: IO[bytes]) -> None:
        with pipe, log:
            for line in pipe:
                log.write(line)
                log.flush()
                if not self._said.is_set() and line.startswith(b"{"):
                    self.ready = json.loads(line)
                    self._said.set()

    def _last_words(self, what: str) -> str:
        written = self.log.read_text(encoding="utf-8", errors="replace").strip()
        tail = "\n".join(f"  {line}" for line in written.splitlines()[-15:])
        return f"{self.name} {what}" + (f"; it said:\n{tail}" if tail else " without a word")

    def alive(self) -> bool:
        """Whether it is running."""
        return self._popen is not None and self._popen.poll() is None

    def check(self) -> None:
        """Raise `ProcessFailed` if it has ended."""
        if not self.alive():
            raise ProcessFailed(self._last_words(f"ended with {self._running().returncode}"))

    def kill(self) -> None:
        """Kill it at once, as a power cut would, and wait until it is gone."""
        popen = self._running()
        if popen.poll() is None:
            popen.send_signal(signal.SIGKILL)
        popen.wait()
        if self._reader is not None:
            self._reader.join(timeout=5)

    def stop(self) -> None:
        """Ask it to finish, and kill it if it does not."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._reader is not None:
            self._reader.join(timeout=5)


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let a signal take effect only behind the block, so that no child is left unknown."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in came:
            signal.raise_signal(each)


class Processes:
    """Processes that belong together; leaving the block stops them, the last one first.

    Args:
        folder: where their logs go.
        check: called wherever one waits for them; raises to end the wait.
    """

    def __init__(self, folder: Path, *, check: Callable[[], None] | None = None) -> None:
        self.folder = folder
        self._check = check
        self._stack = ExitStack()
        self.running: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, *arguments: str, seconds: float = 60.0) -> Process:
        """Start one more; see `Process.start`."""
        process = Process(name, arguments, self.folder / f"{name.replace(' ', '-')}.log")
        self._stack.callback(process.stop)
        self.running.append(process)
        return process.start(seconds=seconds, check=self._check)

    def check(self) -> None:
        """Raise `ProcessFailed` if one of them has ended, or what the given check raises."""
        if self._check is not None:
            self._check()
        for process in self.running:
            process.check()
