"""Several requests in one: reads side by side, or changes in one transaction.

Source: Microsoft's page on OData batch calls: JSON, at most a hundred requests, and
`Isolation: snapshot`, by which either all of them take effect or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from attrs import field, frozen

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.odata import Query
from crossdock.connectors.business_central.refusals import wording
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each, text, unfit, whole
from crossdock.connectors.refusals import refusal

MOST: Final = 100
_GOOD: Final = range(200, 300)
_FOLLOWS: Final = 424  # another of the same transaction is what was refused


@frozen(kw_only=True)
class Wish:
    """One request of a batch."""

    operation: Operation
    entity_id: str = ""
    query: Mapping[str, str | int] = field(factory=dict)
    body: Any = None
    etag: str = ""


@frozen(kw_only=True)
class _Told:
    id: str
    status: int
    headers: Mapping[str, str]
    body: Any


def together(company: Company, wishes: Sequence[Wish]) -> None:
    """Make changes in one transaction.

    Raises:
        Stale: one of the records was changed by somebody else; nothing was done.
        RemoteRefused: one of them is not allowed; nothing was done.
    """
    _sent(company, wishes, {"Isolation": "snapshot"}, repeatable=False)


def side_by_side(
    company: Company, operation: Operation, queries: Iterable[Query], *, top: int
) -> list[tuple[Row, ...]]:
    """Read several lists, at most so many rows of each; gives the rows of each."""
    asked = [Wish(operation=operation, query=query.parameters(top=top)) for query in queries]
    return [
        company.understood(operation, lambda told=told: each(told.body, "value", _as_it_is))  # type: ignore[misc]
        for at in range(0, len(asked), MOST)
        for told in _sent(company, asked[at : at + MOST], {}, repeatable=True)
    ]


def _as_it_is(row: Row) -> Row:
    return row


def _sent(
    company: Company, wishes: Sequence[Wish], headers: Mapping[str, str], *, repeatable: bool
) -> list[_Told]:
    requests = [_written(company, number, wish) for number, wish in enumerate(wishes, start=1)]
    answer = company.remote.call(
        use.BATCH, body={"requests": requests}, headers=headers, repeatable=repeatable
    )
    told = {each_.id: each_ for each_ in company.remote.read(answer, _answers)}
    answered = [
        (wish, told[number])
        for number, wish in ((str(at), wish) for at, wish in enumerate(wishes, start=1))
        if number in told
    ]
    refused = [(wish, one) for wish, one in answered if one.status not in _GOOD]
    for wish, one in sorted(refused, key=lambda pair: pair[1].status == _FOLLOWS):
        remote = company.remote
        raise refusal(
            label=remote.address.label,
            system=remote.address.system,
            where=remote.address.where,
            operation=wish.operation,
            status=one.status,
            headers=one.headers,
            complaint=wording(one.status, one.body),
        )
    if len(answered) != len(wishes):
        missing = f"{len(wishes)} answers"
        company.understood(use.BATCH, lambda: _complain(missing, len(answered)))
    return [one for _, one in answered]


def _complain(expected: str, got: int) -> None:
    raise unfit("responses", expected, got)


def _written(company: Company, number: int, wish: Wish) -> dict[str, Any]:
    url = wish.operation.address(company.names(wish.entity_id)).removeprefix("/")
    if wish.query:
        url += "?" + urlencode(wish.query, quote_via=quote, safe="$")
    headers = {"Content-Type": "application/json"} if wish.body is not None else {}
    if wish.etag:
        headers["If-Match"] = wish.etag
    written = {
        "id": str(number),
        "method": wish.operation.method,
        "url": url,
        "headers": headers,
    }
    return written if wish.body is None else {**written, "body": wish.body}


def _answers(body: Row) -> tuple[_Told, ...]:
    def told(row: Row) -> _Told:
        headers = row.get("headers")
        return _Told(
            id=text(row, "id"),
            status=whole(row, "status"),
            headers={
                str(name).lower(): str(value)
                for name, value in (headers.items() if isinstance(headers, dict) else ())
            },
            body=row.get("body"),
        )

    return each(body, "responses", told)
