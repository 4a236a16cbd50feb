"""Orders and their timelines, read and written, and made of quotes exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from attrs import evolve

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import lines, orders, soql, values
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.catalogue import Catalogue, Entry, entry_of
from crossdock.connectors.salesforce.fields import own_name
from crossdock.connectors.salesforce.org import Step
from crossdock.connectors.salesforce.quoting import Quoting
from crossdock.connectors.salesforce.records import Records, key_of
from crossdock.connectors.salesforce.refusals import DUPLICATE
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.order_book import OrderBook, carried_on
from crossdock.errors import Conflict, RemoteUnavailable
from crossdock.records import Order, OrderEvent, Quote

_Rows = dict[int, tuple[str, Entry, Mapping[str, Written]]]


class Ordering(OrderBook[Row]):
    """Orders of an organization; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, quoting: Quoting, catalogue: Catalogue) -> None:
        super().__init__(records)
        self._records = records
        self._org = records.org
        self._quoting = quoting
        self._catalogue = catalogue
        self._children = (self._org.child(lines.ORDER_LINE, orders.LINES),)

    def kept(self, order_id: str) -> Row:
        """Read the record of one order, with those of its lines."""
        return self._org.get(orders.KIND, order_id, orders.ORDER, children=self._children)

    def as_record(self, kept: Row) -> Order:
        """Read an order of its record."""
        system, currency = self._records.system, self._records.currency
        return self._org.read(kept, lambda each: orders.order(each, system, currency))

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        rows = self._org.of(
            "AccountId", account_id, orders.ORDER, orders.KIND, children=self._children
        )
        return tuple(self.as_record(row) for row in rows)

    def save_order(self, order: Order) -> Order:
        """Enter an order or change a draft, as every `CrmPort`, in the organization's currency."""
        self._records.check_currency("currency", order.currency)
        return super().save_order(order)

    def quoted(self, quote_id: str) -> Quote:
        """Read the quote that is to be ordered."""
        return self._quoting.quote(quote_id)

    def ordered(self, order_id: str) -> Order:
        """Give the order of a quote; one that somebody made in Salesforce is the quote's, too."""
        return self._activated(self.kept(order_id))

    def made(self, wanted: Order, *key: str) -> tuple[Order, bool]:
        """Make an order with its lines in one transaction, under its key; and activate it."""
        book = self._catalogue.price_book()
        rows = self._rows(wanted, book, [])
        head = self._org.remote.written(use.CREATE_TREE, lambda: orders.head_written(wanted))
        on = wanted.ordered_on or datetime.now(UTC).date()
        order_id, made = self._org.plant_once(
            orders.KIND,
            key_of(*key),
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
        return self._activated(self.kept(order_id)), made

    def _activated(self, row: Row) -> Order:
        """Activate an order of ours that was given on: Salesforce makes none that is already."""
        order = self.as_record(row)
        is_ours = bool(values.text(row, own_name("status")))
        if not is_ours or order.status == "draft" or not order.lines or orders.is_activated(row):
            return order
        self._org.change(orders.KIND, order.id, {"Status": orders.ACTIVATED})
        return self.order(order.id)

    def _rows(self, order: Order, price_book: str, now: Sequence[Row]) -> _Rows:
        """Write the lines; one that is there already needs its product in no price book."""
        there = {
            lines.item_id(row): Entry(
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
                entry = entry_of(line, entries, place)
                fields = lines.order_line_written(line, order.currency, place, entry.list_price)
                found[line.number] = (line.item_id, entry, fields)
            return found

        return self._org.remote.written(use.CREATE_TREE, write)

    def progressed(self, kept: Row, order: Order) -> Order:
        """Write how far an order has come; after a lost answer, what was not done."""
        try:
            return self.brought_to(kept, order, merge=True)
        except RemoteUnavailable as lost:
            if not lost.maybe_done:
                raise
        return self.brought_to(self.kept(order.id), order, merge=True)

    def brought_to(self, kept: Row, order: Order, *, merge: bool = False) -> Order:
        """Write what differs, in one transaction as long as that is 25 writes at most.

        Quantities and prices of an activated order are locked, so where those change it is taken
        back to a draft first and activated again at the end.
        """
        row, now = kept, self.as_record(kept)
        wanted = carried_on(order, now)
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
            raise self.erp_order_taken(head.get(own_name("erp_order")), taken) from taken

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the tasks on it that are of our making."""
        where = soql.equal(self._org.name(own_name("order")), order_id)
        # In the order in which they were made: what happened at once stays as it was told.
        rows = self._org.of(
            "WhatId", order_id, orders.EVENT, "Task", where=where, order="CreatedDate, Id"
        )
        found = [self._org.read(row, orders.event) for row in rows]
        return tuple(sorted(found, key=lambda event: event.at))

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._org.create_once(
            "Task",
            orders.event_key(order_id, event.key),
            orders.event_written(order_id, event),
        )
