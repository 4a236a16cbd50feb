"""Writing rows as a contract keeps them, and the keys that they are known by: for seeds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, final

from crossdock_mocks.engine import World
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.model import KEY, UPDATED, Row
from crossdock_mocks.sdata.records import blank
from crossdock_mocks.sdata.values import rounded, stored


@final
class Filling:
    """What is written into a world, and the keys that it was given.

    Attributes:
        world: The world.
        contract: Its contract.
        user: Key of the user who makes everything, once there is one.
        keys: Keys of entries by kind and id of the data set.
    """

    def __init__(self, world: World, contract: Contract) -> None:
        self.world = world
        self.contract = contract
        self.user: Any = None
        self.keys: dict[tuple[str, str], Any] = {}

    def made(self, resource: str, values: Row, at: date | datetime | None = None) -> Row:
        """A row with all fields of its resource, and a key.

        Args:
            resource: Name of the resource.
            values: Its values by column; days, instants and amounts as Python has them are put as
                rows hold them, and texts cut to their length.
            at: When it was made.

        Raises:
            KeyError: The resource has no such field.
        """
        kind = self.contract.resource(resource)
        row = blank(kind)
        for name, value in values.items():
            if name not in row:
                raise KeyError(f"{resource} has no {name}")
            row[name] = value
        for each in kind.fields:
            row[each.name] = _kept(row[each.name], each.length, each.scale)
        row[KEY] = self.contract.make_key(self.world, kind)
        when = stored(self.world.now if at is None else at)
        stamps = kind.stamps
        noted: list[tuple[str | None, Any]] = [
            (stamps.created, when), (stamps.modified, when),
            (stamps.creator, self.user), (stamps.modifier, self.user),
        ]  # fmt: skip
        for stamp, value in noted:
            if stamp is not None and row.get(stamp) is None:
                row[stamp] = value
        row[UPDATED] = row[stamps.modified] if stamps.modified else when
        return row

    def put(self, resource: str, rows: list[Row]) -> list[Row]:
        """Write rows."""
        self.world.table(self.contract.resource(resource).table).insert_many(rows)
        return rows

    def note(self, kind: str, key: str, row: Row) -> Row:
        """Remember which row stands for a row of the data set."""
        self.keys[kind, key] = row[KEY]
        return row

    def key(self, kind: str, key: object) -> Any:
        """The key of the row that stands for a row of the data set, or nothing."""
        return None if key is None else self.keys.get((kind, str(key)))


def _kept(value: Any, length: int | None, scale: int) -> Any:
    if isinstance(value, str):
        return value[:length] if value else None
    if isinstance(value, (date, datetime)):
        return stored(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    return rounded(value, scale)
