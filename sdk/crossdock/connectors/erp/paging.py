"""The ERP's lists: opaque cursors, at most five hundred on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each, text_or_none, unfit
from crossdock.ports import Page

_T = TypeVar("_T")
Query = Mapping[str, str | int | bool | None]
LIMIT: Final = 500
_PORT_LIMIT: Final = 200


def one_page(
    remote: Remote,
    operation: Operation,
    parse: Callable[[Row], _T],
    *,
    query: Query,
    after: str | None,
    limit: int,
    most: int = _PORT_LIMIT,
) -> Page[_T]:
    """Read one page; the cursor is the ERP's own."""
    size = max(1, min(limit, most))
    rows, cursor = _page(remote, operation, parse, {**query, "limit": size, "after": after or None})
    return Page(items=rows, next=cursor)


def all_pages(
    remote: Remote, operation: Operation, parse: Callable[[Row], _T], *, query: Query
) -> Iterator[_T]:
    """Read page after page, each when it is needed: a caller that stops early asks no further."""
    cursor: str | None = None
    while True:
        rows, cursor = _page(remote, operation, parse, {**query, "limit": LIMIT, "after": cursor})
        yield from rows
        if cursor is None:
            return


def _page(
    remote: Remote, operation: Operation, parse: Callable[[Row], _T], query: Query
) -> tuple[tuple[_T, ...], str | None]:
    answer = remote.call(operation, query=query)

    def page(body: Row) -> tuple[tuple[_T, ...], str | None]:
        rows, cursor = each(body, "items", parse), text_or_none(body, "next")
        if cursor is not None and cursor == query["after"]:
            raise unfit("next", "a cursor that moves on", cursor)
        return rows, cursor

    return remote.read(answer, page)
