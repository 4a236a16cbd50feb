"""What one currency is in another: the ERPs' word, else the configured table's, else nobody's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from attrs import evolve

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.errors import NotSupported, RemoteError
from crossdock.host.systems import Router
from crossdock.records import ExchangeRate

CAPABILITY: Final = "exchange_rates"

_DIGITS: Final = 10
_log = logging.getLogger("crossdock.rates")


class Rates:
    """Exchange rates, each with whose it is and from which day it holds.

    Args:
        erp: asked first, one after the other.
        table: for currencies that no ERP tells of.
        today: the day that counts where none is given.
    """

    def __init__(
        self, erp: Router, table: Sequence[ExchangeRate], today: Callable[[], date]
    ) -> None:
        self._erp = erp
        self._table = tuple(table)
        self._today = today

    def into(
        self, to: str, *, on: date | None, identity: str, seconds: float
    ) -> tuple[ExchangeRate, ...]:
        """Give the rates into a currency that hold on a day, one for each other currency.

        A rate that is only known the other way round is turned, and says so. An ERP that does not
        answer is passed over: what only it knows is not given, so nothing is converted by it.
        """
        day = on or self._today()
        found: dict[str, ExchangeRate] = {}
        for rate in (*self._of_erps(day, identity, seconds), *self._newest(day)):
            for way in (rate, _turned(rate)):
                if way.to == to and way.of != to:
                    found.setdefault(way.of, way)
        return tuple(found[of] for of in sorted(found))

    def _of_erps(self, day: date, identity: str, seconds: float) -> Iterator[ExchangeRate]:
        with calling_as(identity), deadline_in(seconds):
            for system in self._erp.systems:
                port = self._erp.using(system)
                if CAPABILITY not in port.capabilities:
                    continue
                try:
                    yield from _newest_of(port.exchange_rates(on=day), day)
                except (RemoteError, NotSupported) as failed:
                    _log.warning("the exchange rates of %s could not be read: %s", system, failed)

    def _newest(self, day: date) -> Iterable[ExchangeRate]:
        return _newest_of(self._table, day)


def _newest_of(rates: Iterable[ExchangeRate], day: date) -> list[ExchangeRate]:
    """Keep of each pair the rate that holds on a day."""
    newest: dict[tuple[str, str], ExchangeRate] = {}
    for rate in rates:
        held = newest.get((rate.of, rate.to))
        if rate.on <= day and (held is None or held.on < rate.on):
            newest[rate.of, rate.to] = rate
    return list(newest.values())


def _turned(rate: ExchangeRate) -> ExchangeRate:
    with localcontext(prec=_DIGITS):
        turned = Decimal(1) / rate.rate
    source = f"inverse of {rate.rate.normalize():f} by {rate.source}"
    return evolve(rate, of=rate.to, to=rate.of, rate=turned, source=source)
