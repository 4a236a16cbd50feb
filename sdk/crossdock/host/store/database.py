"""Connections to the store's database: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import sqlalchemy as sa

from crossdock.errors import ConfigError
from crossdock.host.store.turns import TurnTaking

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

#: Execution option of a connection whose transactions write.
WRITES: Final = "crossdock_writes"
_BUSY_MILLISECONDS: Final = 30_000
_CONNECT_SECONDS: Final = 10
_TRUSTED_SECONDS: Final = 1.0
_KNOWS_MILLISECONDS: Final = (3, 42)
_RESTS_SINCE: Final = "crossdock_rests_since"


def parse_url(url: str) -> sa.URL:
    """Read a store's URL and name the driver that is used for it.

    Args:
        url: `sqlite:///path/to/file.db`, or `postgresql://user:password@host/database`.

    Raises:
        ConfigError: it is no URL, or of a database that is not supported.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        # Not shown: what cannot be taken apart may hold a password anywhere.
        raise ConfigError(
            "[store] url is not a database URL; write sqlite:///.crossdock/host.db or "
            "postgresql://user:password@host/database"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ConfigError(
                f"[store] url {url!r} names no file: workers and the CRM share the store, so it "
                "cannot live in memory; write sqlite:///.crossdock/host.db"
            )
        return parsed.set(drivername="sqlite+pysqlite")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError(
        f"[store] url {parsed.render_as_string()!r} is of a database that is not supported; "
        "use sqlite or postgresql"
    )


def make_engine(url: sa.URL) -> sa.Engine:
    """Make the engine of the store.

    On SQLite a transaction that is marked with `WRITES` takes the write lock at its start, so what
    it reads cannot change before it writes; others read a snapshot and block nobody.
    """
    if url.get_backend_name() != "sqlite":
        return _postgres_engine(url, pool_size=10)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = _sqlite_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _record: Any) -> None:
        _prepare(connection)
        connection.isolation_level = None  # this module says BEGIN, not the driver

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        # Said to the driver itself: on its way through SQLAlchemy it costs as much as a query.
        begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        try:
            connection.connection.cursor().execute(begin)
        except sqlite3.OperationalError as error:  # another process writes for too long
            raise sa.exc.OperationalError(begin, None, error) from error

    return engine


def make_durable_engine(url: sa.URL) -> sa.Engine:
    """Make an engine for the durable engine, which begins its transactions itself."""
    if url.get_backend_name() != "sqlite":
        return _postgres_engine(url, pool_size=20)
    engine = _sqlite_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _record: Any) -> None:
        _prepare(connection)
        connection.isolation_level = "IMMEDIATE"

    return engine


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "factory": TurnTaking},
        # As many as a worker has threads: beyond the pool each use would open the file anew.
        pool_size=20,
        max_overflow=20,
        pool_use_lifo=True,  # those that are used have their pages and statements at hand
    )


def _postgres_engine(url: sa.URL, *, pool_size: int) -> sa.Engine:
    """Make an engine whose connections are tried before use where they rested for a while.

    Trying costs as much as a statement. One that was used a moment ago is as good as one that was
    tried a moment ago; of the others none that a restart of the server ended is given out.
    """
    engine = sa.create_engine(
        _patient(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # those that are used have their statements prepared
    )

    @sa.event.listens_for(engine, "checkin")
    def _came_back(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < _TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error  # what rested longer is gone as well

    return engine


def _patient(url: sa.URL) -> sa.URL:
    """Wait for PostgreSQL no longer than a person would, unless the URL says how long."""
    if "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS)})


def _prepare(connection: DBAPIConnection) -> None:
    cursor = connection.cursor()
    # WAL with NORMAL: a commit survives the death of every process; only the machine's own crash
    # may undo the last ones, and never leaves the file broken.
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    # From Python 3.12 on DBOS takes for granted that SQLite tells milliseconds. That of Debian 12
    # and Ubuntu 22.04 answers NULL, and no worker would start on it.
    if sqlite3.sqlite_version_info < _KNOWS_MILLISECONDS:
        cast("sqlite3.Connection", connection).create_function("unixepoch", 1, _seconds_since_1970)


def _seconds_since_1970(precision: str) -> float:
    """Answer `unixepoch('subsec')` as SQLite 3.42 does."""
    if precision != "subsec":
        raise ValueError(f"unixepoch({precision!r}) is not known here; write strftime('%s', ...)")
    return time.time_ns() // 1_000_000 / 1000
