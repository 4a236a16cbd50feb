"""One organization's records: queried, made once, changed, and written together.

What is made carries a key of ours in the unique field `Crossdock_Key__c`, so that making it again
is refused as a duplicate and what is there is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, TypeVar

from attrs import field, frozen

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Method, Operation
from crossdock.connectors.reading import Row, Unreadable, each, text, truth
from crossdock.connectors.refusals import refusal
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.salesforce.access import Quota
from crossdock.connectors.salesforce.fields import KEY
from crossdock.connectors.salesforce.refusals import DUPLICATE, is_echo, wording
from crossdock.connectors.salesforce.values import Written
from crossdock.errors import Conflict, NotFound

_T = TypeVar("_T")
_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII).fullmatch
TOGETHER: Final = 25
"""How many requests Salesforce takes in one."""
TREE: Final = 200
"""How many records Salesforce makes in one request."""
STAMPS: Final = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")


@frozen(kw_only=True)
class Step:
    """A write that is sent together with others.

    Attributes:
        record_id: of what is changed or deleted; empty for what is made.
        unmodified_since: refused if it was changed after this instant, which counts by the second.
    """

    method: Method
    kind: str
    record_id: str = ""
    values: Mapping[str, Written] = field(factory=dict)
    unmodified_since: datetime | None = None


class Org:
    """The records of an organization; safe in many threads.

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

    # Reading.

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

    # Writing.

    def by_key(self, kind: str, key: str) -> str | None:
        """Give the id of the record that carries a key of ours; `None` where none does."""
        rows = self.select(["Id"], kind, where=soql.equal(self.name(KEY), key), limit=1)
        return str(rows[0]["Id"]) if rows else None

    def create_once(self, kind: str, key: str, fields: Mapping[str, Written]) -> tuple[str, bool]:
        """Make a record under a key of ours; the same key again gives the one that is there.

        Returns:
            Its id, and whether this call made it, or one before whose answer was lost.

        Raises:
            Conflict: another unique value of it is taken, or a duplicate rule forbids it.
        """
        body = self._body({**fields, KEY: key})
        return self._once(
            kind,
            key,
            lambda: self.remote.read(
                self.call(use.CREATE, {"object": kind}, body=body), lambda made: text(made, "id")
            ),
        )

    def plant_once(
        self,
        kind: str,
        key: str,
        fields: Mapping[str, Written],
        relationship: str,
        of_kind: str,
        lines: Sequence[Mapping[str, Written]],
    ) -> tuple[str, bool]:
        """Make a record with its lines in one transaction, under a key of ours; see `create_once`.

        Raises:
            RemoteRejectedData: it has more lines than Salesforce makes at once.
        """
        if len(lines) >= TREE:
            raise self.remote.rejected(
                use.CREATE_TREE, "lines", f"Salesforce makes {TREE} records at once at most"
            )
        head: Row = {
            "attributes": {"type": kind, "referenceId": "head"},
            **self._body({**fields, KEY: key}),
        }
        if lines:
            records = [
                {
                    "attributes": {"type": of_kind, "referenceId": f"line{number}"},
                    **self._body(line),
                }
                for number, line in enumerate(lines)
            ]
            head[relationship] = {"records": records}

        def plant() -> str:
            answer = self.call(use.CREATE_TREE, {"object": kind}, body={"records": [head]})
            made = self.remote.read(
                answer,
                lambda body: dict(
                    each(body, "results", lambda row: (text(row, "referenceId"), text(row, "id")))
                ),
            )
            return made.get("head", "")

        return self._once(kind, key, plant)

    def _once(self, kind: str, key: str, make: Callable[[], str]) -> tuple[str, bool]:
        try:
            return make(), True
        except Conflict as taken:
            there = self.by_key(kind, key) if taken.code == DUPLICATE else None
            if there is None:
                raise
            return there, False

    def change(
        self,
        kind: str,
        record_id: str,
        fields: Mapping[str, Written],
        *,
        unmodified_since: datetime | None = None,
    ) -> None:
        """Change fields of a record.

        Raises:
            Stale: it was changed since that instant, which counts by the second.
        """
        self.call(
            use.CHANGE,
            {"object": kind, "id": record_id},
            body=self._body(fields),
            headers=_since(unmodified_since),
            repeatable=unmodified_since is None,
        )

    def transact(self, steps: Sequence[Step]) -> None:
        """Send writes together: 25 of them are one transaction, more are several, in order.

        Raises:
            RemoteError: one was refused, and with it all of its transaction.
        """
        for start in range(0, len(steps), TOGETHER):
            some = steps[start : start + TOGETHER]
            body = {
                "allOrNone": True,
                "compositeRequest": [
                    self._request(step, f"step{number}") for number, step in enumerate(some)
                ],
            }
            answer = self.call(use.COMPOSITE, body=body)
            results = self.remote.read(answer, lambda b: each(b, "compositeResponse", _result))
            failed = [result for result in results if result[0] >= 400]
            if failed:
                telling = [result for result in failed if not is_echo(result[1])] or failed
                status, told = telling[0]
                raise self._refused(status, told)

    def _refused(self, status: int, told: Any) -> Exception:
        address = self.remote.address
        return refusal(
            label=address.label,
            system=address.system,
            where=address.where,
            operation=use.COMPOSITE,
            status=status,
            headers={},
            complaint=wording(status, told),
        )

    def _request(self, step: Step, reference: str) -> Row:
        path = f"/services/data/{self._version}/sobjects/{step.kind}"
        made: Row = {
            "method": step.method,
            "url": f"{path}/{step.record_id}" if step.record_id else path,
            "referenceId": reference,
        }
        if step.method != "DELETE":
            made["body"] = self._body(step.values)
        if headers := _since(step.unmodified_since):
            made["httpHeaders"] = headers
        return made

    def _body(self, fields: Mapping[str, Written]) -> Row:
        return {self.name(name): value for name, value in fields.items()}


def _since(at: datetime | None) -> dict[str, str] | None:
    return {"If-Unmodified-Since": format_datetime(at, usegmt=True)} if at else None


def _page(body: Row) -> tuple[tuple[Row, ...], str | None]:
    rows = each(body, "records", lambda row: row)
    if truth(body, "done"):
        return rows, None
    return rows, text(body, "nextRecordsUrl").rpartition("/")[2]


def _result(row: Row) -> tuple[int, Any]:
    status = row.get("httpStatusCode")
    return (status if isinstance(status, int) else 500), row.get("body")


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
