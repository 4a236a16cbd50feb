"""Locks that die with their process: who is alive, and who does what only one may do.

On SQLite all workers are on one machine, and a lock is a file beside the database (`flock`). On
PostgreSQL it is a session's advisory lock: the server frees it when the connection ends, so the
store must not be reached through a pooler that shares sessions.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import sqlalchemy as sa

from crossdock.host.store.database import make_engine

if TYPE_CHECKING:
    from crossdock.host.store import Store


class Lock(Protocol):
    """A lock that is held until it is released or the process ends."""

    def held(self) -> bool:
        """Say whether it still is; a lost connection loses a lock on PostgreSQL."""

    def release(self) -> None:
        """Let go of it."""


class Locks(Protocol):
    """Gives locks by name, shared by all processes that use one store."""

    def acquire(self, name: str) -> Lock | None:
        """Take a lock if nobody holds it; `None` if somebody does."""

    def close(self) -> None:
        """Release everything."""


def locks_of(store: Store) -> Locks:
    """Give the locks of a store."""
    if store.shared:
        return _AdvisoryLocks(store.url)
    return _FileLocks(Path(f"{store.url.database}.locks"))


class _FileLock:
    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    def held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            # The name goes while the lock is still held, so nobody locks a file without a name.
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


class _FileLocks:
    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._held: list[_FileLock] = []
        folder.mkdir(exist_ok=True)

    def acquire(self, name: str) -> Lock | None:
        path = self._folder / f"{name}.lock"
        while True:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            if _is_still_named(path, descriptor):
                lock = _FileLock(path, descriptor)
                self._held.append(lock)
                return lock
            os.close(descriptor)  # its holder released it meanwhile; take the file of today

    def close(self) -> None:
        for lock in self._held:
            lock.release()


def _is_still_named(path: Path, descriptor: int) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(named, os.fstat(descriptor))


class _AdvisoryLock:
    def __init__(self, locks: _AdvisoryLocks, key: int) -> None:
        self._locks = locks
        self._key = key
        self._session = locks.session

    def held(self) -> bool:
        return self._locks.alive(self._session)

    def release(self) -> None:
        self._locks.unlock(self._session, self._key)


class _AdvisoryLocks:
    """All locks of a process are in one session of its own; with it, all are lost."""

    def __init__(self, url: sa.URL) -> None:
        self._engine = make_engine(url)
        self._guard = threading.Lock()
        self._connection: sa.Connection | None = None
        self.session = 0

    def acquire(self, name: str) -> Lock | None:
        digest = hashlib.sha256(f"crossdock:{name}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        with self._guard:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
                self.session += 1
            try:
                got = self._connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key)))
            except sa.exc.DBAPIError:
                self._lose()
                raise
            return _AdvisoryLock(self, key) if got else None

    def alive(self, session: int) -> bool:
        with self._guard:
            if self._connection is None or session != self.session:
                return False
            try:
                self._connection.scalar(sa.select(1))
            except sa.exc.DBAPIError:
                self._lose()
                return False
            return True

    def unlock(self, session: int, key: int) -> None:
        with self._guard:
            if self._connection is None or session != self.session:
                return
            try:
                self._connection.scalar(sa.select(sa.func.pg_advisory_unlock(key)))
            except sa.exc.DBAPIError:
                self._lose()

    def _lose(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._connection.invalidate()  # ends the session, and with it its locks
                self._connection.close()
                self._connection = None
        self._engine.dispose()
