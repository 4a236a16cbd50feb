"""Orders and their timelines, read and written, and made of quotes exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from attrs import evolve

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import lines, orders, soql, values
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.fields import own_name
from crossdock.connectors.salesforce.org import Step
from crossdock.connectors.salesforce.quoting import Quoting
from crossdock.connectors.salesforce.records import Records, key_of
from crossdock.connectors.salesforce.refusals import DUPLICATE
from crossdock.connectors.salesforce.values import Written
from crossdock.errors import Conflict, NotSupported, RemoteRefused, RemoteUnavailable
from crossdock.records import Order, OrderEvent

_Rows = dict[int, tuple[str, lines.Entry, Mapping[str, Written]]]


class Ordering:
    """Orders of an organization; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, quoting: Quoting, catalogue: lines.Catalogue) -> None:
        self._records = records
        self._org = records.org
        self._quoting = quoting
        self._catalogue = catalogue
        self._children = (self._org.child(lines.ORDER_LINE, orders.LINES),)

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self._read(self._row(order_id))

    def _row(self, order_id: str) -> Row:
        return self._org.get(orders.KIND, order_id, orders.ORDER, children=self._children)

    def _read(self, row: Row) -> Order:
        system, currency = self._records.system, self._records.currency
        return self._org.read(row, lambda each: orders.order(each, system, currency))

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        rows = self._org.of(
            "AccountId", account_id, orders.ORDER, orders.KIND, children=self._children
        )
        return tuple(self._read(row) for row in rows)

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        self._records.check_currency("currency", order.currency)
        if order.id:
            return self._save_draft(order)
        entered = evolve(order, status="draft" if order.status == "draft" else "submitted")
        there, made = self._made(entered, key_of("reference", order.reference))
        if not made and not orders.is_same(there, order):
            raise Conflict(
                f"{self._org.remote.address.label} has another order ({there.id}) that has the "
                f"reference {order.reference!r}",
                system=self._records.system,
                code="duplicate_reference",
            )
        return there

    def _save_draft(self, order: Order) -> Order:
        row = self._row(order.id)
        now = self._read(row)
        if now.status != "draft":
            raise NotSupported(
                f"{self._org.remote.address.label} has given the order {order.id} on already "
                f"({now.status}); change it in the ERP, or cancel it and enter another one"
            )
        self._records.check_version("order", order.id, order.version, now.version)
        if not orders.has_lines_of(now, order):
            raise self._org.remote.rejected(
                use.CHANGE,
                "lines",
                "a draft keeps the lines that it was entered with; cancel it and enter another one",
            )
        return self._brought_to(row, order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order.

        Its key is made of the quote's id and is unique in Salesforce, whoever asks at the same
        time; order and lines are made in one transaction. An order that somebody made of the quote
        in Salesforce is the quote's order, too.
        """
        quote = self._quoting.quote(quote_id)
        if quote.order_id:
            return self._activated(self._row(quote.order_id))
        if not quote.lines:
            raise RemoteRefused(
                f"The quote {quote_id} has no lines, so nothing can be ordered by it",
                system=self._records.system,
                code="quote_without_lines",
            )
        wanted = orders.of_quote(quote, self._records.system)
        return self._made(wanted, key_of("quote", quote.id))[0]

    def _made(self, wanted: Order, key: str) -> tuple[Order, bool]:
        """Make an order under its key, or give the one that is there; says whether this made it."""
        book = self._catalogue.price_book()
        rows = self._rows(wanted, book, [])
        head = self._org.remote.written(use.CREATE_TREE, lambda: orders.head_written(wanted))
        on = wanted.ordered_on or datetime.now(UTC).date()
        order_id, made = self._org.plant_once(
            orders.KIND,
            key,
            {
                **head,
                "AccountId": wanted.account_id,
                "OpportunityId": wanted.opportunity_id,
                "QuoteId": wanted.quote_id,
                "Pricebook2Id": book,
                "Status": orders.DRAFT,
                "EffectiveDate": values.as_day(on),
            },
            orders.LINES,
            orders.LINE,
            [{**fields, "PricebookEntryId": entry.id} for _, entry, fields in rows.values()],
        )
        return self._activated(self._row(order_id)), made

    def _activated(self, row: Row) -> Order:
        """Activate an order of ours that was given on: Salesforce makes none that is already."""
        order = self._read(row)
        is_ours = bool(values.text(row, own_name("status")))
        if not is_ours or order.status == "draft" or not order.lines or orders.is_activated(row):
            return order
        self._org.change(orders.KIND, order.id, {"Status": orders.ACTIVATED})
        return self.order(order.id)

    def _rows(self, order: Order, price_book: str, now: Sequence[Row]) -> _Rows:
        """Write the lines; one that is there already needs its product in no price book."""
        there = {
            lines.item_id(row): lines.Entry(
                str(row["PricebookEntryId"]), values.decimal(row, "ListPrice")
            )
            for row in now
        }
        new = [line.item_id for line in order.lines if line.item_id not in there]
        entries = {**self._catalogue.entries(new, price_book), **there}

        def write() -> _Rows:
            found: _Rows = {}
            for index, line in enumerate(order.lines):
                place = f"lines.{index}"
                entry = lines.entry_of(line, entries, place)
                fields = lines.order_line_written(line, order.currency, place, entry.list_price)
                found[line.number] = (line.item_id, entry, fields)
            return found

        return self._org.remote.written(use.CREATE_TREE, write)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        row = self._row(order.id)
        now = self._read(row)
        if now.status == "draft" and (order.status != "draft" or order.erp_order_id):
            raise Conflict(
                f"{self._org.remote.address.label} has the order {order.id} as a draft: "
                "submit it first",
                system=self._records.system,
                code="order_is_draft",
            )
        try:
            return self._brought_to(row, order, merge=True)
        except RemoteUnavailable as lost:
            if not lost.maybe_done:
                raise
        # What was done, is seen; what was not, is done now.
        return self._brought_to(self._row(order.id), order, merge=True)

    def _brought_to(self, row: Row, order: Order, *, merge: bool = False) -> Order:
        """Write what differs, in one transaction as long as that is 25 writes at most.

        Quantities and prices of an activated order are locked, so where those change it is taken
        back to a draft first and activated again at the end.
        """
        now = self._read(row)
        wanted = evolve(
            order,
            external_ids={**now.external_ids, **order.external_ids},
            trading_account=order.trading_account or now.trading_account,
            erp_system=order.erp_system or now.erp_system,
            erp_order_id=order.erp_order_id or now.erp_order_id,
        )
        if merge:
            wanted = evolve(
                wanted,
                reference=now.reference,
                ship_to=now.ship_to,
                owner_id=now.owner_id,
                checks=now.checks,
                pricing_status=now.pricing_status,
                priced_at=now.priced_at,
                price_source=now.price_source,
            )
        items: Sequence[Row] = row.get(orders.LINES) or ()
        book = values.text(row, "Pricebook2Id") or self._catalogue.price_book()
        of_lines = lines.steps(
            orders.LINE,
            {"OrderId": order.id},
            self._rows(wanted, book, items),
            lines.numbered(items),
            remove=False,
        )
        head = self._org.remote.written(use.CHANGE, lambda: orders.head_written(wanted))
        if None in (wanted.net, wanted.tax, wanted.gross):
            head = {name: value for name, value in head.items() if name not in orders.TOTALS}
        difference = values.differing(head, row)
        if not difference and not of_lines:
            return now
        self._send(row, difference, of_lines, submitted=wanted.status != "draft")
        return self.order(order.id)

    def _send(
        self, row: Row, head: Mapping[str, Written], of_lines: list[Step], *, submitted: bool
    ) -> None:
        activated = orders.is_activated(row)
        unlock = activated and lines.moves_what_is_locked(of_lines)
        first: dict[str, Written] = {**head} | ({"Status": orders.DRAFT} if unlock else {})
        if not first:
            first = {own_name("status"): values.text_or_none(row, own_name("status"))}
        order_id = str(row["Id"])
        steps = [
            Step(
                method="PATCH",
                kind=orders.KIND,
                record_id=order_id,
                values=first,
                unmodified_since=values.instant(row, "LastModifiedDate"),
            ),
            *of_lines,
        ]
        if unlock or (submitted and not activated and row.get(orders.LINES)):
            status: Mapping[str, Written] = {"Status": orders.ACTIVATED}
            steps.append(Step(method="PATCH", kind=orders.KIND, record_id=order_id, values=status))
        try:
            self._org.transact(steps)
        except Conflict as taken:
            if taken.code != DUPLICATE:
                raise
            raise Conflict(
                f"{self._org.remote.address.label} has another order for "
                f"{head.get(own_name('erp_order'))} already",
                system=self._records.system,
                status=taken.status,
                code="erp_order_taken",
            ) from taken

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the tasks on it that are of our making."""
        where = soql.equal(self._org.name(own_name("order")), order_id)
        rows = self._org.of("WhatId", order_id, orders.EVENT, "Task", where=where)
        found = [self._org.read(row, orders.event) for row in rows]
        return tuple(sorted(found, key=lambda event: (event.at, event.key)))

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._org.create_once(
            "Task",
            orders.event_key(order_id, event.key),
            orders.event_written(order_id, event),
        )
