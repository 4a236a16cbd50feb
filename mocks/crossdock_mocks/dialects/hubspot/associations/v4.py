"""The associations of the fourth API: links with labels, one by one and in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.hubspot import batching
from crossdock_mocks.dialects.hubspot.associations import links, types
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.objects import cursor, following
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.records import Records, settle
from crossdock_mocks.engine import Call, Reply

MOST_READ: Final = 1_000
MOST_WRITTEN: Final = 2_000
_PAGE: Final = 500


def list_associations(call: Call) -> Reply:
    """One page of the links of a record to records of a kind."""
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["objectType"]), portal.kind(call.path["toObjectType"])
    key = Records(portal, kind).read(call.path["objectId"])["id"]
    links.default(portal, kind, other)
    limit = call.query["limit"]
    results = _linked(portal, kind, key, other, cursor(call.query.get("after")))
    body: dict[str, Any] = {"results": results[:limit]}
    if len(results) > limit:
        body["paging"] = following(call, results[limit - 1]["toObjectId"])
    return Reply(200, body)


def associate(call: Call) -> Reply:
    """Link two records by types."""
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["objectType"]), portal.kind(call.path["toObjectType"])
    given = {
        "from": {"id": call.path["objectId"]}, "to": {"id": call.path["toObjectId"]},
        "types": call.body,
    }  # fmt: skip
    made = _label(portal, kind, other, given)
    settle(portal)
    return Reply(201, made)


def dissociate(call: Call) -> Reply:
    """End all links between two records; where there is none, nothing happens."""
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["objectType"]), portal.kind(call.path["toObjectType"])
    key = Records(portal, kind).read(call.path["objectId"])["id"]
    links.unlink(portal, kind, key, other, call.path["toObjectId"])
    settle(portal)
    return Reply(204)


def associate_by_default(call: Call) -> Reply:
    """Link two records without a label."""
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["fromObjectType"]), portal.kind(call.path["toObjectType"])
    given = {"from": {"id": call.path["fromObjectId"]}, "to": {"id": call.path["toObjectId"]}}
    results = _plain(portal, kind, other, given)
    settle(portal)
    return batching.answer(portal, results)


def read_batch(call: Call) -> Reply:
    """The links of many records; those that have none are told beside the others."""
    portal, kind, other = _of(call)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for each in batching.limited(call.body["inputs"], MOST_READ):
        found = _linked(portal, kind, each["id"], other, cursor(each.get("after")))
        if not found:
            errors.append(batching.as_error(none_found(kind, other, each["id"])))
            continue
        made: dict[str, Any] = {"from": {"id": each["id"]}, "to": found[:_PAGE]}
        if len(found) > _PAGE:
            made["paging"] = {"next": {"after": found[_PAGE - 1]["toObjectId"]}}
        results.append(made)
    return batching.answer(portal, results, errors)


def create_batch(call: Call) -> Reply:
    """Link pairs of records by types, each pair by itself."""
    portal, kind, other = _of(call)
    inputs = batching.limited(call.body["inputs"], MOST_WRITTEN)
    results, errors = batching.each_alone(
        portal, inputs, lambda each: _label(portal, kind, other, each)
    )
    settle(portal)
    return batching.answer(portal, results, errors, status=201)


def associate_batch_by_default(call: Call) -> Reply:
    """Link pairs of records without a label, each pair by itself."""
    portal, kind, other = _of(call)
    results: list[dict[str, Any]] = []

    def do(each: Mapping[str, Any]) -> None:
        results.extend(_plain(portal, kind, other, each))

    inputs = batching.limited(call.body["inputs"], MOST_WRITTEN)
    _, errors = batching.each_alone(portal, inputs, do)
    settle(portal)
    return batching.answer(portal, results, errors)


def archive_batch(call: Call) -> Reply:
    """End all links between pairs of records."""
    portal, kind, other = _of(call)
    for each in batching.limited(call.body["inputs"], MOST_WRITTEN):
        for to in each["to"]:
            links.unlink(portal, kind, each["from"]["id"], other, to["id"])
    settle(portal)
    return Reply(204)


def archive_labels(call: Call) -> Reply:
    """Take types off links; a link from which the unlabelled type goes is ended."""
    portal, kind, other = _of(call)
    for each in batching.limited(call.body["inputs"], MOST_WRITTEN):
        wanted = links.chosen(portal, kind, other, each["types"])
        whole = any(row["label"] is None for row in wanted)
        only = None if whole else wanted
        links.unlink(portal, kind, each["from"]["id"], other, each["to"]["id"], only)
    settle(portal)
    return Reply(204)


def none_found(kind: Kind, other: Kind, key: str) -> Refusal:
    """That a record is linked with none of a kind, which only batches tell."""
    context = {
        "fromObjectId": [key], "fromObjectType": [kind.name], "toObjectType": [other.name]
    }  # fmt: skip
    return Refusal(
        404,
        f"No {other.name} is associated with {kind.name} {key}.",
        context=context,
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
    )


def _of(call: Call) -> tuple[Portal, Kind, Kind]:
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["fromObjectType"]), portal.kind(call.path["toObjectType"])
    links.default(portal, kind, other)
    return portal, kind, other


def _linked(portal: Portal, kind: Kind, key: str, other: Kind, after: int) -> list[dict[str, Any]]:
    return [
        {"toObjectId": to, "associationTypes": [_shown(each) for each in found]}
        for to, found in links.rows(portal, kind, key, other).items()
        if int(to) > after
    ]


def _shown(link: Row) -> dict[str, Any]:
    return {"category": link["category"], "typeId": link["typeId"], "label": link["label"]}


def _label(portal: Portal, kind: Kind, other: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    key, to = given["from"]["id"], given["to"]["id"]
    wanted = links.chosen(portal, kind, other, given["types"])
    links.link(portal, kind, key, other, to, wanted)
    there = links.rows(portal, kind, key, other)[to]
    return {
        "fromObjectTypeId": kind.type_id, "fromObjectId": key,
        "toObjectTypeId": other.type_id, "toObjectId": to,
        "labels": [each["label"] for each in there if each["label"] is not None],
    }  # fmt: skip


def _plain(
    portal: Portal, kind: Kind, other: Kind, given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Link without a label; HubSpot tells both directions."""
    key, to = given["from"]["id"], given["to"]["id"]
    row = links.default(portal, kind, other)
    links.link(portal, kind, key, other, to, [row])
    return [
        {
            "from": {"id": one}, "to": {"id": end},
            "associationSpec": {
                "associationCategory": row["category"], "associationTypeId": type_id
            },
        }
        for one, end, type_id in ((key, to, row["id"]), (to, key, row["inverse"]))
    ]  # fmt: skip


# Labels


def list_labels(call: Call) -> Reply:
    """The types that lead from one kind of record to another."""
    portal, kind, other = _of(call)
    return Reply(200, {"results": [types.spec(row) for row in types.between(portal, kind, other)]})


def create_label(call: Call) -> Reply:
    """Define a label, with another one back if the body names one.

    Raises:
        Refusal: 409, there is one of this name; 400, there are too many.
    """
    portal, kind, other = _of(call)
    body = call.body
    known = types.between(portal, kind, other)
    if any(body["name"] == row["name"] or body["label"] == row["label"] for row in known):
        raise Refusal(409, f"An association label {body['label']} already exists.")
    if sum(row["category"] == types.USER for row in known) >= types.MOST_LABELS:
        raise invalid(f"At most {types.MOST_LABELS} labels are allowed between two kinds.")
    there = int(portal.world.sequence("hubspot_association_types", start=types.FIRST_CUSTOM))
    inverse = body.get("inverseLabel")
    paired = inverse is not None and kind != other
    back = there
    if paired or kind != other:
        back = int(portal.world.sequence("hubspot_association_types", start=types.FIRST_CUSTOM))
    table = portal.table("association_types")
    made = [types.definition(kind, other, there, back, types.USER, body["name"], body["label"])]
    if back != there:
        name, label = f"{body['name']}_inverse", inverse or body["label"]
        made.append(types.definition(other, kind, back, there, types.USER, name, label))
    for row in made:
        table.insert(row)
    return Reply(200, {"results": [types.spec(row) for row in made]})


def update_label(call: Call) -> Reply:
    """Change the text of a label."""
    portal, kind, other = _of(call)
    row = _own_label(portal, kind, other, int(call.body["associationTypeId"]))
    table = portal.table("association_types")
    table.update(row["id"], label=call.body["label"])
    inverse = call.body.get("inverseLabel")
    if inverse is not None and row["inverse"] != row["id"]:
        table.update(row["inverse"], label=inverse)
    for type_id, label in ((row["id"], call.body["label"]), (row["inverse"], inverse)):
        if label is not None:
            _relabel(portal, type_id, label)
    return Reply(204)


def archive_label(call: Call) -> Reply:
    """Remove a label in both directions; links keep their other types."""
    portal, kind, other = _of(call)
    row = _own_label(portal, kind, other, call.path["associationTypeId"])
    table = portal.table("associations")
    for type_id in {row["id"], row["inverse"]}:
        for link in list(table.find({"typeId": type_id})):
            table.delete(table.key_of(link).split("\x1f"))
        portal.table("association_types").delete(type_id)
    return Reply(204)


def _relabel(portal: Portal, type_id: int, label: str) -> None:
    table = portal.table("associations")
    for link in list(table.find({"typeId": type_id})):
        table.replace({**link, "label": label})


def _own_label(portal: Portal, kind: Kind, other: Kind, type_id: int) -> Row:
    row = portal.table("association_types").get(type_id)
    ends = (kind.type_id, other.type_id)
    if row is None or (row["from_type"], row["to_type"]) != ends:
        raise Refusal(404, f"There is no association label {type_id} between these kinds.")
    if row["category"] != types.USER or row["label"] is None:
        raise invalid(f"The association type {type_id} is not a label of the portal.")
    return row
