"""HubSpot's change feed, made of searches by last change.

A search shows what was written a few seconds ago late, so the watermark stays behind: what lies in
between is told once by id and version, and again only where it changed. A line item belongs to a
quote or an order, so its change is told as theirs; one that was taken away no longer says whose it
was, and is seen when the document is next read. Archived objects are in no search: they are
listed now and then, which HubSpot does for ninety days. An account or contact that was merged into
another one is told as deleted, with the one that goes on: HubSpot answers with that for the old id
(its developer changelog, "Updated merge functionality for contacts and companies").
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve

from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object, Portal
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.errors import NotFound
from crossdock.ports import Changes
from crossdock.records import Change

ENTITIES: Final = {
    "companies": "account",
    "contacts": "contact",
    "deals": "opportunity",
    "quotes": "quote",
    "orders": "order",
}
_MERGED: Final = {"account": "companies", "contact": "contacts"}
_LINES: Final = "line_items"
_OWNERS_OF_LINES: Final = ("quotes", "orders")
_MODIFIED: Final = {"contacts": "lastmodifieddate"}
_MOST_FOUND: Final = 10_000
_LIMIT: Final = 200
_BEGINNING: Final = datetime(2006, 1, 1, tzinfo=UTC)  # HubSpot is not older


class Feed:
    """Reads what changed in a portal.

    Args:
        system: the configured name of the CRM.
        portal: the portal.
        lag: the longest time until a search shows a change.
        archived_seconds: how often archived objects are listed.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        system: str,
        portal: Portal,
        *,
        lag: timedelta,
        archived_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._portal = portal
        self._archived_seconds = archived_seconds
        self._clock = clock
        self._listed_at: dict[str, float] = {}
        changed = [
            Source(entity=entity, name=kind, list_since=self._searching(kind))
            for kind, entity in (*ENTITIES.items(), (_LINES, _LINES))
        ]
        archived = [
            Source(entity=entity, name=f"archived {kind}", list_since=self._listing(kind))
            for kind, entity in ENTITIES.items()
        ]
        clockwork = Clockwork(lag=lag, precision=timedelta(milliseconds=1))
        self._since = Since(
            system, [*changed, *archived], clockwork, beginning=_BEGINNING, remembered=2_000
        )

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read the feed on from a cursor; see `CrmPort.changes`."""
        read = self._since.changes(cursor, limit=min(limit, _LIMIT))
        read = evolve(read, changes=tuple(map(self._succeeded, read.changes)))
        if not any(change.entity == _LINES for change in read.changes):
            return read
        return evolve(read, changes=self._of_documents(read.changes, read.cursor))

    def _succeeded(self, change: Change) -> Change:
        """Name the record that goes on where one was merged."""
        kind = _MERGED.get(change.entity)
        if change.action != "deleted" or kind is None:
            return change
        try:
            now = self._portal.get(kind, change.id, ()).id
        except NotFound:
            return change
        return evolve(change, successor=now if now != change.id else "")

    def _of_documents(self, changes: Sequence[Change], cursor: str) -> tuple[Change, ...]:
        """Tell changes of line items as changes of the documents that they are on."""
        owners = {
            kind: self._portal.associated_many(_LINES, [each.id for each in changes], kind)
            for kind in _OWNERS_OF_LINES
        }
        told: dict[tuple[str, str], Change] = {}
        for change in changes:
            for kind, of_line in owners.items():
                for document_id in of_line.get(change.id, ()):
                    entity = ENTITIES[kind]
                    told[entity, document_id] = evolve(
                        change, entity=entity, id=document_id, version=f"{change.version}/line"
                    )
        found = list(told.values())
        if found:
            found[-1] = evolve(found[-1], cursor=cursor)
        return tuple(found)

    def _searching(self, kind: str) -> Callable[[datetime, int, int], Listed]:
        modified = _MODIFIED.get(kind, "hs_lastmodifieddate")

        def since(at: datetime, skip: int, limit: int) -> Listed:
            # What a search may skip ends at ten thousand, which is more than an instant's changes.
            size = min(limit, _MOST_FOUND - skip)
            found = self._portal.search(
                kind,
                [[{"propertyName": modified, "operator": "GTE", "value": _milliseconds(at)}]],
                (modified,),
                sort=modified,
                after=str(skip) if skip else None,
                limit=size,
            )
            rows = sorted((_modified(each, modified) for each in found.objects), key=_in_order)
            newest = rows[-1].at if rows else at
            # HubSpot tells its time nowhere; it is not earlier than what it shows.
            return Listed(rows=tuple(rows), server_time=newest)

        return since

    def _listing(self, kind: str) -> Callable[[datetime, int, int], Listed]:
        def since(at: datetime, skip: int, limit: int) -> Listed:
            before = self._listed_at.get(kind)
            now = self._clock()
            if before is not None and now - before < self._archived_seconds and not skip:
                return Listed(rows=(), server_time=at)
            rows = sorted(
                (
                    Modified(id=each.id, at=gone, version="archived", action="deleted")
                    for each in self._archived(kind)
                    if (gone := each.archived_at or each.updated_at) >= at
                ),
                key=_in_order,
            )
            page = tuple(rows[skip : skip + limit])
            if len(page) < limit:
                self._listed_at[kind] = now
            return Listed(rows=page, server_time=page[-1].at if page else at)

        return since

    def _archived(self, kind: str) -> list[Object]:
        found: list[Object] = []
        after: str | None = None
        while True:
            page = self._portal.page(kind, (), after=after, limit=100, archived=True)
            found += page.objects
            after = page.after
            if after is None:
                return found


def _modified(found: Object, name: str) -> Modified:
    at = found.read(lambda each: values.instant_or_none(each.properties, name))
    at = at or found.updated_at
    action = "created" if abs(at - found.created_at) < timedelta(milliseconds=1) else "updated"
    return Modified(
        id=found.id,
        at=at,
        version=at.isoformat(timespec="milliseconds"),
        action="created" if action == "created" else "updated",
    )


def _in_order(row: Modified) -> tuple[datetime, int]:
    return row.at, int(row.id)


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
