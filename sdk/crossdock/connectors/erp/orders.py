"""The ERP's sales orders, from its wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.erp.customers import address
from crossdock.connectors.reading import (
    Row,
    currency,
    day,
    day_or_none,
    decimal,
    each,
    instant,
    money,
    optional_text,
    optional_whole,
    part,
    text,
    text_or_empty,
    whole,
    word,
)
from crossdock.connectors.writing import amount, number
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.records import Address, Order, OrderLine, OrderStep

_STATUSES: Final = frozenset(
    {
        "on_hold", "rejected", "cancelled", "confirmed", "partly_shipped", "shipped",
        "partly_invoiced", "invoiced", "paid", "returned",
    }
)  # fmt: skip


def order(row: Row, system: str) -> Order:
    """Read an order with its lines, and its history where it was read alone.

    Its external ids name the CRM order that it came from.
    """
    unit = currency(row)
    customer_id = text(row, "customerId")
    source = part(row, "source", _source)
    status = word(row, "status", _STATUSES)
    return Order(
        id=text(row, "id"),
        system=system,
        currency=unit,
        customer_id=customer_id,
        trading_account=f"{system}:{customer_id}",
        reference=text_or_empty(row, "externalReference"),
        lines=each(row, "lines", lambda line: _line(line, unit)),
        status=status,
        hold_reason=_hold_reason(row, status),
        ordered_on=day(row, "orderedOn"),
        requested_on=day_or_none(row, "requestedOn"),
        promised_on=day_or_none(row, "promisedOn"),
        ship_to=part(row, "shipTo", address),
        net=money(row, "net", unit),
        tax=money(row, "tax", unit),
        gross=money(row, "total", unit),
        quote_id=source["quoteId"] or None,
        opportunity_id=source["opportunityId"] or None,
        external_ids=(
            {source["system"]: source["orderId"]} if source["system"] and source["orderId"] else {}
        ),
        history=each(row, "history", _step) if "history" in row else (),
        created_at=instant(row, "createdAt"),
        version=str(whole(row, "version")),
    )


def _line(row: Row, unit: str) -> OrderLine:
    def line(quantities: Row) -> OrderLine:
        return OrderLine(
            number=whole(row, "line"),
            item_id=text(row, "itemId"),
            quantity=decimal(quantities, "ordered"),
            unit=text(row, "unit"),
            description=text(row, "description"),
            unit_price=money(row, "unitPrice", unit),
            discount_percent=decimal(row, "discountPercent"),
            net=money(row, "net", unit),
            reserved=decimal(quantities, "reserved"),
            back_ordered=decimal(quantities, "backordered"),
            shipped=decimal(quantities, "shipped"),
            invoiced=decimal(quantities, "invoiced"),
            returned=decimal(quantities, "returned"),
            cancelled=decimal(quantities, "cancelled"),
            promised_on=day_or_none(row, "promisedOn"),
            quote_line=part(row, "source", lambda source: optional_whole(source, "quoteLine")),
        )

    return part(row, "quantities", line)


def _source(row: Row) -> dict[str, str]:
    return {
        name: optional_text(row, name) for name in ("system", "quoteId", "opportunityId", "orderId")
    }


def _hold_reason(row: Row, status: str) -> str:
    """Say why an order waits or was rejected: its holds, or what its approval was asked for."""
    holds = each(row, "holds", lambda hold: text(hold, "reason"))

    def approval(told: Row) -> tuple[str, ...]:
        reasons = each(told, "reasons", lambda reason: text(reason, "message"))
        note = text_or_empty(told, "note")
        return (*((note,) if note else ()), *reasons)

    asked = part(row, "approval", approval)
    if status == "rejected":
        return " ".join(asked)
    return " ".join(dict.fromkeys(holds)) if status == "on_hold" else ""


def _step(row: Row) -> OrderStep:
    return OrderStep(
        at=instant(row, "at"),
        event=text(row, "event"),
        status=word(row, "status", _STATUSES),
        actor=text(row, "actor"),
        document_id=text_or_empty(row, "documentId"),
        note=text_or_empty(row, "note"),
    )


def order_body(customer_id: str, order: Order) -> dict[str, Any]:
    """Write an order.

    It holds nothing of the moment or the process: the same order gives the same body, as an
    idempotency key demands. A line with a price is sent with it, which is what the customer was
    quoted; one without leaves it to the ERP.
    """
    source = {
        "system": order.system or None,
        "opportunityId": order.opportunity_id,
        "quoteId": order.quote_id,
        "orderId": order.id or None,
    }
    body: dict[str, Any] = {
        "customerId": customer_id,
        "externalReference": order.reference or None,
        "source": source,
        "currency": order.currency,
        "lines": [
            line_body(line, order.currency, f"lines.{index}", source)
            for index, line in enumerate(order.lines)
        ],
    }
    if order.requested_on is not None:
        body["requestedOn"] = day_text(order.requested_on)
    if order.ship_to != Address():
        body["shipTo"] = {
            name: getattr(order.ship_to, name) or None
            for name in ("name", "street", "city", "region", "postcode", "country")
        }
    return body


def line_body(
    line: OrderLine, unit: str, field: str, source: dict[str, str | None]
) -> dict[str, Any]:
    """Write one line; `source` says which document of the CRM it came from."""
    body: dict[str, Any] = {
        "line": line.number,
        "itemId": line.item_id,
        "quantity": number(line.quantity),
        "source": {**source, "quoteLine": line.quote_line, "orderLine": line.number},
    }
    if line.description:
        body["description"] = line.description
    if line.unit_price is not None:
        body["unitPrice"] = amount(line.unit_price, unit, f"{field}.unit_price")
        body["discountPercent"] = number(line.discount_percent)
    elif line.discount_percent:
        body["discountPercent"] = number(line.discount_percent)
    return body
