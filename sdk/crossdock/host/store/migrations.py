"""How the tables of an older version become those of this one, a step for each version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from crossdock.host.store import schema, schema_loads
from crossdock.host.store.audit import begin_chain

Step = Callable[[sa.Connection, datetime], None]


def _to_2(connection: sa.Connection, now: datetime) -> None:
    """The audit trail gets its hash chain."""
    begin_chain(connection, now)


def _to_3(connection: sa.Connection, now: datetime) -> None:  # noqa: ARG001 - a step's signature
    """Events remember the span that they were published in."""
    _add(connection, schema.events.c.trace)


def _to_4(connection: sa.Connection, _now: datetime) -> None:
    """Deliveries get what the exceptions queue and the circuits of remote systems need."""
    names = ("began_at", "system", "held_by", "assignee")
    more = ("revision", "key_revision", "key_fate")
    _add(connection, *(schema.deliveries.c[name] for name in (*names, *more)))
    # What was tried before may have made something under its key: nobody took note of it.
    table = schema.deliveries
    tried = (table.c.attempts > 0) & table.c.state.not_in(("done", "given_up"))
    connection.execute(sa.update(table).where(tried).values(key_fate="maybe"))


def _to_5(connection: sa.Connection, _now: datetime) -> None:
    """Remote systems get their circuits."""
    for index in schema.deliveries.indexes:
        if index.name == "crossdock_deliveries_held":
            index.create(connection, checkfirst=True)


def _to_6(connection: sa.Connection, _now: datetime) -> None:
    """Remote systems get limits, and what is over long enough an archive."""
    _add(connection, schema.deliveries.c.uses, schema.deliveries.c.slot_at)


def _to_7(_connection: sa.Connection, _now: datetime) -> None:
    """Quotes that were saved without asking are judged: a new table, which is made by now."""


def _to_8(connection: sa.Connection, _now: datetime) -> None:
    """Links remember their customer and which side is gone; proposals of links are a new table."""
    _add(connection, *(schema.links.c[name] for name in ("customer_name", "currency")))
    _add(connection, schema.links.c.facts, schema.links.c.lost)


def _to_9(_connection: sa.Connection, _now: datetime) -> None:
    """Answers of ERPs are kept for a moment: whose records changed is a new table, made by now."""


def _to_10(_connection: sa.Connection, _now: datetime) -> None:
    """Accounts are synchronised: its tables are new, and are made by now."""


def _to_11(connection: sa.Connection, _now: datetime) -> None:
    """Loads find records by their counterpart; until now the first load made its tables itself."""
    for index in schema_loads.load_records.indexes:
        index.create(connection, checkfirst=True)


#: The step that leads to each version from the one before; new tables are made before the first.
STEPS: Final[Mapping[int, Step]] = {
    2: _to_2, 3: _to_3, 4: _to_4, 5: _to_5, 6: _to_6, 7: _to_7, 8: _to_8, 9: _to_9,
    10: _to_10, 11: _to_11,
}  # fmt: skip


def create(connection: sa.Connection, now: datetime) -> None:
    """Make all tables where there are none."""
    schema.metadata.create_all(connection)
    begin_chain(connection, now)


def migrate(connection: sa.Connection, written: int, now: datetime) -> None:
    """Bring the tables from the version that they were written by to this one."""
    schema.metadata.create_all(connection)
    for version in range(written + 1, schema.SCHEMA_VERSION + 1):
        STEPS[version](connection, now)


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
