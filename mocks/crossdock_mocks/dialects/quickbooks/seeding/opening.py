"""A company that is being opened: its rows are gathered, and put into the world at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, final

from crossdock_mocks.backoffice.decimals import minor_units
from crossdock_mocks.backoffice.tax import RoundingMode
from crossdock_mocks.dialects.quickbooks import authorization
from crossdock_mocks.dialects.quickbooks.company import KEY, new_company, new_preferences
from crossdock_mocks.dialects.quickbooks.entities import (
    COMPANY_INFO,
    ENTITIES,
    PREFERENCES,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.exchange_rates import RATES, rate_row
from crossdock_mocks.dialects.quickbooks.forms import currency_reference
from crossdock_mocks.dialects.quickbooks.ledger import SETTINGS, headed, reserve
from crossdock_mocks.dialects.quickbooks.numbering import continue_from
from crossdock_mocks.dialects.quickbooks.wire import PACIFIC, Row, number, present, stamp
from crossdock_mocks.engine import World

_OPENED: Final = timedelta(days=3 * 365)
_BUSY: Final = time(9, tzinfo=PACIFIC)


@final
class Opening:
    """What a new company is to hold.

    Args:
        world: The world that it is put into.
        dataset: The data set, or `None` for a company without a past.

    Attributes:
        home: Code of the company's currency.
        rounding: How the data set rounds tax.
        opened: The day on which the company began.
        made: The rows, by entity.
    """

    def __init__(self, world: World, dataset: Any) -> None:
        self._world = world
        self.data = dataset
        self.home: str = "GBP" if dataset is None else dataset.currency
        self.opened: date = (world.today if dataset is None else dataset.as_of) - _OPENED
        self.rounding: RoundingMode = (
            "document" if dataset is not None and dataset.rounding == "document" else "line"
        )
        self.made: dict[str, list[Row]] = {name: [] for name in ENTITIES}
        self._ids: dict[str, int] = defaultdict(int)

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        """The data set's rows of a kind; none without a data set."""
        return iter(()) if self.data is None else self.data.rows(kind)

    def add(self, entity: Entity, row: Mapping[str, Any], on: date | None = None) -> Row:
        """Add a row, as of a day; it may still be changed until the company is closed."""
        sequence = "transactions" if entity.numbering else entity.name
        self._ids[sequence] += 1
        at = stamp(datetime.combine(on or self.opened, _BUSY))
        made = headed(present(row), str(self._ids[sequence]), at)
        self.made[entity.name].append(made)
        return made

    def close(self) -> None:
        """Put everything into the world, and let ids and numbers go on from there."""
        for name, rows in self.made.items():
            entity = ENTITIES[name]
            self._world.table(entity.table).insert_many(rows)
            reserve(self._world, entity, (row["Id"] for row in rows))
            continue_from(self._world, entity, (row.get("DocNumber", "") for row in rows))

    def open_company(self) -> None:
        """The company, its preferences, and settings that its API does not show."""
        name = "Sandbox Company" if self.data is None else self.data.company
        country = "" if self.data is None else self.data.country
        kinds = ("customers", "exchange_rates")
        currencies = {row["currency"] for kind in kinds for row in self.rows(kind)}
        currencies -= {None, self.home}
        home = currency_reference(self.home)
        at = stamp(datetime.combine(self.opened, _BUSY))
        made = new_company(name, country, self.opened.isoformat(), "books@company.example")
        self.made[COMPANY_INFO.name].append(headed(present(made), KEY, at))
        preferences = new_preferences(home, multicurrency=bool(currencies))
        self.made[PREFERENCES.name].append(headed(preferences, KEY, at))
        settings = {
            "currency": home,
            "multicurrency": bool(currencies),
            "places": minor_units(self.home),
            **authorization.LIMITS,
        }
        self._world.table(SETTINGS.name).insert_many(
            {"name": name, "value": value} for name, value in settings.items()
        )
        self._world.table(RATES.name).insert_many(
            rate_row(row["currency"], self.home, number(row["rate"]), row["valid_from"], at)
            for row in self.rows("exchange_rates")
            if row["currency"] != self.home
        )


def short(text: str | None, most: int) -> str | None:
    """A text cut to a length; `None` for an empty one."""
    return text[:most] if text else None
