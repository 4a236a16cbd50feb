"""Quotes with their line items, from HubSpot's objects and onto them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from crossdock.connectors.hubspot import lines, values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.properties import QUOTE_STATUSES, own
from crossdock.connectors.reading import Row
from crossdock.connectors.vendor_crm import documents
from crossdock.connectors.writing import amount
from crossdock.records import Money, Order, Quote

KIND: Final = "quotes"
QUOTE: Final = (
    "hs_title", "hs_status", "hs_expiration_date", "hs_currency", "hubspot_owner_id",
    *own(KIND),
)  # fmt: skip
_PRICING: Final = frozenset(documents.PRICING)
_STATUSES: Final = frozenset(QUOTE_STATUSES)
# What HubSpot's own words for a quote's approval say of it: one that may be seen was sent.
PUBLISHED: Final = "APPROVAL_NOT_NEEDED"
_SENT: Final = frozenset({PUBLISHED, "APPROVED"})


def quote(head: Object, items: Sequence[Object], account_id: str, currency: str) -> Quote:
    """Read a quote.

    What a customer answered is our property's; otherwise a published quote is sent, and every other
    one a draft. The order that was made of it is named together with the quote itself, as a clone
    of a quote takes its properties along.
    """
    row = head.properties
    unit = values.currency_or_none(row, "hs_currency") or currency
    order_id = made_of_it(head)
    contact, deal = (head.associated.get(kind, ()) for kind in ("contacts", "deals"))
    gross, net, tax = (
        values.money_or_none(row, f"crossdock_{name}", unit) for name in ("gross", "net", "tax")
    )
    return Quote(
        id=head.id,
        account_id=account_id,
        currency=unit,
        lines=tuple(
            item.read(lambda line, n=number: lines.quote_line(n, line, unit))  # type: ignore[misc]
            for number, item in lines.numbered(items).items()
        ),
        status="ordered" if order_id else _status(row),
        opportunity_id=deal[0] if deal else None,
        contact_id=contact[0] if contact else None,
        owner_id=values.text_or_none(row, "hubspot_owner_id"),
        trading_account=values.text(row, "crossdock_trading_account"),
        valid_until=values.day_or_none(row, "hs_expiration_date"),
        net=net,
        tax=tax,
        gross=gross,
        **pricing(row),
        order_id=order_id or None,
        created_at=head.created_at,
        modified_at=head.updated_at,
        version=lines.version_of(head, items),
    )


def _status(row: Row) -> Any:
    published = values.text(row, "hs_status") in _SENT
    answered = values.word(row, "crossdock_status", _STATUSES, "draft")
    if answered in ("accepted", "declined"):
        return answered
    return "sent" if published or answered == "sent" else "draft"


def published_as(head: Object) -> str:
    """Give HubSpot's word for how a quote is published; empty where it is not."""
    status = values.text(head.properties, "hs_status")
    return status if status in _SENT else ""


def made_of_it(head: Object) -> str:
    """Give the id of the order that was made of a quote, or nothing."""
    quote_id, _, order_id = values.text(head.properties, "crossdock_order").partition("/")
    return order_id if quote_id == head.id else ""


def pricing(row: Row) -> dict[str, Any]:
    """Read what is known of the pricing of a quote or order."""
    return {
        "pricing_status": values.word(row, "crossdock_pricing_status", _PRICING, "unpriced"),
        "priced_at": values.instant_or_none(row, "crossdock_priced_at"),
        "price_source": values.text(row, "crossdock_price_source"),
        "checks": tuple(map(documents.check, values.rows_or_empty(row, "crossdock_checks"))),
    }


def pricing_written(document: Quote | Order) -> dict[str, str]:
    """Write what is known of the pricing of a quote or order."""
    return {
        "crossdock_pricing_status": document.pricing_status,
        "crossdock_priced_at": values.as_instant(document.priced_at),
        "crossdock_price_source": document.price_source,
        "crossdock_checks": values.as_json(
            [documents.check_written(check) for check in document.checks]
        ),
        "crossdock_trading_account": document.trading_account,
    }


def totals(document: Quote | Order) -> Mapping[str, str]:
    """Write the totals: all three, or none when one of them is not known.

    Raises:
        Unwritable: they are of another currency, or do not add up.
    """

    def write(value: Money | None, name: str) -> str:
        return "" if value is None else amount(value, document.currency, name)

    return documents.totals(document, write)


def quote_written(quote: Quote, now: Object | None, default_expiry: date) -> dict[str, str]:
    """Write a quote's head.

    Args:
        quote: as it should be.
        now: as HubSpot has it; `None` for a new one.
        default_expiry: of one without: HubSpot has no quote that is valid for ever.
    """
    held = [check for check in quote.checks if check.level == "error"]
    guard = "clean" if quote.pricing_status == "priced" else ""
    guard = "unchecked" if quote.pricing_status == "unchecked" else guard
    body = {
        "hs_currency": quote.currency,
        "hs_expiration_date": values.as_day(quote.valid_until or default_expiry),
        "hubspot_owner_id": quote.owner_id or "",
        **pricing_written(quote),
        **{f"crossdock_{name}": value for name, value in totals(quote).items()},
        "crossdock_guard": "held" if held else guard,
        "crossdock_guard_reasons": "\n".join(check.message for check in held),
    }
    if quote.status != "ordered":
        body["crossdock_status"] = "" if quote.status == "draft" else quote.status
    if now is None:
        body["hs_title"] = "Quote"
        body["hs_status"] = "DRAFT"
    return body
