"""What a load wrote, as it is compared with what is there now: a page at a time, and what is left.

Of a record nothing is in memory but a byte that says whether it was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import frozen

from crossdock.host.initial_load.rows import SIDES, LoadState, Side
from crossdock.host.store.schema_loads import load_records as records

if TYPE_CHECKING:
    from crossdock.host.store import Store

_AT_ONCE: Final = 2_000
_COLUMNS: Final = (
    records.c.side,
    records.c.record_id,
    records.c.counterpart,
    records.c.place,
    records.c.checksum,
)
_OF_SIDE: Final = (
    records.c.load_id == sa.bindparam("of_load"),
    records.c.side == sa.bindparam("of_side"),
    records.c.checksum != "",
)
_BY: Final = {
    name: sa.select(*_COLUMNS)
    .where(*_OF_SIDE, records.c[name].in_(sa.bindparam("ids", expanding=True)))
    .order_by(records.c.place)
    for name in ("record_id", "counterpart")
}
_NEXT: Final = (
    sa.select(*_COLUMNS)
    .where(*_OF_SIDE, records.c.place > sa.bindparam("after"))
    .order_by(records.c.place)
    .limit(_AT_ONCE)
)
_HOW_MANY: Final = sa.select(sa.func.count()).select_from(records).where(*_OF_SIDE)


@frozen
class _Line:
    """A pair that was written, as the row of the one that it was written for has it."""

    side: Side
    record_id: str
    counterpart: str
    place: int
    checksum: str

    def id_in(self, side: Side) -> str:
        """Give the id that its record has in the system of a side; empty for none."""
        return self.record_id if self.side == side else self.counterpart.partition(":")[2]

    def checksum_in(self, side: Side) -> str:
        """Give the checksum of what was written to the system of a side."""
        customer, _, account = self.checksum.partition(":")
        return customer if side == "erp" else account


class Written:
    """What was written to one of both systems."""

    def __init__(self, store: Store, load: LoadState, side: Side) -> None:
        self._store = store
        self._load = load
        self._side = side
        self._system = load.erp_system if side == "erp" else load.crm_system
        self._seen = {each: bytearray() for each in SIDES}

    def __len__(self) -> int:
        with self._store.reading() as connection:
            return sum(connection.scalar(_HOW_MANY, self._names(each)) or 0 for each in SIDES)

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        """Give the checksums of what was written of some records; they are seen now.

        Of several customers of one account, what the last of them left counts.
        """
        refs = [f"{self._system}:{each}" for each in ids]
        found: dict[str, str] = {}
        with self._store.reading() as connection:
            for side in SIDES:
                mine = side == self._side
                names = {**self._names(side), "ids": list(ids) if mine else refs}
                statement = _BY["record_id" if mine else "counterpart"]
                for row in connection.execute(statement, names):
                    line = _Line(*row)
                    found[line.id_in(self._side)] = line.checksum_in(self._side)
                    _mark(self._seen[side], line.place)
        return found

    def unseen(self) -> Iterator[str]:
        """Give the ids of what was written and was not seen."""
        for side in SIDES:
            seen = self._seen[side]
            for line in self._lines(side):
                marked = line.place < len(seen) and seen[line.place]
                if not marked and line.id_in(self._side):
                    yield line.id_in(self._side)

    def _lines(self, side: Side) -> Iterator[_Line]:
        after = -1
        while True:
            names = {**self._names(side), "after": after}
            with self._store.reading() as connection:
                found = [_Line(*row) for row in connection.execute(_NEXT, names)]
            if not found:
                return
            yield from found
            after = found[-1].place

    def _names(self, side: Side) -> dict[str, Any]:
        return {"of_load": self._load.id, "of_side": side}


def _mark(seen: bytearray, place: int) -> None:
    if place >= len(seen):
        seen.extend(bytes(place + 1 - len(seen)))
    seen[place] = 1
