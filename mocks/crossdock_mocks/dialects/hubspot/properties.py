"""The properties API: what the records of a kind are made of, and the groups it is shown in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.hubspot import batching, catalogue
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.values import WrongValue, read_value
from crossdock_mocks.engine import Call, Reply

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("text", "textarea", "file", "html", "phonenumber", "calculation_equation"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
}
"""The form fields that fit a type, as the vendor documents them."""

MOST_UNIQUE: Final = 10
"""Unique properties that a kind of record may have, as the vendor documents."""


def list_properties(call: Call) -> Reply:
    """All properties of a kind of record, or those that were archived."""
    portal, kind = _of(call)
    where = {"objectType": kind.type_id, "archived": portal.archived(call)}
    return Reply(200, {"results": [answer(row) for row in portal.table("properties").find(where)]})


def get_property(call: Call) -> Reply:
    """One property."""
    portal, kind = _of(call)
    row = _read(portal, kind, call.path["propertyName"], archived=portal.archived(call))
    return Reply(200, answer(row))


def create_property(call: Call) -> Reply:
    """Define a property."""
    portal, kind = _of(call)
    return Reply(201, answer(define(portal, kind, call.body)))


def update_property(call: Call) -> Reply:
    """Change a property; those of HubSpot stay as they are.

    Raises:
        Refusal: 400, it is HubSpot's own, or what records hold would not fit.
    """
    portal, kind = _of(call)
    row = _read(portal, kind, call.path["propertyName"])
    if row["modificationMetadata"]["readOnlyDefinition"]:
        raise invalid(f"{row['name']} is defined by HubSpot and cannot be changed.", "READ_ONLY")
    given = {name: value for name, value in call.body.items() if name != "calculationFormula"}
    if "options" in given:
        given["options"] = _options(given["options"])
    changed = {**row, **given, "updatedAt": portal.stamp}
    _check(portal, kind, changed)
    if changed["type"] != row["type"]:
        _check_values(portal, kind, changed)
    portal.table("properties").replace(changed)
    return Reply(200, answer(changed))


def archive_property(call: Call) -> Reply:
    """Archive a property: records do not hold it any more."""
    portal, kind = _of(call)
    _archive(portal, kind, _read(portal, kind, call.path["propertyName"]))
    return Reply(204)


def read_batch(call: Call) -> Reply:
    """Some properties by name; those that do not exist are told beside the others."""
    portal, kind = _of(call)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for each in batching.limited(call.body["inputs"]):
        try:
            row = _read(portal, kind, each["name"], archived=call.body.get("archived", False))
        except Refusal as refusal:
            errors.append(batching.as_error(refusal))
        else:
            results.append(answer(row))
    return batching.answer(portal, results, errors)


def create_batch(call: Call) -> Reply:
    """Define some properties, each by itself."""
    portal, kind = _of(call)
    inputs = batching.limited(call.body["inputs"])
    results, errors = batching.each_alone(
        portal, inputs, lambda each: answer(define(portal, kind, each))
    )
    return batching.answer(portal, results, errors, status=201)


def archive_batch(call: Call) -> Reply:
    """Archive some properties; those that do not exist are no error."""
    portal, kind = _of(call)
    for each in batching.limited(call.body["inputs"]):
        row = portal.definition(kind, each["name"])
        if row is not None:
            _archive(portal, kind, row)
            portal.forget()
    return Reply(204)


def define(portal: Portal, kind: Kind, given: Mapping[str, Any], *, group: str = "") -> Row:
    """Add a property to a kind of record.

    Args:
        portal: The portal.
        kind: The kind of record.
        given: What it is, as on the wire.
        group: The group that it stands in if it names none.

    Raises:
        Refusal: 400, it makes no sense; 409, there is one of this name.
    """
    name = given["name"]
    table = portal.table("properties")
    before = table.get((kind.type_id, name))
    if before is not None and not before["archived"]:
        raise Refusal(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    if name.startswith("hs_"):
        raise invalid(f"{name} begins with hs_, which is kept for HubSpot.", "INVALID_NAME")
    options = _options(given.get("options") or [])
    if given["type"] == "bool" and not options:
        options = [catalogue.option(each, place) for place, each in enumerate(("true", "false"))]
    row = catalogue.definition(
        kind, name, given["label"], given["type"], given["fieldType"],
        given.get("groupName") or group, portal.stamp,
        description=given.get("description", ""), options=options,
        unique=given.get("hasUniqueValue", False), hidden=given.get("hidden", False),
        form_field=given.get("formField", False), display_order=given.get("displayOrder", -1),
    )  # fmt: skip
    _check(portal, kind, row)
    if row["hasUniqueValue"]:
        _check_unique(portal, kind, row)
    if before is None:
        table.insert(row)
    else:
        table.replace(row)
    portal.forget()
    return row


def answer(row: Row) -> dict[str, Any]:
    """A definition as it travels."""
    return {name: value for name, value in row.items() if name != "objectType"}


# Groups


def list_groups(call: Call) -> Reply:
    """All groups of a kind of record."""
    portal, kind = _of(call)
    rows = portal.table("groups").find({"objectType": kind.type_id})
    return Reply(200, {"results": [answer(row) for row in rows]})


def get_group(call: Call) -> Reply:
    """One group."""
    portal, kind = _of(call)
    return Reply(200, answer(_group(portal, kind, call.path["groupName"])))


def create_group(call: Call) -> Reply:
    """Define a group.

    Raises:
        Refusal: 409, there is one of this name.
    """
    portal, kind = _of(call)
    body, table = call.body, portal.table("groups")
    if (kind.type_id, body["name"]) in table:
        raise Refusal(
            409, f"A property group named '{body['name']}' already exists.", "OBJECT_ALREADY_EXISTS"
        )
    row = {"objectType": kind.type_id, "displayOrder": -1, **body, "archived": False}
    table.insert(row)
    return Reply(201, answer(row))


def update_group(call: Call) -> Reply:
    """Change label or place of a group."""
    portal, kind = _of(call)
    row = {**_group(portal, kind, call.path["groupName"]), **call.body}
    portal.table("groups").replace(row)
    return Reply(200, answer(row))


def archive_group(call: Call) -> Reply:
    """Remove a group.

    Raises:
        Refusal: 400, properties stand in it.
    """
    portal, kind = _of(call)
    row = _group(portal, kind, call.path["groupName"])
    if any(each["groupName"] == row["name"] for each in portal.definitions(kind).values()):
        raise invalid(f"The group {row['name']} holds properties.", "GROUP_NOT_EMPTY")
    portal.table("groups").delete((kind.type_id, row["name"]))
    return Reply(204)


# What they share


def _of(call: Call) -> tuple[Portal, Kind]:
    portal = Portal.of(call)
    return portal, portal.kind(call.path["objectType"])


def _read(portal: Portal, kind: Kind, name: str, *, archived: bool = False) -> Row:
    row = portal.table("properties").get((kind.type_id, name))
    if row is None or row["archived"] is not archived:
        raise Refusal(404, f'Property "{name}" does not exist', context={"propertyName": [name]})
    return row


def _group(portal: Portal, kind: Kind, name: str) -> Row:
    row = portal.table("groups").get((kind.type_id, name))
    if row is None:
        raise Refusal(404, f"Property group {name} does not exist", context={"groupName": [name]})
    return row


def _options(given: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    values = [each["value"] for each in given]
    labels = [each["label"] for each in given]
    for listed, word in ((values, "value"), (labels, "label")):
        for each in listed:
            if listed.count(each) > 1:
                raise invalid(f"Two options have the {word} {each}.", "INVALID_OPTIONS")
    return [{"displayOrder": place, "hidden": False, **each} for place, each in enumerate(given)]


def _check(portal: Portal, kind: Kind, row: Row) -> None:
    if row["fieldType"] not in _FIELDS[row["type"]]:
        raise invalid(
            f"fieldType {row['fieldType']} does not fit type {row['type']}.", "INVALID_FIELD_TYPE"
        )
    if row["type"] == "enumeration" and not row["options"]:
        raise invalid(f"{row['name']} is an enumeration and needs options.", "OPTIONS_REQUIRED")
    if row["type"] not in ("enumeration", "bool") and row["options"]:
        raise invalid(f"{row['name']} is {row['type']} and takes no options.", "INVALID_OPTIONS")
    _group_exists(portal, kind, row["groupName"])


def _group_exists(portal: Portal, kind: Kind, name: str) -> None:
    if (kind.type_id, name) not in portal.table("groups"):
        raise invalid(f"Property group {name} does not exist.", "INVALID_GROUP", groupName=name)


def _check_unique(portal: Portal, kind: Kind, row: Row) -> None:
    if row["type"] not in ("string", "number"):
        raise invalid(f"A {row['type']} property cannot be unique.", "INVALID_UNIQUE")
    known = [
        each for each in portal.definitions(kind).values()
        if each["hasUniqueValue"] and not each["hubspotDefined"]
    ]  # fmt: skip
    if len(known) >= MOST_UNIQUE:
        raise invalid(
            f"At most {MOST_UNIQUE} unique properties are allowed.", "UNIQUE_LIMIT_REACHED"
        )


def _holding(portal: Portal, kind: Kind, name: str) -> list[Row]:
    rows = portal.table("records").find({"type": kind.type_id})
    return [row for row in rows if name in row["properties"]]


def _check_values(portal: Portal, kind: Kind, definition: Row) -> None:
    """Refuse a new type that what records hold would not be of."""
    for row in _holding(portal, kind, definition["name"]):
        try:
            read_value(portal, kind, definition, row["properties"][definition["name"]])
        except WrongValue as wrong:
            raise invalid(
                f"The type cannot be changed: record {row['id']} holds a value that does not fit. "
                f"{wrong}",
                "INVALID_TYPE_CHANGE",
            ) from wrong


def _archive(portal: Portal, kind: Kind, row: Row) -> None:
    name = row["name"]
    if not row["modificationMetadata"]["archivable"]:
        raise invalid(f"{name} is defined by HubSpot and cannot be archived.", "NOT_ARCHIVABLE")
    at = portal.stamp
    portal.table("properties").replace({**row, "archived": True, "archivedAt": at})
    records, unique = portal.table("records"), portal.table("unique")
    for each in _holding(portal, kind, name):
        kept = {key: value for key, value in each["properties"].items() if key != name}
        records.replace({**each, "properties": kept})
    for taken in list(unique.find({"type": kind.type_id, "property": name})):
        unique.delete((taken["type"], taken["property"], taken["value"]))
