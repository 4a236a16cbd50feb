"""Sales quotes that people wrote in Business Central, from its wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, cast

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.lines import Line, lines
from crossdock.connectors.business_central.offers import LINES, MARK
from crossdock.connectors.business_central.origin import line_number, origin_of
from crossdock.connectors.business_central.wire import (
    day_or_none,
    kind,
    money,
)
from crossdock.connectors.reading import Row, instant, number, optional_text, text
from crossdock.records import Quote, QuoteLine
from crossdock.records.sales import QuoteStatus

_STATUSES: Final = {"Sent": "sent", "Accepted": "accepted", "Expired": "declined"}
_HUNDRED: Final = Decimal(100)


def quote(row: Row, system: str) -> Quote | None:
    """Read a quote with its lines; `None` for one that the connector has there for a moment."""
    external = optional_text(row, "externalDocumentNumber")
    found = lines(row, LINES)
    if external.startswith(MARK) or origin_of(found.words, external) is not None:
        return None
    unit, customer = text(row, "currencyCode"), text(row, "customerNumber")
    return Quote(
        id=text(row, "number"),
        account_id="",
        currency=unit,
        lines=tuple(_line(line, unit, system) for line in found.sold),
        status=cast(QuoteStatus, _STATUSES.get(kind(row, "status"), "draft")),
        trading_account=f"{system}:{customer}",
        valid_until=day_or_none(row, "validUntilDate"),
        net=money(row, "totalAmountExcludingTax", unit),
        tax=money(row, "totalTaxAmount", unit),
        gross=money(row, "totalAmountIncludingTax", unit),
        pricing_status="priced",
        price_source=system,
        modified_at=instant(row, "lastModifiedDateTime"),
    )


def _line(line: Line, unit: str, system: str) -> QuoteLine:
    return QuoteLine(
        number=line_number(line.sequence),
        item_id=line.code,
        quantity=line.quantity,
        unit=line.unit,
        description=line.description,
        unit_price=of_unit(line.price, unit),
        discount_percent=line.discount_percent,
        net=of_unit(line.net, unit),
        tax_rate=number(line.row, "taxPercent") / _HUNDRED,
        tax=money(line.row, "netTaxAmount", unit),
        price_source=f"sales prices of {system}",
    )
