"""Whose records in a remote system changed a moment ago, so that no host shows what it read before.

One row for each customer that ever had news; what was told longer ago than a host keeps answers is
of no use to it, and is not asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.schema import news

if TYPE_CHECKING:
    from crossdock.host.store.store import Store


@frozen
class Heard:
    """Something of a system changed.

    Attributes:
        about: whose it is, in the system's own words, such as a customer's number.
        told_at: when this store was told, by its clock.
    """

    system: str
    about: str
    told_at: datetime


class News:
    """The last instant at which each customer of each system had news."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._insert = postgresql.insert if store.shared else sqlite.insert

    def tell(self, system: str, about: str, *, connection: sa.Connection | None = None) -> None:
        """Note that something changed, in the transaction that tells of it."""
        now = self._store.clock()
        told = self._insert(news).values(system=system, about=about, told_at=now)
        once = told.on_conflict_do_update(
            index_elements=[news.c.system, news.c.about], set_={"told_at": now}
        )
        with self._store.writing(connection) as writing:
            writing.execute(once)

    def since(self, instant: datetime) -> tuple[Heard, ...]:
        """Give what was told at an instant or later."""
        with self._store.reading() as connection:
            rows = connection.execute(_SINCE, {"instant": instant}).all()
        return tuple(Heard(row.system, row.about, row.told_at) for row in rows)


# Asked before each view, so it is put together once.
_SINCE = sa.select(news.c.system, news.c.about, news.c.told_at).where(
    news.c.told_at >= sa.bindparam("instant", type_=news.c.told_at.type)
)
