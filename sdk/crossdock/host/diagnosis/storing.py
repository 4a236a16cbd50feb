"""Whether the store can be used; nothing is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from crossdock.host.asking.services import wall_clock
from crossdock.host.diagnosis.delivering import age, examine_deliveries
from crossdock.host.diagnosis.findings import Finding, Findings, Steps
from crossdock.host.settings.config import HostConfig
from crossdock.host.store import Store, schema
from crossdock.host.store.database import make_engine, parse_url
from crossdock.host.watching.slow import slow_plugins
from crossdock.secret import masked

_LOCK_SECONDS: Final = 2.0
_LITTLE_BYTES: Final = 100 << 20
_SCARCE_BYTES: Final = 1 << 30
_CHANGE: Final = "change [store] url"

_find = Findings("store")


def examine_store(config: HostConfig) -> Iterator[Finding]:
    """Look at the store, and at the deliveries in it where it can be read."""
    url = parse_url(config.store_url)
    shown = url.set(drivername=url.get_backend_name()).render_as_string()
    if url.get_backend_name() == "sqlite":
        usable = yield from _file(Path(str(url.database)))
    else:
        usable = yield from _server(url, shown)
    if not usable:
        return
    store = Store(url, make_engine(url), wall_clock(config.clock_offset))
    with closing(store):
        if (yield from _version(store)):
            yield from examine_deliveries(store, config)
            yield from examine_speed(store)


def _file(file: Path) -> Steps:
    """Look at an SQLite file; gives whether it can be read."""
    folder = file.parent
    if not file.exists():
        existing = next(each for each in (folder, *folder.parents) if each.exists())
        if not _writable(existing):
            yield _find.fail(
                f"there is no {file} yet, and it cannot be made: {existing} cannot be written to",
                "host",
                f"let this user write there, or {_CHANGE}",
            )
        else:
            yield _find.ok(f"there is no {file} yet; the first command that needs it makes it")
            yield from _space(existing)
        return False
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCK_SECONDS)
        ) as connection:
            (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as wrong:
        yield _unreadable(file, wrong)
        return False
    if not (_writable(folder) and os.access(file, os.W_OK)):
        yield _find.fail(
            f"{file} can be read and not written to",
            "host",
            f"let this user write to it and to its folder, or {_CHANGE}",
        )
        return False
    try:
        with closing(
            sqlite3.connect(file, timeout=_LOCK_SECONDS, isolation_level=None)
        ) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as wrong:
        yield _unreadable(file, wrong)
        return False
    yield _find.ok(f"{file} can be read and written to")
    if journal != "wal":
        yield _find.warn(
            f"its journal is {journal} and not WAL, so readers and writers wait for each other",
            "host",
            "the next command that opens it sets that right, unless the file system does not allow",
        )
    yield from _space(folder)
    return True


def _unreadable(file: Path, wrong: sqlite3.DatabaseError) -> Finding:
    text = str(wrong)
    if "locked" in text:
        return _find.fail(
            f"{file} is locked: another process has been writing to it for more than "
            f"{_LOCK_SECONDS:g} s",
            "host",
            "see which one (`fuser`), whether it hangs, and end it",
        )
    if "not a database" in text or "malformed" in text:
        return _find.fail(
            f"{file} is no SQLite database, or is damaged ({text})",
            "host",
            f"put a copy of it back, or {_CHANGE}",
        )
    return _find.fail(f"{file} cannot be opened: {text}", "host", f"see to it, or {_CHANGE}")


def _writable(folder: Path) -> bool:
    """Whether this user may make files there, which only trying tells; the file has no name."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _space(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    text = f"{free / (1 << 30):.1f} GB are left on the disk of {folder}"
    if free < _LITTLE_BYTES:
        yield _find.fail(text, "host", "make room: a full disk stops every delivery")
    elif free < _SCARCE_BYTES:
        yield _find.warn(text, "host", "make room before it is full")
    else:
        yield _find.ok(text)


def _server(url: sa.URL, shown: str) -> Steps:
    """Look at a PostgreSQL server; gives whether it can be used."""
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": "5"})
    try:
        engine = sa.create_engine(url)
    except ModuleNotFoundError as missing:
        yield _find.fail(
            f"the driver for {shown} is not installed ({missing.name})",
            "host",
            "run: pip install 'crossdock[postgres]'",
        )
        return False
    try:
        with engine.connect() as connection:
            told = str(connection.scalar(sa.text("SHOW server_version")))
            may = connection.scalar(
                sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
            )
            only_reads = connection.scalar(sa.text("SHOW transaction_read_only")) == "on"
    except sa.exc.DBAPIError as error:
        yield _refusal(shown, masked(str(error.orig).strip()))
        return False
    finally:
        engine.dispose()
    if only_reads:
        yield _find.fail(
            f"{shown} takes no writes: it is a standby, or set so", "host", f"{_CHANGE}"
        )
        return False
    if not may:
        yield _find.warn(
            f"the user of {shown} may make no tables, so a new version cannot bring its own",
            "host",
            "GRANT CREATE ON SCHEMA public TO it",
        )
    yield _find.ok(f"{shown} answers: PostgreSQL {told}")
    return True


def _refusal(shown: str, said: str) -> Finding:
    first = said.splitlines()[0] if said else "no reason given"
    if "authentication" in said or "no password" in said or "role" in said:
        return _find.fail(
            f"{shown} refuses the user or the password: {first}",
            "config",
            f"see whether both are right: {_CHANGE}",
        )
    if "does not exist" in said:
        return _find.fail(f"{shown}: {first}", "config", f"make the database, or {_CHANGE}")
    return _find.fail(
        f"{shown} cannot be reached: {first}",
        "host",
        f"see whether the database server runs and lets this host in, or {_CHANGE}",
    )


def _version(store: Store) -> Steps:
    """Look at the tables; gives whether this version can read them."""
    with store.reading() as connection:
        there = sa.inspect(connection).has_table(schema.meta.name)
    if not there:
        yield _find.ok("it is empty; the first command that needs it makes the tables")
        return False
    written = int(store.remembered("schema_version") or 0)
    if written > schema.SCHEMA_VERSION:
        yield _find.fail(
            f"its tables have version {written}, written by a newer Crossdock; this one knows "
            f"{schema.SCHEMA_VERSION}",
            "host",
            "upgrade Crossdock on this host",
        )
        return False
    if written < schema.SCHEMA_VERSION:
        yield _find.warn(
            f"its tables have version {written}, this Crossdock has {schema.SCHEMA_VERSION}",
            "host",
            "the next host or worker that is started brings them up to date",
        )
        return False
    yield _find.ok(f"its tables have version {written}")
    durable, wanted = store.remembered("dbos"), version("dbos")
    if durable != wanted:
        yield _find.warn(
            f"the durable engine's tables are of {durable or 'no version yet'}, installed is "
            f"{wanted}",
            "host",
            "the next host or worker that is started brings them up to date",
        )
    else:
        yield _find.ok(f"the durable engine's tables are of its version, {durable}")
    return True


def examine_speed(store: Store) -> Iterator[Finding]:
    """Look at which plugins the processes on this store found slow within the last day."""
    find = Findings("speed")
    slow = slow_plugins(store, since=timedelta(days=1))
    for each in slow:
        ago = age((store.clock() - each.at).total_seconds())
        yield find.warn(
            f"{each.plugin_id} took {each.seconds:.3g} s of the {each.allowed:g} s that "
            f"{each.point} may take, {each.in_a_row} times in a row, {ago} ago ({each.process})",
            "code",
            "look at what it asks the systems for (traces tell it), or give [deadlines] more time",
        )
    if not slow:
        yield find.ok("no plugin was slow within the last day")
