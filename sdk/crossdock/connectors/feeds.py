"""Change feeds: what both reference systems have in common.

A feed's cursor is opaque and stands behind a whole answer. An entry inside the answer has none of
its own, so it carries the cursor that was asked with: going on from there reads some entries twice
and misses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from crossdock.connectors.reading import Row, each, instant, optional_text, text, whole, word
from crossdock.ports import Changes
from crossdock.records import Change

_ACTIONS: Final = frozenset({"created", "updated", "deleted"})


def changes(
    body: Row, *, system: str, asked: str, limit: int, entities: Mapping[str, str]
) -> Changes:
    """Read a piece of a change feed.

    Args:
        body: `items` in order, and `next`, the cursor behind them.
        system: the configured name that the changes carry.
        asked: the cursor that was asked with, empty for the feed's beginning.
        limit: how many were asked for; as many mean that there may be more.
        entities: our word for each of the feed's.
    """
    known = frozenset(entities)

    def change(row: Row) -> Change:
        return Change(
            cursor=asked,
            system=system,
            entity=entities[word(row, "entity", known)],
            id=text(row, "id"),
            action=word(row, "action", _ACTIONS),
            at=instant(row, "at"),
            version=str(whole(row, "version")),
            successor=optional_text(row, "successor"),
            by=optional_text(row, "by"),
        )

    found = each(body, "items", change)
    cursor = text(body, "next")
    if found:
        found = (*found[:-1], evolve(found[-1], cursor=cursor))
    return Changes(changes=found, cursor=cursor, more=len(found) >= limit)
