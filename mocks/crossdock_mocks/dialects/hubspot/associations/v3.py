"""The associations of the third API, by the names of their types, as clients still use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.dialects.hubspot import batching, wire
from crossdock_mocks.dialects.hubspot.associations import links, types
from crossdock_mocks.dialects.hubspot.associations.v4 import MOST_READ, MOST_WRITTEN, none_found
from crossdock_mocks.dialects.hubspot.errors import invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.objects import cursor, following
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.records import Records, settle
from crossdock_mocks.engine import Call, Reply


def list_of_record(call: Call) -> Reply:
    """One page of the records that a record is linked with, by id and type."""
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["objectType"]), portal.kind(call.path["toObjectType"])
    key = Records(portal, kind).read(call.path["objectId"])["id"]
    links.default(portal, kind, other)
    limit, after = call.query["limit"], cursor(call.query.get("after"))
    ends = [to for to in links.linked(portal, kind, key, other) if int(to) > after]
    shown = ends[:limit]
    body: dict[str, Any] = {
        "results": [each for each in _linked(portal, kind, key, other) if each["id"] in shown]
    }
    if len(ends) > limit:
        body["paging"] = following(call, shown[-1])
    return Reply(200, body)


def associate(call: Call) -> Reply:
    """Link two records by the name or id of a type."""
    portal, kind, other, row = _named(call)
    key = call.path["objectId"]
    links.link(portal, kind, key, other, call.path["toObjectId"], [row])
    settle(portal)
    record = Records(portal, kind).read(key)
    return Reply(200, wire.record(portal, kind, record, (), (), [other]))


def dissociate(call: Call) -> Reply:
    """End a link by the name or id of its type."""
    portal, kind, other, row = _named(call)
    key = Records(portal, kind).read(call.path["objectId"])["id"]
    only = None if row["label"] is None else [row]
    links.unlink(portal, kind, key, other, call.path["toObjectId"], only)
    settle(portal)
    return Reply(204)


def list_types(call: Call) -> Reply:
    """The types that lead from one kind of record to another."""
    portal, kind, other = _of(call)
    found = [
        {"id": str(row["id"]), "name": row["name"]} for row in types.between(portal, kind, other)
    ]
    return Reply(200, {"results": found})


def read_batch(call: Call) -> Reply:
    """The links of many records; those that have none are told beside the others."""
    portal, kind, other = _of(call)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for each in batching.limited(call.body["inputs"], MOST_READ):
        found = _linked(portal, kind, each["id"], other)
        if found:
            results.append({"from": {"id": each["id"]}, "to": found})
        else:
            errors.append(batching.as_error(none_found(kind, other, each["id"])))
    return batching.answer(portal, results, errors)


def create_batch(call: Call) -> Reply:
    """Link pairs of records, each pair by itself."""
    portal, kind, other = _of(call)

    def do(each: Mapping[str, Any]) -> dict[str, Any]:
        row = _type(portal, kind, other, each["type"])
        links.link(portal, kind, each["from"]["id"], other, each["to"]["id"], [row])
        return {"from": each["from"], "to": each["to"], "type": row["name"]}

    inputs = batching.limited(call.body["inputs"], MOST_WRITTEN)
    results, errors = batching.each_alone(portal, inputs, do)
    settle(portal)
    return batching.answer(portal, results, errors, status=201)


def archive_batch(call: Call) -> Reply:
    """End links between pairs of records."""
    portal, kind, other = _of(call)
    for each in batching.limited(call.body["inputs"], MOST_WRITTEN):
        row = _type(portal, kind, other, each["type"])
        only = None if row["label"] is None else [row]
        links.unlink(portal, kind, each["from"]["id"], other, each["to"]["id"], only)
    settle(portal)
    return Reply(204)


def _of(call: Call) -> tuple[Portal, Kind, Kind]:
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["fromObjectType"]), portal.kind(call.path["toObjectType"])
    links.default(portal, kind, other)
    return portal, kind, other


def _named(call: Call) -> tuple[Portal, Kind, Kind, Row]:
    portal = Portal.of(call)
    kind, other = portal.kind(call.path["objectType"]), portal.kind(call.path["toObjectType"])
    return portal, kind, other, _type(portal, kind, other, call.path["associationType"])


def _type(portal: Portal, kind: Kind, other: Kind, word: str) -> Row:
    row = types.named(types.between(portal, kind, other), word)
    if row is None:
        raise invalid(
            f"{word} is not a valid association type between {kind.plural} and {other.plural}.",
            "INVALID_ASSOCIATION_TYPE",
            associationType=word,
        )
    return row


def _linked(portal: Portal, kind: Kind, key: str, other: Kind) -> list[dict[str, Any]]:
    table = portal.table("association_types")
    return [
        {"id": to, "type": row["name"]}
        for to, found in links.rows(portal, kind, key, other).items()
        for link in found
        if (row := table.get(link["typeId"])) is not None
    ]
