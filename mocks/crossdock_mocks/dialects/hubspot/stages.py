"""Pipelines over HTTP: the pipelines of a kind of record, and the stages of each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock_mocks.dialects.hubspot import pipelines
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import DEAL, TICKET, Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.records import settle
from crossdock_mocks.engine import Call, Reply


def list_pipelines(call: Call) -> Reply:
    """All pipelines of a kind of record; a kind that knows none has none."""
    portal, kind = _of(call)
    rows = portal.table("pipelines").find({"objectType": kind.type_id, "archived": False})
    return Reply(200, {"results": [_answer(row) for row in rows]})


def get_pipeline(call: Call) -> Reply:
    """One pipeline."""
    return Reply(200, _answer(_read(*_of(call), call)))


def create_pipeline(call: Call) -> Reply:
    """Define a pipeline with its stages."""
    portal, kind = _of(call)
    body = call.body
    if kind.pipeline is None:
        raise invalid(f"{kind.plural} have no pipelines.", "PIPELINES_NOT_SUPPORTED")
    key = body.get("pipelineId") or f"{portal.world.sequence('hubspot_pipelines', start=880_001)}"
    _free(portal, kind, key, body["label"])
    at = portal.stamp
    row = pipelines.pipeline(
        kind.type_id, key, body["label"], body["displayOrder"], at,
        [_stage(portal, kind, each) for each in body["stages"]],
    )  # fmt: skip
    _distinct(portal, kind, row)
    portal.table("pipelines").insert(row)
    return Reply(201, _answer(row))


def replace_pipeline(call: Call) -> Reply:
    """Replace label, place and stages; a stage that records are in cannot go."""
    portal, kind = _of(call)
    row, body = _read(portal, kind, call), call.body
    _free(portal, kind, None, body["label"], row["id"])
    known = {each["id"]: each for each in row["stages"]}
    stages = []
    for given in body["stages"]:
        made = _stage(portal, kind, given, known.get(given.get("stageId") or ""))
        stages.append(made)
    kept = {each["id"] for each in stages}
    for each in row["stages"]:
        if each["id"] not in kept:
            _unused(portal, kind, 1, each["id"])
    new = {
        **row, "label": body["label"], "displayOrder": body["displayOrder"], "stages": stages,
        "updatedAt": portal.stamp,
    }  # fmt: skip
    _distinct(portal, kind, new)
    return _kept(portal, kind, new)


def update_pipeline(call: Call) -> Reply:
    """Change label or place of a pipeline, or archive it."""
    portal, kind = _of(call)
    row, body = _read(portal, kind, call), call.body
    if "label" in body:
        _free(portal, kind, None, body["label"], row["id"])
    if body.get("archived"):
        _unused(portal, kind, 0, row["id"])
    return _kept(portal, kind, {**row, **body, "updatedAt": portal.stamp})


def archive_pipeline(call: Call) -> Reply:
    """Remove a pipeline that no record is in."""
    portal, kind = _of(call)
    row = _read(portal, kind, call)
    _unused(portal, kind, 0, row["id"])
    portal.table("pipelines").delete((kind.type_id, row["id"]))
    return Reply(204)


def list_stages(call: Call) -> Reply:
    """The stages of a pipeline in their order."""
    row = _read(*_of(call), call)
    stages = sorted(row["stages"], key=lambda each: int(each["displayOrder"]))
    return Reply(200, {"results": stages})


def get_stage(call: Call) -> Reply:
    """One stage."""
    row = _read(*_of(call), call)
    return Reply(200, row["stages"][_place(row, call)])


def create_stage(call: Call) -> Reply:
    """Add a stage to a pipeline."""
    portal, kind = _of(call)
    row = _read(portal, kind, call)
    stage = _stage(portal, kind, call.body)
    new = {**row, "stages": [*row["stages"], stage], "updatedAt": portal.stamp}
    _distinct(portal, kind, new)
    portal.table("pipelines").replace(new)
    return Reply(201, stage)


def replace_stage(call: Call) -> Reply:
    """Replace label, place and metadata of a stage."""
    portal, kind = _of(call)
    row = _read(portal, kind, call)
    place = _place(row, call)
    before = row["stages"][place]
    stage = _stage(portal, kind, {**call.body, "stageId": before["id"]}, before)
    return _with_stage(portal, kind, row, place, stage)


def update_stage(call: Call) -> Reply:
    """Change label, place or metadata of a stage, or remove it by archiving it."""
    portal, kind = _of(call)
    row, body = _read(portal, kind, call), call.body
    place = _place(row, call)
    before = row["stages"][place]
    if body.get("archived"):
        return _without(portal, kind, row, place, Reply(200, {**before, "archived": True}))
    metadata = {**before["metadata"], **body.get("metadata", {})}
    given = {**before, **body, "metadata": metadata, "stageId": before["id"]}
    return _with_stage(portal, kind, row, place, _stage(portal, kind, given, before))


def archive_stage(call: Call) -> Reply:
    """Remove a stage that no record is in."""
    portal, kind = _of(call)
    row = _read(portal, kind, call)
    return _without(portal, kind, row, _place(row, call), Reply(204))


def _of(call: Call) -> tuple[Portal, Kind]:
    portal = Portal.of(call)
    return portal, portal.kind(call.path["objectType"])


def _read(portal: Portal, kind: Kind, call: Call) -> Row:
    key = call.path["pipelineId"]
    row = portal.table("pipelines").get((kind.type_id, key))
    if row is None or row["archived"]:
        raise Refusal(404, f"There is no pipeline {key}.", context={"pipelineId": [key]})
    return row


def _place(row: Row, call: Call) -> int:
    key = call.path["stageId"]
    for place, each in enumerate(row["stages"]):
        if each["id"] == key:
            return place
    raise Refusal(404, f"There is no stage {key}.", context={"stageId": [key]})


def _answer(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "objectType"}


def _stage(portal: Portal, kind: Kind, given: Mapping[str, Any], before: Row | None = None) -> Row:
    metadata = dict(given.get("metadata") or {})
    if kind is DEAL:
        metadata = _chance(given, metadata)
    if kind is TICKET:
        metadata = _state(given, metadata)
    key = given.get("stageId") or portal.world.sequence("hubspot_stages", start=990_001)
    made = pipelines.stage(key, given["label"], given["displayOrder"], portal.stamp, metadata)
    return made if before is None else {**made, "createdAt": before["createdAt"]}


def _chance(given: Mapping[str, Any], metadata: dict[str, str]) -> dict[str, str]:
    """The stage of a deal has a probability; at 0 and 1 the deal is closed."""
    text = metadata.get("probability", "")
    try:
        chance = Decimal(text)
    except InvalidOperation:
        chance = Decimal(-1)
    if not (chance.is_finite() and 0 <= chance <= 1):
        raise invalid(
            f"Stage {given['label']} needs a probability from 0.0 to 1.0 in its metadata.",
            "INVALID_STAGE_METADATA",
            probability=text,
        )
    return {**metadata, "isClosed": str(chance in (0, 1)).lower()}


def _state(given: Mapping[str, Any], metadata: dict[str, str]) -> dict[str, str]:
    """A stage of tickets is open unless it says that tickets in it are closed."""
    state = metadata.get("ticketState", "OPEN")
    if state not in ("OPEN", "CLOSED"):
        raise invalid(
            f"Stage {given['label']} has a ticketState other than OPEN and CLOSED.",
            "INVALID_STAGE_METADATA",
            ticketState=state,
        )
    return {**metadata, **pipelines.state_of_tickets(state)}


def _free(portal: Portal, kind: Kind, key: str | None, label: str, own: str | None = None) -> None:
    """Refuse an id or a label that another pipeline has."""
    for row in portal.table("pipelines").find({"objectType": kind.type_id}):
        if row["id"] == own:
            continue
        if row["id"] == key:
            raise Refusal(409, f"A pipeline with the id {key} already exists.")
        if row["label"] == label and not row["archived"]:
            raise Refusal(409, f"A pipeline with the label {label} already exists.")


def _distinct(portal: Portal, kind: Kind, row: Row) -> None:
    """Refuse two stages of one label, or an id that a stage of the kind has already."""
    others = [
        stage["id"]
        for each in portal.table("pipelines").find({"objectType": kind.type_id})
        if each["id"] != row["id"]
        for stage in each["stages"]
    ]
    for stages_, word in (([e["label"] for e in row["stages"]], "label"),
                          ([*others, *(e["id"] for e in row["stages"])], "id")):  # fmt: skip
        for each in stages_:
            if stages_.count(each) > 1:
                raise Refusal(409, f"A stage with the {word} {each} already exists.")


def _unused(portal: Portal, kind: Kind, which: int, key: str) -> None:
    if kind.pipeline is None:
        return
    name = kind.pipeline[which]
    where = {"type": kind.type_id, "archived": False, f"properties.{name}": key}
    found = portal.table("records").find(where, limit=1)
    if found:
        raise invalid(
            f"{name} {key} cannot be removed: records are in it.", "IN_USE", recordId=found[0]["id"]
        )


def _kept(portal: Portal, kind: Kind, row: Row) -> Reply:
    portal.table("pipelines").replace(row)
    _recompute(portal, kind, row["id"])
    return Reply(200, _answer(row))


def _with_stage(portal: Portal, kind: Kind, row: Row, place: int, stage: Row) -> Reply:
    stages = [stage if number == place else each for number, each in enumerate(row["stages"])]
    new = {**row, "stages": stages, "updatedAt": portal.stamp}
    _distinct(portal, kind, new)
    portal.table("pipelines").replace(new)
    _recompute(portal, kind, row["id"])
    return Reply(200, stage)


def _without(portal: Portal, kind: Kind, row: Row, place: int, reply: Reply) -> Reply:
    _unused(portal, kind, 1, row["stages"][place]["id"])
    if len(row["stages"]) == 1:
        raise invalid("A pipeline needs at least one stage.", "LAST_STAGE")
    stages = [each for number, each in enumerate(row["stages"]) if number != place]
    portal.table("pipelines").replace({**row, "stages": stages, "updatedAt": portal.stamp})
    return reply


def _recompute(portal: Portal, kind: Kind, key: str) -> None:
    """What follows from a stage is computed anew for the records in its pipeline."""
    if kind.pipeline is not None:
        where = {"type": kind.type_id, "archived": False, f"properties.{kind.pipeline[0]}": key}
        for row in portal.table("records").find(where):
            portal.dirty[kind.type_id, row["id"]] = None
    settle(portal)
