"""Orders, read and written, and made of quotes exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import evolve

from crossdock.connectors.hubspot import lines, orders, quotes, values
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.documents import Documents
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.quoting import Quoting
from crossdock.connectors.hubspot.records import Records, newest_first
from crossdock.connectors.vendor_crm.order_book import OrderBook, carried_on
from crossdock.errors import Conflict
from crossdock.records import Order, Quote

_Kept = tuple[Object, tuple[Object, ...]]


class Ordering(OrderBook[_Kept]):
    """Orders of a portal; the methods are those of `CrmPort`.

    An order's status is written last: one without a status is not whole, and is finished by
    whoever asks for it next.
    """

    def __init__(self, records: Records, quoting: Quoting) -> None:
        super().__init__(records)
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self._quoting = quoting
        self.documents = Documents(records.portal, orders.KIND, orders.ORDER, ("deals",))

    def kept(self, order_id: str) -> _Kept:
        """Read the objects of one order."""
        return self.documents.one(order_id)

    def as_record(self, kept: _Kept) -> Order:
        """Read an order of its objects."""
        head, items = kept
        system, currency = self._records.system, self._records.currency
        return self._records.read(head, lambda o: orders.order(o, items, system, currency))

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        return newest_first(map(self.as_record, self.documents.of_account(account_id)))

    def quoted(self, quote_id: str) -> Quote:
        """Read the quote that is to be ordered."""
        return self._quoting.quote(quote_id)

    def made(self, wanted: Order, *key: str) -> tuple[Order, bool]:
        """Make an order under its key, or finish one that was begun; says whether this made it."""
        written = self._remote.written(use.CREATE_OBJECT, lambda: orders.head_written(wanted))
        rows = self._remote.written(use.UPSERT_BATCH, lambda: orders.lines_written(wanted))
        name = orders.name_of(wanted, datetime.now(UTC).date())
        to = {"companies": wanted.account_id, "deals": wanted.opportunity_id}
        body = {**written, "hs_order_name": name}
        order_id, made = self._portal.create_once(orders.KIND, "|".join(key), body, to)
        if not made:
            kept = self.kept(order_id)
            if orders.is_whole(kept[0]):
                return self.as_record(kept), False
        self._records.lines_of(orders.KIND, order_id).bring_to(rows, {})
        if made or not orders.is_whole(self.kept(order_id)[0]):
            self._portal.change(orders.KIND, order_id, orders.status_written(wanted))
        return self.order(order_id), made

    def linked(self, quote: Quote, order: Order) -> Order:
        """Name the order on its quote, together with the quote's own id; see `quotes.quote`."""
        self._portal.change(quotes.KIND, quote.id, {"crossdock_order": f"{quote.id}/{order.id}"})
        return order

    def brought_to(self, kept: _Kept, order: Order, *, merge: bool = False) -> Order:
        """Write what differs: lines first, then the head."""
        head, items = kept
        now = self.as_record(kept)
        wanted = carried_on(order, now)
        if merge:  # what was never written must not be
            reference = values.text(head.properties, "crossdock_reference")
            wanted = evolve(wanted, reference=reference)
        rows = self._remote.written(use.UPDATE_BATCH, lambda: orders.lines_written(wanted))
        written = self._remote.written(use.UPDATE_OBJECT, lambda: orders.head_written(wanted))
        if None in (wanted.net, wanted.tax, wanted.gross):
            written = {n: v for n, v in written.items() if n not in orders.AMOUNTS}
        written |= orders.status_written(wanted)
        changed = self._records.lines_of(orders.KIND, order.id).bring_to(
            rows, lines.numbered(items), remove=False
        )
        try:
            changed = self._records.change(orders.KIND, head, written) or changed
        except Conflict as taken:
            erp_order = f"{wanted.erp_system}:{wanted.erp_order_id}"
            raise self.erp_order_taken(erp_order, taken) from taken
        return self.order(order.id) if changed else now
