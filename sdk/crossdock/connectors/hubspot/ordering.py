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
from crossdock.errors import Conflict, NotSupported, RemoteRefused
from crossdock.records import Order


class Ordering:
    """Orders of a portal; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, quoting: Quoting) -> None:
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self._quoting = quoting
        self.documents = Documents(records.portal, orders.KIND, orders.ORDER, ("deals",))

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self.read(*self.documents.one(order_id))

    def read(self, head: Object, items: tuple[Object, ...]) -> Order:
        """Read an order of its objects."""
        system, currency = self._records.system, self._records.currency
        return self._records.read(head, lambda o: orders.order(o, items, system, currency))

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        found = self.documents.of_account(account_id)
        return newest_first(self.read(head, items) for head, items in found)

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        if order.id:
            return self._save_draft(order)
        entered = evolve(order, status="draft" if order.status == "draft" else "submitted")
        head, items, made = self._made(entered, f"reference|{order.reference}")
        there = self.read(head, items)
        if not made and not orders.is_same(there, order):
            raise Conflict(
                f"{self._remote.address.label} has another order ({there.id}) that has the "
                f"reference {order.reference!r}",
                system=self._records.system,
                code="duplicate_reference",
            )
        return there

    def _save_draft(self, order: Order) -> Order:
        head, items = self.documents.one(order.id)
        now = self.read(head, items)
        if now.status != "draft":
            raise NotSupported(
                f"{self._remote.address.label} has given the order {order.id} on already "
                f"({now.status}); change it in the ERP, or cancel it and enter another one"
            )
        self._records.check_version("order", order.id, order.version, now.version)
        if not orders.has_lines_of(now, order):
            raise self._remote.rejected(
                use.UPDATE_OBJECT,
                "lines",
                "a draft keeps the lines that it was entered with; cancel it and enter another one",
            )
        return self._brought_to(head, items, order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order.

        Its key is made of the quote's id and is unique in HubSpot, whoever asks at the same time.
        The status is written last: an order without one is not whole, and is finished by whoever
        asks next.
        """
        quote = self._quoting.quote(quote_id)
        if quote.order_id:
            return self.order(quote.order_id)
        if not quote.lines:
            raise RemoteRefused(
                f"The quote {quote_id} has no lines, so nothing can be ordered by it",
                system=self._records.system,
                code="quote_without_lines",
            )
        wanted = evolve(orders.of_quote(quote, self._records.system), status="submitted")
        order, order_items, _ = self._made(wanted, f"quote|{quote_id}")
        self._portal.change(quotes.KIND, quote_id, {"crossdock_order": f"{quote_id}/{order.id}"})
        return self.read(order, order_items)

    def _made(self, wanted: Order, key: str) -> tuple[Object, tuple[Object, ...], bool]:
        """Make an order under its key, or finish one that was begun; says whether this made it."""
        written = self._remote.written(use.CREATE_OBJECT, lambda: orders.head_written(wanted))
        rows = self._remote.written(use.UPSERT_BATCH, lambda: orders.lines_written(wanted))
        name = orders.name_of(wanted, datetime.now(UTC).date())
        to = {"companies": wanted.account_id, "deals": wanted.opportunity_id}
        body = {**written, "hs_order_name": name}
        order_id, made = self._portal.create_once(orders.KIND, key, body, to)
        if not made:
            head, items = self.documents.one(order_id)
            if orders.is_whole(head):
                return head, items, False
        self._records.lines_of(orders.KIND, order_id).bring_to(rows, {})
        if made or not orders.is_whole(self.documents.one(order_id)[0]):
            self._portal.change(orders.KIND, order_id, orders.status_written(wanted))
        return (*self.documents.one(order_id), made)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        head, items = self.documents.one(order.id)
        now = self.read(head, items)
        if now.status == "draft" and (order.status != "draft" or order.erp_order_id):
            raise Conflict(
                f"{self._remote.address.label} has the order {order.id} as a draft: "
                "submit it first",
                system=self._records.system,
                code="order_is_draft",
            )
        return self._brought_to(head, items, order, merge=True)

    def _brought_to(
        self, head: Object, items: tuple[Object, ...], order: Order, *, merge: bool = False
    ) -> Order:
        now = self.read(head, items)
        known = {**now.external_ids, **order.external_ids}
        wanted = evolve(
            order,
            external_ids=known,
            trading_account=order.trading_account or now.trading_account,
            erp_system=order.erp_system or now.erp_system,
            erp_order_id=order.erp_order_id or now.erp_order_id,
        )
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
            raise Conflict(
                f"{self._remote.address.label} has another order for "
                f"{wanted.erp_system}:{wanted.erp_order_id} already",
                system=self._records.system,
                status=taken.status,
                code="erp_order_taken",
            ) from taken
        return self.order(order.id) if changed else now
