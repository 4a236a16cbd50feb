"""Credit of a customer from the books: exposure, what is left, and the check of a document."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from attrs import frozen

from crossdock_mocks.backoffice.books import Books, Row
from crossdock_mocks.backoffice.credit import (
    CreditReason,
    CreditTerms,
    Exposure,
    Outcome,
    credit_check,
)
from crossdock_mocks.backoffice.customers import bill_to
from crossdock_mocks.backoffice.decimals import ZERO, amount_text
from crossdock_mocks.backoffice.kinds import CREDIT_NOTE, INVOICE, ORDER, PAYMENT


@frozen
class CreditPosition:
    """Where a bill-to customer stands.

    Attributes:
        biller: Header of the customer on which the credit is counted.
        exposures: Per currency.
        oldest_past_due: The earliest due date that has passed with something open, as text.
    """

    biller: Row
    exposures: dict[str, Exposure]
    oldest_past_due: str | None

    @property
    def currency(self) -> str:
        """The biller's currency."""
        return str(self.biller["currency"])

    @property
    def own(self) -> Exposure:
        """The exposure in the biller's currency."""
        return self.exposures.get(self.currency, Exposure())


def credit_position(books: Books, customer: Row) -> CreditPosition:
    """Add up what counts, over all customers that are billed to the same one."""
    biller = bill_to(books, customer)
    mine = {"billToId": biller["id"]}
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    oldest: str | None = None
    today = books.today.isoformat()
    for invoice in books.table(INVOICE.table).find({**mine, "open": True}):
        part = sums[invoice["currency"]]
        part["open_invoices"] += Decimal(invoice["openAmount"])
        due = invoice["dueOn"] or invoice["postedOn"]
        if due < today:
            part["past_due"] += Decimal(invoice["openAmount"])
            oldest = due if oldest is None else min(oldest, due)
    for note in books.table(CREDIT_NOTE.table).find({**mine, "open": True}):
        sums[note["currency"]]["unapplied_credits"] += Decimal(note["unappliedAmount"])
    for payment in books.table(PAYMENT.table).find({**mine, "open": True}):
        sums[payment["currency"]]["unapplied_payments"] += Decimal(payment["unappliedAmount"])
    for order in books.table(ORDER.table).find({**mine, "exposed": True}):
        part = sums[order["currency"]]
        part["open_orders"] += Decimal(order["openAmount"])
        part["shipped_not_invoiced"] += Decimal(order["toInvoiceAmount"])
        part["returns_not_credited"] += Decimal(order["toCreditAmount"])
    return CreditPosition(
        biller, {currency: Exposure(**parts) for currency, parts in sums.items()}, oldest
    )


def credit_terms(books: Books, customer: Row, biller: Row) -> CreditTerms:
    """What the customer is allowed; it is on hold when it or the one billed for it is."""
    held = next((each for each in (customer, biller) if each["onHold"]), None)
    return CreditTerms(
        limit=None if biller["creditLimit"] is None else Decimal(biller["creditLimit"]),
        hold_reason=None if held is None else held["holdReason"] or "",
        policy=books.settings.credit_policy,
        past_due_policy=books.settings.past_due_policy,
    )


@frozen
class CreditAnswer:
    """The answer of the credit check, also in the house form."""

    outcome: Outcome
    reasons: tuple[CreditReason, ...]
    view: Row

    @property
    def reasons_view(self) -> list[Row]:
        """The reasons in the house form."""
        return [{"code": each.code, "message": each.message} for each in self.reasons]


def check_credit(books: Books, customer: Row, added: Decimal) -> CreditAnswer:
    """Judge a document of a customer.

    Args:
        books: The books.
        customer: The customer's header.
        added: What the document adds, tax included.
    """
    position = credit_position(books, customer)
    terms = credit_terms(books, customer, position.biller)
    exposure, currency = position.own, position.currency
    outcome, reasons = credit_check(exposure, added, terms, currency)
    places = books.places(currency)
    after = exposure.total + added
    view = {
        "billToId": position.biller["id"],
        "currency": currency,
        "creditLimit": None if terms.limit is None else amount_text(terms.limit, places),
        "exposureBefore": amount_text(exposure.total, places),
        "documentAmount": amount_text(added, places),
        "exposureAfter": amount_text(after, places),
        "availableAfter": None if terms.limit is None else amount_text(terms.limit - after, places),
        "outcome": outcome,
        "reasons": [{"code": each.code, "message": each.message} for each in reasons],
    }
    return CreditAnswer(outcome, reasons, view)


def credit_view(books: Books, customer: Row) -> Row:
    """Credit status in the house form."""
    position = credit_position(books, customer)
    terms = credit_terms(books, customer, position.biller)
    own, currency = position.own, position.currency
    places = books.places(currency)
    limit = terms.limit
    last = books.table(INVOICE.table).first({"customerId": customer["id"]}, "-issuedOn")
    amounts = {
        "openInvoices": own.open_invoices,
        "unappliedCredits": own.unapplied_credits,
        "unappliedPayments": own.unapplied_payments,
        "balance": own.balance,
        "shippedNotInvoiced": own.shipped_not_invoiced,
        "openOrders": own.open_orders,
        "returnsNotCredited": own.returns_not_credited,
        "exposure": own.total,
        "pastDue": own.past_due,
    }
    return {
        "customerId": customer["id"],
        "billToId": position.biller["id"],
        "asOf": books.now,
        "currency": currency,
        "creditLimit": None if limit is None else amount_text(limit, places),
        **{name: amount_text(value, places) for name, value in amounts.items()},
        "available": None if limit is None else amount_text(limit - own.total, places),
        "overLimit": limit is not None and own.total > limit,
        "oldestPastDueOn": position.oldest_past_due,
        "lastInvoicedOn": None if last is None else last["issuedOn"],
        "termsDays": position.biller["termsDays"],
        "onHold": terms.hold_reason is not None,
        "holdReason": terms.hold_reason or None,
        "otherCurrencies": [
            {
                "currency": other,
                "balance": amount_text(part.balance, books.places(other)),
                "shippedNotInvoiced": amount_text(part.shipped_not_invoiced, books.places(other)),
                "openOrders": amount_text(part.open_orders, books.places(other)),
            }
            for other, part in sorted(position.exposures.items())
            if other != currency
        ],
    }
