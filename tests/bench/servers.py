"""Servers in processes of their own, and how many requests `wrk` gets out of a second of a core.

The servers share one core and `wrk` has another. A rate is requests for each second of processor
time that the server used, all its threads and children together: on a machine that does nothing
else this is what one core answers in a second, and on one that is busy it still is.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import httpx
import psutil
from tests.bench.measure import environment

LOOPBACK: Final = "127.0.0.1"
_SERVER_CORE: Final = "0"
_CLIENT_CORE: Final = "1"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_WARM_UP_SECONDS: Final = 8
_WARM_UP_REQUESTS: Final = 6_000


class Unavailable(Exception):  # noqa: N818 - says what it is
    """Something that is needed to measure is not here; the message says what."""


def require(*programs: str) -> None:
    """Ask for programs and for two cores.

    Raises:
        Unavailable: one of them is missing.
    """
    for program in programs:
        if shutil.which(program) is None:
            raise Unavailable(f"{program} is not here; run: make system-deps")
    if len(os.sched_getaffinity(0)) < 2:
        raise Unavailable("it takes two cores, one for the servers and one for wrk")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One server, pinned to the servers' core for as long as the block runs.

    Attributes:
        name: what it is called in the table.
        base_url: where it listens.
        ready_seconds: from its start to its first answer.
    """

    def __init__(
        self, name: str, command: Sequence[str], port: int, *, folder: Path | None = None
    ) -> None:
        self.name = name
        self.base_url = f"http://{LOOPBACK}:{port}"
        self.ready_seconds = 0.0
        self._command = ["taskset", "-c", _SERVER_CORE, *command]
        self._folder = folder
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        started = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=environment(),
            start_new_session=True,
        )
        while not self._answers():
            if self._process.poll() is not None:
                raise Unavailable(f"{self.name} ended with {self._process.returncode}")
            if time.perf_counter() - started > _START_SECONDS:
                self.__exit__()
                raise Unavailable(f"{self.name} did not answer within {_START_SECONDS:.0f} s")
            time.sleep(0.002)
        self.ready_seconds = time.perf_counter() - started
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self._port), timeout=1) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                return bool(connection.recv(1))
        except OSError:
            return False

    def _processes(self) -> list[psutil.Process]:
        assert self._process is not None
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    @property
    def megabytes(self) -> float:
        """Memory that it and its children occupy now (resident set)."""
        return sum(float(each.memory_info().rss) for each in self._processes()) / 1e6

    @property
    def core_seconds(self) -> float:
        """Processor time that it and its children have used so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self._processes())


class Wrk:
    """`wrk` against the three operations of the small API.

    Args:
        script: the Lua script that makes it create an order.
    """

    PATHS: Final = {
        "read one": "/customers/C0001",
        "list 50": "/customers?limit=50",
        "create": "/orders",
    }

    def __init__(self, script: Path) -> None:
        self._script = script

    def warm_up(self, server: Server, operation: str) -> None:
        """Let a just-in-time compiler see enough requests, as far as there is time for it."""
        answered = 0
        for _ in range(_WARM_UP_SECONDS):
            answered += self._answered(server, operation)
            if answered >= _WARM_UP_REQUESTS:
                return

    def rate(self, server: Server, operation: str) -> float:
        """Give the requests that are answered for each second of processor time.

        Raises:
            Unavailable: an answer was an error, so the figure would mean nothing.
        """
        before = server.core_seconds
        answered = self._answered(server, operation)
        return answered / (server.core_seconds - before)

    def _answered(self, server: Server, operation: str) -> int:
        script = ["-s", str(self._script)] if operation == "create" else []
        wrk = ["taskset", "-c", _CLIENT_CORE, "wrk", "-t1", "-c16", "-d1s", *script]
        done = subprocess.run(
            [*wrk, server.base_url + self.PATHS[operation]],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = re.search(r"(\d+) requests in", done)
        if found is None or found[1] == "0" or "Non-2xx" in done:
            raise Unavailable(f"{server.name} does not answer {operation} well:\n{done}")
        return int(found[1])


def status_of(server: Server, body: bytes) -> int:
    """The status that a server answers to an order."""
    headers = {"content-type": "application/json"}
    # An environment's proxy is not for this machine.
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{server.base_url}/orders", content=body, headers=headers).status_code
