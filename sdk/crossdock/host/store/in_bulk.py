"""Links, agreed states, conflicts and creations of many records, read and written at once.

What is said of one record costs a statement and a transaction; of a hundred it costs the same.
Each function is part of its caller's transaction. Statements are put together once, as putting
one together costs more than sending it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import evolve
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.links import Link, link_of
from crossdock.host.store.schema import links
from crossdock.host.store.schema_sync import sync_conflicts, sync_creations, sync_pairs
from crossdock.host.store.sync_conflicts import conflict_of
from crossdock.host.store.sync_creations import KEY, Creation, creation_of, written_evidence
from crossdock.host.store.sync_pairs import pair_of, written_values
from crossdock.records import SyncConflict, SyncPair

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_ALL: Final = 500  # ids in one statement

_LINKS_OF_ACCOUNTS: Final = (
    sa.select(links)
    .where(
        links.c.crm_system == sa.bindparam("crm"),
        links.c.account_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(links.c.id)
)
_LINKS_OF_CUSTOMERS: Final = (
    sa.select(links)
    .where(
        links.c.crm_system == sa.bindparam("crm"),
        links.c.erp_system == sa.bindparam("erp"),
        links.c.customer_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(links.c.id)
)
_PAIRS: Final = sa.select(sync_pairs).where(
    sync_pairs.c.entity == sa.bindparam("entity"),
    sync_pairs.c.crm_system == sa.bindparam("crm"),
    sync_pairs.c.erp_system == sa.bindparam("erp"),
    sync_pairs.c.erp_id.in_(sa.bindparam("ids", expanding=True)),
)
_CONFLICTS: Final = (
    sa.select(sync_conflicts)
    .where(
        sync_conflicts.c.entity == sa.bindparam("entity"),
        sync_conflicts.c.crm_system == sa.bindparam("crm"),
        sync_conflicts.c.erp_system == sa.bindparam("erp"),
        sync_conflicts.c.erp_id.in_(sa.bindparam("ids", expanding=True)),
        sync_conflicts.c.state.in_(("open", "decided")),
    )
    .order_by(sync_conflicts.c.id)
)
_CREATIONS: Final = sa.select(sync_creations).where(
    sync_creations.c.entity == sa.bindparam("entity"),
    sync_creations.c.from_system == sa.bindparam("source"),
    sync_creations.c.to_system == sa.bindparam("target"),
    sync_creations.c.from_id.in_(sa.bindparam("ids", expanding=True)),
)
_AS_IT_WAS: Final = (
    *(sync_creations.c[name] == sa.bindparam(f"of_{name}") for name in KEY),
    sync_creations.c.state == sa.bindparam("was_state"),
    sync_creations.c.changed_at == sa.bindparam("was_changed_at"),
)
_MADE: Final = (
    sa.update(sync_creations)
    .where(*_AS_IT_WAS)
    .values(
        state="made",
        made_id=sa.bindparam("now_made_id"),
        evidence=sa.bindparam("now_evidence"),
        changed_at=sa.bindparam("now_changed_at"),
    )
)
_SENT: Final = (
    sa.update(sync_creations)
    .where(*_AS_IT_WAS)
    .values(
        state="sent",
        evidence=sa.bindparam("now_evidence"),
        sent_at=sa.bindparam("now_changed_at"),
        changed_at=sa.bindparam("now_changed_at"),
    )
)
_AGREED: Final = ("crm_id", "crm_values", "erp_values", "crm_version", "erp_version", "agreed_at")


class InBulk:
    """What a store knows of many records of two systems."""

    def __init__(self, store: Store) -> None:
        self._store = store
        insert = postgresql.insert if store.shared else sqlite.insert
        self._link = insert(links).on_conflict_do_nothing()
        self._intend = insert(sync_creations).on_conflict_do_nothing()
        agree = insert(sync_pairs)
        self._agree = agree.on_conflict_do_update(
            index_elements=["entity", "erp_system", "erp_id", "crm_system"],
            set_={name: agree.excluded[name] for name in _AGREED},
        )

    # The cross-reference.

    def links_of_accounts(
        self, connection: sa.Connection, crm_system: str, account_ids: Collection[str]
    ) -> list[Link]:
        """List the links of accounts."""
        rows = _rows(connection, _LINKS_OF_ACCOUNTS, account_ids, crm=crm_system)
        return [link_of(row) for row in rows]

    def links_of_customers(
        self,
        connection: sa.Connection,
        crm_system: str,
        erp_system: str,
        customer_ids: Collection[str],
    ) -> list[Link]:
        """List the links of an ERP's customers."""
        rows = _rows(connection, _LINKS_OF_CUSTOMERS, customer_ids, crm=crm_system, erp=erp_system)
        return [link_of(row) for row in rows]

    def link(self, connection: sa.Connection, wanted: Sequence[Link]) -> None:
        """Make links; one whose customer has a link already is left as it is."""
        now = self._store.clock()
        if wanted:
            rows = [
                {
                    "crm_system": each.crm_system,
                    "account_id": each.account_id,
                    "erp_system": each.erp_system,
                    "customer_id": each.customer_id,
                    "is_default": each.default,
                    "evidence": each.evidence,
                    "created_at": now,
                    "modified_at": now,
                }
                for each in wanted
            ]
            connection.execute(self._link, rows)

    # What both agreed on, and what is for a person.

    def pairs(
        self,
        connection: sa.Connection,
        entity: str,
        crm_system: str,
        erp_system: str,
        erp_ids: Collection[str],
    ) -> list[SyncPair]:
        """List the pairs of records of an ERP."""
        rows = _rows(connection, _PAIRS, erp_ids, entity=entity, crm=crm_system, erp=erp_system)
        return [pair_of(row) for row in rows]

    def agree(self, connection: sa.Connection, pairs: Iterable[SyncPair]) -> None:
        """Keep what both sides of accounts have; of a pair that comes twice the last one counts."""
        now = self._store.clock()
        rows = [
            {
                "entity": each.entity,
                "crm_system": each.crm_system,
                "crm_id": each.crm_id,
                "erp_system": each.erp_system,
                "erp_id": each.erp_id,
                "crm_values": written_values(each.crm_values),
                "erp_values": written_values(each.erp_values),
                "crm_version": each.crm_version,
                "erp_version": each.erp_version,
                "agreed_at": now,
            }
            for each in pairs
        ]
        if rows:
            connection.execute(self._agree, rows)

    def conflicts(
        self,
        connection: sa.Connection,
        entity: str,
        crm_system: str,
        erp_system: str,
        erp_ids: Collection[str],
    ) -> list[SyncConflict]:
        """List what is not closed of records of an ERP."""
        rows = _rows(connection, _CONFLICTS, erp_ids, entity=entity, crm=crm_system, erp=erp_system)
        return [conflict_of(row) for row in rows]

    # What is made.

    def creations(
        self,
        connection: sa.Connection,
        entity: str,
        from_system: str,
        to_system: str,
        from_ids: Collection[str],
    ) -> list[Creation]:
        """List what is known of records that are made of others."""
        rows = _rows(
            connection, _CREATIONS, from_ids, entity=entity, source=from_system, target=to_system
        )
        return [creation_of(row) for row in rows]

    def intend(self, connection: sa.Connection, creations: Sequence[Creation]) -> None:
        """Write that records are about to be made; what is known of one already is left alone."""
        if creations:
            rows = [
                {
                    **{name: getattr(each, name) for name in KEY},
                    "idempotency_key": each.key,
                    "state": each.state,
                    "made_id": "",
                    "evidence": written_evidence(each.evidence),
                    "intended_at": each.intended_at,
                    "sent_at": each.sent_at,
                    "changed_at": each.changed_at,
                }
                for each in creations
            ]
            connection.execute(self._intend, rows)

    def send(self, creation: Creation) -> Creation | None:
        """Write that one is sent now, in a transaction of its own.

        Returns:
            As it is now; `None` where somebody else changed it meanwhile.
        """
        now = self._store.clock()
        sent = evolve(
            creation,
            state="sent",
            evidence=(*creation.evidence, (now, "sent")),
            sent_at=now,
            changed_at=now,
        )
        with self._store.writing() as connection:
            found = connection.execute(_SENT, _move(creation, sent))
        return sent if found.rowcount else None

    def made(self, connection: sa.Connection, made: Sequence[tuple[Creation, str]]) -> None:
        """Write that records were made, where they still are as they were.

        Args:
            connection: of the caller's transaction.
            made: as each was, and the new record's id.
        """
        now = self._store.clock()
        if made:
            rows = [
                _move(
                    each,
                    evolve(
                        each,
                        evidence=(*each.evidence, (now, f"made: {made_id}")),
                        made_id=made_id,
                        changed_at=now,
                    ),
                )
                | {"now_made_id": made_id}
                for each, made_id in made
            ]
            connection.execute(_MADE, rows)


def _move(was: Creation, now: Creation) -> dict[str, Any]:
    return {
        **{f"of_{name}": getattr(was, name) for name in KEY},
        "was_state": was.state,
        "was_changed_at": was.changed_at,
        "now_evidence": written_evidence(now.evidence),
        "now_changed_at": now.changed_at,
    }


def _rows(
    connection: sa.Connection, statement: sa.Select[Any], ids: Collection[str], **names: str
) -> Iterator[sa.Row[Any]]:
    """Give what a statement finds of some ids, a few hundred of them at once."""
    distinct = list(dict.fromkeys(ids))
    for first in range(0, len(distinct), _ALL):
        yield from connection.execute(statement, {**names, "ids": distinct[first : first + _ALL]})
