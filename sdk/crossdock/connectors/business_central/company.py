"""One company in Business Central: every call names its id, which is looked up by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.odata import Query
from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each, optional_text, text, unfit
from crossdock.errors import NotFound

_T = TypeVar("_T")
_GONE_ON: Final = "$skiptoken"
#: Rows of a page where all of them are wanted; Business Central gives at most 20,000.
_PAGE: Final = 5_000


@frozen(kw_only=True)
class Listed:
    """A page of a list.

    Attributes:
        rows: as they came.
        further: what the next page is asked with; `None` on the last.
        now: Business Central's own time, where its answer says it.
    """

    rows: tuple[Row, ...]
    further: str | None
    now: datetime | None


class Company:
    """Calls on behalf of one company.

    Args:
        remote: makes them.
        name: its name, display name or id; empty where there is only one.
    """

    def __init__(self, remote: Remote, name: str) -> None:
        self.remote: Final = remote
        self._name: Final = name
        self._lock: Final = threading.Lock()
        self._id = ""
        self._home = ""

    @property
    def id(self) -> str:
        """Its id; looked up once.

        Raises:
            NotFound: there is no such company, or several and none was named.
        """
        with self._lock:
            if not self._id:
                self._id = self._found()
            return self._id

    @property
    def home(self) -> str:
        """Its own currency, of prices, limits and balances; read once."""
        if not self._home:
            (told,) = self.page(use.COMPANY_INFORMATION, Query(select="currencyCode"), top=1).rows
            self._home = self.understood(
                use.COMPANY_INFORMATION, lambda: text(told, "currencyCode")
            )
        return self._home

    def call(
        self,
        operation: Operation,
        *,
        entity_id: str = "",
        query: Mapping[str, str | int | bool | None] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call an operation of the company; see `Remote.call`."""
        return self.remote.call(
            operation, self.names(entity_id), query=query, body=body, headers=headers
        )

    def names(self, entity_id: str = "") -> dict[str, str]:
        """Give what stands for the names in an operation's path."""
        return {"companyId": self.id} | ({"id": entity_id} if entity_id else {})

    def page(
        self,
        operation: Operation,
        query: Query,
        *,
        top: int | None = None,
        skip: int = 0,
        size: int | None = None,
        further: str | None = None,
    ) -> Listed:
        """Read a page of a list.

        Args:
            operation: which list.
            query: what is wanted of it.
            top: at most so many rows in all.
            skip: leave out so many.
            size: so many rows a page.
            further: goes on behind a page that was read with the same query.
        """
        asked = query.parameters(top=top, skip=skip)
        if further:
            asked[_GONE_ON] = further
        headers = {} if size is None else {"Prefer": f"odata.maxpagesize={size}"}
        answer = self.call(operation, query=asked, headers=headers)

        def listed(body: Row) -> Listed:
            return Listed(
                rows=each(body, "value", lambda row: row),
                further=_further(body, further),
                now=self.now_of(answer),
            )

        return self.remote.read(answer, listed)

    def every(self, operation: Operation, query: Query, parse: Callable[[Row], _T]) -> Iterator[_T]:
        """Read all of a list, page after page, each when it is needed."""
        further: str | None = None
        while True:
            found = self.page(operation, query, size=_PAGE, further=further)
            yield from self.parsed(operation, found.rows, parse)
            further = found.further
            if further is None:
                return

    def parsed(
        self, operation: Operation, rows: tuple[Row, ...], parse: Callable[[Row], _T]
    ) -> tuple[_T, ...]:
        """Read rows strictly; a fault names its place in the list."""
        return self.understood(operation, lambda: each({"value": list(rows)}, "value", parse))

    def now_of(self, answer: Answer) -> datetime | None:
        """Give Business Central's own time of an answer, where it says it."""
        return _now(answer)

    def understood(self, operation: Operation, parse: Callable[[], _T]) -> _T:
        """Read a part of an answer that came before, strictly."""
        return self.remote.understood(operation, parse)

    def _found(self) -> str:
        answer = self.remote.call(use.LIST_COMPANIES)

        def one(row: Row) -> tuple[str, frozenset[str]]:
            known = {text(row, "id"), text(row, "name"), optional_text(row, "displayName")}
            return text(row, "id"), frozenset(each_.casefold() for each_ in known if each_)

        listed = self.remote.read(answer, lambda body: each(body, "value", one))
        wanted = self._name.casefold()
        mine = [company for company, names in listed if not wanted or wanted in names]
        if len(mine) == 1:
            return mine[0]
        where = self.remote.address.where
        problem = f"has {len(mine)} companies" if mine else "has no company that it may show"
        if self._name:
            problem += f" called {self._name}"
        raise NotFound(
            f"{self.remote.address.label} {problem}; name one of its companies by 'company' "
            f"under {where}, and let the application have rights in it",
            system=self.remote.address.system,
            code="no_such_company",
        )


def _further(body: Row, before: str | None) -> str | None:
    """Read where the next page begins: the link leads nowhere but to the same list."""
    link = optional_text(body, "@odata.nextLink")
    if not link:
        return None
    token = dict(parse_qsl(urlsplit(link).query)).get(_GONE_ON, "")
    if not token or token == before:
        raise unfit("@odata.nextLink", f"a link with a {_GONE_ON} that goes on", link)
    return token


def _now(answer: Answer) -> datetime | None:
    told = answer.headers.get("date", "")
    try:
        return parsedate_to_datetime(told).astimezone(UTC) if told else None
    except ValueError:
        return None  # as good as none
