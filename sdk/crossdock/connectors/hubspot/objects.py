"""HubSpot's one interface to all kinds of objects: read, list, search, write, associate.

Reads and writes of many go in batches of a hundred. What is created carries a key of ours in the
unique property `crossdock_key`, so that creating it again finds it; the search index, which lags,
is never asked whether something is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.access import Pace
from crossdock.connectors.hubspot.associations import BATCH, Associations, batches
from crossdock.connectors.hubspot.wire import (
    Found,
    Object,
    after_of,
    associated_in,
    is_cut_off,
    is_id,
)
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each, instant, part, text, truth, whole
from crossdock.errors import Conflict, NotFound, RemoteRejectedData

__all__ = ["KEY", "Found", "Object", "Portal"]

KEY: Final = "crossdock_key"
_SEARCH_LIMIT: Final = 200

Properties = Mapping[str, str]


class Portal(Associations):
    """One HubSpot account's objects; safe in many threads."""

    def __init__(self, remote: Remote, pace: Pace, names: Mapping[str, str]) -> None:
        """Make it.

        Args:
            remote: the system.
            pace: keeps calls below its limits.
            names: what the portal calls properties of ours, where it calls them otherwise.
        """
        super().__init__(remote, pace)
        self._theirs = dict(names)
        self._ours = {their: our for our, their in names.items()}

    # Reading.

    def get(
        self,
        kind: str,
        object_id: str,
        properties: Iterable[str],
        *,
        associations: Sequence[str] = (),
        by: str | None = None,
    ) -> Object:
        """Read one object by its id, or by a unique property.

        Raises:
            NotFound: there is none, or it was archived.
        """
        if by is None and not is_id(object_id):
            raise NotFound(
                f"{self.remote.address.label} has no {kind} {object_id!r}: its ids are numbers",
                system=self.remote.address.system,
                status=404,
            )
        answer = self.call(
            use.GET_OBJECT,
            {"objectType": kind, "objectId": object_id},
            query={
                "properties": ",".join(map(self.theirs, properties)),
                "associations": ",".join(associations) or None,
                "idProperty": by,
            },
        )
        found = self.remote.read(answer, self._object)
        cut_off = [other for other in associations if is_cut_off(answer.body, other)]
        whole_lists = {other: self.associated(kind, found.id, other) for other in cut_off}
        return evolve(found, associated={**found.associated, **whole_lists})

    def by_key(self, kind: str, key: str, properties: Iterable[str]) -> Object | None:
        """Read the object that carries a key of ours; `None` where none does."""
        try:
            return self.get(kind, key, properties, by=KEY)
        except NotFound:
            return None

    def get_many(
        self, kind: str, ids: Iterable[str], properties: Iterable[str]
    ) -> dict[str, Object]:
        """Read objects by their ids; those that are gone are left out."""
        wanted = [self.theirs(name) for name in properties]
        found: dict[str, Object] = {}
        for some in batches(dict.fromkeys(ids)):
            body = {
                "properties": wanted,
                "propertiesWithHistory": [],
                "inputs": [{"id": each_id} for each_id in some],
            }
            answer = self.call(use.READ_BATCH, {"objectType": kind}, body=body)
            rows = self.remote.read(answer, lambda body: each(body, "results", self._object))
            found |= {row.id: row for row in rows}
        return found

    def page(
        self,
        kind: str,
        properties: Iterable[str],
        *,
        after: str | None,
        limit: int,
        archived: bool = False,
    ) -> Found:
        """List objects in the order in which they were made."""
        answer = self.call(
            use.LIST_OBJECTS,
            {"objectType": kind},
            query={
                "properties": ",".join(map(self.theirs, properties)),
                "limit": max(1, min(limit, BATCH)),
                "after": after,
                "archived": True if archived else None,
            },
        )
        return self.remote.read(answer, self._found)

    def search(
        self,
        kind: str,
        groups: Sequence[Sequence[Mapping[str, Any]]],
        properties: Iterable[str],
        *,
        sort: str,
        after: str | None,
        limit: int,
    ) -> Found:
        """Search; what was written a few seconds ago may not be found yet."""
        body: dict[str, Any] = {
            "filterGroups": [
                {
                    "filters": [
                        {**each_one, "propertyName": self.theirs(each_one["propertyName"])}
                        for each_one in filters
                    ]
                }
                for filters in groups
            ],
            "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
            "properties": [self.theirs(name) for name in properties],
            "limit": max(1, min(limit, _SEARCH_LIMIT)),
        }
        if after:
            body["after"] = after
        answer = self.call(use.SEARCH_OBJECTS, {"objectType": kind}, body=body)
        return self.remote.read(answer, self._found)

    # Writing.

    def create_once(
        self, kind: str, key: str, properties: Properties, to: Mapping[str, str | None]
    ) -> tuple[str, bool]:
        """Create an object under a key of ours; the same key again gives the one that is there.

        Args:
            kind: of the object.
            key: unique among the objects of the kind.
            properties: what it begins with; empty ones are left out.
            to: the ids of objects that it is associated with, by their kinds.

        Returns:
            Its id, and whether this call made it, or one before whose answer was lost.

        Raises:
            Conflict: another unique value of it is taken.
        """
        body = {
            "properties": self._sent(properties, new=True) | {KEY: key},
            "associations": [
                {"to": {"id": other_id}, "types": [self.type_between(kind, other)]}
                for other, other_id in to.items()
                if other_id
            ],
        }
        try:
            answer = self.call(use.CREATE_OBJECT, {"objectType": kind}, body=body)
        except Conflict:
            there = self.by_key(kind, key, ())
            if there is None:
                raise
            return there.id, False
        return self.remote.read(answer, lambda body: text(body, "id")), True

    def change(self, kind: str, object_id: str, properties: Properties) -> None:
        """Change properties of an object; an empty text clears one."""
        self.call(
            use.UPDATE_OBJECT,
            {"objectType": kind, "objectId": object_id},
            body={"properties": self._sent(properties)},
        )

    def change_many(self, kind: str, changes: Mapping[str, Properties]) -> None:
        """Change properties of objects, by their ids."""
        for some in batches(changes):
            inputs = [
                {"id": each_id, "properties": self._sent(changes[each_id])} for each_id in some
            ]
            self._batch(use.UPDATE_BATCH, kind, inputs)

    def upsert(self, kind: str, rows: Mapping[str, Properties]) -> dict[str, str]:
        """Create or change objects by keys of ours; gives their ids by key."""
        ids: dict[str, str] = {}
        for some in batches(rows):
            inputs = [
                {
                    "id": key,
                    "idProperty": KEY,
                    "properties": self._sent(rows[key], new=True) | {KEY: key},
                }
                for key in some
            ]
            answer = self._batch(use.UPSERT_BATCH, kind, inputs)
            for row in self.remote.read(answer, lambda body: each(body, "results", self._object)):
                ids[str(row.properties.get(KEY))] = row.id
        if missing := sorted(set(rows) - set(ids)):
            raise self.remote.rejected(
                use.UPSERT_BATCH, KEY, f"{', '.join(missing)} came back without an id"
            )
        return ids

    def archive_many(self, kind: str, ids: Sequence[str]) -> None:
        """Archive objects; those that are archived already stay so."""
        for some in batches(ids):
            body = {"inputs": [{"id": each_id} for each_id in some]}
            self.call(use.ARCHIVE_BATCH, {"objectType": kind}, body=body)

    def _batch(self, operation: Operation, kind: str, inputs: list[dict[str, Any]]) -> Answer:
        answer = self.call(operation, {"objectType": kind}, body={"inputs": inputs})
        errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
        if errors:
            # A 207: some went through. All of them are safe to be sent again.
            message = "; ".join(str(e.get("message")) for e in errors if isinstance(e, dict))
            failed = Conflict if '"CONFLICT"' in str(errors).replace("'", '"') else None
            raise (failed or RemoteRejectedData)(
                f"{self.remote.address.label} refused a part of {operation.id}: {message}",
                system=self.remote.address.system,
                status=answer.status,
            )
        return answer

    # Names and forms.

    def theirs(self, name: str) -> str:
        """Give what the portal calls a property."""
        return self._theirs.get(name, name)

    def _sent(self, properties: Properties, *, new: bool = False) -> dict[str, str]:
        """Give properties as they are sent; a new object has no need of empty ones."""
        return {
            self.theirs(name): value for name, value in properties.items() if value != "" or not new
        }

    def _object(self, row: Row) -> Object:
        archived_at = row.get("archivedAt")
        return Object(
            id=text(row, "id"),
            properties=part(row, "properties", self._received),
            created_at=instant(row, "createdAt"),
            updated_at=instant(row, "updatedAt"),
            archived=truth(row, "archived"),
            archived_at=instant(row, "archivedAt") if archived_at else None,
            associated=associated_in(row),
        )

    def _received(self, properties: Row) -> Row:
        return {self._ours.get(name, name): value for name, value in properties.items()}

    def _found(self, body: Row) -> Found:
        return Found(
            objects=each(body, "results", self._object),
            after=after_of(body),
            total=whole(body, "total") if "total" in body else None,
        )
