"""The store: what the host must remember, in one database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from crossdock.errors import SetupError
from crossdock.host.store import schema
from crossdock.host.store.audit import Audit, expect_lines, write_lines
from crossdock.host.store.database import WRITES, make_engine, parse_url
from crossdock.host.store.documents import Documents
from crossdock.host.store.in_bulk import InBulk
from crossdock.host.store.links import Links
from crossdock.host.store.news import News
from crossdock.host.store.proposals import Proposals
from crossdock.host.store.rehearsed import RehearsedWrites
from crossdock.host.store.sync_conflicts import SyncConflicts
from crossdock.host.store.sync_creations import SyncCreations
from crossdock.host.store.sync_pairs import SyncPairs
from crossdock.host.store.watermarks import Watermarks

Clock = Callable[[], datetime]

_SCHEMA_LOCK: Final = 0x63_72_6F_73_73  # PostgreSQL advisory lock while tables are made


def wall_clock() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)


class Store:
    """Cross-references, events and their deliveries, audit, watermarks, documents last seen.

    Any number of processes may have the same store open. Not to be shared across `fork`.

    Attributes:
        url: where it is.
        clock: what `now` means in everything that the store writes.
        links: cross-references between CRM and ERP records.
        proposals: which account may be which customer, and what people said of it.
        audit: who did what, append-only.
        watermarks: how far each change feed was read.
        documents: each ERP document as it was last seen.
        news: whose records changed a moment ago.
        rehearsed: what dry runs would have written.
        sync_pairs: what two systems agreed on of records that both have.
        sync_conflicts: what a person has to decide of them.
        sync_creations: new records on their way into the other system.
        in_bulk: links, agreed states and creations of many records at once.
    """

    def __init__(self, url: sa.URL, engine: sa.Engine, clock: Clock) -> None:
        self.url: Final = url
        self.clock: Final = clock
        self._engine: Final = engine
        self.links: Final = Links(self)
        self.proposals: Final = Proposals(self)
        self.audit: Final = Audit(self)
        self.watermarks: Final = Watermarks(self)
        self.documents: Final = Documents(self)
        self.news: Final = News(self)
        self.rehearsed: Final = RehearsedWrites(self)
        self.sync_pairs: Final = SyncPairs(self)
        self.sync_conflicts: Final = SyncConflicts(self)
        self.sync_creations: Final = SyncCreations(self)
        self.in_bulk: Final = InBulk(self)

    @classmethod
    def open(cls, url: str, *, clock: Clock = wall_clock) -> Store:
        """Open a store; the tables are made where there are none.

        Args:
            url: `sqlite:///path/to/file.db` (folders are made) or `postgresql://...`.
            clock: gives the instant that counts as now; the wall clock by default.

        Raises:
            ConfigError: the URL cannot be used.
            SetupError: the database cannot be reached, or a newer Crossdock wrote it.
        """
        parsed = parse_url(url)
        # As a person writes it, without the driver, and without the password.
        shown = parsed.set(drivername=parsed.get_backend_name()).render_as_string()
        try:
            store = cls(parsed, make_engine(parsed), clock)
        except ModuleNotFoundError as error:
            raise SetupError(
                f"the driver for {parsed.get_backend_name()} is not installed ({error.name}); "
                "run: pip install 'crossdock[postgres]'"
            ) from error
        except OSError as error:
            raise SetupError(_cannot_open(shown, str(error))) from error
        try:
            store._migrate()
        except sa.exc.DatabaseError as error:
            store.close()
            raise SetupError(_cannot_open(shown, str(error.orig))) from error
        except SetupError:
            store.close()
            raise
        return store

    @property
    def shared(self) -> bool:
        """Whether workers on other machines can share it (PostgreSQL)."""
        return self.url.get_backend_name() == "postgresql"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @contextmanager
    def reading(self, *, steady: bool = False) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that only reads.

        Args:
            steady: all of its statements see one state; on SQLite they always do.
        """
        with self._engine.connect() as connection:
            if steady and self.shared:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, connection: sa.Connection | None = None) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that writes, committed when the block ends well.

        Args:
            connection: one that is in such a transaction already; it is given back, and nothing
                is committed here.
        """
        if connection is not None:
            yield connection
            return
        with (
            self._engine.connect().execution_options(**{WRITES: True}) as fresh,
            fresh.begin(),
        ):
            expect_lines(fresh)
            yield fresh
            write_lines(fresh)

    def remembered(self, key: str, connection: sa.Connection | None = None) -> str | None:
        """Read one of the store's facts about itself."""
        statement = sa.select(schema.meta.c.value).where(schema.meta.c.key == key)
        if connection is not None:
            return connection.scalar(statement)
        with self.reading() as fresh:
            return fresh.scalar(statement)

    def remember(self, key: str, value: str, connection: sa.Connection | None = None) -> None:
        """Write one of the store's facts about itself."""
        with self.writing(connection) as writing:
            writing.execute(sa.delete(schema.meta).where(schema.meta.c.key == key))
            writing.execute(sa.insert(schema.meta).values(key=key, value=value))

    def _migrate(self) -> None:
        from crossdock.host.store import migrations

        with self.reading() as connection:
            if self._written(connection) == schema.SCHEMA_VERSION:
                return
        with self.writing() as connection:
            if self.shared:  # two processes may come up at once; SQLite has its write lock
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            written = self._written(connection)
            if written == schema.SCHEMA_VERSION:
                return
            if written is None:
                migrations.create(connection, self.clock())
            else:
                migrations.migrate(connection, written, self.clock())
            self.remember("schema_version", str(schema.SCHEMA_VERSION), connection)

    def _written(self, connection: sa.Connection) -> int | None:
        """Give the version of the tables that are there; `None` where there are none.

        Raises:
            SetupError: a newer Crossdock wrote them.
        """
        if not sa.inspect(connection).has_table(schema.meta.name):
            return None
        written = int(self.remembered("schema_version", connection) or 0)
        if written > schema.SCHEMA_VERSION:
            raise SetupError(
                f"the store {self.url.render_as_string()} was written by a newer Crossdock (its "
                f"tables have version {written}, this one knows {schema.SCHEMA_VERSION}); upgrade "
                "Crossdock, or name another store in crossdock.toml"
            )
        return written


def _cannot_open(shown: str, reason: str) -> str:
    first = reason.strip().splitlines()[0]
    return f"the store {shown} cannot be opened: {first}; check [store] url in crossdock.toml"
