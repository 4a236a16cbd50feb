"""A PostgreSQL server of our own, for tests and for measuring, gone afterwards."""

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


@contextmanager
def postgres_server(initdb: str, pg_ctl: str, *settings: str) -> Iterator[str]:
    """Start a server; gives the URL of its first database.

    Args:
        initdb: the path of that program.
        pg_ctl: the path of that program.
        settings: such as `fsync=off`; the others are as the server comes.
    """
    folder = Path(tempfile.mkdtemp(prefix="crossdock-pg-"))
    user: str | None = None
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = "postgres"
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    options = [f"-p {port} -h 127.0.0.1 -k {folder}"]
    options += [f"-c {setting}" for setting in ("max_connections=200", *settings)]

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120, user=user
        )

    try:
        run(initdb, "-D", data, "-U", "crossdock", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(pg_ctl, "-D", data, "-o", " ".join(options), "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://crossdock@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, name: str, *, template: str = "") -> str:
    """Make a database of a server and give its URL.

    Args:
        server: the URL of any of its databases.
        name: what it is called.
        template: the database that it is a copy of; nobody may be connected to that one.
    """
    like = f' TEMPLATE "{template}"' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{like}'.encode())
    return f"{server.rsplit('/', 1)[0]}/{name}"
