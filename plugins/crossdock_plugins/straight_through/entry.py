"""An order that is entered without a quote, with the ERP's prices and promises (D1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from crossdock import Amend, Decision, Veto, Warn
from crossdock.records import Order, OrderLine, PricedLine, Pricing
from crossdock_plugins.straight_through.pricing import in_words


def apply(order: Order, pricing: Pricing, now: datetime) -> Order:
    """Write the ERP's prices and promises into an order."""
    by_number = {line.number: line for line in pricing.lines}
    lines = tuple(_line(line, by_number[line.number]) for line in order.lines)
    days = [line.promised_on for line in lines]
    known = [day for day in days if day is not None]
    return evolve(
        order,
        currency=pricing.currency,
        trading_account=f"{pricing.system}:{pricing.customer_id}",
        lines=lines,
        net=pricing.net,
        tax=pricing.tax if pricing.tax_known else None,
        gross=pricing.gross,
        promised_on=max(known) if days and len(known) == len(days) else order.promised_on,
        pricing_status="priced",
        priced_at=now,
        price_source=pricing.system,
    )


def _line(line: OrderLine, priced: PricedLine) -> OrderLine:
    return evolve(
        line,
        description=line.description or priced.description,
        unit_price=priced.unit_price,
        discount_percent=priced.discount_percent,
        net=priced.net,
        promised_on=priced.availability.promised_on if priced.availability else None,
    )


def amend(order: Order, pricing: Pricing, now: datetime) -> Amend:
    """Give the order with the ERP's prices, and say so where somebody entered another one."""
    reason = in_words(pricing)
    if order.gross is not None and order.gross != pricing.gross:
        reason += f", not {order.gross}"
    return Amend(apply(order, pricing, now), reason=f"{reason}.")


def cannot_be_priced(order: Order, message: str, code: str, field: str) -> Sequence[Decision]:
    """Say why there is no price: a draft may wait for it, an order may not."""
    kind = Warn if order.status == "draft" else Veto
    return [kind(message, code=code, field=field)]
