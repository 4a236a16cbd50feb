"""Orders and their timelines, read and written, and made of quotes exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.connectors.reading import Row, unfit
from crossdock.connectors.sdata import values, where
from crossdock.connectors.sdata.currencies import Currencies
from crossdock.connectors.sdata.lines import Lines
from crossdock.connectors.sdata.pricing import SHOWN, TOTALS, pricing, pricing_written
from crossdock.connectors.sdata.products import Product
from crossdock.connectors.sdata.progress import progress_written
from crossdock.connectors.sdata.quoting import Quoting, version_of
from crossdock.connectors.sdata.records import Records, key_of
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.documents import ORDER_STATUSES
from crossdock.connectors.vendor_crm.order_book import OrderBook, carried_on
from crossdock.errors import Conflict, Stale
from crossdock.records import Address, Order, Quote

_STATUSES: Final = frozenset(ORDER_STATUSES)
_SHIP_TO: Final = ("name", "street", "city", "region", "postcode", "country")


@frozen(kw_only=True)
class OrderForm:
    """What a CRM calls orders.

    Attributes:
        head: words `account`, `opportunity`, `quote`, `owner`, `status` (ours, in its own words or
            beside), `ordered_on`, `erp_order`, and those that the CRM has fields for besides.
        standing: gives the CRM's own status for ours, where it has one of its own.
    """

    head: Form
    standing: Callable[[str], Mapping[str, Any]]


class Ordering(OrderBook[Row]):
    """Orders of a CRM; the methods are those of `CrmPort`."""

    def __init__(
        self,
        records: Records,
        form: OrderForm,
        lines: Lines,
        quoting: Quoting,
        currencies: Currencies,
    ) -> None:
        super().__init__(records)
        self._records = records
        self._contract = records.contract
        self.form = form
        self._lines = lines
        self._quoting = quoting
        self._currencies = currencies

    def kept(self, order_id: str) -> Row:
        """Read the entry of one order, with those of its lines."""
        return self._contract.get(self.form.head, order_id, include=self.form.head.lines)

    def account_of(self, order_id: str) -> str:
        """Give the account of an order."""
        head = self.form.head
        return Sheet(self._contract.get(head, order_id), head).reference("account") or ""

    def as_record(self, kept: Row) -> Order:
        """Read an order of its entry."""
        return self._read([kept])[0]

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        head = self.form.head
        return tuple(self._read(self._records.of(head, "account", account_id, include=head.lines)))

    def _read(self, rows: Sequence[Row]) -> list[Order]:
        head = self.form.head
        products = self._lines.products_of(values.resources(row, head.lines) for row in rows)
        return [
            self._contract.read(head, row, lambda sheet: self._order(sheet, products))
            for row in rows
        ]

    def _order(self, sheet: Sheet, products: Mapping[str, Product]) -> Order:
        items = values.resources(sheet.row, self.form.head.lines)
        currency = self._currencies.of(sheet)
        erp_system, erp_order = self._erp_order(sheet)
        priced = pricing(sheet, currency)
        customer_id = str(priced["trading_account"]).partition(":")[2]
        status = sheet.text("status", "submitted")
        if status not in _STATUSES:
            status = "submitted"  # a word of somebody's own, who entered it in the CRM
        return Order(
            id=sheet.id,
            system=self._records.system,
            currency=currency,
            account_id=sheet.reference("account") or "",
            customer_id=customer_id if erp_order else "",
            reference=sheet.text("reference") or sheet.text("number"),
            lines=self._lines.order_lines(items, products, currency, _kept(sheet, "progress")),
            status=status,
            hold_reason=sheet.text("hold_reason"),
            ordered_on=sheet.day("ordered_on"),
            requested_on=sheet.day("requested_on"),
            promised_on=sheet.day("promised_on"),
            ship_to=Address(**{name: sheet.text(f"ship_to_{name}") for name in _SHIP_TO}),
            **priced,
            quote_id=sheet.reference("quote"),
            opportunity_id=sheet.reference("opportunity"),
            owner_id=sheet.reference("owner"),
            erp_system=erp_system,
            erp_order_id=erp_order,
            external_ids=_kept(sheet, "external_ids"),
            created_at=sheet.created,
            version=version_of(sheet, items, self._lines.form),
        )

    def quoted(self, quote_id: str) -> Quote:
        """Read the quote that is to be ordered."""
        return self._quoting.quote(quote_id)

    def made(self, wanted: Order, *key: str) -> tuple[Order, bool]:
        """Make an order with its lines in one call, under its key."""
        head = self.form.head
        on = wanted.ordered_on or datetime.now(UTC).date()
        words = {
            "account": Reference(wanted.account_id),
            "opportunity": Reference(wanted.opportunity_id),
            "quote": Reference(wanted.quote_id),
            "ordered_on": on,
            **self._head(wanted),
        }
        fields = self._records.written(head, words)
        if nested := self._lines.nested(self._wanted(wanted)):
            fields[head.lines] = {"$resources": nested}
        order_id, made = self._records.create_once(head, key_of(*key), fields)
        return self.order(order_id), made

    def linked(self, quote: Quote, order: Order) -> Order:
        """Show on the quote that it was ordered."""
        self._quoting.was_ordered(quote.id)
        return order

    def brought_to(self, kept: Row, order: Order, *, merge: bool = False) -> Order:
        """Write what differs: the head first, then its lines."""
        head, now = self.form.head, self.as_record(kept)
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
        words = self._head(wanted)
        if merge and None in (wanted.net, wanted.tax, wanted.gross):
            unknown = {*TOTALS, *SHOWN.values()}
            words = {word: value for word, value in words.items() if word not in unknown}
        if (wanted.erp_system, wanted.erp_order_id) != (now.erp_system, now.erp_order_id):
            self._check_free(wanted)
        # The head holds how far all lines have come, so that one call tells it as a whole; the
        # lines' own fields follow, for people who look at them.
        fields = self._records.written(head, words, Sheet(kept, head))
        rows = self._wanted(wanted)
        try:
            changed = self._records.change(head, kept, fields)
        except Conflict as refused:
            if isinstance(refused, Stale) or not wanted.erp_order_id:
                raise
            raise self.erp_order_taken(named(wanted), refused) from refused
        there = self._lines.numbered(values.resources(kept, head.lines))
        changed = self._lines.bring_to(order.id, rows, there, remove=False) or changed
        return self.order(order.id) if changed else now

    def _check_free(self, wanted: Order) -> None:
        """See that no other order of the CRM has the ERP's order, where the CRM would take it."""
        head = self.form.head
        condition = where.every(
            *(
                where.equal(head.path(word), value)
                for word, value in self._erp_order_written(wanted).items()
                if value
            )
        )
        if not condition:
            return
        taken = [Sheet(row, head).id for row in self._contract.rows(head, where=condition)]
        if set(taken) - {wanted.id}:
            raise self._records.conflict(
                "erp_order_taken", f"has another order for {named(wanted)} already"
            )

    def _erp_order(self, sheet: Sheet) -> tuple[str, str]:
        kept = sheet.text("erp_order")
        if not kept:
            return "", ""
        if self.form.head.has("erp_system"):
            return sheet.text("erp_system"), kept
        system, _, number = kept.partition(":")
        return system, number

    def _erp_order_written(self, order: Order) -> dict[str, str | None]:
        """Write which order of which ERP it became: in two fields where there are, or in one."""
        if not order.erp_order_id:
            both = ("erp_order", "erp_system")
            return {word: None for word in both if self.form.head.has(word)}
        if self.form.head.has("erp_system"):
            return {"erp_order": order.erp_order_id, "erp_system": order.erp_system}
        return {"erp_order": named(order)}

    def _wanted(self, order: Order) -> dict[int, Any]:
        return self._records.remote.written(
            self._lines.form.uses.create, lambda: self._lines.written(order.lines, order.currency)
        )

    def _head(self, order: Order) -> dict[str, Any]:
        def write() -> dict[str, Any]:
            words: dict[str, Any] = {
                **self._erp_order_written(order),
                "reference": order.reference,
                "status": order.status,
                "hold_reason": order.hold_reason,
                "requested_on": order.requested_on,
                "promised_on": order.promised_on,
                "external_ids": dict(order.external_ids) or None,
                "progress": progress_written(order.lines) or None,
                **pricing_written(order, self.form.head.has),
                **self._currencies.written(order.currency),
                **{f"ship_to_{name}": getattr(order.ship_to, name) for name in _SHIP_TO},
                **self.form.standing(order.status),
            }
            if order.owner_id:
                words["owner"] = Reference(order.owner_id)
            return words

        return self._records.remote.written(self.form.head.uses.create, write)


def _kept(sheet: Sheet, word: str) -> dict[str, Any]:
    found = sheet.kept(word) or {}
    if not isinstance(found, dict):
        raise unfit(word, "an object", found)
    return found


def named(order: Order) -> str:
    """Name the ERP's order behind an order."""
    return f"{order.erp_system}:{order.erp_order_id}"
