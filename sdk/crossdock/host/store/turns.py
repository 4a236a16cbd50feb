"""Threads of one process take turns at writing to a SQLite file.

SQLite lets one connection write at a time, and whoever finds another one writing sleeps and looks
again, ever longer. Sixteen deliveries side by side would sleep most of their time. So the threads
of one process queue up here before they ask SQLite, and are woken the moment that it is their turn.
Between processes SQLite's own waiting remains, and what keeps the data right is SQLite alone.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from typing import Any, Final, Self

# After that SQLite waits as it would have, and says what is wrong.
_PATIENCE_SECONDS: Final = 30.0
# What Python's driver begins a transaction for by itself, unless it is told not to.
_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLAC")
_BEGIN: Final = "BEGIN IMMEDIATE"
_turns: Final[defaultdict[str, threading.Lock]] = defaultdict(threading.Lock)


class TurnTaking(sqlite3.Connection):
    """A connection that waits for its turn before each transaction that writes."""

    def __init__(self, database: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(database, *args, **kwargs)
        self._turn: Final = _turns[database]
        self._has_turn = False

    def cursor(self, *_factory: Any) -> _Cursor:  # type: ignore[override]  # it has one kind only
        """Make a cursor."""
        return super().cursor(_Cursor)

    def before(self, statement: str) -> None:
        """Wait for the turn where a statement begins a transaction that writes."""
        if self._has_turn or self.in_transaction:
            return
        driver_begins = self.isolation_level is not None
        if statement[:6].upper() in _WRITES if driver_begins else statement == _BEGIN:
            self._has_turn = self._turn.acquire(timeout=_PATIENCE_SECONDS)

    def commit(self) -> None:
        """Commit, and let the next one write."""
        try:
            super().commit()
        finally:
            self._pass_on()

    def rollback(self) -> None:
        """Roll back, and let the next one write."""
        try:
            super().rollback()
        finally:
            self._pass_on()

    def close(self) -> None:
        """Close, and let the next one write."""
        try:
            super().close()
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()


class _Cursor(sqlite3.Cursor):
    connection: TurnTaking

    def execute(self, statement: str, parameters: Any = (), /) -> Self:
        self.connection.before(statement)
        return super().execute(statement, parameters)

    def executemany(self, statement: str, parameters: Any, /) -> Self:
        self.connection.before(statement)
        return super().executemany(statement, parameters)
