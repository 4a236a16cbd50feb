"""The search itself, over what the index knows by now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from crossdock_mocks.dialects.hubspot import wire
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.search.filters import Candidate, condition, key, problem
from crossdock_mocks.dialects.hubspot.search.text import matches_query
from crossdock_mocks.engine import Call, Reply

LIMIT: Final = 10
MOST: Final = 200
END: Final = 10_000
LONGEST_QUERY: Final = 3_000


def search_objects(call: Call) -> Reply:
    """One page of the records that meet the filters and the query.

    Raises:
        Refusal: 400, the search makes no sense or goes beyond a limit.
    """
    portal = Portal.of(call)
    kind = portal.kind(call.path["objectType"])
    body = call.body
    limit, offset = _page(body)
    meets = condition(portal, kind, body)
    query = (body.get("query") or "").strip()
    if len(query) > LONGEST_QUERY:
        raise problem(f"A query has at most {LONGEST_QUERY} characters.", code="QUERY_TOO_LONG")
    order = _sorting(portal, kind, body.get("sorts") or [])
    found = [
        (row, seen)
        for row, seen in indexed(portal, kind)
        if (not query or _matches(kind, seen, query)) and meets(Candidate(row["id"], seen))
    ]
    _sort(found, order)
    asked = wire.names(body.get("properties"))
    results = [
        {
            **wire.record(portal, kind, {**row, "archived": False}, asked),
            "properties": wire.shown(portal, kind, dict(seen), asked),
            "updatedAt": seen.get(kind.modified, row["updatedAt"]),
        }
        for row, seen in found[offset : offset + limit]
    ]
    answer: dict[str, Any] = {"total": len(found), "results": results}
    if len(found) > offset + limit:
        answer["paging"] = {"next": {"after": str(offset + limit)}}
    return Reply(200, answer)


def indexed(portal: Portal, kind: Kind) -> Iterator[tuple[Row, Mapping[str, str]]]:
    """The records of a kind with their properties as the index has them, in order of their ids."""
    now = portal.stamp
    for text in portal.table("records").find_raw({"type": kind.type_id}, "number"):
        row = orjson.loads(text)
        seen = None if row["archived"] else row["properties"]
        for before in row["before"]:
            if before["until"] > now:
                seen = before["properties"]
                break
        if seen is not None:
            yield row, seen


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit = int(body.get("limit", LIMIT))
    if not 1 <= limit <= MOST:
        raise problem(f"limit is from 1 to {MOST}, not {limit}.", code="INVALID_LIMIT")
    after = str(body["after"]).strip() if body.get("after") is not None else ""
    if after and not (after.isascii() and after.isdecimal() and len(after) < 10):
        raise problem(f"after is the cursor of the page before, not {after}.", code="INVALID_AFTER")
    offset = int(after or 0)
    if offset + limit > END:
        raise problem(f"A search ends after {END} results.", code="PAGING_LIMIT_EXCEEDED")
    return limit, offset


def _sorting(portal: Portal, kind: Kind, sorts: list[Any]) -> tuple[Row, bool] | None:
    """The property that results are sorted by, and whether downwards."""
    if not sorts:
        return None
    if len(sorts) > 1:
        raise problem("Only one sorting is allowed.", code="TOO_MANY_SORTS")
    given = sorts[0]
    if isinstance(given, str):
        name, down = given.removeprefix("-"), given.startswith("-")
    else:
        name, down = given["propertyName"], given.get("direction") == "DESCENDING"
    definition = portal.definition(kind, name)
    if definition is None:
        raise problem(f'Property "{name}" does not exist', code="PROPERTY_DOESNT_EXIST")
    return definition, down


def _sort(found: list[tuple[Row, Mapping[str, str]]], order: tuple[Row, bool] | None) -> None:
    """Sort what was found; what has no value comes last, and ids decide between equals."""
    if order is None:
        return
    definition, down = order
    name = definition["name"]
    having = [each for each in found if name in each[1]]
    lacking = [each for each in found if name not in each[1]]
    having.sort(key=lambda each: key(definition, each[1][name]), reverse=down)
    found[:] = [*having, *lacking]


def _matches(kind: Kind, seen: Mapping[str, str], query: str) -> bool:
    texts = [seen[name] for name in kind.searchable if name in seen]
    return matches_query(texts, query)
