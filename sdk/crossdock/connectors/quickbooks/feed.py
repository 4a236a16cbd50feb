"""QuickBooks' changes as one feed: change data capture, behind a safe watermark.

One call tells what changed in all lists since an instant, deletions too. It tells at most a
thousand entities of a kind and looks back thirty days; where that is not enough, each list is read
by the instant of its last change, page by page, which tells no deletions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.billing import received
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.customers import Numbering
from crossdock.connectors.quickbooks.orders import Placed
from crossdock.connectors.quickbooks.origin import origin_of
from crossdock.connectors.quickbooks.query import WITH_INACTIVE, Query, moment, time_of
from crossdock.connectors.quickbooks.wire import created_at, updated_at
from crossdock.connectors.reading import Row, each, optional_text, text
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.errors import RemoteRefused, RemoteRejectedData
from crossdock.ports import Changes
from crossdock.records import Change

_log: Final = logging.getLogger("crossdock.connectors")
#: Entities of a kind that change data capture tells at most.
TOLD_AT_MOST: Final = 1000
LOOKS_BACK: Final = timedelta(days=29)
#: In the order in which they are told where they changed in the same second: orders first.
ENTITIES: Final = (
    "Customer",
    "Item",
    "Estimate",
    "Invoice",
    "SalesReceipt",
    "CreditMemo",
    "Payment",
)
_NAMES: Final = frozenset({"Customer", "Item"})
_RECORDS: Final[Mapping[str, str]] = {
    "Customer": "trading_account",
    "Item": "item",
    "Estimate": "order",
    "Invoice": "invoice",
    "SalesReceipt": "invoice",
    "CreditMemo": "credit_note",
    "Payment": "payment",
}
CLOCK: Final = Clockwork(lag=timedelta(minutes=5), precision=timedelta(seconds=1), inclusive=False)
_LONG_AGO: Final = datetime(1970, 1, 2, tzinfo=UTC)


@frozen(kw_only=True)
class _Changed:
    """One entity as a list told it; `place` is its place among those of the same second."""

    entity: str
    place: int
    at: datetime
    row: Row


@frozen(kw_only=True)
class _OneList:
    """What one list told; `cut` where there may be more of it."""

    rows: tuple[_Changed, ...]
    cut: bool
    now: datetime


class Feed:
    """The change feed of one company.

    A feed that was never read begins at the moment at which it is first asked: QuickBooks keeps no
    record of what happened before, only when each entity was changed last.

    Args:
        company: whose.
        system: its configured name.
        numbering: what customers are known by.
        orders: what an order is here.
    """

    def __init__(self, company: Company, system: str, numbering: Numbering, orders: Placed) -> None:
        self._company = company
        self._system = system
        self._numbering = numbering
        self._orders: Placed = orders

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read on from a cursor."""
        beginning = _LONG_AGO if cursor else self._now() - CLOCK.lag
        source = Source(entity="", name="company", list_since=self._list)
        since = Since(self._system, (source,), CLOCK, beginning=beginning)
        found = since.changes(cursor, limit=limit)
        return evolve(found, changes=tuple(_named(found.changes)))

    def _now(self) -> datetime:
        """Ask QuickBooks what time it is, by a query of next to nothing."""
        return self._company.page(Query("Term"), lambda row: row, most=1)[1]

    def _list(self, since: datetime, skip: int, limit: int) -> Listed:
        captured, now, whole = self._captured(since)
        if whole:
            rows = self._told(captured)
        else:
            gone = [each for each in captured if _is_deleted(each.row)]
            rows, now = self._queried(since, gone, skip + limit)
        return Listed(rows=tuple(rows[skip : skip + limit]), server_time=now)

    def _told(self, changed: Iterable[_Changed]) -> list[Modified]:
        # Within a second the order of the lists stays, as the next page counts on it.
        in_order = sorted(changed, key=lambda one: (one.at, one.place))
        return [row for one in in_order for row in self._rows(one)]

    def _captured(self, since: datetime) -> tuple[list[_Changed], datetime, bool]:
        """Ask for changes of all kinds at once; says whether that is all there are."""
        try:
            answer = self._company.call(
                use.CHANGED,
                query={
                    "entities": ",".join(ENTITIES),
                    "changedSince": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                },
            )
        except (RemoteRefused, RemoteRejectedData) as refused:
            _log.warning(
                "%s does not tell what changed since %s, so what was deleted since then is not "
                "noticed: %s",
                self._system, since, refused,
            )  # fmt: skip
            return [], since, False

        def read(body: Row) -> tuple[list[_Changed], datetime, bool]:
            lists = [
                (entity, rows)
                for told in each(body, "CDCResponse", lambda response: response)
                for response in (each(told, "QueryResponse", lambda one: one) if told else ())
                for entity in ENTITIES
                if entity in response
                for rows in (each(response, entity, lambda row: row),)
            ]
            now = time_of(body)
            found = [one for entity, rows in lists for one in _changed(entity, rows)]
            full = any(len(rows) >= TOLD_AT_MOST for _, rows in lists)
            return found, now, not full and now - since <= LOOKS_BACK

        return self._company.remote.read(answer, read)

    def _queried(
        self, since: datetime, gone: Sequence[_Changed], wanted: int
    ) -> tuple[list[Modified], datetime]:
        """Read each list from an instant on, until there are `wanted` rows or no more."""
        most = wanted
        while True:
            lists = [self._one_list(entity, since, most) for entity in ENTITIES]
            # Behind where a list was cut off, another's rows may not be told yet.
            ends = [(each.rows[-1].at, each.rows[-1].place) for each in lists if each.cut]
            found = [one for each in lists for one in each.rows] + list(gone)
            if ends:
                found = [one for one in found if (one.at, one.place) <= min(ends)]
            rows = self._told(found)
            if not ends or len(rows) >= wanted:
                # The earliest answer: what is committed after it may be missing in it.
                return rows, min(each.now for each in lists)
            most *= 2  # much of what was read is no news, such as offers

    def _one_list(self, entity: str, since: datetime, most: int) -> _OneList:
        conditions = [f"MetaData.LastUpdatedTime >= {moment(since)}"]
        if entity in _NAMES:
            conditions.append(WITH_INACTIVE)
        query = Query(entity, tuple(conditions), "MetaData.LastUpdatedTime")
        rows: list[Row] = []
        times: list[datetime] = []
        while True:
            size = min(most - len(rows), TOLD_AT_MOST)
            page, now = self._company.page(query, lambda row: row, start=len(rows) + 1, most=size)
            times.append(now)
            rows += page
            cut = len(page) == size
            if not cut or len(rows) >= most:
                return _OneList(rows=tuple(_changed(entity, rows)), cut=cut, now=min(times))

    def _rows(self, one: _Changed) -> Iterator[Modified]:
        record, entity_id = _RECORDS[one.entity], text(one.row, "Id")
        if _is_deleted(one.row):
            yield Modified(id=f"{record}:{entity_id}", at=one.at, version="gone", action="deleted")
            if one.entity == "Invoice" and self._orders == "invoice":
                yield Modified(id=f"order:{entity_id}", at=one.at, version="gone", action="deleted")
            return
        version = f"{optional_text(one.row, 'SyncToken')}@{one.at.isoformat()}"
        is_new = created_at(one.row) == updated_at(one.row)
        row = Modified(
            id=f"{record}:{entity_id}",
            at=one.at,
            version=version,
            action="created" if is_new else "updated",
        )
        match one.entity:
            case "Customer":
                yield evolve(row, id=f"{record}:{self._numbering.of_row(one.row)}")
            case "Item":
                code = optional_text(one.row, "Sku").strip() or entity_id
                yield evolve(row, id=f"{record}:{code}")
            case "Estimate":
                # An offer that nobody accepted is no order.
                note = optional_text(one.row, "PrivateNote")
                pending = optional_text(one.row, "TxnStatus") in ("", "Pending")
                if self._orders == "estimate" and (not pending or origin_of(note)):
                    yield row
            case "Invoice":
                if self._orders == "invoice":
                    yield evolve(row, id=f"order:{entity_id}")
                yield row
            case "Payment":
                found = received(one.row, self._company.home)
                if found.is_money:
                    yield row
                for settled in found.settled:
                    # What became of a credit stands on the payment that uses it.
                    if settled.link.kind == "CreditMemo":
                        yield evolve(
                            row,
                            id=f"credit_note:{settled.link.id}@{entity_id}",
                            action="updated",
                        )
            case _:
                yield row


def _changed(entity: str, rows: Sequence[Row]) -> Iterator[_Changed]:
    for row in rows:
        yield _Changed(entity=entity, place=ENTITIES.index(entity), at=updated_at(row), row=row)


def _is_deleted(row: Row) -> bool:
    return row.get("status") == "Deleted"


def _named(changes: Sequence[Change]) -> Iterator[Change]:
    """Give each change the record that it is of: one list told of all kinds."""
    for change in changes:
        entity, _, told = change.id.partition(":")
        yield evolve(change, entity=entity, id=told.partition("@")[0])
