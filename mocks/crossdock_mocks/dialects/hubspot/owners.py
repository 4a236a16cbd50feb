"""Owners: the users of the portal, to whom records are assigned."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.hubspot.errors import not_found
from crossdock_mocks.dialects.hubspot.objects import cursor, following
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.engine import Call, Reply, gt


def list_owners(call: Call) -> Reply:
    """One page of the owners; of those with one e-mail address, if one is given."""
    query = call.query
    after = cursor(query.get("after"))
    where: dict[str, Any] = {"archived": _archived(call), "number": gt(after)}
    if "email" in query:
        where["email"] = query["email"].lower()
    rows = call.world.table("hubspot_owners").find(where, "number", limit=query["limit"] + 1)
    body: dict[str, Any] = {"results": [answer(row) for row in rows[: query["limit"]]]}
    if len(rows) > query["limit"]:
        body["paging"] = following(call, rows[query["limit"] - 1]["id"])
    return Reply(200, body)


def get_owner(call: Call) -> Reply:
    """One owner, by owner id or user id.

    Raises:
        Refusal: 404, there is none.
    """
    key, table = call.path["ownerId"], call.world.table("hubspot_owners")
    if call.query["idProperty"] == "userId":
        found = table.find({"userId": int(key)} if key.isdecimal() else {"id": ""}, limit=1)
        row = found[0] if found else None
    else:
        row = table.get(key)
    if row is None or row["archived"] is not _archived(call):
        raise not_found("owner", key)
    return Reply(200, answer(row))


def _archived(call: Call) -> bool:
    return Portal.of(call).archived(call)


def answer(row: Row) -> dict[str, Any]:
    """An owner as it travels."""
    return {name: value for name, value in row.items() if name != "number"}
