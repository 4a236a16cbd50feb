"""Values that no two records of a kind share: who has them, and that nobody else takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.dialects.hubspot.errors import Refusal
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row


def holder(portal: Portal, kind: Kind, name: str, value: str) -> str | None:
    """Id of the record that has a value; case does not matter."""
    row = portal.table("unique").get((kind.type_id, name, value.strip().lower()))
    return None if row is None else str(row["id"])


def check(portal: Portal, kind: Kind, key: str | None, properties: Mapping[str, str]) -> None:
    """Refuse values that another record has.

    Args:
        portal: The portal.
        kind: The kind of record.
        key: Id of the record that wants them; `None` for a new one.
        properties: All that it wants.

    Raises:
        Refusal: 409 that names the other record.
    """
    for name, value in properties.items():
        if not _is_unique(portal, kind, name):
            continue
        taken = holder(portal, kind, name, value)
        if taken is None or taken == key:
            continue
        errors: list[dict[str, Any]] = []
        if name != "email":
            context = {"propertyName": [name], "existingObjectId": [taken]}
            message = f"{name} {value} is taken"
            errors = [{"message": message, "code": "CONFLICTING_UNIQUE_VALUE", "context": context}]
        word = kind.name.replace("_", " ").capitalize()
        raise Refusal(409, f"{word} already exists. Existing ID: {taken}", errors=errors)


def note(portal: Portal, kind: Kind, row: Row, before: Mapping[str, str]) -> None:
    """Write down which unique values a record has now, in the place of those before."""
    table, after = portal.table("unique"), row["properties"]
    for name in {*before, *after}:
        if before.get(name) == after.get(name) or not _is_unique(portal, kind, name):
            continue
        if name in before:
            table.delete((kind.type_id, name, before[name].strip().lower()))
        if name in after:
            table.insert(entry(kind, name, after[name], row["id"]))


def free(portal: Portal, kind: Kind, key: str) -> None:
    """Let others take the values of a record that is gone."""
    table = portal.table("unique")
    for each in list(table.find({"type": kind.type_id, "id": key})):
        table.delete((each["type"], each["property"], each["value"]))


def entry(kind: Kind, name: str, value: str, key: str) -> Row:
    """That a record has a value, as it is stored."""
    return {"type": kind.type_id, "property": name, "value": value.strip().lower(), "id": key}


def _is_unique(portal: Portal, kind: Kind, name: str) -> bool:
    definition = portal.definition(kind, name)
    return bool(definition and definition["hasUniqueValue"])
