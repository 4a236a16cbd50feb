"""Quotes and orders are read alike: a head, its line items, and what it is associated with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from crossdock.connectors.hubspot import lines
from crossdock.connectors.hubspot.objects import Object, Portal


class Documents:
    """Reads heads with their line items.

    Args:
        portal: the portal.
        kind: of the heads.
        properties: of the heads.
        others: what they are associated with besides line items and a company.
    """

    def __init__(
        self, portal: Portal, kind: str, properties: Iterable[str], others: Sequence[str]
    ) -> None:
        self._portal = portal
        self._kind = kind
        self._properties = tuple(properties)
        self._others = tuple(others)

    def one(self, document_id: str) -> tuple[Object, tuple[Object, ...]]:
        """Read one."""
        associations = (lines.KIND, "companies", *self._others)
        head = self._portal.get(
            self._kind, document_id, self._properties, associations=associations
        )
        ids = head.associated.get(lines.KIND, ())
        return head, tuple(self._portal.get_many(lines.KIND, ids, lines.LINE).values())

    def of_account(self, account_id: str) -> list[tuple[Object, tuple[Object, ...]]]:
        """Read those of a company, however many, in as few calls as one of them takes."""
        ids = self._portal.associated("companies", account_id, self._kind)
        heads = self._portal.get_many(self._kind, ids, self._properties)
        if not heads:
            return []
        associated = {
            other: self._portal.associated_many(self._kind, heads, other)
            for other in (lines.KIND, *self._others)
        }
        of_lines = associated[lines.KIND]
        items = self._portal.get_many(
            lines.KIND, [line for ids in of_lines.values() for line in ids], lines.LINE
        )
        found = []
        for key, head in heads.items():
            to = {other: pairs.get(key, ()) for other, pairs in associated.items()}
            whole = evolve(head, associated={**to, "companies": (account_id,)})
            mine = tuple(items[line] for line in of_lines.get(key, ()) if line in items)
            found.append((whole, mine))
        return found
