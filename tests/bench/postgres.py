"""A PostgreSQL server for measuring, with the settings that it comes with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres

new_database = postgres.new_database


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
    with postgres.postgres_server(initdb, pg_ctl) as url:
        yield url
