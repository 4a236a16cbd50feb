"""Which record of the CRM is which of an ERP, and what both had when they last agreed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.errors import LinkConflict
from crossdock.host.store.links import Link, link_of
from crossdock.host.store.schema import links
from crossdock.host.store.schema_sync import sync_pairs as pairs
from crossdock.records import SyncPair

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_NAMES = ("entity", "crm_system", "crm_id", "erp_system", "erp_id")


class SyncPairs:
    """The agreed states.

    A record of an ERP is in one pair at most; a record of a CRM is in one for each ERP, besides
    accounts, of which one may be several customers.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._insert = postgresql.insert if store.shared else sqlite.insert

    def of(
        self, entity: str, system: str, record_id: str, *, connection: sa.Connection | None = None
    ) -> tuple[SyncPair, ...]:
        """List the pairs that a record of either side is in."""
        where = sa.and_(
            pairs.c.entity == entity,
            sa.or_(
                sa.and_(pairs.c.crm_system == system, pairs.c.crm_id == record_id),
                sa.and_(pairs.c.erp_system == system, pairs.c.erp_id == record_id),
            ),
        )
        return self._read(where, connection)

    def list(self, entity: str, *, after: int = 0, limit: int = 500) -> tuple[SyncPair, ...]:
        """List pairs in the order in which they were made.

        Args:
            entity: of which kind.
            after: how many to leave out.
            limit: how many at most.
        """
        statement = (
            sa.select(pairs).where(pairs.c.entity == entity).order_by(pairs.c.id)
            .limit(limit).offset(after)
        )  # fmt: skip
        with self._store.reading() as connection:
            return tuple(map(pair_of, connection.execute(statement)))

    def unmet(self, crm_system: str, *, limit: int) -> tuple[Link, ...]:
        """List the default links whose account and customer never agreed on anything."""
        met = sa.exists().where(
            pairs.c.entity == "account",
            pairs.c.crm_system == links.c.crm_system,
            pairs.c.crm_id == links.c.account_id,
            pairs.c.erp_system == links.c.erp_system,
            pairs.c.erp_id == links.c.customer_id,
        )
        statement = (
            sa.select(links)
            .where(links.c.crm_system == crm_system, links.c.is_default, links.c.lost == "", ~met)
            .order_by(links.c.id)
            .limit(limit)
        )
        with self._store.reading() as connection:
            return tuple(map(link_of, connection.execute(statement)))

    def agree(self, pair: SyncPair, *, connection: sa.Connection | None = None) -> None:
        """Keep what both sides of a pair have.

        Raises:
            LinkConflict: the CRM's record is another one of that ERP already.
        """
        values = {
            "crm_id": pair.crm_id,
            "crm_values": written_values(pair.crm_values),
            "erp_values": written_values(pair.erp_values),
            "crm_version": pair.crm_version,
            "erp_version": pair.erp_version,
            "agreed_at": self._store.clock(),
        }
        try:
            with self._store.writing(connection) as writing:
                writing.execute(
                    self._insert(pairs)
                    .values(
                        entity=pair.entity,
                        crm_system=pair.crm_system,
                        erp_system=pair.erp_system,
                        erp_id=pair.erp_id,
                        **values,
                    )
                    .on_conflict_do_update(
                        index_elements=["entity", "erp_system", "erp_id", "crm_system"],
                        set_=values,
                    )
                )
        except sa.exc.IntegrityError as taken:
            raise LinkConflict(
                f"{pair.entity} {pair.crm_id} of {pair.crm_system} is another one of "
                f"{pair.erp_system} already, so it cannot be {pair.erp_id} too"
            ) from taken

    def forget(self, pair: SyncPair, *, connection: sa.Connection | None = None) -> bool:
        """Take a pair apart; says whether there was one."""
        with self._store.writing(connection) as writing:
            gone = writing.execute(
                sa.delete(pairs).where(*(pairs.c[n] == getattr(pair, n) for n in _NAMES))
            )
        return gone.rowcount > 0

    def _read(
        self, where: sa.ColumnElement[bool], connection: sa.Connection | None
    ) -> tuple[SyncPair, ...]:
        statement = sa.select(pairs).where(where).order_by(pairs.c.id)
        if connection is not None:
            return tuple(map(pair_of, connection.execute(statement)))
        with self._store.reading() as fresh:
            return tuple(map(pair_of, fresh.execute(statement)))


def written_values(values: Any) -> str:
    """Write the values of one side as the store keeps them."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def pair_of(row: sa.Row[*tuple[Any, ...]]) -> SyncPair:
    """Read a pair out of its row."""
    return SyncPair(
        **{name: getattr(row, name) for name in _NAMES},
        crm_values=json.loads(row.crm_values),
        erp_values=json.loads(row.erp_values),
        crm_version=row.crm_version,
        erp_version=row.erp_version,
        agreed_at=row.agreed_at,
    )
