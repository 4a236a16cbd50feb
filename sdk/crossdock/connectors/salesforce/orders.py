"""Orders with their lines and timelines, from Salesforce's records and onto them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import lines, quotes, values
from crossdock.connectors.salesforce.fields import (
    EXTERNAL_IDS,
    KEY,
    own,
    own_name,
)
from crossdock.connectors.salesforce.parties import owned_by
from crossdock.connectors.salesforce.queries import STAMPS, version_of
from crossdock.connectors.salesforce.records import key_of
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.documents import ORDER_STATUSES
from crossdock.records import Address, Order, OrderEvent

KIND: Final = "Order"
LINE: Final = "OrderItem"
LINES: Final = "OrderItems"
DRAFT: Final = "Draft"
ACTIVATED: Final = "Activated"
_ADDRESS: Final = {
    "street": "ShippingStreet", "city": "ShippingCity", "region": "ShippingState",
    "postcode": "ShippingPostalCode", "country": "ShippingCountry",
    "name": own_name("ship_to_name"),
}  # fmt: skip
ORDER: Final = (
    *STAMPS, "AccountId", "OpportunityId", "QuoteId", "Status", "EffectiveDate", "OwnerId",
    "OrderNumber", "Pricebook2Id",
    *(name for name in _ADDRESS.values() if not name.endswith("__c")), *own(KIND),
)  # fmt: skip
_STATUSES: Final = frozenset(ORDER_STATUSES)
_ERP_ORDER, _STATUS, _REASON = map(own_name, ("erp_order", "status", "status_reason"))
_REFERENCE, _REQUESTED, _PROMISED = map(own_name, ("reference", "requested_on", "promised_on"))
TOTALS: Final = tuple(map(own_name, ("net", "tax", "gross")))

EVENT: Final = ("Id", "Subject", "Description", "CreatedDate", *own("Task"))
_AT, _EVENT_KIND, _DOCUMENT, _ACTOR, _ORDER = map(
    own_name, ("at", "kind", "document_id", "actor", "order")
)
_LONGEST_SUBJECT: Final = 255


def is_activated(row: Row) -> bool:
    """Whether Salesforce has locked an order's lines."""
    return values.text(row, "Status") == ACTIVATED


def order(row: Row, system: str, currency: str) -> Order:
    """Read an order.

    Once the ERP has it, the customer is the one of the trading account that it went to. Somebody's
    own order, made in Salesforce, has its number there as its reference, and is submitted once it
    was activated.
    """
    erp_system, _, erp_order_id = values.text(row, _ERP_ORDER).partition(":")
    items: Sequence[Row] = row.get(LINES) or ()
    priced = quotes.pricing(row, currency)
    trading_account = str(priced["trading_account"])
    default = "submitted" if is_activated(row) else "draft"
    return Order(
        id=text(row, "Id"),
        system=system,
        currency=currency,
        account_id=values.text(row, "AccountId"),
        customer_id=trading_account.partition(":")[2] if erp_order_id else "",
        reference=values.text(row, _REFERENCE) or values.text(row, "OrderNumber"),
        lines=tuple(
            lines.order_line(number, line, currency)
            for number, line in lines.numbered(items).items()
        ),
        status=values.word(row, _STATUS, _STATUSES, default),
        hold_reason=values.text(row, _REASON),
        ordered_on=values.day_or_none(row, "EffectiveDate"),
        requested_on=values.day_or_none(row, _REQUESTED),
        promised_on=values.day_or_none(row, _PROMISED),
        ship_to=Address(**{name: values.text(row, there) for name, there in _ADDRESS.items()}),
        **priced,
        quote_id=values.text_or_none(row, "QuoteId"),
        opportunity_id=values.text_or_none(row, "OpportunityId"),
        owner_id=values.text_or_none(row, "OwnerId"),
        erp_system=erp_system,
        erp_order_id=erp_order_id,
        external_ids=values.object_or_empty(row, EXTERNAL_IDS),
        created_at=values.instant(row, "CreatedDate"),
        version=version_of(row, items),
    )


def head_written(order: Order) -> dict[str, Written]:
    """Write an order's head, with how far it has come."""
    erp = f"{order.erp_system}:{order.erp_order_id}" if order.erp_order_id else None
    return {
        _ERP_ORDER: erp,
        _REFERENCE: values.as_text(order.reference),
        _STATUS: order.status,
        _REASON: values.as_text(order.hold_reason),
        _REQUESTED: values.as_day(order.requested_on),
        _PROMISED: values.as_day(order.promised_on),
        EXTERNAL_IDS: values.as_json(dict(order.external_ids)),
        **owned_by(order.owner_id),
        **quotes.pricing_written(order),
        **quotes.totals(order),
        **{there: values.as_text(getattr(order.ship_to, name)) for name, there in _ADDRESS.items()},
    }


def event(row: Row) -> OrderEvent:
    """Read an entry of a timeline: a task that is done."""
    _, _, key = values.text(row, KEY).partition("|")
    body = values.text(row, "Description")
    title = values.text(row, "Subject")
    if body.startswith(title) and len(title) == _LONGEST_SUBJECT:
        title, _, body = body.partition("\n")
    return OrderEvent(
        key=key.partition("|")[2],
        at=values.instant_or_none(row, _AT) or values.instant(row, "CreatedDate"),
        kind=values.text(row, _EVENT_KIND),
        title=title,
        text=body,
        document_id=values.text(row, _DOCUMENT),
        actor=values.text(row, _ACTOR),
    )


def event_key(order_id: str, key: str) -> str:
    """Give the unique key of a timeline's entry."""
    return key_of("order", order_id, key)


def event_written(order_id: str, event: OrderEvent) -> dict[str, Written]:
    """Write an entry of a timeline as a task on the order; a long title is told in its text."""
    body = event.text
    if len(event.title) > _LONGEST_SUBJECT:
        body = f"{event.title}\n{event.text}"
    return {
        "WhatId": order_id,
        "Subject": event.title[:_LONGEST_SUBJECT],
        "Description": values.as_text(body),
        "Status": "Completed",
        "ActivityDate": values.as_day(event.at.date()),
        _ORDER: order_id,
        _AT: values.as_instant(event.at),
        _EVENT_KIND: event.kind,
        _DOCUMENT: values.as_text(event.document_id),
        _ACTOR: values.as_text(event.actor),
    }
