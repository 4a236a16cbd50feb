"""From an ERP's change feed to events.

The feed is read from the stored watermark on; what it says becomes events, and the watermark moves
in the transaction that publishes them: nothing is lost and nothing comes twice, wherever a worker
dies. Changes of one document that are read together become one event, as the document can only be
read as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from crossdock.errors import NotFound
from crossdock.host.deliveries.polling import Poller
from crossdock.host.deliveries.reports import Report, say_nothing
from crossdock.records import Change, Document, DocumentChanged, Event, Order, RecordChanged

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries, Subscribers
    from crossdock.ports import ErpPort

_FEED: Final = "changes"
# What `record_changed` is about. Stock moves with every order; who wants it asks when it matters.
_TOLD_OF: Final = frozenset(
    {"account", "contact", "trading_account", "item", "price", "price_list"}
)


def _readers(port: ErpPort) -> Mapping[str, Callable[[str], Document]]:
    return {
        "order": port.order,
        "shipment": port.shipment,
        "invoice": port.invoice,
        "credit_note": port.credit_note,
        "payment": port.payment,
        "return": port.goods_return,
    }


@frozen
class _News:
    """One change with what came of it.

    Attributes:
        event: `None` where a document is as it was last seen (the feed said something twice), and
            for what no extension point is about.
        document: as it is now; `None` for what is no document, or is gone.
    """

    change: Change
    event: Event | None
    document: Document | None = None
    is_document: bool = False


class ChangePoller(Poller):
    """Reads one ERP's change feed.

    Attributes:
        system: the ERP's configured name.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        port: ErpPort,
        subscribers: Callable[[Event], Subscribers],
        *,
        order_seen: Callable[[Order], object] = lambda _order: None,
        record_seen: Callable[[Change], object] = lambda _change: None,
        page: int = 200,
        report: Report = say_nothing,
    ) -> None:
        """Make a poller.

        Args:
            deliveries: where the events are published.
            port: the ERP.
            subscribers: gives id and version of each plugin that an event goes to.
            order_seen: told of each order that changed, before its event is published.
            record_seen: told of each change of what is no document, in the same way.
            page: how many changes are read, and published in one transaction, at a time.
            report: takes news of what it does.
        """
        super().__init__(port.system, report)
        self._deliveries = deliveries
        self._store = deliveries.store
        self._port = port
        self._readers = _readers(port)
        self._subscribers = subscribers
        self._order_seen = order_seen
        self._record_seen = record_seen
        self._page = page

    def read_page(self) -> bool:
        """Read one page and publish it; says whether there is more.

        Raises:
            RemoteError: the ERP did not answer as it should; nothing was changed.
        """
        cursor = self._store.watermarks.cursor(self.system, _FEED)
        page = self._port.changes(cursor, limit=self._page)
        if page.cursor == cursor and not page.changes:
            return page.more
        news = [self._look_at(change) for change in _latest(page.changes)]
        for each in news:
            if isinstance(each.document, Order):
                self._order_seen(each.document)
            elif not each.is_document:
                self._record_seen(each.change)
        published = 0
        with self._store.writing() as connection:
            for each in news:
                if each.is_document:
                    self._store.documents.see(
                        self.system,
                        each.change.entity,
                        each.change.id,
                        each.document,
                        version=each.change.version,
                        connection=connection,
                    )
                if each.event is not None:
                    published += self._deliveries.publish_within(
                        connection, each.event, self._subscribers(each.event)
                    )
            self._store.watermarks.move(self.system, page.cursor, _FEED, connection=connection)
        if published:
            self._report(
                "published",
                f"feed {self.system}: {published} changes to deliver",
                system=self.system,
                events=published,
            )
        return page.more

    def _look_at(self, change: Change) -> _News:
        reader = self._readers.get(change.entity)
        if reader is None:
            known = change.entity in _TOLD_OF
            return _News(change, RecordChanged(change=change) if known else None)
        before = self._store.documents.last_seen(self.system, change.entity, change.id)
        document = None
        if change.action != "deleted":
            try:
                document = reader(change.id)
            except NotFound:  # deleted since; the feed will say so too, and then it is no news
                document = None
        if document is not None:
            event = (
                None
                if document == before
                else DocumentChanged(change=change, document=document, before=before)
            )
        elif before is not None:
            event = DocumentChanged(change=change, document=before, before=before)
        elif change.action == "deleted":
            return _News(change, RecordChanged(change=change), is_document=True)
        else:
            event = None
        return _News(change, event, document, is_document=True)


def _latest(changes: Sequence[Change]) -> list[Change]:
    """Keep the last change of each record, in the order of these last ones."""
    last: dict[tuple[str, str], Change] = {}
    for change in changes:
        key = (change.entity, change.id)
        last.pop(key, None)
        last[key] = change
    return list(last.values())
