"""Salesforce's change feed, made of queries by `SystemModstamp`, the recycle bin included.

A change shows when its transaction commits, which is later than its stamp says, so the watermark
stays behind: what lies in between is told once by id and version. A line's change is told as that
of its quote or order. What was emptied out of the recycle bin before it was seen there is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.ports import Changes
from crossdock.records import Change

ENTITIES: Final = {
    "Account": "account",
    "Contact": "contact",
    "Opportunity": "opportunity",
    "Quote": "quote",
    "Order": "order",
}
_LINES: Final = {"QuoteLineItem": "QuoteId", "OrderItem": "OrderId"}
_OWNERS: Final = {"QuoteLineItem": "quote", "OrderItem": "order"}
_LIMIT: Final = 200
#: What Salesforce merges; the one that goes is deleted, and names the one that stays.
_MERGED: Final = frozenset({"Account", "Contact"})
_GONE: Final = "/deleted/"
_BEGINNING: Final = datetime(1999, 3, 8, tzinfo=UTC)  # Salesforce is not older


class Feed:
    """Reads what changed in an organization.

    Args:
        system: the configured name of the CRM.
        org: the organization.
        lag: the longest that a transaction takes.
    """

    def __init__(self, system: str, org: Org, *, lag: timedelta) -> None:
        self._org = org
        sources = [
            Source(entity=entity, name=kind, list_since=self._listing(kind))
            for kind, entity in ENTITIES.items()
        ]
        # A line's id in a change is "<line>/<document>" until the change is told.
        sources += [
            Source(entity=kind, name=kind, list_since=self._listing(kind, owner))
            for kind, owner in _LINES.items()
        ]
        clockwork = Clockwork(lag=lag, precision=timedelta(seconds=1))
        self._since = Since(system, sources, clockwork, beginning=_BEGINNING, remembered=2_000)

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read the feed on from a cursor; see `CrmPort.changes`."""
        read = self._since.changes(cursor, limit=min(limit, _LIMIT))
        read = evolve(read, changes=tuple(map(_with_successor, read.changes)))
        if not any(change.entity in _OWNERS for change in read.changes):
            return read
        told: dict[tuple[str, str], Change] = {}
        for change in read.changes:
            _, _, document_id = change.id.partition("/")
            entity = _OWNERS[change.entity]
            told[entity, document_id] = evolve(
                change,
                entity=entity,
                id=document_id,
                action="updated",
                version=f"{change.version}/line",
            )
        found = list(told.values())
        found[-1] = evolve(found[-1], cursor=read.cursor)
        return evolve(read, changes=tuple(found))

    def _listing(self, kind: str, owner: str = "") -> Callable[[datetime, int, int], Listed]:
        fields = ["Id", "SystemModstamp", "CreatedDate", "IsDeleted", *filter(None, [owner])]
        if kind in _MERGED:
            fields.append("MasterRecordId")

        def modified(row: Row) -> Modified:
            at = values.instant(row, "SystemModstamp")
            gone = values.truth(row, "IsDeleted")
            new = values.instant(row, "CreatedDate") == at
            master = values.text(row, "MasterRecordId") if gone and kind in _MERGED else ""
            return Modified(
                id=f"{text(row, 'Id')}/{text(row, owner)}" if owner else text(row, "Id"),
                at=at,
                version=at.isoformat(timespec="milliseconds") + (_GONE if gone else "") + master,
                action="deleted" if gone else "created" if new else "updated",
            )

        def since(at: datetime, skip: int, limit: int) -> Listed:
            # Skipped here and not by OFFSET, which ends at two thousand: one load of data may
            # change more than that in one second.
            rows = self._org.select(
                fields,
                kind,
                where=f"SystemModstamp >= {soql.literal(at)}",
                order="SystemModstamp, Id",
                limit=skip + limit,
                deleted=True,
            )
            found = tuple(self._org.read(row, modified) for row in rows[skip:])
            # Salesforce tells its time nowhere; it is not earlier than what it shows.
            return Listed(rows=found, server_time=found[-1].at if found else at)

        return since


def _with_successor(change: Change) -> Change:
    """Give a record that was merged the one that goes on in its place."""
    version, gone, master = change.version.partition(_GONE)
    return evolve(change, version=f"{version}/deleted", successor=master) if gone else change
