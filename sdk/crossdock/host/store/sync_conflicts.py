"""What a person has to decide of records that two systems have, and what was decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import sqlalchemy as sa

from crossdock.host.store.schema_sync import sync_conflicts as conflicts
from crossdock.records import SyncConflict, SyncPair, SyncWord
from crossdock.records.synchronising import ConflictState

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_PAIR: Final = ("entity", "crm_system", "crm_id", "erp_system", "erp_id")
_SHOWN: Final = (
    "name", "account_id", "crm_value", "erp_value", "agreed_crm", "agreed_erp", "crm_by", "crm_at",
    "erp_by", "erp_at", "reason", "refused",
)  # fmt: skip
_OPEN: Final = conflicts.c.state.in_(("open", "decided"))


class SyncConflicts:
    """The conflicts; one that is not closed for each field of a pair."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, number: int, *, connection: sa.Connection | None = None) -> SyncConflict | None:
        """Read one."""
        found = self._read(sa.select(conflicts).where(conflicts.c.id == number), connection)
        return found[0] if found else None

    def list(
        self,
        *,
        states: Sequence[ConflictState] = ("open",),
        account_id: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[SyncConflict, ...]:
        """List conflicts, newest first.

        Args:
            states: only those; all where it is empty.
            account_id: only those of this account of the CRM.
            before: only those with a lower number, for the next page.
            limit: how many at most.
        """
        statement = sa.select(conflicts).order_by(conflicts.c.id.desc()).limit(limit)
        if states:
            statement = statement.where(conflicts.c.state.in_(states))
        if account_id is not None:
            statement = statement.where(conflicts.c.account_id == account_id)
        if before is not None:
            statement = statement.where(conflicts.c.id < before)
        return self._read(statement, None)

    def waiting(self) -> int:
        """Count what waits for a person."""
        statement = (
            sa.select(sa.func.count()).select_from(conflicts).where(conflicts.c.state == "open")
        )
        with self._store.reading() as connection:
            count: int = connection.execute(statement).scalar_one()
        return count

    def of(
        self, pair: SyncPair, *, connection: sa.Connection | None = None
    ) -> tuple[SyncConflict, ...]:
        """List what is not closed of a pair."""
        return self._read(sa.select(conflicts).where(_of(pair), _OPEN), connection)

    def keep(
        self,
        pair: SyncPair,
        found: Sequence[SyncConflict],
        connection: sa.Connection,
        *,
        close: bool = True,
    ) -> tuple[SyncConflict, ...]:
        """Bring what is open of a pair in line with what was found now.

        What was found is opened, or brought up to date; a word that was given on other values
        counts no more. What was not found any more is closed: carried out where somebody had
        decided it, over where it settled itself; unless `close` says to leave those.

        Returns:
            What was closed now.
        """
        now = self._store.clock()
        known = {each.field: each for each in self.of(pair, connection=connection)}
        for each in found:
            was = known.pop(each.field, None)
            values: dict[str, Any] = {name: getattr(each, name) for name in _SHOWN}
            values["roles"] = json.dumps(list(each.roles), ensure_ascii=False)
            if was is None:
                connection.execute(
                    sa.insert(conflicts).values(
                        {name: getattr(pair, name) for name in _PAIR}
                        | values
                        | {"field": each.field, "state": "open", "opened_at": now}
                    )
                )
            else:
                seen = (was.crm_value, was.erp_value)
                if was.state == "decided" and seen != (each.crm_value, each.erp_value):
                    values["state"] = "open"
                connection.execute(
                    sa.update(conflicts).where(conflicts.c.id == was.number).values(values)
                )
        if not close:
            return ()
        for was in known.values():
            connection.execute(
                sa.update(conflicts)
                .where(conflicts.c.id == was.number)
                .values(state="carried_out" if was.state == "decided" else "over", closed_at=now)
            )
        return tuple(known.values())

    def decide(
        self, number: int, values: Mapping[str, Any], connection: sa.Connection
    ) -> SyncConflict | None:
        """Write down what a person decided of an open one; `None` where it is not open any more."""
        row = connection.execute(
            sa.update(conflicts)
            .where(conflicts.c.id == number, _OPEN)
            .values(state="decided", decided_at=self._store.clock(), **values)
            .returning(*conflicts.c)
        ).one_or_none()
        return None if row is None else conflict_of(row)

    def _read(
        self, statement: sa.Select[Any], connection: sa.Connection | None
    ) -> tuple[SyncConflict, ...]:
        if connection is not None:
            return tuple(map(conflict_of, connection.execute(statement)))
        with self._store.reading() as fresh:
            return tuple(map(conflict_of, fresh.execute(statement)))


def words_of(found: Sequence[SyncConflict]) -> tuple[SyncWord, ...]:
    """Give what was decided among conflicts, as a merge takes it."""
    return tuple(
        SyncWord(
            field=each.field,
            take=cast(Literal["crm", "erp", "value"], each.take),  # as `decide` wrote it
            value=each.value,
            crm=each.crm_value or "",
            erp=each.erp_value or "",
            by=each.decided_by,
        )
        for each in found
        if each.state == "decided"
    )


def _of(pair: SyncPair) -> sa.ColumnElement[bool]:
    return sa.and_(*(conflicts.c[name] == getattr(pair, name) for name in _PAIR))


def conflict_of(row: sa.Row[*tuple[Any, ...]]) -> SyncConflict:
    """Read one out of its row."""
    taken = (*_PAIR, *_SHOWN, "field", "state", "opened_at", "take", "value", "decided_by")
    return SyncConflict(
        number=row.id,
        roles=tuple(json.loads(row.roles)),
        **{name: getattr(row, name) for name in (*taken, "decided_at", "comment")},
    )
