"""What a quote becomes when it is ordered."""

from __future__ import annotations

from crossdock.records.sales import Order, OrderLine, Quote


def order_of(quote: Quote, system: str) -> Order:
    """Say which order a quote becomes: a submitted one, with the quote's lines, numbers and prices.

    Args:
        quote: as it is ordered.
        system: the configured name of the CRM that the order will be in.

    Returns:
        The order without an id, which the CRM gives it.
    """
    return Order(
        id="",
        system=system,
        currency=quote.currency,
        account_id=quote.account_id,
        trading_account=quote.trading_account,
        lines=tuple(
            OrderLine(
                number=line.number,
                item_id=line.item_id,
                quantity=line.quantity,
                unit=line.unit,
                description=line.description,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                net=line.net,
                promised_on=line.promised_on,
                quote_line=line.number,
            )
            for line in quote.lines
        ),
        status="submitted",
        net=quote.net,
        tax=quote.tax,
        gross=quote.gross,
        pricing_status=quote.pricing_status,
        priced_at=quote.priced_at,
        price_source=quote.price_source,
        checks=quote.checks,
        quote_id=quote.id,
        opportunity_id=quote.opportunity_id,
        owner_id=quote.owner_id,
    )
