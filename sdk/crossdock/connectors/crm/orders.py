"""The CRM's orders and their timelines, from its wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.crm.parties import address_body, address_or_empty
from crossdock.connectors.crm.quotes import PRICING, check, check_body, totals
from crossdock.connectors.reading import (
    Row,
    currency,
    day_or_none,
    decimal,
    each,
    instant,
    instant_or_none,
    money_or_none,
    text,
    text_or_empty,
    text_or_none,
    texts,
    whole,
    whole_or_none,
    word,
)
from crossdock.connectors.writing import amount, amount_or_none, number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.connectors.writing import instant as instant_text
from crossdock.records import Order, OrderEvent, OrderLine

_STATUSES: Final = frozenset(
    {
        "draft", "submitted", "awaiting_approval", "accepted", "on_hold", "rejected",
        "possibly_created", "confirmed", "partly_shipped", "shipped", "partly_invoiced", "invoiced",
        "paid", "cancelled", "returned",
    }
)  # fmt: skip
_QUANTITIES: Final = (
    ("ordered_quantity", "quantity"),
    ("reserved_quantity", "reserved"),
    ("shipped_quantity", "shipped"),
    ("invoiced_quantity", "invoiced"),
    ("cancelled_quantity", "cancelled"),
    ("returned_quantity", "returned"),
    ("backordered_quantity", "back_ordered"),
)


def order(row: Row, system: str) -> Order:
    """Read an order with its lines.

    Once the ERP has it, the customer is the one of the trading account that it went to.
    """
    unit = currency(row)
    erp_order_id = text_or_empty(row, "erp_order_id")
    trading_account = text_or_empty(row, "trading_account")
    placed_at = instant(row, "placed_at")
    return Order(
        id=text(row, "id"),
        system=system,
        currency=unit,
        account_id=text(row, "account_id"),
        customer_id=trading_account.partition(":")[2] if erp_order_id else "",
        trading_account=trading_account,
        reference=text(row, "reference"),
        lines=each(row, "lines", lambda line: _line(line, unit)),
        status=word(row, "status", _STATUSES),
        hold_reason=text_or_empty(row, "status_reason"),
        ordered_on=placed_at.date(),
        requested_on=day_or_none(row, "requested_on"),
        promised_on=day_or_none(row, "promised_on"),
        ship_to=address_or_empty(row, "ship_to"),
        net=money_or_none(row, "net_total", unit),
        tax=money_or_none(row, "tax_total", unit),
        gross=money_or_none(row, "gross_total", unit),
        pricing_status=word(row, "pricing_status", PRICING),
        priced_at=instant_or_none(row, "priced_at"),
        price_source=text_or_empty(row, "price_source"),
        checks=each(row, "checks", check),
        quote_id=text_or_none(row, "quote_id"),
        opportunity_id=text_or_none(row, "opportunity_id"),
        owner_id=text_or_none(row, "owner_id"),
        erp_system=text_or_empty(row, "erp_system"),
        erp_order_id=erp_order_id,
        external_ids=texts(row, "external_ids"),
        created_at=instant(row, "created_at"),
        version=str(whole(row, "version")),
    )


def _line(row: Row, unit: str) -> OrderLine:
    """Read a line; its quantity is what the ERP holds as ordered now: the others add up to it."""
    return OrderLine(
        number=whole(row, "line"),
        item_id=text(row, "item_code"),
        quantity=decimal(row, "ordered_quantity"),
        unit=text_or_empty(row, "unit"),
        description=text_or_empty(row, "description"),
        unit_price=money_or_none(row, "unit_price", unit),
        discount_percent=decimal(row, "discount_percent"),
        net=money_or_none(row, "net_amount", unit),
        reserved=decimal(row, "reserved_quantity"),
        back_ordered=decimal(row, "backordered_quantity"),
        shipped=decimal(row, "shipped_quantity"),
        invoiced=decimal(row, "invoiced_quantity"),
        returned=decimal(row, "returned_quantity"),
        cancelled=decimal(row, "cancelled_quantity"),
        promised_on=day_or_none(row, "promised_on"),
        quote_line=whole_or_none(row, "quote_line"),
    )


def order_body(written: Order) -> dict[str, Any]:
    """Write an order that is entered without a quote, under the caller's own reference."""
    body: dict[str, Any] = {
        "reference": written.reference,
        "status": "draft" if written.status == "draft" else "submitted",
        "account_id": written.account_id,
        "opportunity_id": written.opportunity_id,
        "owner_id": written.owner_id,
        "currency": written.currency,
        "requested_on": day_text(written.requested_on),
        "trading_account": written.trading_account or None,
        "ship_to": address_body(written.ship_to),
        "lines": [
            _new_line_body(line, written.currency, f"lines.{index}")
            for index, line in enumerate(written.lines)
        ],
        **_pricing_body(written),
        **totals(written),
    }
    if written.external_ids:
        body["external_ids"] = dict(written.external_ids)
    return body


def _new_line_body(line: OrderLine, unit: str, field: str) -> dict[str, Any]:
    return {
        "line": line.number,
        "item_code": line.item_id,
        "description": line.description or None,
        "unit": line.unit or None,
        "quantity": number(line.quantity),
        "unit_price": amount_or_none(line.unit_price, unit, f"{field}.unit_price"),
        "discount_percent": number(line.discount_percent),
        "net_amount": amount_or_none(line.net, unit, f"{field}.net"),
        "promised_on": day_text(line.promised_on),
    }


def _pricing_body(written: Order) -> dict[str, Any]:
    at = written.priced_at
    return {
        "pricing_status": written.pricing_status,
        "priced_at": instant_text(at, "priced_at") if at else None,
        "price_source": written.price_source or None,
        "checks": [check_body(each) for each in written.checks],
    }


def is_same(there: Order, wanted: Order) -> bool:
    """Whether an order that is there is what somebody wants to enter."""
    return there.account_id == wanted.account_id and has_lines_of(there, wanted)


def has_lines_of(there: Order, wanted: Order) -> bool:
    """Whether an order has the items of another one in the same quantities, line by line."""

    def lines(order: Order) -> list[tuple[object, ...]]:
        return [(line.number, line.item_id, line.quantity) for line in order.lines]

    return lines(there) == lines(wanted)


def draft_change(now: Order, wanted: Order) -> dict[str, Any]:
    """Write what a draft must be told to become `wanted`, prices and checks included."""
    change = order_change(now, wanted)
    before = _pricing_body(now)
    return change | {
        name: value for name, value in _pricing_body(wanted).items() if value != before[name]
    }


def order_change(now: Order, wanted: Order) -> dict[str, Any]:
    """Write what an order must be told to become `wanted`; empty when it is so already.

    An amount that `wanted` does not know is left alone. The ERP's order is named once and stays.
    """
    change: dict[str, Any] = {}
    if wanted.status != now.status:
        change["status"] = wanted.status
    if wanted.hold_reason != now.hold_reason:
        change["status_reason"] = wanted.hold_reason or None
    theirs = wanted.erp_system, wanted.erp_order_id
    if all(theirs) and theirs != (now.erp_system, now.erp_order_id):
        change["erp_system"], change["erp_order_id"] = theirs
    for name in ("requested_on", "promised_on"):
        if getattr(wanted, name) != getattr(now, name):
            change[name] = day_text(getattr(wanted, name))
    if wanted.trading_account and wanted.trading_account != now.trading_account:
        change["trading_account"] = wanted.trading_account
    before = {line.number: line for line in now.lines}
    lines = [
        line_change
        for index, line in enumerate(wanted.lines)
        if (line_change := _line_change(before.get(line.number), line, now.currency, index))
    ]
    if lines:
        change["lines"] = lines
    if None not in (wanted.net, wanted.tax, wanted.gross) and (
        lines or (wanted.net, wanted.tax, wanted.gross) != (now.net, now.tax, now.gross)
    ):
        change |= totals(wanted)
    new_ids = {
        name: value
        for name, value in wanted.external_ids.items()
        if now.external_ids.get(name) != value
    }
    if new_ids:
        change["external_ids"] = new_ids
    return change


def _line_change(
    now: OrderLine | None, wanted: OrderLine, unit: str, index: int
) -> dict[str, Any] | None:
    """Write one line's changes; one that the CRM does not have is one that the ERP added."""
    change: dict[str, Any] = {
        name: number(getattr(wanted, attribute))
        for name, attribute in _QUANTITIES
        if now is None or getattr(wanted, attribute) != getattr(now, attribute)
    }
    for name, attribute in (("unit_price", "unit_price"), ("net_amount", "net")):
        value = getattr(wanted, attribute)
        if value is not None and (now is None or value != getattr(now, attribute)):
            change[name] = amount(value, unit, f"lines.{index}.{attribute}")
    if now is None or wanted.discount_percent != now.discount_percent:
        change["discount_percent"] = number(wanted.discount_percent)
    if now is None or wanted.promised_on != now.promised_on:
        change["promised_on"] = day_text(wanted.promised_on)
    if not change:
        return None
    if now is None:
        change |= {
            "item_code": wanted.item_id,
            "description": wanted.description or None,
            "unit": wanted.unit or None,
        }
    return {"line": wanted.number, "status": line_status(wanted), **change}


def line_status(line: OrderLine) -> str:
    """Give the CRM's word for how far a line has come, from its quantities.

    What is furthest along decides: returned, invoiced, shipped, then what holds the rest back.
    """
    live = line.quantity - line.cancelled
    rules = (
        ("cancelled", live <= 0),
        ("returned", line.shipped > 0 and line.shipped >= live and line.returned >= line.shipped),
        ("invoiced", line.invoiced >= live),
        ("partly_invoiced", line.invoiced > 0),
        ("shipped", line.shipped >= live),
        ("partly_shipped", line.shipped > 0),
        ("backordered", line.back_ordered > 0),
        ("reserved", line.reserved > 0),
    )
    return next((status for status, holds in rules if holds), "open")


def order_event(row: Row) -> OrderEvent:
    """Read an entry of a timeline."""
    return OrderEvent(
        key=text(row, "key"),
        at=instant(row, "at"),
        kind=text(row, "kind"),
        title=text(row, "title"),
        text=text_or_empty(row, "text"),
        document_id=text_or_empty(row, "document_id"),
        actor=text_or_empty(row, "actor"),
    )


def order_event_body(event: OrderEvent) -> dict[str, Any]:
    """Write an entry of a timeline."""
    return {
        "key": event.key,
        "kind": event.kind,
        "at": instant_text(event.at, "at"),
        "title": event.title,
        "text": event.text or None,
        "actor": event.actor or None,
        "document_id": event.document_id or None,
    }
