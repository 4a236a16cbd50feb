"""Orders with their line items and timelines, from HubSpot's objects and onto them."""

from __future__ import annotations

from datetime import date
from typing import Final

from crossdock.connectors.hubspot import lines, quotes, values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.properties import own
from crossdock.connectors.vendor_crm.documents import ORDER_STATUSES
from crossdock.records import Address, Order, OrderEvent

KIND: Final = "orders"
_ADDRESS: Final = {
    "name": "hs_shipping_address_name", "street": "hs_shipping_address_street",
    "city": "hs_shipping_address_city", "region": "hs_shipping_address_state",
    "postcode": "hs_shipping_address_postal_code", "country": "hs_shipping_address_country",
}  # fmt: skip
AMOUNTS: Final = ("hs_subtotal_price", "hs_tax", "hs_total_price")
_TOTALS: Final = {"net": "hs_subtotal_price", "tax": "hs_tax", "gross": "hs_total_price"}
ORDER: Final = (
    "hs_order_name", "hs_currency_code", "hs_external_order_id", "hs_external_order_status",
    "hubspot_owner_id",
    *_TOTALS.values(), *_ADDRESS.values(), *own(KIND),
)  # fmt: skip
_STATUSES: Final = frozenset(ORDER_STATUSES)
_EXTERNAL: Final = "crossdock_external_ids"


def is_whole(head: Object) -> bool:
    """Whether an order was made to its end: its status is written last."""
    return bool(values.text(head.properties, "crossdock_status"))


def order(head: Object, items: tuple[Object, ...], system: str, currency: str) -> Order:
    """Read an order; one that is not whole yet is a draft.

    Once the ERP has it, the customer is the one of the trading account that it went to. Somebody's
    own order, made in HubSpot, has its number there as its reference.
    """
    row = head.properties
    unit = values.currency_or_none(row, "hs_currency_code") or currency
    erp_system, _, erp_order_id = values.text(row, "crossdock_erp_order").partition(":")
    trading_account = values.text(row, "crossdock_trading_account")
    net, tax, gross = (values.money_or_none(row, name, unit) for name in _TOTALS.values())
    company, deal = (head.associated.get(kind, ()) for kind in ("companies", "deals"))
    return Order(
        id=head.id,
        system=system,
        currency=unit,
        account_id=company[0] if company else "",
        customer_id=trading_account.partition(":")[2] if erp_order_id else "",
        trading_account=trading_account,
        reference=values.text(row, "crossdock_reference") or head.id,
        lines=tuple(
            item.read(lambda line, n=number: lines.order_line(n, line, unit))  # type: ignore[misc]
            for number, item in lines.numbered(items).items()
        ),
        status=values.word(row, "crossdock_status", _STATUSES, "draft"),
        hold_reason=values.text(row, "crossdock_status_reason"),
        ordered_on=head.created_at.date(),
        requested_on=values.day_or_none(row, "crossdock_requested_on"),
        promised_on=values.day_or_none(row, "crossdock_promised_on"),
        ship_to=Address(**{name: values.text(row, there) for name, there in _ADDRESS.items()}),
        net=net,
        tax=tax,
        gross=gross,
        **quotes.pricing(row),
        quote_id=values.text_or_none(row, "crossdock_quote"),
        opportunity_id=deal[0] if deal else None,
        owner_id=values.text_or_none(row, "hubspot_owner_id"),
        erp_system=erp_system,
        erp_order_id=erp_order_id,
        external_ids=values.object_or_empty(row, _EXTERNAL),
        created_at=head.created_at,
        version=lines.version_of(head, items),
    )


def head_written(order: Order) -> dict[str, str]:
    """Write an order's head, without its status, which says that all of it was written."""
    erp = f"{order.erp_system}:{order.erp_order_id}" if order.erp_order_id else ""
    amounts = quotes.totals(order)
    return {
        "hs_currency_code": order.currency,
        "hubspot_owner_id": order.owner_id or "",
        "hs_external_order_id": order.erp_order_id,
        "crossdock_erp_order": erp,
        "crossdock_reference": order.reference,
        "crossdock_quote": order.quote_id or "",
        "crossdock_requested_on": values.as_day(order.requested_on),
        "crossdock_promised_on": values.as_day(order.promised_on),
        _EXTERNAL: values.as_json(dict(order.external_ids)),
        **quotes.pricing_written(order),
        **{there: getattr(order.ship_to, name) for name, there in _ADDRESS.items()},
        **{_TOTALS[name]: value for name, value in amounts.items()},
    }


def status_written(order: Order) -> dict[str, str]:
    """Write how far an order has come, for us and for people."""
    return {
        "crossdock_status": order.status,
        "crossdock_status_reason": order.hold_reason,
        "hs_external_order_status": order.status.replace("_", " ").capitalize(),
    }


def lines_written(order: Order) -> dict[int, dict[str, str]]:
    """Write the lines by their numbers."""
    return {
        line.number: lines.order_line_written(line, order.currency, f"lines.{index}")
        for index, line in enumerate(order.lines)
    }


def name_of(order: Order, on: date) -> str:
    """Name a new order for people."""
    return f"Order of {on:%d %b %Y}" + (f" ({order.reference})" if order.reference else "")


def event(note: Object) -> OrderEvent:
    """Read an entry of a timeline."""
    row = note.properties
    _, _, key = values.text(row, "crossdock_key").partition("|")
    title = values.text(row, "crossdock_title")
    body = values.text(row, "hs_note_body").removeprefix(_headline(title))
    return OrderEvent(
        key=key,
        at=values.instant_or_none(row, "hs_timestamp") or note.created_at,
        kind=values.text(row, "crossdock_kind"),
        title=title,
        text=values.plain(body),
        document_id=values.text(row, "crossdock_document_id"),
        actor=values.text(row, "crossdock_actor"),
    )


def event_key(order_id: str, event_key: str) -> str:
    """Give the unique key of a timeline's entry."""
    return f"order:{order_id}|{event_key}"


def event_written(event: OrderEvent) -> dict[str, str]:
    """Write an entry of a timeline as a note."""
    return {
        "hs_timestamp": values.as_instant(event.at),
        "hs_note_body": _headline(event.title) + values.rich(event.text),
        "crossdock_kind": event.kind,
        "crossdock_title": event.title,
        "crossdock_document_id": event.document_id,
        "crossdock_actor": event.actor,
    }


def _headline(title: str) -> str:
    return f"<strong>{values.rich(title)}</strong><br>"
