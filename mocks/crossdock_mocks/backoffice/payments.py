"""Payments, and the application of payments and credit notes to invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, derives
from crossdock_mocks.backoffice.customers import bill_to
from crossdock_mocks.backoffice.decimals import ZERO, amount_text, rounded
from crossdock_mocks.backoffice.drafts import not_in_the_future, positive
from crossdock_mocks.backoffice.kinds import CREDIT_NOTE, CUSTOMER, INVOICE, ORDER, PAYMENT
from crossdock_mocks.backoffice.receivables import settle_invoice, settle_means
from crossdock_mocks.backoffice.refusals import Invalid


@derives(PAYMENT)
def derive_payment(books: Books, payment: Document) -> None:
    """Write into a payment what follows from its applications."""
    settle_means(payment.header, "amount", books.places(payment.header["currency"]))


@derives(CREDIT_NOTE)
def derive_credit_note(books: Books, note: Document) -> None:
    """Write into a credit note what follows from its applications."""
    settle_means(note.header, "total", books.places(note.header["currency"]))


def pay(books: Books, asked: Mapping[str, Any]) -> Document:
    """Record a payment and apply it as asked; the rest stays unapplied.

    Raises:
        Invalid: The customer is unknown, the amount is zero or finer than its currency allows, the
            day lies in the future, or an application is not possible (see `apply`).
    """
    customer = books.referred(CUSTOMER, asked["customerId"], "/customerId").header
    currency = asked.get("currency", customer["currency"])
    received = not_in_the_future(books, asked.get("receivedOn"), "/receivedOn")
    amount = _amount(books, asked["amount"], currency, "/amount")
    payment = books.add(
        PAYMENT,
        {
            "customerId": customer["id"],
            "billToId": bill_to(books, customer)["id"],
            "externalReference": asked.get("externalReference"),
            "receivedOn": received.isoformat(),
            "currency": currency,
            "amount": amount_text(amount, books.places(currency)),
            "method": asked.get("method"),
            "reference": asked.get("reference"),
            "applications": [],
            "createdAt": books.now,
        },
    )
    apply(books, payment, asked.get("applications", ()), received)
    return payment


def _amount(books: Books, text: str, currency: str, pointer: str) -> Decimal:
    amount = positive(text, pointer, "amount")
    places = books.places(currency)
    if rounded(amount, places) != amount:
        raise Invalid(
            "amount_too_fine", f"{currency} has {places} decimal places.", pointer,
            expected=f"at most {places} decimal places", received=text,
        )  # fmt: skip
    return amount


def apply(
    books: Books, means: Document, asked: Sequence[Mapping[str, Any]], applied_on: date
) -> None:
    """Apply a payment or a credit note to invoices.

    Args:
        books: The books.
        means: The payment or credit note.
        asked: Invoices and amounts.
        applied_on: The day from which it counts.

    Raises:
        Invalid: An invoice is unknown, of another customer or in another currency; or more is
            applied than is open of the invoice or left of the payment.
    """
    header = means.header
    whole = Decimal(header["amount" if means.kind is PAYMENT else "total"])
    left = whole - sum((Decimal(each["amount"]) for each in header["applications"]), ZERO)
    for position, each in enumerate(asked):
        here = f"/applications/{position}"
        invoice = books.referred(INVOICE, each["invoiceId"], f"{here}/invoiceId")
        amount = _amount(books, each["amount"], header["currency"], f"{here}/amount")
        _must_fit(means, invoice, here)
        open_amount = Decimal(invoice.header["openAmount"])
        if amount > open_amount:
            raise Invalid(
                "amount_exceeds_open",
                f"{open_amount} of invoice {invoice.id} are open, not {amount}.",
                f"{here}/amount", expected=f"at most {open_amount}", received=each["amount"],
            )  # fmt: skip
        if amount > left:
            raise Invalid(
                "amount_exceeds_unapplied",
                f"{left} of {means.id} are left to apply, not {amount}.",
                f"{here}/amount", expected=f"at most {left}", received=each["amount"],
            )  # fmt: skip
        left -= amount
        settle(books, means, invoice, amount, applied_on)


def _must_fit(means: Document, invoice: Document, pointer: str) -> None:
    if invoice.header["billToId"] != means.header["billToId"]:
        raise Invalid(
            "invoice_of_another_customer",
            f"Invoice {invoice.id} is billed to {invoice.header['billToId']},"
            f" not to {means.header['billToId']}.",
            f"{pointer}/invoiceId",
            expected=means.header["billToId"],
            received=invoice.header["billToId"],
        )
    if invoice.header["currency"] != means.header["currency"]:
        raise Invalid(
            "currency_mismatch",
            f"Invoice {invoice.id} is in {invoice.header['currency']},"
            f" {means.id} in {means.header['currency']}.",
            f"{pointer}/invoiceId",
            expected=means.header["currency"],
            received=invoice.header["currency"],
        )


def settle(
    books: Books,
    means: Document,
    invoice: Document,
    amount: Decimal,
    applied_on: date,
    *,
    recorded: bool = False,
) -> None:
    """Link a payment or credit note with an invoice, and tell the invoice's order.

    Args:
        books: The books.
        means: The payment or credit note.
        invoice: The invoice.
        amount: How much of it is settled.
        applied_on: The day from which it counts.
        recorded: The order's history tells of it already, so the order is only derived anew.
    """
    places = books.places(means.header["currency"])
    what = {"appliedOn": applied_on.isoformat(), "amount": amount_text(amount, places)}
    means.header["applications"].append({"invoiceId": invoice.id, **what})
    name = "paymentId" if means.kind is PAYMENT else "creditNoteId"
    invoice.header["applications"].append({name: means.id, **what})
    settle_invoice(invoice.header, places)
    books.touch(means)
    books.touch(invoice)
    if invoice.header["orderId"] is not None:
        order = books.find_one(ORDER, invoice.header["orderId"])
        if order is not None and recorded:
            books.touch(order)
        elif order is not None:
            event = "paid" if means.kind is PAYMENT else "credited"
            books.record(
                order, event, document_id=means.id, note=f"{what['amount']} of {invoice.id}"
            )


def apply_later(books: Books, means: Document, asked: Mapping[str, Any]) -> None:
    """Apply what is left of a payment or credit note.

    Raises:
        Invalid: See `apply`; or the day lies in the future, or before the payment itself.
    """
    applied_on = not_in_the_future(books, asked.get("appliedOn"), "/appliedOn")
    begun = means.header["receivedOn" if means.kind is PAYMENT else "issuedOn"]
    if applied_on.isoformat() < begun:
        raise Invalid(
            "applied_before_received",
            f"{means.id} is of {begun}: it cannot be applied on {applied_on}.",
            "/appliedOn", expected=f"{begun} or later", received=applied_on.isoformat(),
        )  # fmt: skip
    apply(books, means, asked["applications"], applied_on)
