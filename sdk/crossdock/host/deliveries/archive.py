"""What is over for long enough goes into the archive: one row of JSON for each delivery.

The archive is a table of the same database, so that a delivery moves in one transaction: it is in
one place or in the other, never in both or in none, whatever dies. `crossdock deliveries archive
--export` takes it out, as JSON lines. The event's id stays where it was, as the same event must
come to nothing when it is published again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from crossdock.host.store.schema import archive, attempts, deliveries, events, revisions, steps

if TYPE_CHECKING:
    from crossdock.host.store import Store

_OVER: Final = ("done", "rehearsed", "given_up")
_PER_BATCH: Final = 100


class Archive:
    """The archive of a store."""

    def __init__(self, store: Store, forget: Callable[[Sequence[tuple[int, int]]], None]) -> None:
        """Make it.

        Args:
            store: whose deliveries.
            forget: drops the durable engine's records of deliveries, given number and last run.
        """
        self._store: Final = store
        self._forget: Final = forget

    def move(self, keep: timedelta, *, limit: int = _PER_BATCH) -> int:
        """Move one batch of what was over longer ago than `keep`, oldest first; says how many.

        A batch is small, so that no writer waits for it for long.
        """
        before = self._store.clock() - keep
        old = (
            sa.select(deliveries)
            .where(deliveries.c.state.in_(_OVER), deliveries.c.finished_at < before)
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        with self._store.reading() as connection:
            if connection.execute(old.limit(1)).first() is None:
                return 0
        now = self._store.clock()
        with self._store.writing() as connection:
            rows = connection.execute(old.with_for_update(skip_locked=True)).all()
            if not rows:
                return 0
            numbers = [row.id for row in rows]
            told = {
                "attempts": _by_delivery(connection, attempts, numbers),
                "revisions": _by_delivery(connection, revisions, numbers),
            }
            payloads = {
                row.id: row
                for row in connection.execute(
                    sa.select(events).where(events.c.id.in_({row.event_id for row in rows}))
                )
            }
            connection.execute(
                sa.insert(archive),
                [
                    {
                        "delivery_id": row.id,
                        "subject": payloads[row.event_id].subject,
                        "finished_at": row.finished_at,
                        "archived_at": now,
                        "document": _document(row, payloads[row.event_id], told),
                    }
                    for row in rows
                ],
            )
            for table in (attempts, revisions, steps):
                connection.execute(sa.delete(table).where(table.c.delivery_id.in_(numbers)))
            connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(numbers)))
            # An event whose last delivery went keeps its id, and nothing else.
            left = sa.select(deliveries.c.event_id)
            connection.execute(
                sa.update(events)
                .where(events.c.id.in_(list(payloads)), events.c.id.not_in(left))
                .values(payload="")
            )
        self._forget([(row.id, row.run) for row in rows])
        return len(rows)

    def count(self) -> int:
        """Count what is in the archive."""
        with self._store.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(archive)) or 0

    def documents(self, *, subject: str | None = None) -> Iterator[dict[str, Any]]:
        """Give what is in the archive, oldest first; only about one record where it is named."""
        statement = sa.select(archive.c.document).order_by(archive.c.delivery_id)
        if subject is not None:
            statement = statement.where(archive.c.subject == subject)
        with (
            self._store.reading(steady=True) as connection,
            connection.execute(statement.execution_options(yield_per=200)) as rows,
        ):
            for row in rows:
                yield json.loads(row.document)

    def drop(self, numbers: Sequence[int]) -> None:
        """Drop from the archive what was taken out of it."""
        with self._store.writing() as connection:
            connection.execute(sa.delete(archive).where(archive.c.delivery_id.in_(numbers)))


def _by_delivery(
    connection: sa.Connection, table: sa.Table, numbers: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    rows = connection.execute(sa.select(table).where(table.c.delivery_id.in_(numbers)))
    for row in rows:
        found.setdefault(row.delivery_id, []).append(_plain(row))
    return found


def _document(row: Any, event: Any, told: dict[str, dict[int, list[dict[str, Any]]]]) -> str:
    document = {
        **_plain(row),
        "id": f"D-{row.id}",
        "event": {**_plain(event), "payload": json.loads(event.payload)},
        **{name: of_delivery.get(row.id, []) for name, of_delivery in told.items()},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
        if value not in (None, "")
    }
