"""What currencies are worth in the company's own, by the rates that Tryton keeps.

Tryton keeps of each currency how much of it one unit of a common base is, from a day on, and
converts by `to.rate / from.rate` (`Currency.compute` of the module `currency`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.database import Database
from crossdock.records import ExchangeRate

_FIELDS: Final = ("date", "rate", "currency.code")


@frozen(kw_only=True)
class _Rate:
    of: str
    rate: Decimal
    on: date


def exchange_rates(database: Database, on: date | None) -> tuple[ExchangeRate, ...]:
    """Give the rates into the company's currency that hold on a day, today by default."""
    day, home = on or database.today(), database.company.currency
    found = database.search(
        use.SEARCH_RATES, [("date", "<=", day)], _FIELDS, _rate, order=[("date", "ASC")]
    )
    newest = {each.of: each for each in found}
    if home not in newest:
        return ()
    return tuple(_into(newest.pop(home), newest, database.system))


def _into(home: _Rate, others: dict[str, _Rate], system: str) -> Iterator[ExchangeRate]:
    for of in sorted(others):
        other = others[of]
        yield ExchangeRate(
            of=of,
            to=home.of,
            rate=home.rate / other.rate,
            on=max(home.on, other.on),
            source=system,
        )


def _rate(row: Row) -> _Rate:
    return _Rate(
        of=wire.label(wire.inside(row, "currency"), "code"),
        rate=wire.amount(row, "rate"),
        on=wire.day(row, "date"),
    )
