"""What dry runs would have written, for a person to read before it is done for good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import frozen

from crossdock.host.store.schema import Instant
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.gateway.rehearsal import Write
    from crossdock.host.store.store import Store

KEPT: Final = 10_000
"""How many writes are kept; older ones make room."""

# A table of its own, made by who needs it first: a store without dry runs never has it.
_metadata: Final = sa.MetaData()
_rehearsed: Final = sa.Table(
    "crossdock_rehearsed",
    _metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("at", Instant, nullable=False),
    sa.Column("plugin_id", sa.Text, nullable=False),
    sa.Column("point", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Index("crossdock_rehearsed_plugin", "plugin_id", "id"),
    sqlite_autoincrement=True,
)


@frozen(kw_only=True)
class Rehearsed:
    """A write that was not sent.

    Attributes:
        plugin_id: who would have written.
        point: the extension point or tab that was being served.
        user_id: for whom; empty in events and jobs.
        system: the configured name of the CRM or ERP.
        method: of the port.
        arguments: by name, whole, as they would have been sent.
        answer: what the plugin was told instead.
    """

    number: int
    at: datetime
    plugin_id: str
    point: str
    user_id: str
    system: str
    method: str
    arguments: Mapping[str, Any]
    answer: Any


class RehearsedWrites:
    """The last writes of dry runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made = False

    def add(self, *, plugin_id: str, point: str, user_id: str, write: Write) -> None:
        """Keep a write."""
        self._make()
        with self._store.writing() as connection:
            number = connection.execute(
                sa.insert(_rehearsed).values(
                    at=self._store.clock(),
                    plugin_id=plugin_id,
                    point=point,
                    user_id=user_id,
                    system=write.system,
                    method=write.method,
                    arguments=_written(dict(write.arguments)),
                    answer=_written(write.answer),
                )
            ).inserted_primary_key
            if number is not None:
                connection.execute(sa.delete(_rehearsed).where(_rehearsed.c.id <= number[0] - KEPT))

    def list(
        self, *, plugin_id: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[Rehearsed, ...]:
        """List writes, oldest first; `after` is the number of the last one already seen."""
        self._make()
        statement = sa.select(_rehearsed).where(_rehearsed.c.id > after)
        if plugin_id is not None:
            statement = statement.where(_rehearsed.c.plugin_id == plugin_id)
        with self._store.reading() as connection:
            rows = connection.execute(statement.order_by(_rehearsed.c.id).limit(limit)).all()
        return tuple(
            Rehearsed(
                number=row.id,
                at=row.at,
                plugin_id=row.plugin_id,
                point=row.point,
                user_id=row.user_id,
                system=row.system,
                method=row.method,
                arguments=from_plain(json.loads(row.arguments)),
                answer=from_plain(json.loads(row.answer)),
            )
            for row in rows
        )

    def clear(self, *, plugin_id: str | None = None) -> None:
        """Forget what was rehearsed, of one plugin or of all."""
        self._make()
        statement = sa.delete(_rehearsed)
        if plugin_id is not None:
            statement = statement.where(_rehearsed.c.plugin_id == plugin_id)
        with self._store.writing() as connection:
            connection.execute(statement)

    def _make(self) -> None:
        if not self._made:
            with self._store.writing() as connection:
                _metadata.create_all(connection)
            self._made = True


def _written(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))
