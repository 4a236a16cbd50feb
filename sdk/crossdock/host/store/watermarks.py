"""How far each change feed was read, and which of them are said to have news."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.host.store.schema import watermarks

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_HINT: Final = "hint"  # of a system, not of one of its feeds: a row like theirs


class Watermarks:
    """The cursor of each system's feeds; opaque, of the system's own making."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cursor(self, system: str, feed: str = "changes") -> str | None:
        """Give where to go on reading; `None` for a feed that was never read."""
        with self._store.reading() as connection:
            return connection.scalar(
                sa.select(watermarks.c.cursor).where(
                    watermarks.c.system == system, watermarks.c.feed == feed
                )
            )

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
            place = (watermarks.c.system == system) & (watermarks.c.feed == feed)
            values = {"cursor": cursor, "moved_at": self._store.clock()}
            if writing.execute(sa.update(watermarks).where(place).values(values)).rowcount == 0:
                writing.execute(sa.insert(watermarks).values(system=system, feed=feed, **values))

    def hint(self, system: str) -> None:
        """Say that a system may have news, so that its feeds are read at once."""
        self.move(system, uuid.uuid4().hex, _HINT)

    def hinted(self, system: str) -> str | None:
        """Give the mark of the last hint: another one than before means that one came."""
        return self.cursor(system, _HINT)
