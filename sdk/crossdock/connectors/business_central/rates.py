"""What currencies are worth in the company's own, by the rates that Business Central keeps.

So many units of a currency are so many of its relational currency from a day on, until there is a
later line; a blank relational currency is the company's own (Microsoft Learn, "currencyExchangeRate
resource type" and table "Currency Exchange Rate").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.odata import Query
from crossdock.connectors.reading import Row, day, number, optional_text, text
from crossdock.records import ExchangeRate

_SELECTED: Final = (
    "currencyCode,startingDate,exchangeRateAmount,relationalCurrencyCode,"
    "relationalExchangeRateAmount"
)
_DEEP: Final = 5  # currencies that lead from one to the company's own, at most


@frozen(kw_only=True)
class _Line:
    of: str
    to: str
    rate: Decimal
    on: date


def exchange_rates(company: Company, system: str, on: date | None) -> tuple[ExchangeRate, ...]:
    """Give the rates into the company's own currency that hold on a day, today by default.

    Lines come newest first, and are read until each currency has its own.
    """
    home = company.home
    listed = company.page(use.CURRENCIES, Query(select="code"))
    codes = company.parsed(use.CURRENCIES, listed.rows, lambda row: text(row, "code"))
    missing = set(codes) - {home}
    day_asked = on or (listed.now or datetime.now(UTC)).date()
    query = Query(
        filter=f"startingDate le {day_asked.isoformat()}",
        order="startingDate desc",
        select=_SELECTED,
    )
    newest: dict[str, _Line] = {}
    for line in company.every(use.EXCHANGE_RATES, query, lambda row: _line(row, home)):
        if line is not None and line.of != home:
            newest.setdefault(line.of, line)
            missing.discard(line.of)
        if not missing:
            break
    found = (_into(home, newest, newest[of]) for of in sorted(newest))
    return tuple(
        ExchangeRate(of=line.of, to=home, rate=line.rate, on=line.on, source=system)
        for line in found
        if line is not None
    )


def _line(row: Row, home: str) -> _Line | None:
    """Read a line; one that says nothing yet is none."""
    units = number(row, "exchangeRateAmount")
    worth = number(row, "relationalExchangeRateAmount")
    if units <= 0 or worth <= 0:
        return None
    return _Line(
        of=text(row, "currencyCode"),
        to=optional_text(row, "relationalCurrencyCode") or home,
        rate=worth / units,
        on=day(row, "startingDate"),
    )


def _into(home: str, newest: Mapping[str, _Line], line: _Line) -> _Line | None:
    """Follow a line that is in another currency to the company's own, where it leads there."""
    for _ in range(_DEEP):
        if line.to == home:
            return line
        further = newest.get(line.to)
        if further is None:
            return None
        line = _Line(
            of=line.of, to=further.to, rate=line.rate * further.rate, on=max(line.on, further.on)
        )
    return None
