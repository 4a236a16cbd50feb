"""Kinds of record that a portal defines itself: custom objects."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.hubspot import catalogue, properties
from crossdock_mocks.dialects.hubspot.apps import PORTAL
from crossdock_mocks.dialects.hubspot.associations import types
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import ENGAGEMENTS, Kind, find_kind, kind_of_schema
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.engine import Call, Reply

MOST: Final = 10
"""Custom objects that a portal may define, as the vendor documents for its larger editions."""


def list_schemas(call: Call) -> Reply:
    """All kinds of record that the portal defined."""
    portal = Portal.of(call)
    rows = portal.table("schemas").find({"archived": portal.archived(call)})
    return Reply(200, {"results": [_answer(portal, row) for row in rows]})


def get_schema(call: Call) -> Reply:
    """One kind of record."""
    portal = Portal.of(call)
    return Reply(200, _answer(portal, _read(portal, call)))


def create_schema(call: Call) -> Reply:
    """Define a kind of record: its properties, and what its records may be linked with."""
    portal, body = Portal.of(call), call.body
    table = portal.table("schemas")
    name = body["name"]
    if find_kind(call.world, name) is not None:
        raise Refusal(
            409, f"A kind of record named {name} already exists.", "OBJECT_ALREADY_EXISTS"
        )
    if table.count({"archived": False}) >= MOST:
        raise invalid(f"At most {MOST} custom objects are allowed.", "LIMIT_REACHED")
    others = [portal.kind(each) for each in body["associatedObjects"]]
    number = portal.world.sequence("hubspot_schemas", start=101)
    at = portal.stamp
    row: Row = {
        "objectTypeId": f"2-{number}", "id": number, "name": name,
        "fullyQualifiedName": f"p{PORTAL}_{name}", "labels": body["labels"],
        "description": body.get("description", ""), "archived": False,
        "requiredProperties": list(dict.fromkeys(body["requiredProperties"])),
        "searchableProperties": body.get("searchableProperties", []),
        "primaryDisplayProperty": body.get("primaryDisplayProperty"),
        "secondaryDisplayProperties": body.get("secondaryDisplayProperties", []),
        "createdAt": at, "updatedAt": at,
    }  # fmt: skip
    kind = kind_of_schema(row)
    portal.table("groups").insert_many(catalogue.groups(kind))
    portal.table("properties").insert_many(catalogue.definitions(kind, at))
    for each in body["properties"]:
        properties.define(portal, kind, each, group=catalogue.group_of(kind))
    _check_names(portal, kind, row)
    table.insert(row)
    for other in dict.fromkeys([*others, *ENGAGEMENTS]):
        _let_link(portal, kind, other, f"{name}_to_{other.name}")
    return Reply(201, _answer(portal, row))


def update_schema(call: Call) -> Reply:
    """Change labels, or which properties are required, shown and searched."""
    portal = Portal.of(call)
    row, body = _read(portal, call), dict(call.body)
    if body.pop("clearDescription", False):
        body["description"] = ""
    body.pop("restorable", None)
    labels = {**row["labels"], **body.pop("labels", {})}
    new = {**row, **body, "labels": labels, "updatedAt": portal.stamp}
    _check_names(portal, kind_of_schema(new), new)
    portal.table("schemas").replace(new)
    return Reply(200, _answer(portal, new))


def archive_schema(call: Call) -> Reply:
    """Remove a kind of record.

    Raises:
        Refusal: 400, there are records of it.
    """
    portal = Portal.of(call)
    row = _read(portal, call)
    if portal.table("records").count({"type": row["objectTypeId"], "archived": False}):
        raise invalid(f"{row['name']} cannot be removed: there are records of it.", "IN_USE")
    known = portal.table("association_types")
    for each in _types(portal, row["objectTypeId"]):
        known.delete(each["id"])
        known.delete(each["inverse"])
    portal.table("schemas").replace({**row, "archived": True})
    return Reply(204)


def create_association(call: Call) -> Reply:
    """Let records of this kind and of another be linked."""
    portal = Portal.of(call)
    row, body = _read(portal, call), call.body
    kind, start = kind_of_schema(row), portal.kind(body["fromObjectTypeId"])
    other = portal.kind(body["toObjectTypeId"])
    if kind not in (start, other):
        raise invalid(f"One end of the association has to be {kind.name}.", "INVALID_ASSOCIATION")
    if types.between(portal, start, other):
        raise Refusal(409, f"{start.plural} and {other.plural} can be linked already.")
    made = _let_link(portal, start, other, body.get("name") or f"{start.name}_to_{other.name}")
    return Reply(201, _association(row, made))


def archive_association(call: Call) -> Reply:
    """Remove a type of association, and the links by it."""
    portal = Portal.of(call)
    row, word = _read(portal, call), call.path["associationIdentifier"]
    found = types.named(_types(portal, row["objectTypeId"]), word)
    if found is None:
        raise Refusal(404, f"There is no association {word}.", context={"id": [word]})
    links = portal.table("associations")
    for type_id in {found["id"], found["inverse"]}:
        for link in list(links.find({"typeId": type_id})):
            links.delete(links.key_of(link).split("\x1f"))
        portal.table("association_types").delete(type_id)
    return Reply(204)


def _read(portal: Portal, call: Call) -> Row:
    word = call.path["objectType"]
    kind = find_kind(portal.world, word)
    row = None if kind is None else portal.table("schemas").get(kind.type_id)
    if row is None:
        raise Refusal(404, f"There is no custom object {word}.", context={"objectType": [word]})
    return row


def _check_names(portal: Portal, kind: Kind, row: Row) -> None:
    named = [
        *row["requiredProperties"], *row["searchableProperties"],
        *row["secondaryDisplayProperties"],
        *filter(None, [row["primaryDisplayProperty"]]),
    ]  # fmt: skip
    for name in named:
        if portal.definition(kind, name) is None:
            raise invalid(f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")


def _let_link(portal: Portal, start: Kind, end: Kind, name: str) -> Row:
    def number() -> int:
        return int(portal.world.sequence("hubspot_association_types", start=types.FIRST_CUSTOM))

    there = number()
    back = number() if start != end else there
    table = portal.table("association_types")
    made = types.definition(start, end, there, back, types.USER, name, None)
    table.insert(made)
    if start != end:
        turned = f"{end.name}_to_{start.name}"
        table.insert(types.definition(end, start, back, there, types.USER, turned, None))
    return made


def _types(portal: Portal, type_id: str) -> list[Row]:
    return portal.table("association_types").find({"from_type": type_id})


def _association(schema: Row, row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]), "fromObjectTypeId": row["from_type"],
        "toObjectTypeId": row["to_type"], "name": row["name"],
        "createdAt": schema["createdAt"], "updatedAt": schema["updatedAt"],
    }  # fmt: skip


def _answer(portal: Portal, row: Row) -> dict[str, Any]:
    kind = kind_of_schema(row)
    shown = {name: value for name, value in row.items() if value is not None}
    return {
        **shown,
        "properties": [properties.answer(each) for each in portal.definitions(kind).values()],
        "associations": [_association(row, each) for each in _types(portal, kind.type_id)],
    }
