"""Batches of records: read, create, change, create or change, archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock_mocks.dialects.hubspot import batching, wire
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.records import Records
from crossdock_mocks.engine import Call, Reply


def read_objects(call: Call) -> Reply:
    """Read records; those that do not exist are told beside the others."""
    portal, kind = _of(call)
    body = call.body
    ids = [each["id"] for each in batching.limited(body["inputs"])]
    batching.distinct(ids)
    records, by = Records(portal, kind), body.get("idProperty")
    asked, history = wire.names(body.get("properties")), body.get("propertiesWithHistory") or []
    if history and len(ids) > 50:
        raise invalid("With propertiesWithHistory at most 50 records are read at once.")
    archived = portal.archived(call)
    found: dict[str, Row] = {}
    missing = []
    for key in ids:
        row = _archived(portal, kind, key) if archived else records.fetch(key, by)
        if row is None:
            missing.append(key)
        else:
            found[row["id"]] = row
    results = [wire.record(portal, kind, row, asked, history) for row in found.values()]
    errors = [batching.as_error(_lacking(kind, missing))] if missing else []
    return batching.answer(portal, results, errors)


def create_objects(call: Call) -> Reply:
    """Make records: all or none, unless each has a trace id of its own."""
    portal, kind = _of(call)
    records = Records(portal, kind)

    def do(given: Mapping[str, Any]) -> dict[str, Any]:
        row = records.create(given["properties"], given.get("associations") or ())
        return _told(portal, kind, row, given)

    return _written(portal, batching.limited(call.body["inputs"]), do, status=201)


def update_objects(call: Call) -> Reply:
    """Change records; those that do not exist are told beside the others."""
    portal, kind = _of(call)
    inputs = batching.limited(call.body["inputs"])
    batching.distinct(f"{each.get('idProperty') or ''}{each['id']}" for each in inputs)
    records = Records(portal, kind)
    known = [(each, records.find(each["id"], each.get("idProperty"))) for each in inputs]
    missing = [each["id"] for each, row in known if row is None]

    def do(given: Mapping[str, Any]) -> dict[str, Any]:
        row = records.read(given["id"], given.get("idProperty"))
        return _told(portal, kind, records.change(row, given["properties"]), given)

    errors = [batching.as_error(_lacking(kind, missing))] if missing else []
    return _written(portal, [each for each, row in known if row], do, errors)


def upsert_objects(call: Call) -> Reply:
    """Change records that a unique property finds, and make those that it does not."""
    portal, kind = _of(call)
    inputs = batching.limited(call.body["inputs"])
    batching.distinct(f"{each.get('idProperty') or ''}{each['id'].lower()}" for each in inputs)
    records = Records(portal, kind)

    def do(given: Mapping[str, Any]) -> dict[str, Any]:
        by, key = given.get("idProperty"), given["id"]
        if by is None or by == "hs_object_id":
            row = records.change(records.read(key), given["properties"])
            return {**_told(portal, kind, row, given), "new": False}
        found = records.find(key, by)
        properties = {by: key, **given["properties"]}
        row = records.create(properties) if found is None else records.change(found, properties)
        return {**_told(portal, kind, row, given), "new": found is None}

    return _written(portal, inputs, do)


def archive_objects(call: Call) -> Reply:
    """Archive records; one that is not there is no error."""
    portal, kind = _of(call)
    records = Records(portal, kind)
    for each in batching.limited(call.body["inputs"]):
        row = records.find(each["id"])
        if row is not None:
            records.archive(row)
    return Reply(204)


def _of(call: Call) -> tuple[Portal, Kind]:
    portal = Portal.of(call)
    return portal, portal.kind(call.path["objectType"])


def _archived(portal: Portal, kind: Kind, key: str) -> Row | None:
    row = portal.table("records").get((kind.type_id, key))
    return row if row is not None and row["archived"] else None


def _written(
    portal: Portal,
    inputs: Sequence[Mapping[str, Any]],
    do: Callable[[Mapping[str, Any]], dict[str, Any]],
    errors: Sequence[dict[str, Any]] = (),
    status: int = 200,
) -> Reply:
    """Do a batch's inputs: each for itself if each can be told apart, or else all or none."""
    traced = bool(inputs) and all(each.get("objectWriteTraceId") for each in inputs)
    if traced:
        results, failed = batching.each_alone(portal, inputs, do)
        return batching.answer(portal, results, [*errors, *failed], status=status)
    return batching.answer(portal, [do(each) for each in inputs], errors, status=status)


def _told(portal: Portal, kind: Kind, row: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    told = wire.record(portal, kind, row, [*kind.shown, *given["properties"], *row["properties"]])
    trace = given.get("objectWriteTraceId")
    return {**told, "objectWriteTraceId": trace} if trace else told


def _lacking(kind: Kind, ids: list[str]) -> Refusal:
    return Refusal(
        404,
        f"Could not get some {kind.name.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        context={"ids": ids},
    )
