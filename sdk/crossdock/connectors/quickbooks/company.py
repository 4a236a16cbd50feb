"""One QuickBooks company: every call carries its realm and the minor version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import frozen

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.query import (
    AT_ONCE,
    MOST,
    Query,
    all_rows,
    among,
    rows_of,
    time_of,
)
from crossdock.connectors.quickbooks.wire import ref
from crossdock.connectors.reading import Row, part
from crossdock.errors import RemoteUnavailable

_T = TypeVar("_T")
MINOR_VERSION: Final = "75"
#: Calls side by side, of this process; Intuit takes ten of an app and company together.
_AT_ONCE: Final = 8
_PATIENCE_SECONDS: Final = 60.0


@frozen(kw_only=True)
class _Currencies:
    home: str
    several: bool


class Company:
    """Calls on behalf of one company.

    Args:
        remote: makes them.
        realm: the company's id.
    """

    def __init__(self, remote: Remote, realm: str) -> None:
        self.remote: Final = remote
        self._realm: Final = realm
        self._currencies: _Currencies | None = None
        self._places: Final = threading.BoundedSemaphore(_AT_ONCE)

    @property
    def home(self) -> str:
        """Its home currency, of all that names no other; read once."""
        return self._preferred.home

    @property
    def has_several_currencies(self) -> bool:
        """Whether customers may buy in others than the home currency; read once."""
        return self._preferred.several

    @property
    def _preferred(self) -> _Currencies:
        if self._currencies is None:
            answer = self.call(use.READ_PREFERENCES)
            self._currencies = self.remote.read(answer, _currencies)
        return self._currencies

    def call(
        self,
        operation: Operation,
        *,
        entity_id: str = "",
        query: Mapping[str, str | int | bool | None] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Call an operation of the company; see `Remote.call`."""
        names = {"realmId": self._realm} | ({"id": entity_id} if entity_id else {})
        with self._place():
            return self.remote.call(
                operation,
                names,
                query={"minorversion": MINOR_VERSION, **(query or {})},
                body=body,
                headers=headers,
                repeatable=repeatable,
            )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Wait for one of the places that calls may have side by side.

        Raises:
            RemoteUnavailable: none was free before the time was over; nothing was sent.
        """
        left = min(self.remote.seconds_left(), _PATIENCE_SECONDS)
        if not self._places.acquire(timeout=max(0.0, left)):
            raise RemoteUnavailable(
                f"{self.remote.address.label} was not asked: {_AT_ONCE} calls were under way all "
                "the time, as many as it is given at once",
                system=self.remote.address.system,
                maybe_done=False,
            )
        try:
            yield
        finally:
            self._places.release()

    def page(
        self, query: Query, parse: Callable[[Row], _T], *, start: int = 1, most: int = MOST
    ) -> tuple[tuple[_T, ...], datetime]:
        """Read one page of a query, and when it was answered by QuickBooks' clock."""
        answer = self.call(use.QUERY, query={"query": query.page(start=start, most=most)})
        return self.remote.read(
            answer, lambda body: (rows_of(body, query.entity, parse), time_of(body))
        )

    def every(self, query: Query, parse: Callable[[Row], _T]) -> list[_T]:
        """Read all rows of a query, page after page."""

        def read(query: Query, start: int, most: int) -> Sequence[_T]:
            return self.page(query, parse, start=start, most=most)[0]

        return list(all_rows(read, query))

    def by_ids(
        self, entity: str, entity_ids: Iterable[str], parse: Callable[[Row], _T], *conditions: str
    ) -> list[_T]:
        """Read the entities with these ids, those that there are; in no order to rely on."""
        found: list[_T] = []
        for piece in in_pieces(entity_ids, AT_ONCE):
            found += self.every(Query(entity, (among("Id", piece), *conditions)), parse)
        return found

    def one(
        self, operation: Operation, entity: str, entity_id: str, parse: Callable[[Row], _T]
    ) -> _T:
        """Read one entity by its id."""
        answer = self.call(operation, entity_id=entity_id)
        return self.remote.read(answer, lambda body: part(body, entity, parse))


def _currencies(body: Row) -> _Currencies:
    def read(told: Row) -> _Currencies:
        several = told.get("MultiCurrencyEnabled") is True
        return _Currencies(home=ref(told, "HomeCurrency").id, several=several)

    return part(body, "Preferences", lambda told: part(told, "CurrencyPrefs", read))
