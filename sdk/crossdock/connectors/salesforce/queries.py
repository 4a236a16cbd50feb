"""One organization's records, read by queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, Unreadable, each, text, truth
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.salesforce.access import Quota
from crossdock.errors import NotFound

_T = TypeVar("_T")
_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII).fullmatch
STAMPS: Final = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")


class Queries:
    """Reads the records of an organization; safe in many threads.

    Args:
        remote: the system.
        quota: what is left of the day's calls.
        version: of the API, such as `v59.0`.
        names: what the organization calls fields of ours, where it calls them otherwise.
    """

    def __init__(
        self, remote: Remote, quota: Quota, version: str, names: Mapping[str, str]
    ) -> None:
        self.remote = remote
        self.quota = quota
        self._version = version
        self._theirs = dict(names)
        self._ours = {their: our for our, their in names.items()}

    def name(self, field: str) -> str:
        """Give what the organization calls a field."""
        *path, last = field.split(".")
        return ".".join([*path, self._theirs.get(last, last)])

    def call(
        self,
        operation: Operation,
        names: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str | int | bool | None] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Make a call."""
        place = {"version": self._version, **(names or {})}
        answer = self.remote.call(
            operation, place, query=query, body=body, headers=headers, repeatable=repeatable
        )
        self.quota.heard(answer.headers)
        return answer

    def select(
        self,
        fields: Iterable[str],
        source: str,
        *,
        where: str = "",
        order: str = "",
        limit: int | None = None,
        deleted: bool = False,
        children: Iterable[str] = (),
    ) -> list[Row]:
        """Query records, all pages of them; `children` are sub-queries in brackets.

        Args:
            fields: by our names.
            source: the object.
            where: conditions, by the organization's names.
            order: likewise.
            limit: how many at most.
            deleted: whether those in the recycle bin come too.
            children: whole sub-queries, made by `child`.
        """
        columns = [*map(self.name, fields), *children]
        statement = soql.select(columns, source, where=where, order=order, limit=limit)
        answer = self.call(use.QUERY_ALL if deleted else use.QUERY, query={"q": statement})
        return self._pages(answer)

    def child(self, fields: Iterable[str], relationship: str) -> str:
        """Write a sub-query, oldest records first."""
        return f"({soql.select([*map(self.name, fields)], relationship, order='Id')})"

    def _pages(self, answer: Answer) -> list[Row]:
        found: list[Row] = []
        while True:
            rows, following = self.remote.read(answer, _page)
            found += [self._row(row) for row in rows]
            if following is None:
                return found
            answer = self.call(use.QUERY_PAGE, {"locator": following})

    def _row(self, row: Row) -> Row:
        """Give a record by our names, its children as lists."""
        made: Row = {}
        for name, value in row.items():
            if isinstance(value, dict) and "records" in value:
                rows, following = self.remote.understood(use.QUERY, lambda v=value: _page(v))  # type: ignore[misc]
                made[name] = [self._row(each_row) for each_row in rows]
                if following is not None:
                    more = self.call(use.QUERY_PAGE, {"locator": following})
                    made[name] += self._pages(more)
            elif isinstance(value, dict) and name != "attributes":
                made[name] = self._row(value)
            else:
                made[self._ours.get(name, name)] = value
        return made

    def get(
        self, kind: str, record_id: str, fields: Iterable[str], *, children: Iterable[str] = ()
    ) -> Row:
        """Read one record by its id.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        found: list[Row] = []
        if _ID(record_id):
            where = soql.equal("Id", record_id)
            found = self.select(fields, kind, where=where, children=children)
        if not found:
            raise NotFound(
                f"{self.remote.address.label} has no {kind} {record_id!r}",
                system=self.remote.address.system,
                status=404,
            )
        return found[0]

    def of(
        self,
        reference: str,
        record_id: str,
        fields: Iterable[str],
        source: str,
        *,
        order: str = "CreatedDate DESC, Id DESC",
        where: str = "",
        children: Iterable[str] = (),
    ) -> list[Row]:
        """Query the records that refer to one."""
        if not _ID(record_id):
            return []
        conditions = [soql.equal(reference, record_id), *filter(None, [where])]
        return self.select(
            fields, source, where=soql.all_of(conditions), order=order, children=children
        )

    def read(self, row: Row, parse: Callable[[Row], _T]) -> _T:
        """Read a record of a row, strictly; what is wrong is told with the record's id."""

        def read() -> _T:
            try:
                return parse(row)
            except Unreadable as bad:
                raise bad.inside(str(row.get("Id"))) from None

        return self.remote.understood(use.QUERY, read)


def _page(body: Row) -> tuple[tuple[Row, ...], str | None]:
    rows = each(body, "records", lambda row: row)
    if truth(body, "done"):
        return rows, None
    return rows, text(body, "nextRecordsUrl").rpartition("/")[2]


def is_id(value: str) -> bool:
    """Whether a text can be a record's id."""
    return _ID(value) is not None


def version_of(row: Row, lines: Sequence[Row] = ()) -> str:
    """Tell states of a record apart: by its own last change, and those of its lines."""
    stamps = [values.instant(each_row, "SystemModstamp") for each_row in (row, *lines)]
    own = stamps[0].isoformat(timespec="milliseconds")
    if not lines:
        return own
    return f"{own}/{max(stamps[1:]).isoformat(timespec='milliseconds')}/{len(lines)}"
