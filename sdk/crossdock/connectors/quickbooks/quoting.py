"""Quotes: estimates that are no order yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.quickbooks.billing import Codes
from crossdock.connectors.quickbooks.orders import Sale
from crossdock.connectors.quickbooks.wire import (
    created_at,
    optional_day,
)
from crossdock.records import Quote, QuoteLine
from crossdock.records.sales import QuoteStatus

_STATUS: Final[Mapping[str, QuoteStatus]] = {
    "Pending": "sent",
    "Accepted": "accepted",
    "Closed": "ordered",
    "Rejected": "declined",
}


def quote(sale: Sale, system: str, number: str, codes: Codes) -> Quote:
    """Give an estimate as a quote; its number is the one that is printed on it.

    Args:
        sale: the estimate and what is linked to it.
        system: the configured name.
        number: of its customer.
        codes: gives the codes of items.
    """
    document = sale.document
    return Quote(
        id=document.number or document.id,
        account_id="",
        currency=document.currency,
        lines=tuple(
            QuoteLine(
                number=number,
                item_id=codes(line.item_id),
                quantity=line.quantity,
                description=line.description,
                unit_price=of_unit(line.price, document.currency),
                net=of_unit(line.amount, document.currency),
            )
            for number, line in enumerate(document.lines, start=1)
            if line.item_id
        ),
        trading_account=f"{system}:{number}",
        status=_STATUS.get(sale.status, "sent"),
        valid_until=optional_day(document.row, "ExpirationDate"),
        net=document.gross - document.tax,
        tax=document.tax,
        gross=document.gross,
        pricing_status="priced",
        created_at=created_at(document.row),
    )
