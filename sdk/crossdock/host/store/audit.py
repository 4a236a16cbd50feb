"""Who did what, when, on what evidence: an append-only trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import field, frozen

from crossdock.host.store.schema import audit

if TYPE_CHECKING:
    from crossdock.host.store.store import Store


@frozen(kw_only=True)
class AuditEntry:
    """One line of the trail.

    Attributes:
        actor: `plugin:straight-through`, `user:U-kim`, `host`, or `worker:...`.
        action: what was done, a stable dotted name such as `delivery.retried`.
        subject: on what, such as `D-17` or `main:C-10001`.
        detail: plain data that says why; no secrets.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(factory=dict)


class Audit:
    """The trail; the database itself refuses to change or delete what was written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(
        self,
        *,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        at: datetime | None = None,
        connection: sa.Connection | None = None,
    ) -> None:
        """Add a line; within the caller's transaction where `connection` is given.

        Args:
            actor: as in `AuditEntry`, like `action` and `subject`.
            action: what was done.
            subject: on what.
            detail: plain data that says why; no secrets.
            at: when it happened; now, by the store's clock, where it is not given.
            connection: one in a transaction of `Store.writing`.
        """
        with self._store.writing(connection) as writing:
            writing.execute(
                sa.insert(audit).values(
                    at=at or self._store.clock(),
                    actor=actor,
                    action=action,
                    subject=subject,
                    detail=json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
                )
            )

    def entries(
        self, *, subject: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """List lines, oldest first; `after` is the sequence of the last one already seen."""
        statement = sa.select(audit).where(audit.c.sequence > after)
        if subject is not None:
            statement = statement.where(audit.c.subject == subject)
        with self._store.reading() as connection:
            rows = connection.execute(statement.order_by(audit.c.sequence).limit(limit)).all()
        return tuple(
            AuditEntry(
                sequence=row.sequence,
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                detail=json.loads(row.detail),
            )
            for row in rows
        )
