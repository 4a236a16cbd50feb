"""What a load has done so far, as rows of the store: killed anywhere, it goes on from them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.schema_loads import load_records as records
from crossdock.host.store.schema_loads import loads

if TYPE_CHECKING:
    from crossdock.host.store import Store

Side = Literal["crm", "erp", "crm_contacts", "erp_contacts"]
SIDES: Final[tuple[Side, ...]] = ("erp", "crm")
PEOPLE: Final[tuple[Side, ...]] = ("erp_contacts", "crm_contacts")

_OF_LOAD: Final = (
    records.c.load_id == sa.bindparam("of_load"),
    records.c.side == sa.bindparam("of_side"),
)
_ROW: Final = tuple(
    records.c[name]
    for name in (
        "side", "record_id", "place", "body", "decision", "counterpart", "why", "begun", "outcome",
        "reason", "checksum",
    )
)  # fmt: skip
_OPEN: Final = (
    sa.select(*_ROW)
    .where(*_OF_LOAD, records.c.outcome == "")
    .order_by(records.c.place)
    .limit(sa.bindparam("most"))
)
_SOME: Final = sa.select(*_ROW).where(
    *_OF_LOAD, records.c.record_id.in_(sa.bindparam("ids", expanding=True))
)


@frozen(kw_only=True)
class LoadState:
    """One load.

    Attributes:
        state: `running`, `stopped` (it can be gone on with), `done`, or `failed`.
        phase: `reading`, `matching`, `writing`, `writing contacts`, `reconciling`, `over`.
        runs: by how many processes it was worked on.
    """

    id: int
    crm_system: str
    erp_system: str
    state: str
    phase: str
    reading: Mapping[str, Mapping[str, Any]]
    findings: Mapping[str, Any]
    sentence: str
    started_at: datetime
    changed_at: datetime
    runs: int


@frozen
class Row:
    """One record of a load; its columns in this order."""

    side: Side
    record_id: str
    place: int
    body: str
    decision: str
    counterpart: str
    why: str
    begun: bool
    outcome: str
    reason: str
    checksum: str


class LoadRows:
    """The rows of loads in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._insert = postgresql.insert if store.shared else sqlite.insert

    def latest(self, erp_system: str = "") -> LoadState | None:
        """Give the load that was begun last."""
        statement = sa.select(loads).order_by(loads.c.id.desc()).limit(1)
        if erp_system:
            statement = statement.where(loads.c.erp_system == erp_system)
        with self._store.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _state(row)

    def get(self, load_id: int) -> LoadState:
        """Give a load."""
        with self._store.reading() as connection:
            return _state(connection.execute(sa.select(loads).where(loads.c.id == load_id)).one())

    def begin(self, crm_system: str, erp_system: str) -> LoadState:
        """Begin a load; what an earlier one of the same systems staged is forgotten."""
        now = self._store.clock()
        with self._store.writing() as connection:
            before = sa.select(loads.c.id).where(loads.c.erp_system == erp_system)
            connection.execute(sa.delete(records).where(records.c.load_id.in_(before)))
            made = connection.execute(
                sa.insert(loads).values(
                    crm_system=crm_system,
                    erp_system=erp_system,
                    state="running",
                    phase="reading",
                    reading=json.dumps({side: {"cursor": None, "done": False} for side in SIDES}),
                    started_at=now,
                    changed_at=now,
                )
            )
            number: int = made.inserted_primary_key[0]  # type: ignore[index]
        return self.get(number)

    def change(self, load_id: int, connection: sa.Connection | None = None, **values: Any) -> None:
        """Note how far a load is."""
        for name in ("reading", "findings"):
            if name in values:
                values[name] = json.dumps(values[name], ensure_ascii=False)
        with self._store.writing(connection) as writing:
            writing.execute(
                sa.update(loads)
                .where(loads.c.id == load_id)
                .values(changed_at=self._store.clock(), **values)
            )

    def stage(
        self,
        load_id: int,
        side: Side,
        found: Sequence[tuple[str, str]],
        reading: Mapping[str, Any],
    ) -> None:
        """Keep a page that was read, and where to go on, in one transaction.

        A page that is read twice is kept once.
        """
        with self._store.writing() as connection:
            first = connection.scalar(
                sa.select(sa.func.coalesce(sa.func.max(records.c.place), -1) + 1).where(
                    records.c.load_id == load_id, records.c.side == side
                )
            )
            if found:
                rows = [
                    {
                        "load_id": load_id, "side": side, "record_id": record_id, "body": body,
                        "place": place, "decision": "", "counterpart": "", "why": "",
                        "begun": False, "outcome": "", "reason": "", "checksum": "",
                    }
                    for place, (record_id, body) in enumerate(found, first or 0)
                ]  # fmt: skip
                statement = self._insert(records).on_conflict_do_nothing()
                connection.execute(statement, rows)
            self.change(load_id, connection, reading=dict(reading))

    def note(
        self,
        load_id: int,
        noted: Iterable[tuple[Side, str, Mapping[str, Any]]],
        connection: sa.Connection | None = None,
    ) -> None:
        """Write what is known of records, all in one transaction, in the order that is given."""
        with self._store.writing(connection) as writing:
            for names, group in groupby(noted, key=lambda each: tuple(sorted(each[2]))):
                rows = [
                    {
                        "of_load": load_id,
                        "of_side": side,
                        "of_record": record_id,
                        **{f"new_{name}": value for name, value in values.items()},
                    }
                    for side, record_id, values in group
                ]
                writing.execute(_noting(names), rows)

    def rows(
        self, load_id: int, side: Side, *, at_once: int = 500, only: str = "all"
    ) -> Iterator[Row]:
        """Give the records of a side in the order in which they were read, a piece at a time.

        Args:
            load_id: of which load.
            side: which side.
            at_once: how many are in memory.
            only: `undecided`, `new` (decided so), `open` (without an outcome), or all.
        """
        place = -1
        conditions = [records.c.load_id == load_id, records.c.side == side]
        if only == "undecided":
            conditions.append(records.c.decision == "")
        elif only == "new":
            conditions.append(records.c.decision == "new")
        elif only == "open":
            conditions.append(records.c.outcome == "")
        while True:
            statement = (
                sa.select(*_ROW)
                .where(*conditions, records.c.place > place)
                .order_by(records.c.place)
                .limit(at_once)
            )
            with self._store.reading() as connection:
                found = list(map(_row, connection.execute(statement)))
            if not found:
                return
            yield from found
            place = found[-1].place

    def open(self, load_id: int, side: Side, most: int) -> list[Row]:
        """Give the first records of a side that have no outcome yet."""
        with self._store.reading() as connection:
            names = {"of_load": load_id, "of_side": side, "most": most}
            return list(map(_row, connection.execute(_OPEN, names)))

    def row(self, load_id: int, side: Side, record_id: str) -> Row | None:
        """Give one record of a load."""
        return self.some(load_id, side, [record_id]).get(record_id)

    def some(self, load_id: int, side: Side, record_ids: Sequence[str]) -> dict[str, Row]:
        """Give some hundred records of a load, by their ids."""
        if not record_ids:
            return {}
        names = {"of_load": load_id, "of_side": side, "ids": list(record_ids)}
        with self._store.reading() as connection:
            return {row.record_id: _row(row) for row in connection.execute(_SOME, names)}

    def count(self, load_id: int, side: Side, *, by: str = "outcome") -> Counter[str]:
        """Count the records of a side by outcome, or by decision."""
        column = records.c[by]
        statement = (
            sa.select(column, sa.func.count())
            .where(records.c.load_id == load_id, records.c.side == side)
            .group_by(column)
        )
        with self._store.reading() as connection:
            return Counter({row[0]: row[1] for row in connection.execute(statement)})

    def reasons(self, load_id: int, *, most: int = 50) -> list[tuple[Side, str, str, int]]:
        """Give side, outcome, reason and count of what did not simply go through."""
        statement = (
            sa.select(records.c.side, records.c.outcome, records.c.reason, sa.func.count())
            .where(
                records.c.load_id == load_id,
                records.c.outcome.in_(("conflict", "refused", "review", "ignored")),
            )
            .group_by(records.c.side, records.c.outcome, records.c.reason)
            .order_by(sa.func.count().desc(), records.c.reason)
            .limit(most)
        )
        with self._store.reading() as connection:
            return [(a, b, c, d) for a, b, c, d in connection.execute(statement)]

    def forget_bodies(self, load_id: int) -> None:
        """Keep no copy of what was read once it is not needed any more."""
        with self._store.writing() as connection:
            connection.execute(
                sa.update(records).where(records.c.load_id == load_id).values(body="")
            )


@cache
def _noting(names: tuple[str, ...]) -> sa.Update:
    return (
        sa.update(records)
        .where(*_OF_LOAD, records.c.record_id == sa.bindparam("of_record"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )


def _state(row: sa.Row[*tuple[Any, ...]]) -> LoadState:
    columns = dict(row._mapping)
    for name in ("reading", "findings"):
        columns[name] = json.loads(columns[name])
    return LoadState(**columns)


def _row(row: sa.Row[*tuple[Any, ...]]) -> Row:
    return Row(*row)
