"""What currencies are worth in the company's own, as QuickBooks says it of a day.

A query that names `AsOfDate` is answered with the rate of each currency of the company as of that
day (Intuit's reference of ExchangeRate); `Rate` is units of the home currency for one of another.
"""

from __future__ import annotations

from datetime import date

from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.query import Query, equal
from crossdock.connectors.reading import Row, day, number, text
from crossdock.records import ExchangeRate


def exchange_rates(company: Company, system: str, on: date) -> tuple[ExchangeRate, ...]:
    """Give the rates that hold on a day; a company with one currency has none."""
    if not company.has_several_currencies:
        return ()

    def read(row: Row) -> ExchangeRate:
        return ExchangeRate(
            of=text(row, "SourceCurrencyCode"),
            to=text(row, "TargetCurrencyCode"),
            rate=number(row, "Rate"),
            on=day(row, "AsOfDate"),
            source=system,
        )

    query = Query("ExchangeRate", (equal("AsOfDate", on.isoformat()),), "SourceCurrencyCode")
    found = company.every(query, read)
    return tuple(rate for rate in found if rate.of != rate.to and rate.on <= on)
