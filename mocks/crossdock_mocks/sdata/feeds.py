"""Feeds: a page of entries, with links to the others."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from crossdock_mocks.engine import Call
from crossdock_mocks.engine.parameters import split_query
from crossdock_mocks.sdata.entries import Entries
from crossdock_mocks.sdata.model import Resource
from crossdock_mocks.sdata.options import Options
from crossdock_mocks.sdata.reading import Found

_PAGING: Final = ("startindex", "count")


def feed(
    entries: Entries, call: Call, resource: Resource, options: Options, found: Found
) -> dict[str, Any]:
    """The feed of a page.

    `$next`, `$previous`, `$first` and `$last` are whole URLs that keep the query as it came; the
    last page has no `$next`.
    """
    contract = entries.contract
    size, start, total = options.count, options.start, found.total
    made: dict[str, Any] = {
        "$url": _page(entries, call, None, size),
        contract.descriptor: f"{contract.title} | {resource.many}",
        "$totalResults": total,
        "$startIndex": start,
        "$itemsPerPage": size,
    }
    if size:
        last = max(1, (total - 1) // size * size + 1)
        made["$first"] = _page(entries, call, 1, size)
        made["$last"] = _page(entries, call, last, size)
        if start > 1:
            made["$previous"] = _page(entries, call, max(1, start - size), size)
        if start + size <= total:
            made["$next"] = _page(entries, call, start + size, size)
    made["$resources"] = [entries.entry(resource, row, options.shape) for row in found.rows]
    return made


def _page(entries: Entries, call: Call, start: int | None, size: int) -> str:
    """The URL of a page of the same query, or of the query itself."""
    given = split_query(call.request.query)
    pairs = [
        f"{quote(name, safe='')}={text}"
        for name, texts in given.items()
        for text in texts
        if start is None or name.lower() not in _PAGING
    ]
    if start is not None:
        pairs += [f"startIndex={start}", f"count={size}"]
    path = call.request.path.rstrip("/")
    host = entries.root[: -len(entries.contract.base)]
    # The path goes on as it came, percent-encoded.
    return f"{host}{path}" + (f"?{'&'.join(pairs)}" if pairs else "")
