"""Quotes, from the CRM's wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    day_or_none,
    decimal,
    decimal_or_none,
    each,
    instant,
    instant_or_none,
    money_or_none,
    optional_text,
    text,
    text_or_empty,
    text_or_none,
    whole,
    word,
)
from crossdock.connectors.writing import amount_or_none, number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.connectors.writing import instant as instant_text
from crossdock.records import Check, Quote, QuoteLine

_STATUSES: Final = frozenset({"draft", "sent", "accepted", "declined", "ordered"})
PRICING: Final = frozenset({"unpriced", "priced", "unchecked"})
_LEVELS: Final = frozenset({"info", "warning", "error"})


def quote(row: Row) -> Quote:
    """Read a quote with its lines."""
    unit = currency(row)
    return Quote(
        id=text(row, "id"),
        account_id=text(row, "account_id"),
        currency=unit,
        lines=each(row, "lines", lambda line: _line(line, unit)),
        status=word(row, "status", _STATUSES),
        opportunity_id=text_or_none(row, "opportunity_id"),
        contact_id=text_or_none(row, "contact_id"),
        owner_id=text_or_none(row, "owner_id"),
        trading_account=text_or_empty(row, "trading_account"),
        valid_until=day_or_none(row, "valid_until"),
        net=money_or_none(row, "net_total", unit),
        tax=money_or_none(row, "tax_total", unit),
        gross=money_or_none(row, "gross_total", unit),
        pricing_status=word(row, "pricing_status", PRICING),
        priced_at=instant_or_none(row, "priced_at"),
        price_source=text_or_empty(row, "price_source"),
        checks=each(row, "checks", check),
        order_id=text_or_none(row, "order_id"),
        created_at=instant(row, "created_at"),
        modified_at=instant(row, "updated_at"),
        version=str(whole(row, "version")),
    )


def _line(row: Row, unit: str) -> QuoteLine:
    return QuoteLine(
        number=whole(row, "line"),
        item_id=text(row, "item_code"),
        quantity=decimal(row, "quantity"),
        unit=text_or_empty(row, "unit"),
        description=text_or_empty(row, "description"),
        list_price=money_or_none(row, "list_price", unit),
        unit_price=money_or_none(row, "unit_price", unit),
        discount_percent=decimal(row, "discount_percent"),
        net=money_or_none(row, "net_amount", unit),
        tax_rate=decimal_or_none(row, "tax_rate"),
        tax=money_or_none(row, "tax_amount", unit),
        price_rule=text_or_empty(row, "price_rule"),
        price_source=text_or_empty(row, "price_source"),
        promised_on=day_or_none(row, "promised_on"),
    )


def check(row: Row) -> Check:
    """Read an answer of a guard that is kept with a document."""
    return Check(
        level=word(row, "level", _LEVELS),
        message=text(row, "message"),
        code=text(row, "code"),
        field=optional_text(row, "field"),
    )


def quote_body(quote: Quote) -> dict[str, Any]:
    """Write a quote; all fields that a record knows, so that an emptied one is cleared.

    Fields of the CRM's that the record does not know (notes, delivery address) stay as they are.
    `unit_cost` never goes to the CRM, and `ordered` is a status that only ordering gives.
    """
    body: dict[str, Any] = {
        "account_id": quote.account_id,
        "opportunity_id": quote.opportunity_id,
        "contact_id": quote.contact_id,
        "owner_id": quote.owner_id,
        "currency": quote.currency,
        "valid_until": day_text(quote.valid_until),
        "trading_account": quote.trading_account or None,
        "lines": [
            _line_body(line, quote.currency, f"lines.{index}")
            for index, line in enumerate(quote.lines)
        ],
        "pricing_status": quote.pricing_status,
        "priced_at": instant_text(quote.priced_at, "priced_at") if quote.priced_at else None,
        "price_source": quote.price_source or None,
        "checks": [check_body(each) for each in quote.checks],
        **totals(quote),
    }
    if quote.status != "ordered":
        body["status"] = quote.status
    return body


def totals(document: Any) -> dict[str, str | None]:
    """Write the totals of a quote or order: all three, or none when one of them is not known."""
    known = None not in (document.net, document.tax, document.gross)
    return {
        f"{name}_total": amount_or_none(
            getattr(document, name) if known else None, document.currency, name
        )
        for name in ("net", "tax", "gross")
    }


def _line_body(line: QuoteLine, unit: str, field: str) -> dict[str, Any]:
    return {
        "line": line.number,
        "item_code": line.item_id,
        "description": line.description or None,
        "unit": line.unit or None,
        "quantity": number(line.quantity),
        "list_price": amount_or_none(line.list_price, unit, f"{field}.list_price"),
        "unit_price": amount_or_none(line.unit_price, unit, f"{field}.unit_price"),
        "discount_percent": number(line.discount_percent),
        "net_amount": amount_or_none(line.net, unit, f"{field}.net"),
        "tax_rate": None if line.tax_rate is None else number(line.tax_rate),
        "tax_amount": amount_or_none(line.tax, unit, f"{field}.tax"),
        "price_rule": line.price_rule or None,
        "price_source": line.price_source or None,
        "promised_on": day_text(line.promised_on),
    }


def check_body(check: Check) -> dict[str, Any]:
    """Write an answer of a guard that is kept with a document."""
    return {
        "level": check.level,
        # The CRM keeps no check without a code; a guard may give one without.
        "code": check.code or "check",
        "message": check.message,
        "field": check.field or None,
    }
