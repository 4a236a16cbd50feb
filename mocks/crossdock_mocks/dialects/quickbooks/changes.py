"""The change feed: what was created, updated or deleted since an instant, by entity."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from crossdock_mocks.dialects.quickbooks.entities import ENTITIES, Entity
from crossdock_mocks.dialects.quickbooks.ledger import DELETED
from crossdock_mocks.dialects.quickbooks.queries import read_instant
from crossdock_mocks.dialects.quickbooks.refusals import business, missing, refused
from crossdock_mocks.dialects.quickbooks.wire import stamp
from crossdock_mocks.engine import RawJson, World, encode, ge

LOOK_BACK: Final = timedelta(days=30)
MOST: Final = 1000
"""Rows that one answer has of one entity."""

_BY_NAME: Final = {name.lower(): entity for name, entity in ENTITIES.items()}
_NOT_TOLD: Final = frozenset({"CompanyInfo", "Preferences", "TaxCode", "TaxRate", "TaxAgency"})


def read_changes(world: World, entities: str | None, since: str | None) -> RawJson:
    """The CDCResponse: for each entity asked for, its changed rows and the ids of deleted ones.

    Raises:
        Problem: 400 with code 2020 (a parameter is missing), 2030 (it is no instant), 2170 (there
            is no such entity), or 6000 (it lies further back than the feed does).
    """
    if not entities:
        raise missing("entities")
    if not since:
        raise missing("changedSince")
    moment = read_instant(since)
    if moment is None:
        raise refused(2030, f"Invalid parameter changedSince: {since[:50]}", "changedSince")
    if moment < world.now - LOOK_BACK:
        raise business("changedSince lies at most 30 days in the past.", "changedSince")
    wanted = [_entity(each.strip()) for each in entities.split(",")]
    told = RawJson.array(_changed(world, each, moment) for each in dict.fromkeys(wanted))
    return RawJson.array([RawJson.object(QueryResponse=told)])


def _entity(name: str) -> Entity:
    found = _BY_NAME.get(name.lower())
    if found is None or found.name in _NOT_TOLD:
        raise refused(2170, f"Invalid Enumeration : {name[:50]}", "entities")
    return found


def _changed(world: World, entity: Entity, since: datetime) -> RawJson:
    at = stamp(since)
    rows = world.table(entity.table).find_raw(
        {"MetaData.LastUpdatedTime": ge(at)}, "MetaData.LastUpdatedTime", limit=MOST
    )
    gone = world.table(DELETED.name).find({"entity": entity.name, "at": ge(at)}, "at", limit=MOST)
    rows += [
        encode(
            {
                "domain": "QBO",
                "status": "Deleted",
                "Id": each["Id"],
                "MetaData": {"LastUpdatedTime": each["at"]},
            }
        )
        for each in gone
    ][: MOST - len(rows)]
    if not rows:
        return RawJson("{}")
    found = RawJson.array(rows)
    return RawJson.object(**{entity.name: found}, startPosition=1, maxResults=len(rows))
