"""Collections: up to 200 records made, changed, upserted, read or deleted in one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from crossdock_mocks.dialects.salesforce import ids, wire
from crossdock_mocks.dialects.salesforce.errors import Refused, no_record
from crossdock_mocks.dialects.salesforce.model import ObjectType
from crossdock_mocks.dialects.salesforce.records import Records, Row
from crossdock_mocks.dialects.salesforce.sobjects import created, external, found_by
from crossdock_mocks.engine import Behaviour, Call, Problem, Reply, World

MOST: Final = 200
MOST_READ: Final = 2_000
ROLLED_BACK: Final = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
    "fields": [],
}

Save = Callable[[Any], Row]


class _Undo(Exception):  # noqa: N818 - it names what it is
    """Carries out of a transaction that is to be undone."""


def told(problem: Problem) -> dict[str, Any]:
    """A refusal as it stands beside the record that it is about."""
    fields = problem.fields if isinstance(problem, Refused) else None
    return {"statusCode": problem.code, "message": problem.detail, "fields": list(fields or ())}


def save_all(world: World, given: Sequence[Any], save: Save, *, together: bool) -> list[Row]:
    """Save each, and tell of each what became of it.

    Args:
        world: The world.
        given: What is saved.
        save: Saves one; what it refuses is told beside it.
        together: Whether none is saved unless all are.
    """
    results: list[Row] = []
    try:
        with world.transaction():
            for each in given:
                try:
                    with world.transaction():
                        results.append(save(each))
                except Problem as problem:
                    results.append({"success": False, "errors": [told(problem)]})
            if together and not all(each["success"] for each in results):
                raise _Undo
    except _Undo:
        return [
            {"success": False, "errors": [ROLLED_BACK]} if each["success"] else each
            for each in results
        ]
    return results


def _listed(call: Call) -> list[Mapping[str, Any]]:
    records: list[Mapping[str, Any]] = call.body["records"]
    if len(records) > MOST:
        raise _too_many(MOST)
    return records


def _too_many(most: int) -> Refused:
    return Refused(
        "EXCEEDED_ID_LIMIT",
        f"record limit reached. cannot submit more than {most} records in this API operation",
        [],
    )


def type_of(work: Records, record: Mapping[str, Any]) -> ObjectType:
    """The object that the `attributes` of a record name.

    Raises:
        Refused: They name none.
    """
    name = (record.get("attributes") or {}).get("type")
    found = work.organization.object(name) if isinstance(name, str) else None
    if found is None:
        raise Refused("INVALID_TYPE", f"sObject type '{name}' is not supported.", [])
    return found


def split(record: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The id of a record, and its other values."""
    key = next((value for name, value in record.items() if name.lower() == "id"), None)
    rest = {name: value for name, value in record.items() if name.lower() != "id"}
    return key, rest


def create_many(call: Call) -> Reply:
    """Make records."""
    work = wire.records(call)

    def save(record: Mapping[str, Any]) -> Row:
        key, values = split(record)
        if key is not None:
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call",
                          ["Id"])  # fmt: skip
        return created(work.insert(type_of(work, record), values))

    results = save_all(call.world, _listed(call), save, together=call.body.get("allOrNone", False))
    return Reply(200, results)


def change_many(call: Call) -> Reply:
    """Change records, each by its id."""
    work = wire.records(call)

    def save(record: Mapping[str, Any]) -> Row:
        key, values = split(record)
        kind = type_of(work, record)
        if not isinstance(key, str):
            raise Refused("MISSING_ARGUMENT", "Id not specified in an update call", [])
        return created(work.update(kind, work.read(kind, key), values))

    results = save_all(call.world, _listed(call), save, together=call.body.get("allOrNone", False))
    return Reply(200, results)


def upsert_many(call: Call) -> Reply:
    """Change the records with external ids, or make them."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    field = external(kind, call.path["field"])

    def save(record: Mapping[str, Any]) -> Row:
        if type_of(work, record) is not kind:
            raise Refused("INVALID_TYPE", f"All records have to be of type {kind.name}.", [])
        key, values = split(record)
        value = key if field.kind == "id" else next(
            (given for name, given in values.items() if name.lower() == field.name.lower()), None
        )  # fmt: skip
        if value is None or value == "":
            if field.kind == "id":
                return {**created(work.insert(kind, values)), "created": True}
            raise Refused("MISSING_ARGUMENT", f"{field.name} not specified", [])
        rows = found_by(work, kind, field, str(value))
        if len(rows) > 1:
            raise Refused(
                "DUPLICATE_EXTERNAL_ID",
                f"{field.name}: more than one record found for external id field: "
                f"[{', '.join(each['Id'] for each in rows)}]",
                [],
            )
        if rows:
            return {**created(work.update(kind, rows[0], values)), "created": False}
        if field.kind == "id":
            raise no_record(str(value))
        return {**created(work.insert(kind, values)), "created": True}

    results = save_all(call.world, _listed(call), save, together=call.body.get("allOrNone", False))
    return Reply(200, results)


def delete_many(call: Call) -> Reply:
    """Delete records by their ids."""
    work = wire.records(call)
    listed = [each.strip() for each in call.query["ids"].split(",")]
    if len(listed) > MOST:
        raise _too_many(MOST)

    def save(text: str) -> Row:
        full = ids.read(text)
        kind = work.organization.of_id(full) if full is not None else None
        if full is None or kind is None:
            raise Refused("MALFORMED_ID", f"malformed id {text}", [])
        row = work.read(kind, full)
        work.delete(kind, row)
        return created(row)

    results = save_all(call.world, listed, save, together=call.query["allOrNone"])
    return Reply(200, results)


def read_many(call: Call) -> Reply:
    """Read records of one object by their ids; `null` stands where there is none."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    if call.body is not None:
        listed, names = list(call.body["ids"]), ",".join(call.body["fields"])
    else:
        listed = [each.strip() for each in call.query["ids"].split(",")]
        names = call.query["fields"]
    if len(listed) > MOST_READ:
        raise _too_many(MOST_READ)
    fields = wire.chosen(kind, names)
    found: list[Row | None] = []
    for text in listed:
        full = ids.read(text)
        if full is None or full[:3] != kind.prefix:
            raise Refused("MALFORMED_ID", f"malformed id {text}", [])
        row = work.get(kind, full)
        shown = None if row is None else wire.shown(kind, row, wire.base(call), fields)
        found.append(shown)
    return Reply(200, found)


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "createRecords": create_many,
    "changeRecords": change_many,
    "upsertRecords": upsert_many,
    "deleteRecords": delete_many,
    "readRecords": read_many,
    "readManyRecords": read_many,
}
