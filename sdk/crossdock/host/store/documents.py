"""Each ERP document as it was last seen, so that an event can say what it was before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.host.store.schema import documents
from crossdock.records import Document
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

# Put together once, as building a statement costs more than running it.
_PLACE: Final = sa.and_(
    documents.c.system == sa.bindparam("of_system"),
    documents.c.entity == sa.bindparam("of_entity"),
    documents.c.id == sa.bindparam("of_id"),
)
_STATE: Final = sa.select(documents.c.state).where(_PLACE)
_FORGET: Final = sa.delete(documents).where(_PLACE)
_UPDATE: Final = (
    sa.update(documents)
    .where(_PLACE)
    .values({name: sa.bindparam(name) for name in ("version", "state", "seen_at")})
)
_INSERT: Final = sa.insert(documents)


class Documents:
    """The last seen state of orders, shipments, invoices, credit notes, payments and returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last_seen(self, system: str, entity: str, document_id: str) -> Document | None:
        """Give a document as it was last seen; `None` for one that was never seen or is gone."""
        with self._store.reading() as connection:
            state = connection.scalar(_STATE, _at(system, entity, document_id))
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
                writing.execute(_FORGET, place)
                return
            values = {
                "version": version,
                "state": json.dumps(to_plain(document), ensure_ascii=False),
                "seen_at": self._store.clock(),
            }
            if writing.execute(_UPDATE, {**place, **values}).rowcount == 0:
                known = {"system": system, "entity": entity, "id": document_id}
                writing.execute(_INSERT, {**known, **values})


def _at(system: str, entity: str, document_id: str) -> dict[str, str]:
    return {"of_system": system, "of_entity": entity, "of_id": document_id}
