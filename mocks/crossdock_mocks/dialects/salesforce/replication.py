"""What was changed and what was deleted in a span of time, for those who keep a copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from crossdock_mocks.dialects.salesforce import wire
from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.model import DELETED_TABLE
from crossdock_mocks.dialects.salesforce.soql.values import stored
from crossdock_mocks.engine import Behaviour, Call, Reply

_KEPT: Final = timedelta(days=30)
"""How far back `updated` and `deleted` look."""


def _span(call: Call) -> tuple[datetime, datetime]:
    start, end = call.query["start"], call.query["end"]
    start, end = (each.replace(second=0, microsecond=0) for each in (start, end))
    if start >= end:
        raise Refused(
            "INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate"
        )
    if start < call.now - _KEPT:
        raise Refused(
            "INVALID_REPLICATION_DATE",
            "startDate before org replication enabled date or more than 30 days ago",
        )
    return start, end


def updated(call: Call) -> Reply:
    """Tell which records were made or changed in a span of time."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    start, end = _span(call)
    rows = call.world.query(
        # Names of objects are checked when they are defined.
        f'SELECT _key FROM {kind.living()} WHERE "SystemModstamp" >= ? '  # noqa: S608
        'AND "SystemModstamp" < ? ORDER BY "SystemModstamp", _n',
        [stored(start), stored(end)],
    )
    covered = stored(min(end, call.now))
    return Reply(200, {"ids": [row[0] for row in rows], "latestDateCovered": covered})


def deleted(call: Call) -> Reply:
    """Tell which records were deleted in a span of time."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    start, end = _span(call)
    rows = call.world.query(
        f'SELECT _key, "SystemModstamp" FROM {DELETED_TABLE} '  # noqa: S608 - our own name
        'WHERE "attributes.type" = ? AND "SystemModstamp" >= ? AND "SystemModstamp" < ? '
        'ORDER BY "SystemModstamp", _n',
        [kind.name, stored(start), stored(end)],
    )
    return Reply(
        200,
        {
            "deletedRecords": [{"id": key, "deletedDate": at} for key, at in rows],
            "earliestDateAvailable": stored(call.now - _KEPT),
            "latestDateCovered": stored(min(end, call.now)),
        },
    )


BEHAVIOURS: Final[dict[str, Behaviour]] = {"listUpdated": updated, "listDeleted": deleted}
