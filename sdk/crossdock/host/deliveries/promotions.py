"""From the CRM's feed to events: orders never published, quotes to be judged, records changed.

A host makes the CRM's order first and publishes `order_promoted` then. A program that dies between
the two would leave an order that nobody takes to the ERP. The CRM's own feed tells of it: each
order that was made of a quote, or entered through a host, and that no ERP has, is published here.
The event's id comes from the order, so one that was published already comes to nothing.

A CRM that asks nobody before it saves a quote tells of it here, too: see `host.after_save`. And
what somebody changed of an account in the CRM's own screen is `record_changed` here, whereas what
was saved through a host was published by it already, under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.errors import NotFound
from crossdock.host.deliveries.polling import Poller
from crossdock.host.deliveries.reports import Report, say_nothing
from crossdock.host.saving.promotion import JUDGED
from crossdock.host.store.schema import events
from crossdock.records import Change, Event, Order, OrderPromoted, RecordChanged

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries, Subscribers
    from crossdock.ports import CrmPort

_FEED: Final = "promotions"
_TOLD_OF: Final = frozenset({"account", "contact", "item", "price_list"})
_CLOCKS_DIFFER: Final = timedelta(days=1)


class PromotionPoller(Poller):
    """Reads the CRM's change feed for orders that were never published, and for saved quotes.

    Attributes:
        least_seconds: between two reads, as far as the CRM's connector has a say in it.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        crm: CrmPort,
        subscribers: Callable[[Event], Subscribers],
        *,
        of_quote: Callable[[Change], Event | None] = lambda _change: None,
        record_seen: Callable[[Change], object] = lambda _change: None,
        page: int = 200,
        report: Report = say_nothing,
    ) -> None:
        """Make a poller.

        Args:
            deliveries: where the events are published.
            crm: the CRM.
            subscribers: gives id and version of each plugin that an event goes to.
            record_seen: told of each account that changed, before anything is published.
            of_quote: gives the event that a change of a quote is, if it is any.
            page: how many changes are read at a time.
            report: takes news of what it does.
        """
        super().__init__(crm.system, report)
        self._deliveries = deliveries
        self._store = deliveries.store
        self._crm = crm
        self._subscribers = subscribers
        self._of_quote = of_quote
        self._record_seen = record_seen
        self._since = self._store.watermarks.began(self.system) - _CLOCKS_DIFFER
        self._page = page
        self.least_seconds: Final = float(getattr(crm, "feed_seconds", 0.0))

    def read_page(self) -> bool:
        """Read one page and publish what was missed; says whether there is more.

        Raises:
            RemoteError: the CRM did not answer as it should; nothing was changed.
        """
        cursor = self._store.watermarks.cursor(self.system, _FEED)
        page = self._crm.changes(cursor, limit=self._page)
        if page.cursor == cursor and not page.changes:
            return page.more
        # Not only those that were made: a draft is submitted by a change. A feed that begins with
        # all that there is tells of orders that no host of this store can have made.
        changed = dict.fromkeys(
            change.id
            for change in page.changes
            if change.entity == "order" and change.action != "deleted" and change.at >= self._since
        )
        unknown = self._not_published(tuple(changed))
        waiting = [order for order in map(self._order, unknown) if order and _is_waiting(order)]
        accounts = {each.id: each for each in page.changes if each.entity == "account"}
        for account in accounts.values():
            self._record_seen(account)
        quotes = {each.id: each for each in page.changes if each.entity == "quote"}
        written = [event for each in quotes.values() if (event := self._of_quote(each))]
        records = [each for each in self._records_changed(page.changes) if self._subscribers(each)]
        found = judged = told = 0
        with self._store.writing() as connection:
            for order in waiting:
                event = OrderPromoted(order=order)
                found += self._deliveries.publish_within(
                    connection, event, self._subscribers(event)
                )
            for record in records:
                told += self._deliveries.publish_within(
                    connection, record, self._subscribers(record)
                )
            for each in written:
                judged += self._deliveries.publish_within(connection, each, self._subscribers(each))
            self._store.watermarks.move(self.system, page.cursor, _FEED, connection=connection)
        if judged:
            self._report(
                "published",
                f"feed {self.system}: {judged} quotes to check",
                system=self.system,
                events=judged,
            )
        if told:
            self._report(
                "published",
                f"feed {self.system}: {told} changes to deliver",
                system=self.system,
                events=told,
            )
        if found:
            self._report(
                "published",
                f"feed {self.system}: {found} orders that nobody had published",
                system=self.system,
                events=found,
            )
        return page.more

    def _records_changed(self, changes: Sequence[Change]) -> list[RecordChanged]:
        """Give the last change of each record that somebody may want to know of."""
        last = {
            (each.entity, each.id): each
            for each in changes
            if each.entity in _TOLD_OF and each.at >= self._since
        }
        return [RecordChanged(change=each) for each in last.values()]

    def _not_published(self, order_ids: Sequence[str]) -> list[str]:
        """Leave out the orders whose event is in the store, before any is read from the CRM."""
        ids = {f"order_promoted:{self.system}:{each}": each for each in order_ids}
        statement = sa.select(events.c.id).where(events.c.id.in_(ids))
        with self._store.reading() as connection:
            known = set(connection.scalars(statement))
        return [order_id for event_id, order_id in ids.items() if event_id not in known]

    def _order(self, order_id: str) -> Order | None:
        try:
            return self._crm.order(order_id)
        except NotFound:  # deleted since
            return None


def _is_waiting(order: Order) -> bool:
    # An order that is neither of a quote nor entered through a host was judged by no guard of ours.
    judged = bool(order.quote_id) or JUDGED in order.external_ids
    return judged and order.status == "submitted" and not order.erp_order_id
