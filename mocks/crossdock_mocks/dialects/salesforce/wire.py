"""Records as the REST API writes them, and what a call says about who asks."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.salesforce.errors import Refused, not_there
from crossdock_mocks.dialects.salesforce.model import FieldType, ObjectType
from crossdock_mocks.dialects.salesforce.records import Records, Row
from crossdock_mocks.dialects.salesforce.soql.shapes import reader
from crossdock_mocks.engine import Call


def base(call: Call) -> str:
    """Path of the REST API in the version that was called."""
    return f"/services/data/{call.path['version']}"


def records(call: Call) -> Records:
    """The records, worked on by the user whose session it is."""
    return Records(call.world, str(call.principal))


def entity(work: Records, name: str) -> ObjectType:
    """The object that a path names.

    Raises:
        Refused: 404, there is none.
    """
    found = work.organization.object(name)
    if found is None:
        raise not_there()
    return found


def attributes(start: str, name: str, key: str) -> dict[str, str]:
    """The `attributes` of a record."""
    return {"type": name, "url": f"{start}/sobjects/{name}/{key}"}


def shown(kind: ObjectType, row: Row, start: str, fields: list[FieldType] | None = None) -> Row:
    """A record with these fields, or with all of them."""
    made: Row = {"attributes": attributes(start, kind.name, row["Id"])}
    for field in kind.all_fields if fields is None else fields:
        made[field.name] = value(field, row)
    return made


def value(field: FieldType, row: Row) -> Any:
    """A field's value as JSON shows it."""
    if field.parts:
        members = {key: row.get(name) for key, name in field.parts}
        return members if any(each is not None for each in members.values()) else None
    return reader(field.for_queries(own_table=True))(row.get(field.name))


def chosen(kind: ObjectType, names: str | None) -> list[FieldType] | None:
    """The fields that `?fields=Name,Phone` names.

    Raises:
        Refused: The object has no such field.
    """
    if names is None:
        return None
    found = []
    for name in names.split(","):
        field = kind.field(name.strip())
        if field is None:
            raise Refused("INVALID_FIELD", f"No such column '{name.strip()}' on entity "
                          f"'{kind.name}'.")  # fmt: skip
        found.append(field)
    return found
