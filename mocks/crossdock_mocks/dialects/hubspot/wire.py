"""A record as it travels: the properties that were asked for, with history and associations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crossdock_mocks.dialects.hubspot.associations import links
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row


def names(given: Iterable[str] | None) -> list[str]:
    """Names that came as repeated parameters, as one list with commas, or both."""
    return [each.strip() for text in given or () for each in text.split(",") if each.strip()]


def record(
    portal: Portal,
    kind: Kind,
    row: Row,
    asked: Sequence[str] = (),
    history: Sequence[str] = (),
    associations: Sequence[Kind] = (),
) -> dict[str, Any]:
    """The JSON of a record.

    Args:
        portal: The portal.
        kind: Its kind.
        row: The record as it is stored.
        asked: Properties that are wanted; those that do not exist are left out, as HubSpot does.
        history: Properties whose earlier values are wanted.
        associations: Kinds of record whose links are wanted.
    """
    made: dict[str, Any] = {
        "id": row["id"],
        "properties": shown(portal, kind, row["properties"], asked),
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "archived": row["archived"],
    }
    if row["archived"]:
        made["archivedAt"] = row["archivedAt"]
    if history:
        made["propertiesWithHistory"] = {
            name: versions(portal, row, name)
            for name in history
            if portal.definition(kind, name) is not None
        }
    found = {word: each for word, each in _associations(portal, kind, row, associations) if each}
    if found:
        made["associations"] = found
    return made


def shown(
    portal: Portal, kind: Kind, properties: dict[str, str], asked: Sequence[str]
) -> dict[str, str | None]:
    """Properties with their values; what always comes, and what was asked for or comes instead."""
    wanted = [*(asked or kind.shown), kind.created, kind.modified, "hs_object_id"]
    return {
        name: properties.get(name)
        for name in dict.fromkeys(wanted)
        if name in properties or portal.definition(kind, name) is not None
    }


def versions(portal: Portal, row: Row, name: str) -> list[dict[str, Any]]:
    """The values that a property has had, the present one first."""
    where = {"type": row["type"], "id": row["id"], "property": name}
    found = portal.table("history").find(where, "-n")
    if not found and name in row["properties"]:
        # What a world began with was there from the record's first day.
        return [
            {
                "value": row["properties"][name], "timestamp": row["createdAt"],
                "sourceType": "CRM_UI", "sourceId": "",
            }
        ]  # fmt: skip
    return [
        {
            "value": each["value"] or "", "timestamp": each["timestamp"],
            "sourceType": each["sourceType"], "sourceId": each["sourceId"],
        }
        for each in found
    ]  # fmt: skip


def association_key(kind: Kind) -> str:
    """The name that linked records of a kind go by within a record: with a space, not a line."""
    return kind.plural.replace("_", " ") if not kind.custom else kind.plural


def _associations(
    portal: Portal, kind: Kind, row: Row, wanted: Sequence[Kind]
) -> Iterable[tuple[str, Any]]:
    types = portal.table("association_types")
    for other in wanted:
        results = [
            {"id": key, "type": type_["name"]}
            for key, each in links.rows(portal, kind, row["id"], other).items()
            for link in each
            if (type_ := types.get(link["typeId"])) is not None
        ]
        yield association_key(other), {"results": results} if results else None
