"""Quotes, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crossdock.connectors.reading import Row
from crossdock.connectors.salesforce import lines, quotes, values
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.catalogue import Catalogue, Entry, entry_of
from crossdock.connectors.salesforce.fields import own_name
from crossdock.connectors.salesforce.opportunities import Opportunities
from crossdock.connectors.salesforce.org import Step
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.records import new_key
from crossdock.errors import RemoteUnavailable
from crossdock.records import Quote

_Rows = dict[int, tuple[str, Entry, Mapping[str, Written]]]


class Quoting:
    """Quotes of an organization; the methods are those of `CrmPort`."""

    def __init__(
        self, records: Records, opportunities: Opportunities, catalogue: Catalogue
    ) -> None:
        self._records = records
        self._org = records.org
        self._opportunities = opportunities
        self._catalogue = catalogue
        self._children = (
            self._org.child(lines.QUOTE_LINE, quotes.LINES),
            self._org.child(["Id"], quotes.ORDERS),
        )

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        return self._read(self.row(quote_id))

    def row(self, quote_id: str) -> Row:
        """Read the record of one quote, with those of its lines and orders."""
        return self._org.get(quotes.KIND, quote_id, quotes.QUOTE, children=self._children)

    def _read(self, row: Row) -> Quote:
        return self._org.read(row, lambda each: quotes.quote(each, self._records.currency))

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        rows = self._org.of(
            "Opportunity.AccountId",
            account_id,
            quotes.QUOTE,
            quotes.KIND,
            children=self._children,
        )
        return tuple(self._read(row) for row in rows)

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        self._records.check_currency("currency", quote.currency)
        if not quote.id:
            return self._new(quote)
        row = self.row(quote.id)
        before = self._read(row)
        self._records.check_version("quote", quote.id, quote.version, before.version)
        for name in ("account_id", "opportunity_id"):
            if (getattr(quote, name) or None) != (getattr(before, name) or None):
                raise self._org.remote.rejected(
                    use.CHANGE,
                    name,
                    "a quote stays in the opportunity that it was made in, and with its account; "
                    "make another quote",
                )
        steps = self._steps(quote, row)
        if not steps:
            return before
        try:
            self._org.transact(steps)
        except RemoteUnavailable as lost:
            if not lost.maybe_done or self._steps(quote, self.row(quote.id)):
                raise
        return self.quote(quote.id)

    def _steps(self, quote: Quote, row: Row) -> list[Step]:
        """Say what must be written so that a quote is as it should be; nothing where it is."""
        before = self._read(row)
        head = self._org.remote.written(use.CHANGE, lambda: quotes.quote_written(quote, before))
        book = values.text(row, "Pricebook2Id") or self._catalogue.price_book()
        now = lines.numbered(row.get(quotes.LINES) or ())
        of_lines = lines.steps(
            "QuoteLineItem",
            {"QuoteId": quote.id},
            self._rows(quote, book),
            now,
            remove=True,
        )
        difference = values.differing(head, row)
        if not difference and not of_lines:
            return []
        # The head goes first and is written in any case: it is refused if somebody was quicker,
        # and all that is sent together with it.
        last = values.instant(row, "LastModifiedDate")
        marked = {own_name("pricing_status"): head[own_name("pricing_status")], **difference}
        first = Step(
            method="PATCH",
            kind=quotes.KIND,
            record_id=quote.id,
            values=marked,
            unmodified_since=last,
        )
        return [first, *of_lines]

    def _rows(self, quote: Quote, price_book: str) -> _Rows:
        entries = self._catalogue.entries((line.item_id for line in quote.lines), price_book)

        def write() -> _Rows:
            found: _Rows = {}
            for index, line in enumerate(quote.lines):
                place = f"lines.{index}"
                entry = entry_of(line, entries, place)
                fields = lines.quote_line_written(line, quote.currency, place, entry.list_price)
                found[line.number] = (line.item_id, entry, fields)
            return found

        return self._org.remote.written(use.CREATE_TREE, write)

    def _new(self, quote: Quote) -> Quote:
        """Make a quote with its lines in one transaction, in the opportunity that it is for."""
        key = new_key()
        head = self._org.remote.written(use.CREATE_TREE, lambda: quotes.quote_written(quote, None))
        book = self._catalogue.price_book()
        rows = self._rows(quote, book)
        if quote.opportunity_id:
            deal = self._opportunities.opportunity(quote.opportunity_id)
            if deal.account_id != quote.account_id:
                raise self._org.remote.rejected(
                    use.CREATE_TREE, "opportunity_id", "is an opportunity of another account"
                )
            deal_id = deal.id
        else:
            deal_id = self._opportunities.holder(quote, key)
        quote_id, _ = self._org.plant_once(
            quotes.KIND,
            key,
            {**head, "Name": "Quote", "OpportunityId": deal_id, "Pricebook2Id": book},
            quotes.LINES,
            "QuoteLineItem",
            [{**fields, "PricebookEntryId": entry.id} for _, entry, fields in rows.values()],
        )
        return self.quote(quote_id)
