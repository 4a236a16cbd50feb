"""HubSpot's one interface to all kinds of objects: read, list, search, write, associate.

Reads and writes of many go in batches of a hundred. What is created carries a key of ours in the
unique property `crossdock_key`, so that creating it again finds it; the search index, which lags,
is never asked whether something is there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.access import Pace
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import (
    Row,
    Unreadable,
    each,
    instant,
    part,
    text,
    truth,
    unfit,
    whole,
)
from crossdock.errors import Conflict, NotFound, RemoteRejectedData

_T = TypeVar("_T")
KEY: Final = "crossdock_key"
BATCH: Final = 100
_SEARCH_LIMIT: Final = 200
_ASSOCIATIONS_LIMIT: Final = 500

Properties = Mapping[str, str]


@frozen(kw_only=True)
class Object:
    """An object as it came.

    Attributes:
        properties: those that were asked for; each a text, or none.
        associated: ids by the other kind, where they were asked for.
    """

    id: str
    properties: Row
    created_at: datetime
    updated_at: datetime
    archived: bool
    archived_at: datetime | None = None
    associated: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @property
    def version(self) -> str:
        """When it was last changed: all that HubSpot has to tell two states apart."""
        return self.updated_at.isoformat(timespec="milliseconds")

    def read(self, parse: Callable[[Object], _T]) -> _T:
        """Read a record of it; what is wrong is told with the object's id."""
        try:
            return parse(self)
        except Unreadable as bad:
            raise bad.inside(self.id, "properties") from None


@frozen(kw_only=True)
class Found:
    """A page of objects, with the cursor of the next one and, of a search, how many there are."""

    objects: tuple[Object, ...]
    after: str | None
    total: int | None = None


class Portal:
    """One HubSpot account's objects; safe in many threads."""

    def __init__(self, remote: Remote, pace: Pace, names: Mapping[str, str]) -> None:
        """Make it.

        Args:
            remote: the system.
            pace: keeps calls below its limits.
            names: what the portal calls properties of ours, where it calls them otherwise.
        """
        self.remote = remote
        self._pace = pace
        self._theirs = dict(names)
        self._ours = {their: our for our, their in names.items()}
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
        if by is None and not _is_id(object_id):
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
        cut_off = [other for other in associations if _is_cut_off(answer.body, other)]
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
        for some in _batches(dict.fromkeys(ids)):
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
                {"to": {"id": other_id}, "types": [self._type(kind, other)]}
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
        for some in _batches(changes):
            inputs = [
                {"id": each_id, "properties": self._sent(changes[each_id])} for each_id in some
            ]
            self._batch(use.UPDATE_BATCH, kind, inputs)

    def upsert(self, kind: str, rows: Mapping[str, Properties]) -> dict[str, str]:
        """Create or change objects by keys of ours; gives their ids by key."""
        ids: dict[str, str] = {}
        for some in _batches(rows):
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
        for some in _batches(ids):
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

    # Associations.

    def associated(self, kind: str, object_id: str, other: str) -> tuple[str, ...]:
        """Give the ids of the objects of another kind that one is associated with."""
        if not _is_id(object_id):
            return ()
        found: dict[str, None] = {}
        after: str | None = None
        while True:
            answer = self.call(
                use.LIST_ASSOCIATIONS,
                {"objectType": kind, "objectId": object_id, "toObjectType": other},
                query={"limit": _ASSOCIATIONS_LIMIT, "after": after},
            )
            found |= dict.fromkeys(
                self.remote.read(answer, lambda body: each(body, "results", _to_id))
            )
            after = self.remote.read(answer, _after)
            if after is None:
                return tuple(found)

    def associated_many(
        self, kind: str, ids: Iterable[str], other: str
    ) -> dict[str, tuple[str, ...]]:
        """Give for each of many objects the ids of those of another kind."""
        found: dict[str, tuple[str, ...]] = {}
        names = {"fromObjectType": kind, "toObjectType": other}
        for some in _batches(dict.fromkeys(ids)):
            body = {"inputs": [{"id": each_id} for each_id in some]}
            answer = self.call(use.READ_ASSOCIATIONS, names, body=body)
            rows = self.remote.read(answer, lambda body: each(body, "results", _from_to))
            for from_id, to_ids, cut_off in rows:
                found[from_id] = self.associated(kind, from_id, other) if cut_off else to_ids
        return found

    def associate(self, kind: str, other: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Associate objects; those that are associated already stay so."""
        names = {"fromObjectType": kind, "toObjectType": other}
        for some in _batches(pairs):
            of_type = [self._type(kind, other)]
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

    def _type(self, kind: str, other: str) -> dict[str, Any]:
        """Give HubSpot's own unlabelled type of association, which it numbers by direction."""
        pair = kind, other
        with self._lock:
            number = self._types.get(pair)
        if number is None:
            names = {"fromObjectType": kind, "toObjectType": other}
            answer = self.call(use.LIST_LABELS, names)
            number = self.remote.read(answer, _unlabelled)
            with self._lock:
                self._types[pair] = number
        return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}

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
            associated=_associated(row),
        )

    def _received(self, properties: Row) -> Row:
        return {self._ours.get(name, name): value for name, value in properties.items()}

    def _found(self, body: Row) -> Found:
        return Found(
            objects=each(body, "results", self._object),
            after=_after(body),
            total=whole(body, "total") if "total" in body else None,
        )


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    all_values = list(values)
    for start in range(0, len(all_values), BATCH):
        yield all_values[start : start + BATCH]


def _associated(row: Row) -> dict[str, tuple[str, ...]]:
    if not row.get("associations"):
        return {}

    def of_kinds(kinds: Row) -> dict[str, tuple[str, ...]]:
        return {
            # It writes the name of a kind with a space here, and with a line below elsewhere.
            name.replace(" ", "_"): tuple(
                dict.fromkeys(
                    part(kinds, name, lambda kind: each(kind, "results", lambda r: text(r, "id")))
                )
            )
            for name in kinds
        }

    return part(row, "associations", of_kinds)


def _is_cut_off(body: Any, other: str) -> bool:
    kinds = body.get("associations") or {}
    kind = kinds.get(other) or kinds.get(other.replace("_", " ")) or {}
    return bool(kind.get("paging"))


def _after(body: Row) -> str | None:
    if not body.get("paging"):
        return None
    return part(
        body,
        "paging",
        lambda paging: (
            part(paging, "next", lambda n: text(n, "after")) if "next" in paging else None
        ),
    )


def _to_id(row: Row) -> str:
    value = row.get("toObjectId")
    if type(value) is int:
        return str(value)
    return text(row, "toObjectId")


def _from_to(row: Row) -> tuple[str, tuple[str, ...], bool]:
    from_id = part(row, "from", lambda one: text(one, "id"))
    return from_id, tuple(dict.fromkeys(each(row, "to", _to_id))), bool(row.get("paging"))


def _unlabelled(body: Row) -> int:
    def numbered(row: Row) -> tuple[bool, int]:
        own = text(row, "category") == "HUBSPOT_DEFINED"
        return own and not row.get("label"), whole(row, "typeId")

    numbers = [number for fits, number in each(body, "results", numbered) if fits]
    if not numbers:
        raise unfit("results", "a type of HubSpot's own without a label", body.get("results"))
    return numbers[0]
