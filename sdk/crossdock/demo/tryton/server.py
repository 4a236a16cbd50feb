"""A Tryton server of one's own on a copy of a database; stopped by its own handle."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO, Final, Self

from crossdock.demo.tryton.books import PASSWORD, USER
from crossdock.demo.tryton.packages import Environment
from crossdock.errors import CrossdockError

DATABASE: Final = "crossdock"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0


class TrytonFailed(CrossdockError):  # noqa: N818 - named for what happened
    """A server did not come up; the message holds its last words."""


class TrytonServer:
    """One process, on 127.0.0.1 and a port of its own.

    Attributes:
        url: its address.
        log: the file that keeps what it wrote.
    """

    def __init__(self, environment: Environment, folder: Path, database: Path) -> None:
        """Make a server; `start` starts it.

        Args:
            environment: where Tryton is installed.
            folder: its database, configuration and log lie here.
            database: the file of a prepared database; it is copied.
        """
        self._environment = environment
        self._folder = folder
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None
        self._written: IO[bytes] | None = None
        self._port = _free_port()
        self.url: Final = f"http://127.0.0.1:{self._port}"
        self.log: Final = folder / "trytond.log"
        self.renew()
        (folder / "trytond.conf").write_text(
            f"[database]\nuri = sqlite://\npath = {folder}\n"
            f"[web]\nlisten = 127.0.0.1:{self._port}\nroot = {folder / 'www'}\n",
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def renew(self) -> None:
        """Take a fresh copy of the database; only while the server is not running."""
        file = self._folder / f"{DATABASE}.sqlite"
        for rest in ("-wal", "-shm", "-journal"):  # of a database that is no more
            file.with_name(file.name + rest).unlink(missing_ok=True)
        shutil.copyfile(self._database, file)

    def start(self) -> None:
        """Start it, and wait until it listens; raises `TrytonFailed` where it ends instead."""
        self._written = self.log.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - of the environment that was made for it
            [
                self._environment.program("trytond"),
                "-c", str(self._folder / "trytond.conf"), "-d", DATABASE,
            ],
            stdin=subprocess.DEVNULL, stdout=self._written, stderr=self._written,
            cwd=self._folder, start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": str(self._folder)},
        )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                words = self.log.read_text(encoding="utf-8", errors="replace")[-1500:]
                raise TrytonFailed(f"Tryton did not come up on {self.url}:\n{words}")
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it, and wait until it is gone; `at_once` gives it no time to finish anything."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL if at_once else signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_STOP_SECONDS)
        if self._written is not None:
            self._written.close()
            self._written = None

    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


def settings(url: str) -> dict[str, str]:
    """Give what a connector's table in `crossdock.toml` holds for a server of ours."""
    return {
        "system": "tryton",
        "url": url,
        "database": DATABASE,
        "user": USER,
        "password": PASSWORD,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
