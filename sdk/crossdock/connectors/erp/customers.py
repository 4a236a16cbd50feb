"""Customers, their credit and their contracts, from the ERP's wire."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day,
    day_or_none,
    decimal,
    instant_or_none,
    money,
    money_or_none,
    optional_text,
    part,
    part_or_none,
    text,
    text_or_empty,
    text_or_none,
    truth,
    whole,
    whole_or_none,
    word,
)
from crossdock.records import Address, Contract, CreditStatus, ExchangeRate, TradingAccount

_CONTRACT_KINDS: Final = frozenset({"maintenance", "sla", "support"})
_CONTRACT_STATUSES: Final = {
    "upcoming": "future",
    "current": "current",
    "expiring": "expiring",
    "lapsed": "lapsed",
}
_CONTRACT_WORDS: Final = frozenset(_CONTRACT_STATUSES)


def address(row: Row) -> Address:
    """Read an address."""
    return Address(
        name=optional_text(row, "name"),
        street=text_or_empty(row, "street"),
        city=text_or_empty(row, "city"),
        region=text_or_empty(row, "region"),
        postcode=text_or_empty(row, "postcode"),
        country=text_or_empty(row, "country"),
    )


def customer(row: Row, system: str) -> TradingAccount:
    """Read a customer; a limit of null is no limit."""
    unit = currency(row)
    return TradingAccount(
        id=text(row, "id"),
        system=system,
        name=text(row, "name"),
        currency=unit,
        terms_days=whole_or_none(row, "termsDays"),
        legal_name=text_or_empty(row, "legalName"),
        email=text_or_none(row, "email"),
        phone=text_or_none(row, "phone"),
        website=text_or_empty(row, "website"),
        tax_number=text_or_empty(row, "taxNumber"),
        address=part(row, "address", address),
        shipping_address=part_or_none(row, "shippingAddress", address),
        bill_to_id=text_or_none(row, "billToId"),
        credit_limit=money_or_none(row, "creditLimit", unit),
        on_hold=truth(row, "onHold"),
        hold_reason=text_or_empty(row, "holdReason"),
        active=truth(row, "active"),
        reference=text_or_empty(row, "externalReference"),
        created_at=instant_or_none(row, "createdAt"),
        modified_at=instant_or_none(row, "updatedAt"),
        modified_by=text_or_empty(row, "updatedBy"),
        version=str(whole(row, "version")),
    )


def credit(row: Row, system: str) -> CreditStatus:
    """Read how much credit is left, in the bill-to customer's currency."""
    unit = currency(row)
    limit = money_or_none(row, "creditLimit", unit)
    return CreditStatus(
        customer_id=text(row, "customerId"),
        system=system,
        currency=unit,
        on_hold=truth(row, "onHold"),
        bill_to_id=text(row, "billToId"),
        unlimited=limit is None,
        limit=limit,
        balance=money(row, "balance", unit),
        shipped_not_invoiced=money(row, "shippedNotInvoiced", unit),
        open_orders=money(row, "openOrders", unit),
        returns_not_credited=money(row, "returnsNotCredited", unit),
        exposure=money(row, "exposure", unit),
        available=money_or_none(row, "available", unit),
        past_due=money(row, "pastDue", unit),
        past_due_since=day_or_none(row, "oldestPastDueOn"),
        last_invoiced_on=day_or_none(row, "lastInvoicedOn"),
        hold_reason=text_or_empty(row, "holdReason"),
        terms_days=whole_or_none(row, "termsDays"),
    )


def contract(row: Row, system: str) -> Contract:
    """Read a service contract."""
    unit = currency(row)
    return Contract(
        id=text(row, "id"),
        system=system,
        customer_id=text(row, "customerId"),
        kind=word(row, "kind", _CONTRACT_KINDS),
        name=text(row, "name"),
        starts_on=day(row, "startsOn"),
        ends_on=day_or_none(row, "endsOn"),
        annual_value=money(row, "annualValue", unit),
        annual_cost=money_or_none(row, "annualCost", unit),
        status=_CONTRACT_STATUSES[word(row, "status", _CONTRACT_WORDS)],  # type: ignore[arg-type]
    )


def exchange_rate(row: Row, system: str) -> ExchangeRate:
    """Read what one unit of a currency is worth in another."""
    return ExchangeRate(
        of=currency(row, "of"),
        to=currency(row, "to"),
        rate=decimal(row, "rate"),
        on=day(row, "validFrom"),
        source=system,
    )
