"""Merging of accounts and contacts.

Salesforce merges in its own screens, by SOAP (`merge()`) and in Apex; the REST interface has
nothing for it, so this mock offers it to tests and scenarios only. Over REST a merge is seen
afterwards: the record that went is in the recycle bin and names the one that stayed
(`MasterRecordId`), which `queryAll` shows.
"""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.salesforce.records import Records
from crossdock_mocks.engine import World


def merge(world: World, records: Records, kind: str, master_id: str, loser_id: str) -> None:
    """Merge one record into another of its kind, which gets everything that refers to it.

    Args:
        world: Where they are.
        records: Reads and writes them, on behalf of whoever merges.
        kind: `Account` or `Contact`.
        master_id: The one that stays.
        loser_id: The one that goes.
    """
    entity = records.organization.objects[kind]
    master, loser = (_there(records, kind, key) for key in (master_id, loser_id))
    for child, field in records.organization.children.get(kind, ()):
        if field.name == "MasterRecordId":
            continue
        for row in records.by_value(child, field, loser_id):
            records.keep(child, {**row, field.name: master_id})
    gone = {**loser, "MasterRecordId": master_id}
    world.table(entity.table).replace(gone)
    records.delete(entity, gone)
    records.keep(entity, master)


def _there(records: Records, kind: str, key: str) -> dict[str, Any]:
    found = records.get(kind, key)
    if found is None:
        raise LookupError(f"there is no {kind} {key}")
    return found
