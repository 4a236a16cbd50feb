"""Quotes with their lines, from Salesforce's records and onto them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import lines, values
from crossdock.connectors.salesforce.fields import own, own_name
from crossdock.connectors.salesforce.opportunities import FOR_QUOTE
from crossdock.connectors.salesforce.parties import owned_by
from crossdock.connectors.salesforce.queries import STAMPS, version_of
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm import documents
from crossdock.records import Order, Quote

KIND: Final = "Quote"
LINES: Final = "QuoteLineItems"
ORDERS: Final = "Orders"
QUOTE: Final = (
    *STAMPS, "OpportunityId", f"Opportunity.{FOR_QUOTE}", "Opportunity.AccountId", "ContactId",
    "Status", "ExpirationDate", "OwnerId", "Pricebook2Id", "Tax", *own(KIND),
)  # fmt: skip
_STATUSES: Final = {"Presented": "sent", "Accepted": "accepted", "Denied": "declined"}
_WORDS: Final = {their: our for our, their in _STATUSES.items()} | {"draft": "Draft"}
_PRICING: Final = frozenset(documents.PRICING)
_TOTALS: Final = ("net", "tax", "gross")


def is_held(row: Row) -> bool:
    """Whether a quote's opportunity is only there to hold it."""
    return values.truth(values.parent(row, "Opportunity"), FOR_QUOTE)


def quote(row: Row, currency: str) -> Quote:
    """Read a quote.

    An order that was made of it makes it ordered, whoever made it.
    """
    items: Sequence[Row] = row.get(LINES) or ()
    orders: Sequence[Row] = row.get(ORDERS) or ()
    status = _STATUSES.get(values.text(row, "Status"), "draft")
    return Quote(
        id=text(row, "Id"),
        account_id=values.text(values.parent(row, "Opportunity"), "AccountId"),
        currency=currency,
        lines=tuple(
            lines.quote_line(number, line, currency)
            for number, line in lines.numbered(items).items()
        ),
        status="ordered" if orders else status,  # type: ignore[arg-type]
        opportunity_id=None if is_held(row) else values.text_or_none(row, "OpportunityId"),
        contact_id=values.text_or_none(row, "ContactId"),
        owner_id=values.text_or_none(row, "OwnerId"),
        valid_until=values.day_or_none(row, "ExpirationDate"),
        **pricing(row, currency),
        order_id=text(orders[0], "Id") if orders else None,
        created_at=values.instant(row, "CreatedDate"),
        modified_at=values.instant(row, "LastModifiedDate"),
        version=version_of(row, items),
    )


def pricing(row: Row, currency: str) -> dict[str, Any]:
    """Read what is known of the pricing of a quote or order."""
    return {
        "trading_account": values.text(row, own_name("trading_account")),
        "pricing_status": values.word(row, own_name("pricing_status"), _PRICING, "unpriced"),
        "priced_at": values.instant_or_none(row, own_name("priced_at")),
        "price_source": values.text(row, own_name("price_source")),
        "checks": tuple(map(documents.check, values.rows_or_empty(row, own_name("checks")))),
        **{name: values.money_or_none(row, own_name(name), currency) for name in _TOTALS},
    }


def pricing_written(document: Quote | Order) -> dict[str, Written]:
    """Write what is known of the pricing of a quote or order."""
    return {
        own_name("pricing_status"): document.pricing_status,
        own_name("priced_at"): values.as_instant(document.priced_at),
        own_name("price_source"): values.as_text(document.price_source),
        own_name("checks"): values.as_json([*map(documents.check_written, document.checks)]),
        own_name("trading_account"): values.as_text(document.trading_account),
    }


def totals(document: Quote | Order) -> dict[str, Written]:
    """Write the totals: all three, or none when one of them is not known.

    Raises:
        Unwritable: they are of another currency, or do not add up.
    """
    unit = document.currency
    written = documents.totals(document, lambda value, name: values.as_amount(value, unit, name))
    return {own_name(name): value for name, value in written.items()}


def quote_written(quote: Quote, before: Quote | None) -> dict[str, Written]:
    """Write a quote's head; the tax goes to the platform's own field as well, for its total.

    A status that Salesforce knows more finely than we do is left as it is.
    """
    held = [check for check in quote.checks if check.level == "error"]
    guard = {"priced": "clean", "unchecked": "unchecked"}.get(quote.pricing_status)
    written_totals = totals(quote)
    body: dict[str, Written] = {
        "ContactId": quote.contact_id,
        "ExpirationDate": values.as_day(quote.valid_until),
        "Tax": None if quote.tax is None else values.as_cents(quote.tax.amount, "tax"),
        **owned_by(quote.owner_id),
        **pricing_written(quote),
        **written_totals,
        own_name("guard"): "held" if held else guard,
        own_name("guard_reasons"): "\n".join(check.message for check in held) or None,
    }
    known = quote.status in _WORDS
    if known and (before is None or before.status != quote.status):
        body["Status"] = _WORDS[quote.status]
    return body
