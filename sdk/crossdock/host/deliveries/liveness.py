"""How many workers are alive: each holds locks that die with it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from crossdock.host.store import Store


def workers_alive(store: Store) -> int:
    """Count the workers of a store that are alive.

    On SQLite each has locked a file beside the database; on PostgreSQL each has one session that
    holds its advisory locks.
    """
    if store.shared:
        with store.reading() as connection:
            # `objsubid = 1`: locks by one 64-bit key, as workers take them.
            return int(
                connection.scalar(
                    sa.text(
                        "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' "
                        "AND objsubid = 1 AND granted AND database = "
                        "(SELECT oid FROM pg_database WHERE datname = current_database())"
                    )
                )
                or 0
            )
    return sum(_is_held(file) for file in Path(f"{store.url.database}.locks").glob("w-*.lock"))


def _is_held(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:  # it ended just now
        return False
    try:
        # Shared, so that two who look at once do not take each other for a worker.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
