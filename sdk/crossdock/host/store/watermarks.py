"""How far each change feed was read, and which of them are said to have news."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.host.store.schema import watermarks

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_BEGAN: Final = "began"
_HINT: Final = "hint"  # of a system, not of one of its feeds: a row like theirs

# Put together once, as building a statement costs more than running it.
_PLACE: Final = sa.and_(
    watermarks.c.system == sa.bindparam("of_system"), watermarks.c.feed == sa.bindparam("of_feed")
)
_CURSOR: Final = sa.select(watermarks.c.cursor).where(_PLACE)
_MOVE: Final = (
    sa.update(watermarks)
    .where(_PLACE)
    .values(cursor=sa.bindparam("cursor"), moved_at=sa.bindparam("moved_at"))
)
_INSERT: Final = sa.insert(watermarks)


class Watermarks:
    """The cursor of each system's feeds; opaque, of the system's own making."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cursor(self, system: str, feed: str = "changes") -> str | None:
        """Give where to go on reading; `None` for a feed that was never read."""
        with self._store.reading() as connection:
            return connection.scalar(_CURSOR, {"of_system": system, "of_feed": feed})

    def move(
        self,
        system: str,
        cursor: str,
        feed: str = "changes",
        *,
        connection: sa.Connection | None = None,
    ) -> None:
        """Remember where to go on, in the transaction that wrote what was read up to there."""
        with self._store.writing(connection) as writing:
            place = {"of_system": system, "of_feed": feed}
            values = {"cursor": cursor, "moved_at": self._store.clock()}
            if writing.execute(_MOVE, {**place, **values}).rowcount == 0:
                writing.execute(_INSERT, {"system": system, "feed": feed, **values})

    def began(self, system: str, now: datetime | None = None) -> datetime:
        """Give when a host of this store first had to do with a system; from now on, if it is new.

        What a feed tells of earlier was not of this store's making.

        Args:
            system: the configured name.
            now: the instant that counts as now; the store's where left out.
        """
        mark = self.cursor(system, _BEGAN)
        if mark is None:
            mark = (now or self._store.clock()).isoformat()
            self.move(system, mark, _BEGAN)
        return datetime.fromisoformat(mark)

    def hint(self, system: str) -> None:
        """Say that a system may have news, so that its feeds are read at once."""
        self.move(system, uuid.uuid4().hex, _HINT)

    def hinted(self, system: str) -> str | None:
        """Give the mark of the last hint: another one than before means that one came."""
        return self.cursor(system, _HINT)
