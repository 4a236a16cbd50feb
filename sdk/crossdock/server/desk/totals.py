"""A quote's totals: net, tax per rate, rounding, gross."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from crossdock.records import Money, Quote


@frozen(kw_only=True)
class TaxRow:
    """Tax of one rate; `rate` is a fraction."""

    rate: Decimal
    base: Money
    tax: Money


@frozen(kw_only=True)
class Totals:
    """What stands below the lines.

    Attributes:
        rounding: what the quote's tax differs from the sum of its lines' taxes, where the ERP
            rounds by document; `None` where it does not.
    """

    net: Money | None
    taxes: tuple[TaxRow, ...]
    rounding: Money | None
    tax: Money | None
    gross: Money | None


def totals(quote: Quote) -> Totals:
    """Add up the lines' taxes by rate; what is left to the quote's own tax is rounding."""
    rows: dict[Decimal, TaxRow] = {}
    for line in quote.lines:
        if line.tax_rate is None or line.tax is None or line.net is None:
            continue
        row = rows.get(line.tax_rate)
        base, tax = (row.base + line.net, row.tax + line.tax) if row else (line.net, line.tax)
        rows[line.tax_rate] = TaxRow(rate=line.tax_rate, base=base, tax=tax)
    rounding = None
    if quote.tax is not None and rows:
        listed = sum((row.tax for row in rows.values()), Money.zero(quote.currency))
        rounding = (quote.tax - listed) or None
    return Totals(
        net=quote.net,
        taxes=tuple(rows[rate] for rate in sorted(rows, reverse=True)),
        rounding=rounding,
        tax=quote.tax,
        gross=quote.gross,
    )
