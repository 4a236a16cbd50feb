"""Records of any kind: made, changed, archived, merged; with history and what search may see yet.

Each write keeps, for as long as the search index lags behind, what the record was before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, final

from crossdock_mocks.dialects.hubspot import (
    beginnings,
    calculated,
    events,
    publishing,
    uniqueness,
)
from crossdock_mocks.dialects.hubspot.associations import links
from crossdock_mocks.dialects.hubspot.errors import invalid, not_found
from crossdock_mocks.dialects.hubspot.instants import stamp
from crossdock_mocks.dialects.hubspot.kinds import LINE_ITEM, QUOTE, Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.values import check_stage, missing, read_values

INDEX_LAG: Final = timedelta(seconds=3)
"""How long a change takes to be found by search; the vendor only says that it takes a moment."""


@final
class Records:
    """The records of one kind, worked on within one call.

    Args:
        portal: The portal.
        kind: The kind of record.
    """

    def __init__(self, portal: Portal, kind: Kind) -> None:
        self._portal = portal
        self._kind = kind
        self._table = portal.table("records")

    # Reading

    def find(self, key: str, id_property: str | None = None) -> Row | None:
        """A record that is not archived, by its id or by a property that no two share.

        Raises:
            Refusal: 400, the property is not one that identifies records.
        """
        if id_property is not None and id_property != "hs_object_id":
            definition = self._portal.definition(self._kind, id_property)
            if definition is None:
                raise invalid(f'Property "{id_property}" does not exist', "PROPERTY_DOESNT_EXIST")
            if not definition["hasUniqueValue"]:
                raise invalid(
                    f"{id_property} is not a unique property of {self._kind.plural}, so it "
                    "identifies no record.",
                    "INVALID_ID_PROPERTY",
                )
            holder = uniqueness.holder(self._portal, self._kind, id_property, key)
            if holder is None:
                return None
            key = holder
        row = self._table.get((self._kind.type_id, key))
        return None if row is None or row["archived"] else row

    def read(self, key: str, id_property: str | None = None) -> Row:
        """As `find`.

        Raises:
            Refusal: 404, there is none.
        """
        row = self.find(key, id_property)
        if row is None:
            raise not_found(self._kind.name, "0" if id_property else key)
        return row

    def fetch(self, key: str, id_property: str | None = None) -> Row | None:
        """As `find`; the id of a record that was merged gives the one that it went into.

        HubSpot's developer changelog, "Updated merge functionality for contacts and companies".
        """
        row = self.find(key, id_property)
        while row is None:
            gone = self._table.get((self._kind.type_id, key))
            if gone is None or not gone.get("mergedInto"):
                return None
            key = gone["mergedInto"]
            row = self.find(key)
        return row

    # Writing

    def create(
        self, given: Mapping[str, Any], associations: Iterable[Mapping[str, Any]] = ()
    ) -> Row:
        """Make a record.

        Args:
            given: Values of its properties.
            associations: Each with `to` and `types`, as on the wire.

        Raises:
            Refusal: 400, values are wrong or missing; 409, one that no two share is taken.
        """
        kind, at = self._kind, self._portal.stamp
        values = read_values(self._portal, kind, given)
        properties = {**beginnings.defaults(self._portal, kind), **_set(values)}
        if kind is LINE_ITEM:
            beginnings.take_over_product(self._portal, properties, values)
        lacking = [name for name in kind.required if name not in properties]
        if lacking:
            raise missing(kind, lacking)
        beginnings.stage(self._portal, kind, properties)
        check_stage(self._portal, kind, properties)
        uniqueness.check(self._portal, kind, None, properties)
        number = int(self._portal.world.sequence(f"hubspot_{kind.type_id}", start=kind.base + 1))
        properties |= {"hs_object_id": str(number), kind.created: at, kind.modified: at}
        row: Row = {
            "type": kind.type_id, "id": str(number), "number": number, "archived": False,
            "createdAt": at, "updatedAt": at, "archivedAt": None, "properties": properties,
            "before": [self._lag(None)],
        }  # fmt: skip
        uniqueness.note(self._portal, kind, row, {})
        calculated.complete(self._portal, kind, row)
        self._table.insert(row)
        self._history(row, properties, at)
        events.created(self._portal, kind, row)
        events.changed(self._portal, kind, row, _set(values))
        for each in associations:
            links.link_as_asked(self._portal, kind, row["id"], each)
        if kind is QUOTE:
            publishing.check(self._portal, row["id"], {}, properties, ())
        calculated.touch(self._portal, kind, row)
        settle(self._portal)
        return self.read(row["id"])

    def change(self, row: Row, given: Mapping[str, Any]) -> Row:
        """Change a record's properties; the last writer wins, as nothing tells them apart.

        Raises:
            Refusal: 400, values are wrong; 409, one that no two share is taken.
        """
        kind = self._kind
        values = read_values(self._portal, kind, given)
        before: dict[str, str] = row["properties"]
        changed = {name: each for name, each in values.items() if before.get(name) != each}
        if not changed:
            return row
        after = {name: each for name, each in {**before, **changed}.items() if each is not None}
        if kind.pipeline and kind.pipeline[0] in changed and kind.pipeline[1] not in changed:
            after.pop(kind.pipeline[1], None)
        beginnings.stage(self._portal, kind, after)
        lacking = [name for name in kind.required if name not in after]
        if lacking:
            raise missing(kind, lacking)
        check_stage(self._portal, kind, after)
        if kind is QUOTE:
            publishing.check(self._portal, row["id"], before, after, changed)
        uniqueness.check(self._portal, kind, row["id"], after)
        changed = {
            name: after.get(name)
            for name in {*before, *after}
            if before.get(name) != after.get(name)
        }
        self.put(row, after, changed)
        settle(self._portal)
        return self.read(row["id"])

    def put(
        self,
        row: Row,
        after: dict[str, str],
        changed: Mapping[str, str | None],
        *,
        own: bool = True,
    ) -> Row:
        """Keep new properties of a record, with what is computed of them.

        Args:
            row: The record as it was.
            after: All of its properties.
            changed: Those of them that are new.
            own: Whether somebody changed it; a roll-up leaves the time of the last change.
        """
        kind, before = self._kind, row["properties"]
        new = {**row, "properties": dict(after), "before": self._lagging(row)}
        if own:
            new["updatedAt"] = self._portal.stamp
            new["properties"][kind.modified] = new["updatedAt"]
        uniqueness.note(self._portal, kind, new, before)
        calculated.complete(self._portal, kind, new)
        self._table.replace(new)
        computed = {
            name: new["properties"].get(name)
            for name in {*before, *new["properties"]}
            if before.get(name) != new["properties"].get(name) and name != kind.modified
        }
        self._remember(row, {**computed, **changed})
        events.changed(self._portal, kind, new, {**computed, **changed})
        calculated.touch(self._portal, kind, new)
        return new

    def recompute(self, row: Row) -> None:
        """Compute anew what follows from other records and associations."""
        after = {**row, "properties": dict(row["properties"])}
        calculated.complete(self._portal, self._kind, after)
        if after["properties"] != row["properties"]:
            self.put(row, after["properties"], {}, own=False)

    def archive(self, row: Row) -> None:
        """Archive a record, which ends its associations."""
        calculated.touch(self._portal, self._kind, row)
        links.unlink_all(self._portal, self._kind, row["id"])
        row = self._table.get((self._kind.type_id, row["id"])) or row
        at = self._portal.stamp
        self._table.replace(
            {**row, "archived": True, "archivedAt": at, "before": self._lagging(row)}
        )
        uniqueness.free(self._portal, self._kind, row["id"])
        events.deleted(self._portal, self._kind, row)
        settle(self._portal)

    def merge(self, primary: Row, other: Row) -> Row:
        """Merge a record into another one, which takes over what it lacks, and associations."""
        if primary["id"] == other["id"]:
            raise invalid("A record cannot be merged with itself.")
        lacking = {
            name: value
            for name, value in other["properties"].items()
            if name not in primary["properties"] and name not in self._kind.unique
        }
        links.move_all(self._portal, self._kind, other["id"], primary["id"])
        self.archive(other)
        gone_row = self._table.get((self._kind.type_id, other["id"]))
        self._table.replace({**(gone_row or other), "mergedInto": primary["id"]})
        primary = self.read(primary["id"])
        merged = {**primary["properties"], **lacking}
        gone = ";".join(
            filter(None, [primary["properties"].get("hs_merged_object_ids"), other["id"]])
        )
        merged["hs_merged_object_ids"] = gone
        self.put(primary, merged, lacking)
        settle(self._portal)
        kept = self.read(primary["id"])
        events.merged(self._portal, self._kind, kept, other["id"], len(lacking))
        return kept

    # What they share

    def _lag(self, properties: Mapping[str, str] | None) -> Row:
        until = stamp(self._portal.now + INDEX_LAG)
        return {"until": until, "properties": None if properties is None else dict(properties)}

    def _lagging(self, row: Row) -> list[Row]:
        """What search sees in a record's place until the index has caught up with this change."""
        now = self._portal.stamp
        seen = None if row["archived"] else row["properties"]
        return [*(each for each in row["before"] if each["until"] > now), self._lag(seen)]

    def _remember(self, row: Row, values: Mapping[str, str | None]) -> None:
        """Write down new values; and first what a world began with, which nobody wrote down."""
        history, before = self._portal.table("history"), row["properties"]
        where: dict[str, Any] = {"type": row["type"], "id": row["id"]}
        first = {
            name: before[name]
            for name in values
            if name in before and not history.count({**where, "property": name})
        }
        self._history(row, first, row["createdAt"])
        self._history(row, values, self._portal.stamp)

    def _history(self, row: Row, values: Mapping[str, str | None], at: str) -> None:
        self._portal.table("history").insert_many(
            {
                "n": int(self._portal.world.sequence("hubspot_history")),
                "type": row["type"],
                "id": row["id"],
                "property": name,
                "value": value,
                "timestamp": at,
                "sourceType": self._portal.source,
                "sourceId": self._portal.source_id,
            }
            for name, value in sorted(values.items())
        )


def settle(portal: Portal) -> None:
    """Compute anew what depends on records and associations that this call has changed."""
    while portal.dirty:
        (type_id, key), _ = portal.dirty.popitem()
        kind = portal.kind(type_id)
        row = Records(portal, kind).find(key)
        if row is not None:
            Records(portal, kind).recompute(row)


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
