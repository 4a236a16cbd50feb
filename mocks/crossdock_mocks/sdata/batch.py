"""Batches: a feed whose entries each say what is to be done with them.

Each entry succeeds or fails by itself; the batch as a whole is answered 200, with the status of
each entry in it (Sage, SData 2.0, 13 Batching).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.engine import Call
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import Refused, bad_url, refused
from crossdock_mocks.sdata.entries import Entries
from crossdock_mocks.sdata.model import Resource
from crossdock_mocks.sdata.reading import by_key
from crossdock_mocks.sdata.records import etag

MOST: Final = 100
"""Entries that a batch may have; the specification names no limit."""

_ALLOWED: Final = {"POST": "create", "PUT": "update", "DELETE": "delete"}


def run(contract: Contract, resource: Resource, call: Call) -> dict[str, Any]:
    """Do what the entries of a batch ask for, one after the other.

    Raises:
        Refused: The batch as a whole is not one.
    """
    given = call.body["$resources"]
    if len(given) > MOST:
        raise refused(f"A batch may have {MOST} entries, not {len(given)}.", path="$resources")
    entries = Entries.of(contract, call)
    return {
        "$url": f"{entries.root}/{resource.name}/$batch",
        contract.descriptor: f"{contract.title} | {resource.many}",
        "$resources": [_answered(entries, resource, call, each) for each in given],
    }


def _answered(
    entries: Entries, resource: Resource, call: Call, item: Mapping[str, Any]
) -> dict[str, Any]:
    method = str(item.get("$httpMethod", "")).upper()
    made: dict[str, Any] = {"$httpMethod": method}
    if item.get("$key") not in (None, ""):
        made["$key"] = item["$key"]
    try:
        with call.world.transaction():
            status, entry = _done(entries, resource, method, item)
    except Refused as problem:
        diagnoses = [each.plain() for each in problem.diagnoses]
        return {**made, "$httpStatus": problem.status, "$diagnoses": diagnoses}
    return {**made, "$httpStatus": status, **entry}


def _done(
    entries: Entries, resource: Resource, method: str, item: Mapping[str, Any]
) -> tuple[int, dict[str, Any]]:
    records = entries.records
    if method == "GET":
        return 200, entries.entry(resource, by_key(records, resource, item.get("$key")))
    if method not in _ALLOWED:
        raise bad_url(f"$httpMethod is GET, POST, PUT or DELETE, not '{method}'.")
    if not getattr(resource, _ALLOWED[method]):
        raise refused(f"{resource.name} does not take {method}.", status=405)
    if method == "POST":
        return 201, entries.entry(resource, records.create(resource, item))
    row = by_key(records, resource, item.get("$key"))
    wanted = item.get("$ifMatch") or item.get("$etag")
    if entries.contract.etags and wanted and str(wanted).strip('"') not in ("*", etag(row)):
        raise refused("The entry was changed by somebody else since it was read.", status=412)
    if method == "DELETE":
        records.delete(resource, row)
        return 200, {}
    return 200, entries.entry(resource, records.update(resource, row, item))
