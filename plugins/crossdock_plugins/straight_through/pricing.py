"""A quote with the ERP's prices, and whether those that it has are still good (C1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from crossdock import Money, Veto
from crossdock.records import Pricing, Quote


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
                tax_rate=priced.tax_rate,
                tax=priced.tax,
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
        tax=pricing.tax,
        gross=pricing.gross,
        pricing_status="priced",
        priced_at=now,
        price_source=pricing.system,
    )


def reason(before: Quote, after: Quote, pricing: Pricing) -> str:
    """Say in a sentence what the ERP's answer did to the quote."""
    if before.gross is None:
        return f"Priced by {pricing.system}: {pricing.gross} with tax."
    if before.currency != pricing.currency:
        return f"Priced by {pricing.system} in {pricing.currency}, the customer's currency."
    moved = pricing.gross - before.gross
    if not moved:
        return f"Prices of {pricing.system} confirmed: {pricing.gross} with tax."
    changed = [
        line.item_id
        for line, old in zip(after.lines, before.lines, strict=True)
        if old.unit_price is not None and old.unit_price != line.unit_price
    ]
    which = f" New prices for {', '.join(changed)}." if changed else ""
    direction = "more" if moved > Money.zero(moved.currency) else "less"
    return (
        f"Priced by {pricing.system}: {pricing.gross}, {abs(moved)} {direction} than before.{which}"
    )


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
    if quote.gross != pricing.gross:
        vetoes = [
            Veto(
                f"The price of {line.item_id} was {line.unit_price} and is {now.unit_price} now.",
                code="price.changed",
                field=f"lines.{index}.unit_price",
            )
            for index, (line, now) in enumerate(zip(quote.lines, pricing.lines, strict=True))
            if line.unit_price != now.unit_price
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
    return []
