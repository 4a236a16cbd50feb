"""How the tables of an older version become those of this one, a step for each version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from crossdock.host.store import schema
from crossdock.host.store.audit import begin_chain

Step = Callable[[sa.Connection, datetime], None]


def _to_2(connection: sa.Connection, now: datetime) -> None:
    """The audit trail gets its hash chain."""
    _make(connection, schema.audit_head)
    begin_chain(connection, now)


def _to_3(connection: sa.Connection, now: datetime) -> None:  # noqa: ARG001 - a step's signature
    """Events remember the span that they were published in."""
    _add(connection, schema.events.c.trace)


#: The step that leads to each version from the one before.
STEPS: Final[Mapping[int, Step]] = {2: _to_2, 3: _to_3}


def create(connection: sa.Connection, now: datetime) -> None:
    """Make all tables where there are none."""
    schema.metadata.create_all(connection)
    begin_chain(connection, now)


def migrate(connection: sa.Connection, written: int, now: datetime) -> None:
    """Bring the tables from the version that they were written by to this one."""
    for version in range(written + 1, schema.SCHEMA_VERSION + 1):
        STEPS[version](connection, now)


def _make(connection: sa.Connection, *tables: sa.Table) -> None:
    for table in tables:
        table.create(connection, checkfirst=True)


def _add(connection: sa.Connection, *columns: sa.Column[object]) -> None:
    """Add columns to a table that is there; each may be empty or has a default."""
    there: dict[str, set[str]] = {}
    for column in columns:
        table = column.table.name
        if table not in there:
            there[table] = {each["name"] for each in sa.inspect(connection).get_columns(table)}
        if column.name not in there[table]:
            definition = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {definition}")
