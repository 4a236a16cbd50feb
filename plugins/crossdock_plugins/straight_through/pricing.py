"""A quote with the ERP's prices, and whether those that it has are still good (C1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from crossdock import Money, Veto, Warn
from crossdock.records import Pricing, Quote
from crossdock.rules.price_difference import explain_difference


def apply(quote: Quote, pricing: Pricing, now: datetime) -> Quote:
    """Write the ERP's prices, taxes and promises into a quote."""
    by_number = {line.number: line for line in pricing.lines}
    lines = []
    for line in quote.lines:
        priced = by_number[line.number]
        lines.append(
            evolve(
                line,
                description=line.description or priced.description,
                list_price=priced.list_price,
                unit_price=priced.unit_price,
                discount_percent=priced.discount_percent,
                net=priced.net,
                tax_rate=priced.tax_rate if pricing.tax_known else None,
                tax=priced.tax if pricing.tax_known else None,
                price_rule=priced.rule,
                price_source=priced.source,
                promised_on=priced.availability.promised_on if priced.availability else None,
            )
        )
    return evolve(
        quote,
        currency=pricing.currency,
        trading_account=f"{pricing.system}:{pricing.customer_id}",
        lines=tuple(lines),
        net=pricing.net,
        # What the ERP cannot say yet is no zero.
        tax=pricing.tax if pricing.tax_known else None,
        gross=pricing.gross,
        pricing_status="priced",
        priced_at=now,
        price_source=pricing.system,
    )


def in_words(pricing: Pricing) -> str:
    """Say what the ERP asks, and whether that is all."""
    tax = "with tax" if pricing.tax_known else "without the tax, which it does not know yet"
    return f"Priced by {pricing.system}: {pricing.gross} {tax}"


def judge_tax(pricing: Pricing) -> Sequence[Warn]:
    """Tell that the total is without its tax, where the ERP finds it only later."""
    if pricing.tax_known:
        return []
    text = (
        f"{pricing.system} finds the tax only when it makes the document, so the total is without "
        "it. The invoice will be higher."
    )
    return [Warn(text, code="tax.unknown", field="gross")]


def signed(amount: Money) -> str:
    """Write an amount that is added or taken off."""
    return f"+{amount}" if amount > Money.zero(amount.currency) else str(amount)


def judge_staleness(quote: Quote, pricing: Pricing) -> Sequence[Veto]:
    """Stop a promotion whose quote does not show the customer today's price."""
    if quote.pricing_status != "priced" or quote.gross is None:
        return [
            Veto(
                "The ERP has not priced this quote yet. "
                "Save it again while the ERP can be reached.",
                code="price.missing",
                field="gross",
            )
        ]
    if quote.currency != pricing.currency:
        return [
            Veto(
                f"The quote is in {quote.currency}, but the ERP invoices this customer in "
                f"{pricing.currency}. Save the quote again to take the ERP's prices.",
                code="price.currency",
                field="gross",
            )
        ]
    found = explain_difference(quote, pricing)
    if not found.difference and not found.causes:
        return []
    places = {line.number: place for place, line in enumerate(quote.lines)}
    vetoes = [
        Veto(
            f"{cause.text[0].upper()}{cause.text[1:]} ({signed(cause.gross)}).",
            code="price.changed",
            field=f"lines.{places[cause.line]}.unit_price",
        )
        for cause in found.causes
        if cause.line in places
    ]
    return [
        *vetoes,
        Veto(
            f"The quote says {quote.gross}, the ERP would invoice {pricing.gross} today. "
            "Save the quote again to take the new price.",
            code="price.changed",
            field="gross",
        ),
    ]
