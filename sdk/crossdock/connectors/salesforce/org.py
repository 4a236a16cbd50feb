"""One organization's records: queried, made once, changed, and written together.

What is made carries a key of ours in the unique field `Crossdock_Key__c`, so that making it again
is refused as a duplicate and what is there is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.operations import Method
from crossdock.connectors.reading import Row, each, text
from crossdock.connectors.refusals import refusal
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import soql
from crossdock.connectors.salesforce.fields import KEY
from crossdock.connectors.salesforce.queries import Queries
from crossdock.connectors.salesforce.refusals import DUPLICATE, is_echo, wording
from crossdock.connectors.salesforce.values import Written
from crossdock.errors import Conflict

TOGETHER: Final = 25
"""How many requests Salesforce takes in one."""
TREE: Final = 200
"""How many records Salesforce makes in one request."""


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


class Org(Queries):
    """The records of an organization, read and written; safe in many threads."""

    def by_key(self, kind: str, key: str) -> str | None:
        """Give the id of the record that carries a key of ours; `None` where none does."""
        rows = self.select(["Id"], kind, where=soql.equal(self.name(KEY), key), limit=1)
        return str(rows[0]["Id"]) if rows else None

    def create(self, kind: str, fields: Mapping[str, Written]) -> str:
        """Make a record without a key of ours; who lost the answer has to look for it."""
        answer = self.call(use.CREATE, {"object": kind}, body=self._body(fields), repeatable=False)
        return self.remote.read(answer, lambda made: text(made, "id"))

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


def _result(row: Row) -> tuple[int, Any]:
    status = row.get("httpStatusCode")
    return (status if isinstance(status, int) else 500), row.get("body")
