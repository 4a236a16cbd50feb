"""What is open of each document as of a day, by what was applied to it: the books of an aging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from attrs import Factory, define

from crossdock.records import Application, CreditNote, Invoice, Money, Payment


@define
class OpenDocument:
    """A document of the books while applications are taken off it; amounts positive."""

    document: Invoice | CreditNote | Payment
    open: Money
    open_finally: Money

    @property
    def posted_on(self) -> date:
        """The day on which it counts in the ledger."""
        document = self.document
        return document.received_on if isinstance(document, Payment) else document.posted_on


@define
class Books:
    """The documents of one currency while they are settled, as of a day."""

    as_of: date
    currency: str
    invoices: dict[str, OpenDocument] = Factory(dict)
    sources: list[OpenDocument] = Factory(list)
    # What applications moved to or from documents outside these books, until the day and after.
    outside: Money = Factory(lambda self: Money.zero(self.currency), takes_self=True)
    outside_later: Money = Factory(lambda self: Money.zero(self.currency), takes_self=True)

    def settle(
        self, source: OpenDocument | None, invoice: OpenDocument | None, application: Application
    ) -> None:
        """Take an application off both its documents, from the day on which all three exist."""
        amount = application.amount
        if amount.currency != self.currency:
            return
        for side in (source, invoice):
            if side is not None:
                side.open_finally -= amount
        crossing = Money.zero(self.currency)
        if source is None:
            crossing -= amount
        if invoice is None:
            crossing += amount
        days = [application.applied_on, *(side.posted_on for side in (source, invoice) if side)]
        if max(days) > self.as_of:
            self.outside_later += crossing
            return
        self.outside += crossing
        for side in (source, invoice):
            if side is not None:
                side.open -= amount


def open_books(
    documents: Sequence[Invoice | CreditNote | Payment], currency: str, as_of: date
) -> Books:
    """Take every application off its documents, each once."""
    books = Books(as_of=as_of, currency=currency)
    told_by_invoices: Counter[tuple[str, str, date, Money]] = Counter()
    by_id: dict[str, OpenDocument] = {}
    for document in documents:
        entry = OpenDocument(document, amount_of(document), amount_of(document))
        if isinstance(document, Invoice):
            books.invoices[document.id] = entry
            told_by_invoices.update(_key(application) for application in document.applications)
        else:
            books.sources.append(entry)
            by_id.setdefault(document.id, entry)
    # An ERP may tell an application on both of its documents or on one only: each counts once.
    for entry in books.sources:
        for application in entry.document.applications:
            books.settle(entry, books.invoices.get(application.invoice_id), application)
            told_by_invoices[_key(application)] -= 1
    for (source_id, invoice_id, applied_on, amount), times in told_by_invoices.items():
        application = Application(
            source_id=source_id, invoice_id=invoice_id, applied_on=applied_on, amount=amount
        )
        for _ in range(times):
            books.settle(by_id.get(source_id), books.invoices.get(invoice_id), application)
    return books


def _key(application: Application) -> tuple[str, str, date, Money]:
    return (
        application.source_id,
        application.invoice_id,
        application.applied_on,
        application.amount,
    )


def amount_of(document: Invoice | CreditNote | Payment) -> Money:
    """Give a document's whole amount, tax included."""
    return document.amount if isinstance(document, Payment) else document.gross
