"""Rows of a beginning, by the keys that they get: the numbers in the data set's ids."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, final

from crossdock_mocks import sdata
from crossdock_mocks.dialects.sage_crm.access import ADMINISTRATOR
from crossdock_mocks.dialects.sage_crm.contract import CONTRACT, KEYS
from crossdock_mocks.engine import World
from crossdock_mocks.sdata.model import KEY, Row

_NUMBER: Final = re.compile(r"[A-Za-z]{1,3}-0*([1-9][0-9]{0,8})\Z")
_FREE: Final = 5_000_000
"""Ids without a number get one above this."""


@final
class Filling:
    """What a world begins with, kept until `done` writes it.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._to = sdata.Filling(world, CONTRACT)
        self._to.user = ADMINISTRATOR
        self._rows: dict[str, dict[int, Row]] = defaultdict(dict)
        self._taken: dict[str, set[int]] = defaultdict(set)
        self._names: dict[tuple[str, str], int] = {}

    # Keys

    def number(self, entity: str, name: str) -> int:
        """The key of what the data set calls so: its number, where that is free."""
        found, taken = _NUMBER.match(name), self._taken[entity]
        number = int(found[1]) if found else 0
        if not number or number in taken:
            number = max(_FREE, *taken, 0) + 1
        taken.add(number)
        return number

    def name(self, entity: str, name: str, key: int) -> None:
        """Remember the key of what the data set calls so."""
        self._names[entity, name] = key

    def key(self, entity: str, name: str | None) -> int | None:
        """The key of what the data set calls so, or nothing."""
        return None if name is None else self._names.get((entity, name))

    # Rows

    def add(
        self, entity: str, key: int | None, values: Mapping[str, Any], at: datetime | None = None
    ) -> int:
        """Add a record; without a key it gets the next one. Gives its key."""
        row = self._to.made(entity, dict(values), at)
        rows = self._rows[entity]
        row[KEY] = len(rows) + 1 if key is None else key
        rows[row[KEY]] = row
        return int(row[KEY])

    def change(self, entity: str, key: int, values: Mapping[str, Any]) -> None:
        """Give a record further values."""
        self._rows[entity][key].update(values)

    def find(self, entity: str, key: int | None) -> Row | None:
        """A record, or nothing."""
        return None if key is None else self._rows[entity].get(key)

    def rows(self, entity: str) -> Collection[Row]:
        """All records of an entity."""
        return self._rows[entity].values()

    def by(self, entity: str, column: str) -> Mapping[int, list[Row]]:
        """The records of an entity by what a column of theirs holds."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self._rows[entity].values():
            if row[column] is not None:
                found[row[column]].append(row)
        return found

    def once(self, entity: str, name: str, values: Mapping[str, Any]) -> int:
        """The key of what has this name, which is added where it was not there yet."""
        known = self.key(entity, name)
        if known is None:
            known = self.add(entity, None, values)
            self.name(entity, name, known)
        return known

    def currency(self, code: str) -> int:
        """The key of a currency."""
        return self.once("currency", code, {"curr_symbol": code})

    def done(self) -> None:
        """Write everything, and let new records go on behind it."""
        for entity, rows in self._rows.items():
            self._to.put(entity, list(rows.values()))
            self._world.reserve(KEYS.format(entity), max(rows, default=0))
