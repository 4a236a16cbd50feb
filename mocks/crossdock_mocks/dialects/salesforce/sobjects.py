"""Records over REST: described, made, read, changed, deleted, found by an external id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.salesforce import describe, ids, wire
from crossdock_mocks.dialects.salesforce.checking import checked
from crossdock_mocks.dialects.salesforce.errors import Refused, no_record, not_there
from crossdock_mocks.dialects.salesforce.model import FieldType, ObjectType
from crossdock_mocks.dialects.salesforce.preconditions import guard, is_unchanged, validators
from crossdock_mocks.dialects.salesforce.records import Records, Row
from crossdock_mocks.engine import Behaviour, Call, Reply


def describe_global(call: Call) -> Reply:
    """List all objects."""
    work, base = wire.records(call), wire.base(call)
    listed = [describe.brief(each, base) for each in work.organization.objects.values()]
    listed.sort(key=lambda each: str(each["name"]))
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def describe_object(call: Call) -> Reply:
    """Describe one object."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    return Reply(200, describe.whole(kind, work.organization, wire.base(call)))


def about_object(call: Call) -> Reply:
    """Tell of one object what describe tells of all, and nothing of its fields."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    return Reply(200, {"objectDescribe": describe.brief(kind, wire.base(call)), "recentItems": []})


def created(row: Row) -> Row:
    """What a save answers."""
    return {"id": row["Id"], "success": True, "errors": []}


def create(call: Call) -> Reply:
    """Make a record."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    row = work.insert(kind, _without_id(call.body))
    location = f"{wire.base(call)}/sobjects/{kind.name}/{row['Id']}"
    return Reply(201, created(row), {"location": location})


def _without_id(given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in given:
        if name.lower() == "id":
            raise Refused(
                "INVALID_FIELD",
                "The Id field should not be specified in the sobject data.",
            )
    return given


def read(call: Call) -> Reply:
    """Read a record."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    row = work.read(kind, call.path["id"])
    if is_unchanged(call, kind, row):
        return Reply(304, None, validators(kind, row))
    return _whole(call, kind, row)


def _whole(call: Call, kind: ObjectType, row: Row) -> Reply:
    fields = wire.chosen(kind, call.query.get("fields"))
    return Reply(
        200,
        wire.shown(kind, row, wire.base(call), fields),
        validators(kind, row),
    )


def change(call: Call) -> Reply:
    """Change a record."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    row = work.read(kind, call.path["id"])
    guard(call, kind, row)
    work.update(kind, row, _without_id(call.body))
    return Reply(204)


def delete(call: Call) -> Reply:
    """Delete a record."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    row = work.read(kind, call.path["id"])
    work.delete(kind, row)
    return Reply(204)


# External ids


def external(kind: ObjectType, name: str) -> FieldType:
    """The field that records are found by.

    Raises:
        Refused: 404, there is no such field or it is no external id.
    """
    field = kind.field(name)
    if field is None or not (field.external or field.kind == "id"):
        raise Refused(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
            status=404,
        )
    return field


def found_by(work: Records, kind: ObjectType, field: FieldType, text: str) -> list[Row]:
    """The records with this external id."""
    if field.kind == "id":
        key = ids.read(text)
        row = work.get(kind, key) if key else None
        return [] if row is None else [row]
    value = checked(field, float(text) if field.kind == "double" and _is_number(text) else text)
    return work.by_value(kind, field, value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _several(call: Call, kind: ObjectType, rows: list[Row]) -> Reply:
    """More than one record has the external id: the answer says where they are."""
    urls = [f"{wire.base(call)}/sobjects/{kind.name}/{each['Id']}" for each in rows]
    return Reply(300, urls)


def read_by_external_id(call: Call) -> Reply:
    """Read a record by an external id, or what a relationship of a record leads to."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    if ids.read(call.path["field"]) and call.path["field"][:3] == kind.prefix:
        return _related(call, work, kind)
    field = external(kind, call.path["field"])
    rows = found_by(work, kind, field, call.path["value"])
    if not rows:
        raise not_there()
    if len(rows) > 1:
        return _several(call, kind, rows)
    return _whole(call, kind, rows[0])


def _related(call: Call, work: Records, kind: ObjectType) -> Reply:
    """Follow a relationship of a record: `/Contact/003.../Account`."""
    row = work.read(kind, call.path["field"])
    wanted = call.path["value"].lower()
    for field in kind.all_fields:
        if field.relationship and field.relationship.lower() == wanted:
            key = row[field.name]
            target = work.organization.of_id(key) if key else None
            parent = work.get(target, key) if target is not None else None
            if target is None or parent is None:
                raise not_there()
            return _whole(call, target, parent)
    for child, field in work.organization.children.get(kind.name, ()):
        if field.children and field.children.lower() == wanted:
            rows = work.by_value(child, field, row["Id"])
            fields = wire.chosen(child, call.query.get("fields"))
            listed = [wire.shown(child, each, wire.base(call), fields) for each in rows[:2000]]
            return Reply(200, {"totalSize": len(rows), "done": True, "records": listed})
    raise not_there()


def upsert(call: Call) -> Reply:
    """Change the record with this external id, or make it."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    field = external(kind, call.path["field"])
    given = _without_id(call.body)
    if any(name.lower() == field.name.lower() for name in given):
        raise Refused(
            "INVALID_FIELD",
            f"The {field.name} field should not be specified in the sobject data.",
        )
    rows = found_by(work, kind, field, call.path["value"])
    if len(rows) > 1:
        return _several(call, kind, rows)
    if rows:
        guard(call, kind, rows[0])
        work.update(kind, rows[0], given)
        return Reply(200, {**created(rows[0]), "created": False})
    if field.kind == "id":
        raise no_record(call.path["value"])
    row = work.insert(kind, {**given, field.name: call.path["value"]})
    location = f"{wire.base(call)}/sobjects/{kind.name}/{row['Id']}"
    return Reply(201, {**created(row), "created": True}, {"location": location})


def delete_by_external_id(call: Call) -> Reply:
    """Delete the record with this external id."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    field = external(kind, call.path["field"])
    rows = found_by(work, kind, field, call.path["value"])
    if not rows:
        raise not_there()
    if len(rows) > 1:
        return _several(call, kind, rows)
    work.delete(kind, rows[0])
    return Reply(204)


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "describeGlobal": describe_global,
    "describeObject": describe_object,
    "aboutObject": about_object,
    "createRecord": create,
    "readRecord": read,
    "changeRecord": change,
    "deleteRecord": delete,
    "readByExternalId": read_by_external_id,
    "upsertRecord": upsert,
    "deleteByExternalId": delete_by_external_id,
}
