"""What people offered in Tryton: sales that are drafts or quotations, and came from no CRM."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.orders import order_line
from crossdock.connectors.tryton.sales import Sale
from crossdock.records import Quote, QuoteLine


def quote(found: Sale, system: str, codes: Mapping[int, str]) -> Quote:
    """Give an offer as plugins know it; `codes` are of products, by id."""
    row: Row = found.row
    unit = wire.label(wire.inside(row, "currency"), "code")
    number = wire.label(wire.inside(row, "party"), "code")
    lines = [
        order_line(line, unit, codes[line.product], cancelled=False)
        for line in found.lines
        if line.product is not None
    ]
    return Quote(
        id=found.name,
        account_id="",
        currency=unit,
        status="sent" if found.state == "quotation" else "draft",
        trading_account=f"{system}:{number}",
        lines=tuple(
            QuoteLine(
                number=line.number,
                item_id=line.item_id,
                quantity=line.quantity,
                unit=line.unit,
                description=line.description,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                net=line.net,
            )
            for line in lines
        ),
        valid_until=wire.day_or_none(row, "quotation_expire"),
        net=wire.money(row, "untaxed_amount", unit),
        tax=wire.money(row, "tax_amount", unit),
        gross=wire.money(row, "total_amount", unit),
        pricing_status="priced",
        created_at=wire.instant_or_none(row, "create_date"),
        version=found.version,
    )
