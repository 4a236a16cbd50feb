"""Each ERP document as it was last seen, so that an event can say what it was before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crossdock.host.store.schema import documents
from crossdock.records import Document
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.store.store import Store


class Documents:
    """The last seen state of orders, shipments, invoices, credit notes, payments and returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last_seen(self, system: str, entity: str, document_id: str) -> Document | None:
        """Give a document as it was last seen; `None` for one that was never seen or is gone."""
        with self._store.reading() as connection:
            state = connection.scalar(
                sa.select(documents.c.state).where(_at(system, entity, document_id))
            )
        if state is None:
            return None
        document: Document = from_plain(json.loads(state))
        return document

    def see(
        self,
        system: str,
        entity: str,
        document_id: str,
        document: Document | None,
        *,
        version: str = "",
        connection: sa.Connection | None = None,
    ) -> None:
        """Remember a document's state; `None` forgets one that was deleted."""
        with self._store.writing(connection) as writing:
            place = _at(system, entity, document_id)
            if document is None:
                writing.execute(sa.delete(documents).where(place))
                return
            values = {
                "version": version,
                "state": json.dumps(to_plain(document), ensure_ascii=False),
                "seen_at": self._store.clock(),
            }
            if writing.execute(sa.update(documents).where(place).values(values)).rowcount == 0:
                writing.execute(
                    sa.insert(documents).values(
                        system=system, entity=entity, id=document_id, **values
                    )
                )


def _at(system: str, entity: str, document_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        documents.c.system == system,
        documents.c.entity == entity,
        documents.c.id == document_id,
    )
