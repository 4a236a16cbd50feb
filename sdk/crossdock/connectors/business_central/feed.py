"""What changed in a company, read list by list from a watermark of last changes.

A posted invoice is told as a change of its order too, since that is gone by then, or paid when the
invoice is. Business Central tells no deletions: the numbers of open orders are compared now and
then. Payments that are posted are shown by nothing, besides the invoices that they settle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.documents import POSTED
from crossdock.connectors.business_central.odata import Query, every, since_instant, unlike
from crossdock.connectors.business_central.wire import ETAG
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, instant, text
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.connectors.since.cursor import Place, written
from crossdock.connectors.since.window import Window
from crossdock.ports import Changes
from crossdock.records import Change

_MODIFIED: Final = "lastModifiedDateTime"
_LONG_AGO: Final = datetime(1970, 1, 2, tzinfo=UTC)


@frozen(kw_only=True)
class _List:
    """One list that is read.

    Attributes:
        name: tells lists of one entity apart.
        of_order: whether its rows are told as changes of the orders that they name.
    """

    entity: str
    operation: Operation
    name: str = ""
    condition: str = ""
    of_order: bool = False

    @property
    def number(self) -> str:
        return "orderNumber" if self.of_order else "number"


_LISTS: Final = (
    _List(entity="trading_account", operation=use.CUSTOMERS),
    _List(entity="item", operation=use.ITEMS),
    _List(entity="shipment", operation=use.SHIPMENTS),
    _List(entity="invoice", operation=use.INVOICES, condition=POSTED),
    _List(
        entity="order",
        operation=use.INVOICES,
        name="invoiced orders",
        condition=every(POSTED, unlike("orderNumber", "")),
        of_order=True,
    ),
    _List(entity="credit_note", operation=use.CREDIT_MEMOS, condition=POSTED),
    # Last, so that what was done to an order is told before what has become of it.
    _List(entity="order", operation=use.ORDERS),
)


class Feed:
    """The change feed of one company.

    A feed that was never read begins at the moment at which it is first asked.

    Args:
        company: whose.
        system: its configured name.
        lag: the longest time until a list shows a change: the longest transaction.
        compared_every: how often the numbers of open orders are compared.
    """

    def __init__(
        self, company: Company, system: str, *, lag: timedelta, compared_every: timedelta
    ) -> None:
        self._company = company
        self._system = system
        self._clock = Clockwork(lag=lag, precision=timedelta(milliseconds=1))
        self._compared_every = compared_every

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read on from a cursor."""
        sources = [
            Source(
                entity=each.entity,
                name=each.name,
                list_since=self._listing(each),
                list_ids=self._open_orders if each.operation is use.ORDERS else None,
            )
            for each in _LISTS
        ]
        if cursor is None:
            # Each list begins now, also those whose turn comes later.
            begun = Window.beginning(self._clock.floor(self._now() - self._clock.lag))
            cursor = written(Place(windows={source.key: begun for source in sources}))
        since = Since(self._system, sources, self._clock, sweep=self._compared_every)
        found = since.changes(cursor, limit=limit)
        return evolve(found, changes=tuple(_named(found.changes)))

    def _now(self) -> datetime:
        """Ask what time it is there: by an answer's own time, or the latest change of anything."""
        told = self._company.page(use.PAYMENT_TERMS, Query(select="code"), top=1).now
        if told is not None:
            return told
        query = Query(order=f"{_MODIFIED} desc", select=_MODIFIED)
        latest = [
            instant(row, _MODIFIED)
            for each in _LISTS
            for row in self._company.page(each.operation, query, top=1).rows
        ]
        return max(latest, default=_LONG_AGO + self._clock.lag)

    def _listing(self, of: _List) -> Callable[[datetime, int, int], Listed]:
        def since(at: datetime, skip: int, limit: int) -> Listed:
            query = Query(
                filter=every(of.condition, since_instant(_MODIFIED, at)),
                order=f"{_MODIFIED},number",
                select=f"{of.number},number,{_MODIFIED}" if of.of_order else f"number,{_MODIFIED}",
            )
            found = self._company.page(of.operation, query, top=limit, skip=skip)
            rows = self._company.parsed(of.operation, found.rows, lambda row: _modified(row, of))
            newest = rows[-1].at if rows else at
            return Listed(rows=rows, server_time=found.now or newest)

        return since

    def _open_orders(self) -> Iterable[str]:
        query = Query(select="number")
        return self._company.every(use.ORDERS, query, lambda row: text(row, "number"))


def _modified(row: Row, of: _List) -> Modified:
    number = text(row, of.number)
    # An order has several invoices: each is a row of its own in the window.
    told = f"{number}@{text(row, 'number')}" if of.of_order else number
    return Modified(id=told, at=instant(row, _MODIFIED), version=text(row, ETAG))


def _named(changes: Sequence[Change]) -> Iterable[Change]:
    for change in changes:
        of_order, invoice = change.id.rpartition("@")[::2]
        if change.entity == "order" and of_order:
            change = evolve(change, id=of_order, version=f"{invoice} {change.version}")
        yield change
