"""Records over HTTP, whatever their kind: list, read, create, change, archive, merge."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from crossdock_mocks.dialects.hubspot import wire
from crossdock_mocks.dialects.hubspot.errors import invalid
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.records import Records
from crossdock_mocks.engine import Call, Reply, gt

_WITH_HISTORY = 50


def list_objects(call: Call) -> Reply:
    """One page of the records of a kind, in the order of their ids."""
    portal, kind = _of(call)
    query = call.query
    limit, history = query["limit"], wire.names(query.get("propertiesWithHistory"))
    if history and limit > _WITH_HISTORY:
        raise invalid(f"With propertiesWithHistory the limit is at most {_WITH_HISTORY}.")
    where: dict[str, Any] = {
        "type": kind.type_id,
        "archived": portal.archived(call),
        "number": gt(cursor(query.get("after"))),
    }
    rows = portal.table("records").find(where, "number", limit=limit + 1)
    body: dict[str, Any] = {"results": _answered(portal, kind, rows[:limit], query, history)}
    if len(rows) > limit:
        body["paging"] = following(call, rows[limit - 1]["id"])
    return Reply(200, body)


def get_object(call: Call) -> Reply:
    """One record, by its id or by a property that no two records share."""
    portal, kind = _of(call)
    query, key = call.query, call.path["objectId"]
    records = Records(portal, kind)
    if portal.archived(call):
        row = portal.table("records").get((kind.type_id, key))
        if row is None or not row["archived"]:
            row = records.read("0" if key.isdecimal() else key)
    else:
        row = records.fetch(key, query.get("idProperty")) or records.read(
            key, query.get("idProperty")
        )
    history = wire.names(query.get("propertiesWithHistory"))
    return Reply(200, _answered(portal, kind, [row], query, history)[0])


def create_object(call: Call) -> Reply:
    """Make a record, linked with others if the body says so."""
    portal, kind = _of(call)
    body = call.body
    row = Records(portal, kind).create(body["properties"], body.get("associations") or ())
    return Reply(201, wire.record(portal, kind, row, _told(kind, row, body["properties"])))


def update_object(call: Call) -> Reply:
    """Change properties of a record."""
    portal, kind = _of(call)
    records = Records(portal, kind)
    row = records.read(call.path["objectId"], call.query.get("idProperty"))
    row = records.change(row, call.body["properties"])
    return Reply(200, wire.record(portal, kind, row, _told(kind, row, call.body["properties"])))


def archive_object(call: Call) -> Reply:
    """Archive a record; one that is archived already is no error."""
    portal, kind = _of(call)
    records = Records(portal, kind)
    row = records.find(call.path["objectId"])
    if row is not None:
        records.archive(row)
    elif portal.table("records").get((kind.type_id, call.path["objectId"])) is None:
        records.read(call.path["objectId"])
    return Reply(204)


def merge_objects(call: Call) -> Reply:
    """Merge two records of a kind."""
    portal, kind = _of(call)
    records = Records(portal, kind)
    primary = records.read(call.body["primaryObjectId"])
    row = records.merge(primary, records.read(call.body["objectIdToMerge"]))
    return Reply(200, wire.record(portal, kind, row))


def following(call: Call, after: str) -> dict[str, Any]:
    """The paging of an answer that has more behind it."""
    kept = [
        (name, ",".join(value) if isinstance(value, list) else str(value).lower())
        for name, value in call.query.items()
        if name != "after"
    ]
    link = f"{call.request.path}?{urlencode([*kept, ('after', after)])}"
    host = call.request.headers.get("host", "api.hubapi.com")
    return {"next": {"after": after, "link": f"http://{host}{link}"}}


def _of(call: Call) -> tuple[Portal, Kind]:
    portal = Portal.of(call)
    return portal, portal.kind(call.path["objectType"])


def cursor(text: str | None) -> int:
    """The number that a page begins after.

    Raises:
        Refusal: 400, the text is no cursor.
    """
    if text is None or text == "":
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise invalid(f"The paging cursor {text} is not valid.", "INVALID_AFTER", after=text)
    return int(text)


def _answered(
    portal: Portal, kind: Kind, rows: list[Row], query: dict[str, Any], history: list[str]
) -> list[dict[str, Any]]:
    asked = wire.names(query.get("properties"))
    others = [portal.kind(each) for each in wire.names(query.get("associations"))]
    return [wire.record(portal, kind, row, asked, history, others) for row in rows]


def _told(kind: Kind, row: Row, given: dict[str, Any]) -> list[str]:
    """What the answer to a write holds: what was written, and what was computed of it."""
    return [*kind.shown, *given, *row["properties"]]
