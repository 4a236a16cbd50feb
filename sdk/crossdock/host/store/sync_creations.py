"""New records on their way into the other system; each change of state is one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.schema_sync import sync_creations as creations

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

CreationState: TypeAlias = Literal["intended", "sent", "made", "refused", "possibly_created"]
KEY: Final = ("entity", "from_system", "from_id", "to_system")
_MOST_EVIDENCE: Final = 50


@frozen(kw_only=True)
class Creation:
    """One new record on its way into the other system.

    Attributes:
        entity: account, contact or item.
        from_system, from_id: the record that it is made of.
        to_system: where it is made.
        key: the idempotency key of each sending.
        state: `intended` (nothing is under way, and nothing was made), `sent` (whether it was made
            is not known yet), `made`, `refused`, or `possibly_created` (a person must say).
        made_id: the new record, once it is known.
        evidence: instants and what came of each attempt, oldest first.
        sent_at: when it was sent first since the state was last known.
    """

    entity: str
    from_system: str
    from_id: str
    to_system: str
    key: str
    state: CreationState
    made_id: str
    evidence: tuple[tuple[datetime, str], ...]
    intended_at: datetime
    sent_at: datetime
    changed_at: datetime


class SyncCreations:
    """Reads and writes them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        insert = postgresql.insert if store.shared else sqlite.insert
        self._insert = insert(creations).on_conflict_do_nothing().returning(*creations.c)

    def begin(
        self, entity: str, from_system: str, from_id: str, to_system: str, *, key: str, text: str
    ) -> tuple[Creation, bool]:
        """Write that a record is about to be made for the first time, with its key.

        Returns:
            What is known of it now, and whether nothing was known of it before.
        """
        now = self._store.clock()
        place = dict(zip(KEY, (entity, from_system, from_id, to_system), strict=True))
        with self._store.writing() as connection:
            row = connection.execute(
                self._insert,
                {
                    **place,
                    "idempotency_key": key,
                    "state": "sent",
                    "made_id": "",
                    "evidence": written_evidence([(now, text)]),
                    "intended_at": now,
                    "sent_at": now,
                    "changed_at": now,
                },
            ).one_or_none()
            if row is not None:
                return creation_of(row), True
            known = connection.execute(sa.select(creations).where(*_at(place))).one()
        return creation_of(known), False

    def find(self, entity: str, from_system: str, from_id: str, to_system: str) -> Creation | None:
        """Read one."""
        place = dict(zip(KEY, (entity, from_system, from_id, to_system), strict=True))
        with self._store.reading() as connection:
            row = connection.execute(sa.select(creations).where(*_at(place))).one_or_none()
        return None if row is None else creation_of(row)

    def list(
        self, *, states: Sequence[CreationState] = (), limit: int = 100
    ) -> tuple[Creation, ...]:
        """List them, the latest change first; all states where none is named."""
        statement = sa.select(creations).order_by(creations.c.changed_at.desc()).limit(limit)
        if states:
            statement = statement.where(creations.c.state.in_(states))
        with self._store.reading() as connection:
            return tuple(map(creation_of, connection.execute(statement)))

    def waiting(self) -> int:
        """Count those of which a person has to say whether they were made."""
        statement = (
            sa.select(sa.func.count())
            .select_from(creations)
            .where(creations.c.state == "possibly_created")
        )
        with self._store.reading() as connection:
            count: int = connection.execute(statement).scalar_one()
        return count

    def move(
        self,
        creation: Creation,
        state: CreationState,
        text: str,
        *,
        made_id: str | None = None,
        connection: sa.Connection | None = None,
    ) -> Creation | None:
        """Change the state and add to the evidence, if it still is as `creation` says.

        Returns:
            As it is now; `None` where somebody else changed it meanwhile.
        """
        now = self._store.clock()
        evidence = (*creation.evidence, (now, text))
        if len(evidence) > _MOST_EVIDENCE:  # how it began, and what came last
            evidence = (*evidence[:5], *evidence[5 - _MOST_EVIDENCE :])
        place = {name: getattr(creation, name) for name in KEY}
        values: dict[str, Any] = {
            "state": state,
            "changed_at": now,
            "evidence": written_evidence(evidence),
        }
        if made_id is not None:
            values["made_id"] = made_id
        if state == "sent" and creation.state != "sent":
            values["sent_at"] = now
        with self._store.writing(connection) as writing:
            row = writing.execute(
                sa.update(creations)
                .where(
                    *_at(place),
                    creations.c.state == creation.state,
                    creations.c.changed_at == creation.changed_at,
                )
                .values(values)
                .returning(*creations.c)
            ).one_or_none()
        return None if row is None else creation_of(row)


def _at(place: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [creations.c[name] == value for name, value in place.items()]


def written_evidence(evidence: Sequence[tuple[datetime, str]]) -> str:
    """Write what came of each attempt as the store keeps it."""
    return json.dumps([[at.isoformat(), text] for at, text in evidence], ensure_ascii=False)


def creation_of(row: sa.Row[*tuple[Any, ...]]) -> Creation:
    """Read one out of its row."""
    return Creation(
        **{name: getattr(row, name) for name in KEY},
        key=row.idempotency_key,
        state=row.state,
        made_id=row.made_id,
        evidence=tuple((datetime.fromisoformat(at), text) for at, text in json.loads(row.evidence)),
        intended_at=row.intended_at,
        sent_at=row.sent_at,
        changed_at=row.changed_at,
    )
