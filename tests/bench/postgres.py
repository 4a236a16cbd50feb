"""A PostgreSQL server of our own for measuring, with the settings that it comes with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def _program(name: str) -> str | None:
    known = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    return next((path for path in (shutil.which(name), *known) if path), None)


@contextmanager
def postgres_server() -> Iterator[str | None]:
    """Start a server, gone afterwards; gives the URL of its first database.

    Gives `None` where PostgreSQL is not installed.
    """
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="crossdock-bench-pg-"))
    user: str | None = None
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = "postgres"
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120, user=user
        )

    try:
        run(initdb, "-D", data, "-U", "crossdock", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c max_connections=200"
        run(pg_ctl, "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://crossdock@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, name: str) -> str:
    """Make an empty database of a server and give its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{server.rsplit('/', 1)[0]}/{name}"
