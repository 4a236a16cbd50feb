"""Move a host's memory from one database into another, empty one: python move.py FROM TO."""

import sys

import sqlalchemy as sa

from crossdock.host.store import Store
from crossdock.host.store.schema import audit_head, deliveries, meta, metadata

UNDER_WAY = ("queued", "running", "waiting", "behind")


def move(source_url: str, target_url: str) -> dict[str, int]:
    """Copy every table, and give the number of rows of each."""
    copied = {}
    with (
        Store.open(source_url) as source,
        Store.open(target_url) as target,
        source.reading() as old,
        target.writing() as new,
    ):
        busy = sa.select(sa.func.count()).where(deliveries.c.state.in_(UNDER_WAY))
        if left := old.scalar(busy):
            raise SystemExit(f"{left} deliveries are under way; let a worker finish them first")
        for table in metadata.sorted_tables:
            if table in (meta, audit_head):  # an empty store has these, too
                new.execute(sa.delete(table))
            elif new.execute(sa.select(table).limit(1)).first():
                raise SystemExit(f"the new database is in use: {table.name} is not empty")
            rows = [dict(row._mapping) for row in old.execute(sa.select(table))]
            if rows:
                new.execute(sa.insert(table), rows)
            copied[table.name] = len(rows)
            count_on(new, table)
    return copied


def count_on(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL go on counting after the highest number that was copied."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None:
        highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(sa.select(sa.func.setval(sequence, highest, False)))


if __name__ == "__main__":
    for name, rows in move(*sys.argv[1:]).items():
        print(f"{rows:8} {name}")
