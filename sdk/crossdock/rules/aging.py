"""Aging of receivables: what a customer owes as of a day, by how long it has been owing.

An open amount *as of a day* is the original amount less what was applied on or before that day; the
open amount that the ERP shows today is never used for it. Documents posted after the day are not
part of that day's balance and are told apart in `Aging.later`, so that nothing vanishes.

Invariant, for any input: the buckets plus `unapplied` equal `balance`, and the balance is computed
from the ledger side (invoices less credit notes less payments), not from the buckets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal

from attrs import field, frozen

from crossdock.records import CreditNote, Invoice, Money, Payment
from crossdock.rules.open_documents import Books, amount_of, open_books

Basis = Literal["due", "posted", "issued"]
DocumentKind = Literal["invoice", "credit_note", "payment"]
BASES: Final[tuple[Basis, ...]] = ("due", "posted", "issued")
BUCKETS: Final = ("current", "1-30", "31-60", "61-90", "over 90")
_BOUNDS: Final = (0, 30, 60, 90)


def bucket_labels(basis: Basis = "due") -> tuple[str, ...]:
    """Give the buckets' names, in order.

    Only a due date can lie ahead, so by posting or document date nothing is "current" (as Business
    Central has it) and the first period begins with the day itself.
    """
    return BUCKETS if basis == "due" else ("0-30", *BUCKETS[2:])


def bucket_of(days: int, basis: Basis = "due") -> int:
    """Give the index in `bucket_labels` of an amount that is `days` old; negative is ahead."""
    index = sum(days > bound for bound in _BOUNDS)
    return index if basis == "due" else max(index - 1, 0)


@frozen(kw_only=True)
class AgedDocument:
    """A document with something open as of the day.

    Attributes:
        dated: the day that it is aged from.
        days: from `dated` to the as-of day; negative when it lies ahead.
        bucket: index in the aging's labels; `None` for an unapplied credit.
        open: as of the day; negative for a credit.
    """

    kind: DocumentKind
    id: str
    reference: str
    dated: date
    due_on: date | None
    days: int
    bucket: int | None
    original: Money
    open: Money


@frozen(kw_only=True)
class Unexplained:
    """A document whose open amount in the ERP is not what its applications leave.

    The difference is something that the ERP did without an application, such as a refund or a
    write-off; aging counts the document by its applications.
    """

    kind: DocumentKind
    id: str
    told: Money
    computed: Money


@frozen(kw_only=True)
class Aging:
    """What is owed as of a day, in one currency.

    Attributes:
        labels: the buckets' names.
        buckets: one amount for each label.
        unapplied: credits and payments that settle nothing yet, and what was overpaid, in a
            column of its own; negative, as it counts against what is owed.
        balance: `sum(buckets) + unapplied`.
        documents: what is behind the figures, longest owing first, credits last.
        later: what was posted after the day, credits and payments taken off; with the balance it
            makes the balance of the last day of the books.
    """

    currency: str
    as_of: date
    basis: Basis
    labels: tuple[str, ...]
    buckets: tuple[Money, ...] = field(converter=tuple[Money, ...])
    unapplied: Money
    balance: Money
    documents: tuple[AgedDocument, ...] = field(converter=tuple[AgedDocument, ...], default=())
    later: Money
    unexplained: tuple[Unexplained, ...] = field(converter=tuple[Unexplained, ...], default=())

    @property
    def past_due(self) -> Money:
        """What is past its due date; only by due date, else `ValueError`."""
        if self.basis != "due":
            raise ValueError(f"aging by the day it was {self.basis} does not know what is past due")
        return sum(self.buckets[1:], start=Money.zero(self.currency))


def age(
    invoices: Iterable[Invoice],
    credit_notes: Iterable[CreditNote] = (),
    payments: Iterable[Payment] = (),
    *,
    as_of: date,
    basis: Basis = "due",
) -> tuple[Aging, ...]:
    """Age receivables as of a day.

    Give the documents with all their applications, also those that are settled by now: as of an
    earlier day they were open. An application counts from its own date, and not before both its
    documents are posted. An invoice without a due date is aged from its posting date.

    Args:
        invoices: of one customer or of many, in one ERP.
        credit_notes: amounts positive.
        payments: received from the same customers.
        as_of: the day.
        basis: age from the due date, the posting date or the date on the document.

    Returns:
        One aging for each currency, by its code; none where there are no documents.
    """
    every: list[Invoice | CreditNote | Payment] = [*invoices, *credit_notes, *payments]
    currencies = sorted({amount_of(document).currency for document in every})
    return tuple(
        _age([d for d in every if amount_of(d).currency == currency], currency, as_of, basis)
        for currency in currencies
    )


def total_aging(agings: Sequence[Aging]) -> Aging:
    """Add up agings of several customers, in one currency, as of one day, on one basis.

    Raises:
        ValueError: there are none, or they do not belong together.
    """
    if len({(aging.currency, aging.as_of, aging.basis) for aging in agings}) != 1:
        raise ValueError("only agings of one currency, day and basis can be added up")
    zero = Money.zero(agings[0].currency)
    return Aging(
        currency=agings[0].currency,
        as_of=agings[0].as_of,
        basis=agings[0].basis,
        labels=agings[0].labels,
        buckets=tuple(
            sum(column, start=zero) for column in zip(*(a.buckets for a in agings), strict=True)
        ),
        unapplied=sum((a.unapplied for a in agings), start=zero),
        balance=sum((a.balance for a in agings), start=zero),
        documents=_in_order(document for a in agings for document in a.documents),
        later=sum((a.later for a in agings), start=zero),
        unexplained=tuple(found for a in agings for found in a.unexplained),
    )


def _age(
    documents: Sequence[Invoice | CreditNote | Payment], currency: str, as_of: date, basis: Basis
) -> Aging:
    books = open_books(documents, currency, as_of)
    zero = Money.zero(currency)
    labels = bucket_labels(basis)
    buckets = [zero] * len(labels)
    unapplied = ledger = later = zero
    aged: list[AgedDocument] = []
    for entry in (*books.invoices.values(), *books.sources):
        document = entry.document
        sign = 1 if isinstance(document, Invoice) else -1
        if entry.posted_on > as_of:
            later += amount_of(document) * sign
            continue
        ledger += amount_of(document) * sign
        open_amount = entry.open * sign
        if not open_amount:
            continue
        found = _aged(document, open_amount, as_of, basis)
        aged.append(found)
        if found.bucket is None:
            unapplied += open_amount
        else:
            buckets[found.bucket] += open_amount
    return Aging(
        currency=currency,
        as_of=as_of,
        basis=basis,
        labels=labels,
        buckets=tuple(buckets),
        unapplied=unapplied,
        balance=ledger + books.outside,
        documents=_in_order(aged),
        later=later + books.outside_later,
        unexplained=tuple(_unexplained(books)),
    )


def _aged(
    document: Invoice | CreditNote | Payment, open_amount: Money, as_of: date, basis: Basis
) -> AgedDocument:
    dated = _dated(document, basis)
    days = (as_of - dated).days
    # An overpaid invoice is money that the customer has with us, as an unapplied credit is.
    owing = open_amount > Money.zero(open_amount.currency)
    in_bucket = isinstance(document, Invoice) and owing
    return AgedDocument(
        kind=_kind(document),
        id=document.id,
        reference="" if isinstance(document, CreditNote) else document.reference,
        dated=dated,
        due_on=document.due_on if isinstance(document, Invoice) else None,
        days=days,
        bucket=bucket_of(days, basis) if in_bucket else None,
        original=amount_of(document) * (1 if isinstance(document, Invoice) else -1),
        open=open_amount,
    )


def _dated(document: Invoice | CreditNote | Payment, basis: Basis) -> date:
    if isinstance(document, Payment):
        return document.received_on
    if basis == "issued":
        return document.issued_on
    if basis == "due" and isinstance(document, Invoice) and document.due_on is not None:
        return document.due_on
    return document.posted_on


def _kind(document: Invoice | CreditNote | Payment) -> DocumentKind:
    if isinstance(document, Invoice):
        return "invoice"
    return "payment" if isinstance(document, Payment) else "credit_note"


def _unexplained(books: Books) -> Iterator[Unexplained]:
    for entry in (*books.invoices.values(), *books.sources):
        document = entry.document
        told = document.unapplied if isinstance(document, Payment) else document.open
        if told != entry.open_finally:
            yield Unexplained(
                kind=_kind(document), id=document.id, told=told, computed=entry.open_finally
            )


def _in_order(documents: Iterable[AgedDocument]) -> tuple[AgedDocument, ...]:
    return tuple(sorted(documents, key=lambda d: (d.bucket is None, -d.days, d.id)))
