"""The CRM's lists: numbered pages of at most two hundred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from crossdock.connectors.http import Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each, unfit, whole
from crossdock.ports import Page

_T = TypeVar("_T")
PAGE_SIZE: Final = 200


def one_page(
    remote: Remote,
    operation: Operation,
    parse: Callable[[Row], _T],
    *,
    query: Mapping[str, str | int | bool | None],
    after: str | None,
    limit: int,
) -> Page[_T]:
    """Read one page; its cursor is the next page's number and the page size, as in `3x50`."""
    number, size = 1, max(1, min(limit, PAGE_SIZE))
    if after:
        number, size = _position(remote, operation, after)
    answer = remote.call(operation, query={**query, "page": number, "page_size": size})
    rows, total = remote.read(answer, lambda body: _page(body, number, parse))
    more = bool(rows) and number * size < total
    return Page(items=rows, next=f"{number + 1}x{size}" if more else None, total=total)


def page_behind(
    remote: Remote,
    operation: Operation,
    parse: Callable[[Row], _T],
    *,
    after: str | None,
    limit: int,
    key: Callable[[_T], str],
) -> Page[_T]:
    """Read what comes behind an id in the order of ids, which stays whatever others write.

    The first page says how many there are in all; a later one knows only what is left.
    """
    size = max(1, min(limit, PAGE_SIZE))
    answer = remote.call(
        operation, query={"sort": "id", "page": 1, "page_size": size, "after": after or None}
    )
    rows, left = remote.read(answer, lambda body: _page(body, 1, parse))
    more = bool(rows) and left > len(rows)
    return Page(items=rows, next=key(rows[-1]) if more else None, total=None if after else left)


def all_pages(
    remote: Remote,
    operation: Operation,
    parse: Callable[[Row], _T],
    *,
    names: Mapping[str, str] | None = None,
    query: Mapping[str, str | int | bool | None] | None = None,
    key: Callable[[_T], str],
) -> tuple[_T, ...]:
    """Read all pages.

    A record that is added while the pages are read moves others on to the next page; `key` tells
    those that come twice.
    """
    found: dict[str, _T] = {}
    number = 1
    while True:
        answer = remote.call(
            operation, names, query={**(query or {}), "page": number, "page_size": PAGE_SIZE}
        )
        rows, total = remote.read(answer, lambda body: _page(body, number, parse))  # noqa: B023
        for row in rows:
            found.setdefault(key(row), row)
        if not rows or number * PAGE_SIZE >= total:
            return tuple(found.values())
        number += 1


def _page(body: Row, number: int, parse: Callable[[Row], _T]) -> tuple[tuple[_T, ...], int]:
    rows = each(body, "data", parse)
    if whole(body, "page") != number:
        raise unfit("page", str(number), body["page"])
    return rows, whole(body, "total")


def _position(remote: Remote, operation: Operation, cursor: str) -> tuple[int, int]:
    number, _, size = cursor.partition("x")
    if number.isascii() and number.isdigit() and size.isascii() and size.isdigit():
        position = int(number), int(size)
        if position[0] >= 1 and 1 <= position[1] <= PAGE_SIZE:
            return position
    raise remote.rejected(operation, "after", f"{cursor!r} is not a cursor of this list")
