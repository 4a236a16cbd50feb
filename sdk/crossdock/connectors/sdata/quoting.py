"""Quotes with their lines, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.sdata import values
from crossdock.connectors.sdata.currencies import Currencies
from crossdock.connectors.sdata.lines import Lines
from crossdock.connectors.sdata.pricing import pricing, pricing_written
from crossdock.connectors.sdata.products import Product
from crossdock.connectors.sdata.records import Records, key_of
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.records import Quote

ORDERED: Final = "ordered"


@frozen(kw_only=True)
class QuoteForm:
    """What a CRM calls quotes.

    Attributes:
        head: words `account`, `opportunity`, `contact`, `owner`, `status`, `currency`,
            `valid_until`, and those that the CRM has fields for besides.
        orders: of the orders that are made of them, with a word `quote`.
        statuses: the CRM's word by ours; the first of several that mean the same is written.
        read: our word by the CRM's, for those that are read only.
    """

    head: Form
    orders: Form
    statuses: Mapping[str, str]
    read: Mapping[str, str]

    def status(self, word: str) -> str:
        """Give our word for a status; one that is unknown is a draft's."""
        known = {theirs: ours for ours, theirs in self.statuses.items()} | dict(self.read)
        return known.get(word, "draft")


class Quoting:
    """Quotes of a CRM; the methods are those of `CrmPort`.

    Head and lines are written one after the other, lines first: a quote that was written in part
    only is read as it is, and whoever saves it again sends what is left.
    """

    def __init__(
        self, records: Records, form: QuoteForm, lines: Lines, currencies: Currencies
    ) -> None:
        self._records = records
        self._contract = records.contract
        self.form = form
        self._lines = lines
        self._currencies = currencies

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        return self._read([self.row(quote_id)])[0]

    def row(self, quote_id: str) -> Row:
        """Read the entry of one quote, with those of its lines."""
        return self._contract.get(self.form.head, quote_id, include=self.form.head.lines)

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        head = self.form.head
        return tuple(self._read(self._records.of(head, "account", account_id, include=head.lines)))

    def _read(self, rows: Sequence[Row]) -> list[Quote]:
        head = self.form.head
        products = self._lines.products_of(values.resources(row, head.lines) for row in rows)
        ids = [Sheet(row, head).id for row in rows]
        orders = self._orders_of(ids)
        return [
            self._contract.read(
                head, row, lambda sheet: self._quote(sheet, products, orders.get(sheet.id))
            )
            for row in rows
        ]

    def _orders_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Give the order that was made of each quote, whoever made it; the oldest one counts."""
        orders = self.form.orders
        if orders.has("quote"):
            keys = [self._contract.literal_key(each) for each in ids]
            rows = self._contract.among(orders, orders.path("quote"), keys, order=orders.id)
            pairs = [(Sheet(row, orders).reference("quote"), Sheet(row, orders).id) for row in rows]
        else:
            marks = {key_of("quote", each): each for each in ids}
            rows = self._contract.among(orders, orders.mark, marks, order=orders.id)
            pairs = [(marks.get(Sheet(row, orders).mark), Sheet(row, orders).id) for row in rows]
        found: dict[str, str] = {}
        for quote_id, order_id in pairs:
            if quote_id:
                found.setdefault(quote_id, order_id)
        return found

    def _quote(self, sheet: Sheet, products: Mapping[str, Product], order_id: str | None) -> Quote:
        items = values.resources(sheet.row, self.form.head.lines)
        currency = self._currencies.of(sheet)
        status = self.form.status(sheet.text("status"))
        return Quote(
            id=sheet.id,
            account_id=sheet.reference("account") or "",
            currency=currency,
            lines=self._lines.quote_lines(items, products, currency),
            status=ORDERED if order_id else status,  # type: ignore[arg-type]
            opportunity_id=sheet.reference("opportunity"),
            contact_id=sheet.reference("contact"),
            owner_id=sheet.reference("owner"),
            valid_until=sheet.day("valid_until"),
            **pricing(sheet, currency),
            order_id=order_id,
            created_at=sheet.created,
            modified_at=sheet.modified,
            version=version_of(sheet, items, self._lines.form),
        )

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        head = self.form.head
        if not quote.id:
            words = self._head(quote, None)
            fields = self._records.written(head, words)
            nested = self._lines.nested(self._wanted(quote))
            if nested:
                fields[head.lines] = {"$resources": nested}
            quote_id, _ = self._records.create_once(head, new_key(), fields)
            return self.quote(quote_id)
        row = self.row(quote.id)
        before = self._read([row])[0]
        self._records.check_version("quote", quote.id, quote.version, before.version)
        now = Sheet(row, head)
        fields = self._records.written(head, self._head(quote, before), now)
        wanted = self._wanted(quote)
        there = self._lines.numbered(values.resources(row, head.lines))
        changed = self._lines.bring_to(quote.id, wanted, there, remove=True)
        if changed:  # the CRM counts its totals anew, and with that comes another state of the head
            row = self.row(quote.id)
        changed = self._records.change(head, row, fields) or changed
        return self.quote(quote.id) if changed else before

    def was_ordered(self, quote_id: str) -> None:
        """Show in the CRM itself that an order was made of a quote."""
        fields = self._records.written(self.form.head, {"status": self.form.statuses[ORDERED]})
        self._records.mark_as(
            self.form.head, quote_id, {name: value for name, value in fields.items() if value}
        )

    def _wanted(self, quote: Quote) -> dict[int, Any]:
        return self._records.remote.written(
            self._lines.form.uses.create, lambda: self._lines.written(quote.lines, quote.currency)
        )

    def _head(self, quote: Quote, before: Quote | None) -> dict[str, Any]:
        def write() -> dict[str, Any]:
            words: dict[str, Any] = {
                "account": Reference(quote.account_id),
                "opportunity": Reference(quote.opportunity_id),
                "contact": Reference(quote.contact_id),
                "valid_until": quote.valid_until,
                **pricing_written(quote, self.form.head.has),
                **self._currencies.written(quote.currency),
            }
            if quote.owner_id or before is not None:
                words["owner"] = Reference(quote.owner_id)
            # A status that the CRM knows more finely than we do is left as it is.
            known = quote.status in self.form.statuses and quote.status != ORDERED
            if known and (before is None or before.status != quote.status):
                words["status"] = self.form.statuses[quote.status]
            return words

        return self._records.remote.written(self.form.head.uses.create, write)


def version_of(head: Sheet, items: Sequence[Row], form: Form) -> str:
    """Tell states of a document apart: by its own last change, and those of its lines."""
    stamps = [Sheet(item, form).version for item in items]
    return f"{head.version}/{max(stamps)}/{len(items)}" if stamps else head.version
