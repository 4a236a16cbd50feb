"""What is associated with what in a portal."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.access import Pace
from crossdock.connectors.hubspot.wire import after_of, from_to, is_id, to_id, unlabelled
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import each

_T = TypeVar("_T")
BATCH: Final = 100
_LIMIT: Final = 500


class Associations:
    """Reads and writes associations, many at a time.

    Args:
        remote: the system.
        pace: keeps calls below its limits.
    """

    def __init__(self, remote: Remote, pace: Pace) -> None:
        self.remote = remote
        self._pace = pace
        self._types: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def call(
        self,
        operation: Operation,
        names: Mapping[str, str],
        *,
        query: Mapping[str, str | int | bool | None] | None = None,
        body: Any = None,
    ) -> Answer:
        """Make a call when it is its turn."""
        search = operation is use.SEARCH_OBJECTS
        self._pace.wait(search=search, left=self.remote.seconds_left())
        answer = self.remote.call(operation, names, query=query, body=body)
        self._pace.heard(answer.headers)
        return answer

    def associated(self, kind: str, object_id: str, other: str) -> tuple[str, ...]:
        """Give the ids of the objects of another kind that one is associated with."""
        if not is_id(object_id):
            return ()
        found: dict[str, None] = {}
        after: str | None = None
        while True:
            answer = self.call(
                use.LIST_ASSOCIATIONS,
                {"objectType": kind, "objectId": object_id, "toObjectType": other},
                query={"limit": _LIMIT, "after": after},
            )
            found |= dict.fromkeys(
                self.remote.read(answer, lambda body: each(body, "results", to_id))
            )
            after = self.remote.read(answer, after_of)
            if after is None:
                return tuple(found)

    def associated_many(
        self, kind: str, ids: Iterable[str], other: str
    ) -> dict[str, tuple[str, ...]]:
        """Give for each of many objects the ids of those of another kind."""
        found: dict[str, tuple[str, ...]] = {}
        names = {"fromObjectType": kind, "toObjectType": other}
        for some in batches(dict.fromkeys(ids)):
            body = {"inputs": [{"id": each_id} for each_id in some]}
            answer = self.call(use.READ_ASSOCIATIONS, names, body=body)
            rows = self.remote.read(answer, lambda body: each(body, "results", from_to))
            for from_id, to_ids, cut_off in rows:
                found[from_id] = self.associated(kind, from_id, other) if cut_off else to_ids
        return found

    def associate(self, kind: str, other: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Associate objects; those that are associated already stay so."""
        names = {"fromObjectType": kind, "toObjectType": other}
        for some in batches(pairs):
            of_type = [self.type_between(kind, other)]
            inputs = [
                {"from": {"id": one}, "to": {"id": two}, "types": of_type} for one, two in some
            ]
            answer = self.call(use.CREATE_ASSOCIATIONS, names, body={"inputs": inputs})
            errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
            if errors:
                raise self.remote.rejected(use.CREATE_ASSOCIATIONS, other, str(errors[0]))

    def dissociate(self, kind: str, other: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Take associations away."""
        names = {"fromObjectType": kind, "toObjectType": other}
        inputs = [{"from": {"id": one}, "to": [{"id": two}]} for one, two in pairs]
        self.call(use.ARCHIVE_ASSOCIATIONS, names, body={"inputs": inputs})

    def type_between(self, kind: str, other: str) -> dict[str, Any]:
        """Give HubSpot's own unlabelled type of association, which it numbers by direction."""
        pair = kind, other
        with self._lock:
            number = self._types.get(pair)
        if number is None:
            names = {"fromObjectType": kind, "toObjectType": other}
            answer = self.call(use.LIST_LABELS, names)
            number = self.remote.read(answer, unlabelled)
            with self._lock:
                self._types[pair] = number
        return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}


def batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Cut what goes into one call at most."""
    all_values = list(values)
    for start in range(0, len(all_values), BATCH):
        yield all_values[start : start + BATCH]
