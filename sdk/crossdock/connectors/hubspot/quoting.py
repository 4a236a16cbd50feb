"""Quotes, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from crossdock.connectors.hubspot import lines, quotes
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.documents import Documents
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records, newest_first
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.records import Quote

_EXPIRY: Final = timedelta(days=30)


class Quoting:
    """Quotes of a portal; the methods are those of `CrmPort`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self.documents = Documents(records.portal, quotes.KIND, quotes.QUOTE, ("contacts", "deals"))

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        return self.read(*self.documents.one(quote_id))

    def read(self, head: Object, items: Sequence[Object]) -> Quote:
        """Read a quote of its objects."""
        account_id = next(iter(head.associated.get("companies", ())), "")
        currency = self._records.currency
        return self._records.read(head, lambda q: quotes.quote(q, items, account_id, currency))

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        found = self.documents.of_account(account_id)
        return newest_first(self.read(head, items) for head, items in found)

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        expiry = datetime.now(UTC).date() + _EXPIRY
        operation = use.UPDATE_OBJECT if quote.id else use.CREATE_OBJECT
        rows = self._remote.written(
            operation,
            lambda: {
                line.number: lines.quote_line_written(line, quote.currency, f"lines.{index}")
                for index, line in enumerate(quote.lines)
            },
        )
        if not quote.id:
            return self._new_quote(quote, rows)
        head, items = self.documents.one(quote.id)
        before = self.read(head, items)
        self._records.check_version("quote", quote.id, quote.version, before.version)
        expiry = before.valid_until or expiry
        written = self._remote.written(operation, lambda: quotes.quote_written(quote, head, expiry))
        for kind, old, new in (
            ("companies", before.account_id, quote.account_id),
            ("contacts", before.contact_id, quote.contact_id),
            ("deals", before.opportunity_id, quote.opportunity_id),
        ):
            if (old or "") != (new or ""):
                self._records.move(quotes.KIND, quote.id, kind, old, new)
        self._records.lines_of(quotes.KIND, quote.id).bring_to(rows, lines.numbered(items))
        self._write_head(quote, head, written)
        return self.quote(quote.id)

    def _write_head(self, quote: Quote, head: Object, written: Mapping[str, str]) -> None:
        """Write what differs of a quote's head, and publish it where it was or should be.

        HubSpot locks its own properties of a published quote, and not ours; so it is taken back
        for as long as those are written.
        """
        was = quotes.published_as(head)
        difference = lines.differing(written, head.properties)
        locked = any(not name.startswith("crossdock_") for name in difference)
        if was and (locked or quote.status == "draft"):
            difference["hs_status"] = "DRAFT"
        if difference:
            self._portal.change(quotes.KIND, head.id, difference)
        published = was if locked and quote.status != "draft" else ""
        if quote.status == "sent" and not was:
            published = quotes.PUBLISHED
        if published:
            self._portal.change(quotes.KIND, head.id, {"hs_status": published})

    def _new_quote(self, quote: Quote, rows: Mapping[int, Mapping[str, str]]) -> Quote:
        """Make the head first, as lines need something to be on, and its totals last."""
        expiry = datetime.now(UTC).date() + _EXPIRY
        written = self._remote.written(
            use.CREATE_OBJECT, lambda: quotes.quote_written(quote, None, expiry)
        )
        first = {n: v for n, v in written.items() if not n.startswith("crossdock_")}
        to = {
            "companies": quote.account_id,
            "contacts": quote.contact_id,
            "deals": quote.opportunity_id,
        }
        quote_id, _ = self._portal.create_once(quotes.KIND, new_key(), first, to)
        self._records.lines_of(quotes.KIND, quote_id).bring_to(rows, {})
        rest = {n: v for n, v in written.items() if n not in first and v}
        self._portal.change(quotes.KIND, quote_id, rest)
        if quote.status == "sent":
            # By itself: HubSpot refuses it where a deal or a template is missing, and the quote
            # is there as a draft, with all that was said of it.
            self._portal.change(quotes.KIND, quote_id, {"hs_status": quotes.PUBLISHED})
        return self.quote(quote_id)
