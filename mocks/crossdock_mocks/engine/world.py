"""A world: one data set, one in-memory SQLite database, one clock, one journal."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, final

import attrs

from crossdock_mocks.engine.clock import Clock
from crossdock_mocks.engine.conditions import bind
from crossdock_mocks.engine.faults import Faults
from crossdock_mocks.engine.journal import Journal
from crossdock_mocks.engine.tables import Table, TableSpec, declaration
from crossdock_mocks.engine.worlds import Worlds

if TYPE_CHECKING:
    from crossdock_mocks.engine.webhooks import Webhooks

_Sql: TypeAlias = str | bytes | int | float | None

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@final
@attrs.define(eq=False)
class Snapshot:
    """The state of a world at one moment; it can be restored as often as one likes."""

    _database: sqlite3.Connection
    _sequences: dict[str, int]
    _at: datetime
    _ticking: bool


@final
class World:
    """The state behind a mock. Many worlds live side by side and share nothing.

    All access goes through one lock per world (`lock`, re-entrant), so a world may be used from
    any thread.

    Args:
        tables: What it holds.
        now: Aware instant at which its clock starts.
        name: Name, shown in the journal.
        ticking: Whether its clock runs by itself.
    """

    def __init__(
        self,
        tables: Iterable[TableSpec] = (),
        *,
        now: datetime = EPOCH,
        name: str = "default",
        ticking: bool = False,
    ) -> None:
        self.name = name
        self.clock = Clock(now, ticking=ticking)
        self.journal = Journal()
        self.faults = Faults(name, lambda: self.clock.now, self.remember)
        self.lock = threading.RLock()
        self.worlds = Worlds(self)
        self.prepare_webhooks: Callable[[Webhooks], None] = lambda _: None
        """Called with the webhooks when they are first used, to say where events come from."""
        self._webhooks: Webhooks | None = None
        self.connection = _connect()
        self._sequences: dict[str, int] = {}
        # What sequences stood at before this transaction took from them, to be put back.
        self._taken: list[tuple[str, int | None]] = []
        # Sequences given and rows changed when each inner transaction began.
        self._marks: list[tuple[int, int]] = []
        self._depth = 0
        self._begun = False
        self._sealed = False
        self._origin: Snapshot | None = None
        # Grows with each change that is kept; what stood before, where a stale read asks for it.
        self._version = 0
        self._past: deque[tuple[int, World]] = deque()
        self._snapshots: dict[str, Snapshot] = {}
        self._tables: dict[str, Table] = {}
        self.declare(*tables)

    def __repr__(self) -> str:
        return f"<World {self.name!r}, {len(self._tables)} tables, {self.now:%Y-%m-%d %H:%M:%SZ}>"

    # State

    @property
    def now(self) -> datetime:
        """The instant by this world's clock, aware, in UTC."""
        return self.clock.now

    @property
    def today(self) -> date:
        """The day by this world's clock, in UTC."""
        return self.clock.today

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, in the order of their declaration."""
        return tuple(self._tables)

    @property
    def webhooks(self) -> Webhooks:
        """Webhooks out of this world."""
        if self._webhooks is None:
            from crossdock_mocks.engine.webhooks import Webhooks

            with self.lock:
                if self._webhooks is None:
                    made = Webhooks(self)
                    self.prepare_webhooks(made)
                    self._webhooks = made
        return self._webhooks

    @property
    def subscribed(self) -> bool:
        """Whether anybody wants to hear of what happens here."""
        return self._webhooks is not None and bool(self._webhooks)

    def declare(self, *specs: TableSpec) -> None:
        """Add tables, so that several systems may share a world.

        Raises:
            ValueError: There is a table of this name that is made otherwise.
        """
        with self.lock:
            for spec in specs:
                known = self._tables.get(spec.name)
                if known is not None:
                    if known.spec != spec:
                        raise ValueError(f"two different tables are named {spec.name!r}")
                    continue
                for statement in declaration(spec):
                    self.connection.execute(statement)
                self._tables[spec.name] = Table(self, spec)

    def table(self, name: str) -> Table:
        """A table.

        Raises:
            KeyError: It was not declared.
        """
        try:
            return self._tables[name]
        except KeyError:
            raise KeyError(f"no table {name!r}; there are {', '.join(self._tables)}") from None

    def sequence(self, name: str, prefix: str = "", start: int = 1) -> str:
        """Take the next number of a sequence, as `prefix` and number.

        A number taken in an exchange that is rolled back is given again.

        Args:
            name: Name of the sequence.
            prefix: Text before the number, such as `SO-`.
            start: First number ever given.
        """
        with self.lock:
            last = self._sequences.get(name)
            value = start if last is None else max(last + 1, start)
            self._advance(name, last, value)
        return f"{prefix}{value}"

    @property
    def sequences(self) -> dict[str, int]:
        """The last number of each sequence."""
        return dict(self._sequences)

    def reserve(self, name: str, upto: int) -> None:
        """Let a sequence go on above a number, where seeded rows have used those before it."""
        with self.lock:
            last = self._sequences.get(name)
            self._advance(name, last, upto if last is None else max(last, upto))

    def _advance(self, name: str, last: int | None, value: int) -> None:
        self.will_write()
        if self._depth:
            self._taken.append((name, last))
        self._sequences[name] = value

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask in SQL what the tables cannot be asked otherwise: sums, groups, joins.

        Each table has its name, the columns `_n` (order of insertion), `_key`, `_body` (the JSON
        text) and a column for each indexed field. Values belong into `parameters`.

        Raises:
            ValueError: The statement is not a query.
        """
        if not sql.lstrip()[:6].upper().startswith(("SELECT", "WITH")):
            raise ValueError("only a query (SELECT or WITH) is allowed here")
        with self.lock:
            return self.connection.execute(sql, [bind(each) for each in parameters]).fetchall()

    # Transactions

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Group changes: all of them are kept, or none if an exception leaves the block.

        Within another transaction it is a part of that one, and may fail by itself.
        """
        with self.lock:
            self.begin()
            try:
                yield
            except BaseException:
                self.roll_back()
                raise
            self.commit()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; `lock` has to be held."""
        return self._depth > 0

    def begin(self) -> None:
        """Begin a transaction; `lock` has to be held until it ends.

        Within another one it is a part of that (an exchange in a batch), and may fail by itself.
        """
        if self._depth:
            self.will_write()
            self.connection.execute(f"SAVEPOINT s{self._depth}")
            self._marks.append((len(self._taken), self.connection.total_changes))
        self._depth += 1

    def commit(self) -> bool:
        """End a transaction and keep its changes; tells whether there were any."""
        self._depth -= 1
        if self._depth:
            self.connection.execute(f"RELEASE s{self._depth}")
            return self.connection.total_changes > self._marks.pop()[1]
        if not self._begun:
            return False
        self._begun = False
        self._version += 1
        self._taken.clear()
        self.connection.execute("COMMIT")
        return True

    def roll_back(self) -> None:
        """End a transaction and undo its changes."""
        self._depth -= 1
        if self._depth:
            self.connection.execute(f"ROLLBACK TO s{self._depth}")
            self.connection.execute(f"RELEASE s{self._depth}")
            self._give_back(self._marks.pop()[0])
        elif self._begun:
            self._begun = False
            self.connection.execute("ROLLBACK")
            self._give_back(0)

    def _give_back(self, mark: int) -> None:
        while len(self._taken) > mark:
            name, last = self._taken.pop()
            if last is None:
                del self._sequences[name]
            else:
                self._sequences[name] = last

    def will_write(self) -> None:
        """Say that a statement that writes comes next; `lock` has to be held."""
        if self._sealed:
            # The origin is kept when the first change comes: many worlds are only read.
            self._origin, self._sealed = self._copy(), False
        if not self._depth:
            self._version += 1
        elif not self._begun:
            self._begun = True
            self.connection.execute("BEGIN")

    # Snapshots

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Keep the state (tables, sequences, clock), under a name if one is given.

        Raises:
            RuntimeError: A transaction is open.
        """
        with self.lock:
            self._no_transaction()
            kept = self._copy()
            if name is not None:
                self._snapshots[name] = kept
            return kept

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Names of the snapshots kept."""
        return tuple(self._snapshots)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Go back to a snapshot. Journal and faults stay.

        Raises:
            KeyError: No snapshot has this name.
            RuntimeError: A transaction is open.
        """
        with self.lock:
            self._no_transaction()
            kept = self._snapshots[snapshot] if isinstance(snapshot, str) else snapshot
            if self._sealed:
                self._origin, self._sealed = self._copy(), False
            self._put_back(kept)

    def seal(self) -> None:
        """Make the present state the one that `reset` goes back to."""
        with self.lock:
            self._no_transaction()
            self._origin, self._sealed = None, True
            self._start = (self.clock.now, self.clock.ticking)

    def reset(self) -> None:
        """Go back to the sealed state; journal, faults, webhooks and snapshots are emptied.

        Raises:
            RuntimeError: The world was never sealed, or a transaction is open.
        """
        with self.lock:
            self._no_transaction()
            if self._origin is not None:
                self._put_back(self._origin)
            elif self._sealed:
                self._set_clock(*self._start)
            else:
                raise RuntimeError(f"world {self.name!r} was never sealed: there is no way back")
            self._snapshots.clear()
            self._past.clear()
            self.faults.clear()
            self.journal.clear()
            if self._webhooks is not None:
                self._webhooks.clear()

    def fork(self, name: str, *, sealed: bool = False) -> World:
        """Another world with this one's state, sealed, which from then on goes its own way.

        Journal, faults, webhooks and named snapshots begin empty; the clock stands at the same
        instant, and ticks if this one does.

        Args:
            name: Name of the fork.
            sealed: Begin with the sealed state instead of the present one.

        Raises:
            RuntimeError: The sealed state is asked for and there is none, or a transaction is open.
        """
        with self.lock:
            self._no_transaction()
            source, sequences = self.connection, self._sequences
            at, ticking = self.clock.now, self.clock.ticking
            if sealed and self._origin is not None:
                kept = self._origin
                source, sequences = kept._database, kept._sequences
                at, ticking = kept._at, kept._ticking
            elif sealed and not self._sealed:
                raise RuntimeError(f"world {self.name!r} was never sealed")
            elif sealed:
                at, ticking = self._start
            database = _connect()
            source.backup(database)
            made = self._over(database, name)
            made._sequences = dict(sequences)
            made.clock = Clock(at, ticking=ticking)
            made.worlds = self.worlds
            made.seal()
            return made

    def take_over(
        self, database: sqlite3.Connection, sequences: dict[str, int], now: datetime, ticking: bool
    ) -> None:
        """Go on from a saved database (see `saving`), and seal that."""
        with self.lock:
            self._no_transaction()
            database.backup(self.connection)
            self.connection.execute("DROP TABLE _crossdock")
            self._sequences = dict(sequences)
            self._version += 1
            self._past.clear()
            self._set_clock(now, ticking)
            self.seal()

    def close(self) -> None:
        """Let go of the memory."""
        with self.lock:
            for _, earlier in self._past:
                earlier.connection.close()
            self.connection.close()

    # The past

    def remember(self, lag: int) -> None:
        """Keep the present state for reads that come from up to `lag` commits ago."""
        with self.lock:
            self._no_transaction()
            if not self._past or self._past[-1][0] != self._version:
                self._past.append((self._version, self._over(self._copy()._database, self.name)))
            while len(self._past) > lag + 1:
                self._past.popleft()[1].close()

    def past(self, behind: int) -> World | None:
        """The world as it was so many commits ago, or as long ago as is remembered.

        It is to be read only, and it shares the clock.
        """
        earlier = [world for version, world in self._past if version < self._version]
        return earlier[max(0, len(earlier) - behind)] if earlier else None

    def _over(self, database: sqlite3.Connection, name: str) -> World:
        """A world of these tables over another database."""
        made = World(now=self.clock.now, name=name)
        made.connection.close()
        made.connection = database
        _teach(database)
        made._tables = {each.spec.name: Table(made, each.spec) for each in self._tables.values()}
        made._sequences = dict(self._sequences)
        made.clock = self.clock
        made.prepare_webhooks = self.prepare_webhooks
        return made

    def _no_transaction(self) -> None:
        if self._depth:
            raise RuntimeError("this cannot be done within a transaction")

    def _copy(self) -> Snapshot:
        # A database without a name lives in memory and moves to a temporary file as it grows.
        database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.connection.backup(database)
        at, ticking = self._start if self._sealed else (self.clock.now, self.clock.ticking)
        return Snapshot(database, dict(self._sequences), at, ticking)

    def _put_back(self, kept: Snapshot) -> None:
        kept._database.backup(self.connection)
        self._version += 1
        self._sequences = dict(kept._sequences)
        self._set_clock(kept._at, kept._ticking)

    def _set_clock(self, at: datetime, ticking: bool) -> None:
        self.clock.set(at)
        if ticking:
            self.clock.tick()
        else:
            self.clock.freeze()


def _connect() -> sqlite3.Connection:
    database = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
    )
    _teach(database)
    return database


def _teach(database: sqlite3.Connection) -> None:
    """Functions of text in all of Unicode, as SQLite's own know ASCII only; and powers.

    Not every SQLite is built with its functions of mathematics.
    """
    database.create_function("casefold", 1, _casefold, deterministic=True)
    database.create_function("lowered", 1, _lowered, deterministic=True)
    database.create_function("raised", 1, _raised, deterministic=True)
    database.create_function("power", 2, _power, deterministic=True)


def _lowered(value: _Sql) -> _Sql:
    return value.lower() if isinstance(value, str) else value


def _raised(value: _Sql) -> _Sql:
    return value.upper() if isinstance(value, str) else value


def _casefold(value: _Sql) -> _Sql:
    return value.casefold() if isinstance(value, str) else value


def _power(base: _Sql, exponent: _Sql) -> float | None:
    """A power; nothing where there is none among real numbers, or it is too large."""
    if not isinstance(base, (int, float)) or not isinstance(exponent, (int, float)):
        return None
    try:
        found = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) else None
