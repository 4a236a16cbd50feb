"""Whether the store can be used, and how the deliveries in it stand; nothing is changed."""

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
from crossdock.host.deliveries.liveness import workers_alive
from crossdock.host.diagnosis.findings import Finding, Findings, Steps
from crossdock.host.settings.config import HostConfig
from crossdock.host.store import Store, schema
from crossdock.host.store.database import make_engine, parse_url
from crossdock.host.store.schema import deliveries, events, watermarks
from crossdock.host.watching.slow import slow_plugins
from crossdock.secret import masked

_LOCK_SECONDS: Final = 2.0
_LITTLE_BYTES: Final = 100 << 20
_SCARCE_BYTES: Final = 1 << 30
_OLD_SECONDS: Final = 300.0
_UNFINISHED: Final = ("published", "queued", "running", "waiting", "behind")
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


def examine_deliveries(store: Store, config: HostConfig) -> Iterator[Finding]:
    """Look at what waits, what is dead, and who works."""
    find = Findings("deliveries")
    now = store.clock()
    with store.reading() as connection:
        counts = {
            row[0]: row[1]
            for row in connection.execute(
                sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
            )
        }
        oldest = connection.execute(
            sa.select(deliveries.c.id, deliveries.c.created_at, deliveries.c.cause, events.c.type)
            .join(events, events.c.id == deliveries.c.event_id)
            .where(deliveries.c.state.in_(_UNFINISHED))
            .order_by(deliveries.c.created_at, deliveries.c.id)
            .limit(1)
        ).first()
        feeds = connection.execute(sa.select(watermarks.c.system, watermarks.c.moved_at)).all()
    waiting = sum(counts.get(state, 0) for state in _UNFINISHED)
    alive = workers_alive(store)
    if alive:
        yield find.ok(f"{alive} worker{'s' if alive > 1 else ''} alive")
    elif waiting:
        yield find.fail(
            f"no worker is alive, and {waiting} deliveries wait",
            "host",
            f"run: crossdock worker --config {config.source}",
        )
    else:
        yield find.warn(
            "no worker is alive; nothing waits yet",
            "host",
            f"run: crossdock worker --config {config.source}",
        )
    if oldest is not None:
        age = (now - oldest.created_at).total_seconds()
        text = (
            f"{waiting} not delivered; the oldest, D-{oldest.id} ({oldest.type}), since {_age(age)}"
        )
        if age > _OLD_SECONDS:
            yield find.warn(
                text + (f": {oldest.cause}" if oldest.cause else ""),
                "host",
                f"look at it: crossdock deliveries show D-{oldest.id}",
            )
        else:
            yield find.ok(text)
    else:
        yield find.ok("everything is delivered")
    if dead := counts.get("dead", 0):
        yield find.warn(
            f"{dead} in the exceptions queue, which nobody tries again by itself",
            "host",
            "look at them: crossdock deliveries list --state dead",
        )
    for feed in feeds:
        seconds = (now - feed.moved_at).total_seconds()
        yield find.ok(f"the last change of {feed.system} came {_age(seconds)} ago")


def examine_speed(store: Store) -> Iterator[Finding]:
    """Look at which plugins the processes on this store found slow within the last day."""
    find = Findings("speed")
    slow = slow_plugins(store, since=timedelta(days=1))
    for each in slow:
        ago = _age((store.clock() - each.at).total_seconds())
        yield find.warn(
            f"{each.plugin_id} took {each.seconds:.3g} s of the {each.allowed:g} s that "
            f"{each.point} may take, {each.in_a_row} times in a row, {ago} ago ({each.process})",
            "code",
            "look at what it asks the systems for (traces tell it), or give [deadlines] more time",
        )
    if not slow:
        yield find.ok("no plugin was slow within the last day")


def _age(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
