"""A host's plugins follow its crossdock.toml, in every process that was started from it.

Changes at run time are changes of one process. What shall hold for a desk, a side-car and all
workers of an installation is written into crossdock.toml; with `[plugins] watch = true` each of
them looks at the file and reloads its plugins when it was written anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from crossdock.host.host import Host
    from crossdock.host.loading.registry import Change

Tell: TypeAlias = Callable[[Literal["reloaded", "trouble"], str], object]

_LOOKS_EVERY_SECONDS: Final = 2.0
_log: Final = logging.getLogger("crossdock.plugins")


def _logged(kind: Literal["reloaded", "trouble"], text: str) -> None:
    _log.log(logging.ERROR if kind == "trouble" else logging.INFO, "%s", text)


class Follower:
    """Notices that a file was written anew, and reloads."""

    def __init__(self, file: Path, reload: Callable[[], Change], tell: Tell) -> None:
        self._file = file
        self._reload = reload
        self._tell = tell
        self._seen = _mark(file)

    def look(self) -> None:
        """Look once; what cannot be taken over is told, and told once."""
        mark = _mark(self._file)
        if mark is None or mark == self._seen:  # an editor may have put it away for a moment
            return
        self._seen = mark
        try:
            change = self._reload()
        except CrossdockError as refused:
            self._tell("trouble", f"{self._file} was changed and cannot be taken over: {refused}")
        else:
            self._tell("reloaded", f"{self._file} was changed; plugins: {change}")


@contextmanager
def following(
    host: Host, tell: Tell = _logged, *, every_seconds: float = _LOOKS_EVERY_SECONDS
) -> Iterator[None]:
    """Let a host's plugins follow its file, if `[plugins] watch` says so.

    Args:
        host: the host.
        tell: is told what happened; where left out, it is logged.
        every_seconds: how often to look.
    """
    source = host.config.source
    if not host.config.watch or source is None:
        yield
        return
    follower = Follower(source, host.reload, tell)
    stop = threading.Event()

    def follow() -> None:
        while not stop.wait(every_seconds):
            follower.look()

    thread = threading.Thread(target=follow, name="crossdock-follows-file", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _mark(file: Path) -> tuple[int, int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
