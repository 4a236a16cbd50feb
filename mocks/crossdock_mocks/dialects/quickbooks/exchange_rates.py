"""What currencies are worth in the company's own: read as of a day, asked for, and set.

Whoever asks as of a day is told the rate that was set last by then, with the day on which it was
set; so does a query with a condition on `AsOfDate`, which takes the equals sign alone and counts
today where there is none (all assumed). Only companies with several currencies have rates.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.refusals import business, missing, not_found, refused
from crossdock_mocks.dialects.quickbooks.wire import Row, decimal, stamp
from crossdock_mocks.engine import Table, TableSpec, World

RATES: Final = TableSpec("qbo_exchangerate", key=("SourceCurrencyCode", "AsOfDate"))
_OF, _ON = "json_extract(_body, '$.SourceCurrencyCode')", "json_extract(_body, '$.AsOfDate')"
HELD: Final = (
    f"({_OF}, {_ON}) IN (SELECT {_OF}, max({_ON}) "  # noqa: S608 - names of this module only
    f'FROM "{RATES.name}" WHERE {_ON} <= ? GROUP BY 1)'
)
"""The condition of SQL that a rate is its currency's last one by a day."""


def must_have_several(world: World) -> None:
    """Refuse a company with one currency only.

    Raises:
        Problem: 400 with code 6000.
    """
    if not Ledger(world).setting("multicurrency"):
        raise business("This company has one currency only.", "SourceCurrencyCode")


def read_rate(world: World, currency: str, day: date | None) -> Row:
    """The rate of a currency as of a day.

    Raises:
        Problem: 400 with code 6000, the company has one currency only; 610, no rate was set.
    """
    must_have_several(world)
    wanted = currency.upper()
    by = (day or world.today).isoformat()
    rows = [
        row for row in _table(world).find({"SourceCurrencyCode": wanted}) if row["AsOfDate"] <= by
    ]
    if not rows:
        raise not_found(f"ExchangeRate {currency}")
    return max(rows, key=lambda row: str(row["AsOfDate"]))


def write_rate(world: World, given: Row) -> Row:
    """Set the rate of a currency from a day on.

    Raises:
        Problem: 400 with code 2020, something is missing; 6000, it may not be so; 5010, it has
            changed since.
    """
    must_have_several(world)
    for name in ("SourceCurrencyCode", "Rate", "AsOfDate"):
        if given.get(name) is None:
            raise missing(name)
    home = Ledger(world).setting("currency")["value"]
    currency = given["SourceCurrencyCode"].upper()
    if currency == home:
        raise business("The home currency has no exchange rate.", "SourceCurrencyCode")
    if given.get("TargetCurrencyCode", home) not in (None, home):
        raise business("A rate is into the home currency.", "TargetCurrencyCode")
    if not decimal(given["Rate"]) > 0:
        raise business("A rate is more than nothing.", "Rate")
    old = _table(world).get((currency, given["AsOfDate"]))
    token = given.get("SyncToken")
    if old is not None and token not in (None, old["SyncToken"]):
        raise refused(5010, f"Stale Object Error : SyncToken {token} is not the present one.")
    row = rate_row(currency, home, given["Rate"], given["AsOfDate"], stamp(world.now))
    if old is None:
        _table(world).insert(row)
    else:
        row["SyncToken"] = str(int(old["SyncToken"]) + 1)
        _table(world).replace(row)
    return row


def rate_row(currency: str, home: str, rate: int | float, day: str | date, at: str) -> Row:
    """A rate as a row."""
    made: dict[str, Any] = {
        "SyncToken": "0",
        "domain": "QBO",
        "AsOfDate": str(day),
        "SourceCurrencyCode": currency,
        "Rate": rate,
        "TargetCurrencyCode": home,
        "MetaData": {"LastUpdatedTime": at},
    }
    return made


def _table(world: World) -> Table:
    return world.table(RATES.name)
