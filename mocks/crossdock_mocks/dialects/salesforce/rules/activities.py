"""Tasks and events: what is done, and whose account it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules
from crossdock_mocks.dialects.salesforce.soql.values import stored

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

_COMPLETED: Final = "Completed"


def account_of(records: Records, row: Row) -> str | None:
    """The account that an activity is about: itself, or that of what or whom it is about."""
    for key in (row["WhatId"], row["WhoId"]):
        if key is None:
            continue
        kind = records.organization.of_id(key)
        if kind is None:
            continue
        if kind.name == "Account":
            return str(key)
        found = records.get(kind, key)
        if found is not None and found.get("AccountId"):
            return str(found["AccountId"])
    return None


def _task(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    row["AccountId"] = account_of(records, row)
    row["IsHighPriority"] = row["Priority"] == "High"
    closed = row["Status"] == _COMPLETED
    if closed and (old is None or not old["IsClosed"]):
        row["CompletedDateTime"] = records.now
    elif not closed:
        row["CompletedDateTime"] = None
    row["IsClosed"] = closed


def _event(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    row["AccountId"] = account_of(records, row)
    start = row["StartDateTime"] if "StartDateTime" in given else row["ActivityDateTime"]
    start = start or row["StartDateTime"]
    if start is None:
        if row["IsAllDayEvent"] and row["ActivityDate"] is not None:
            start = f"{row['ActivityDate']}T00:00:00.000+0000"
        else:
            raise Refused(
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [DurationInMinutes, ActivityDateTime]",
                ["DurationInMinutes", "ActivityDateTime"],
            )
    begins = datetime.fromisoformat(start)
    if row["EndDateTime"] is not None and "DurationInMinutes" not in given:
        ends = datetime.fromisoformat(row["EndDateTime"])
        row["DurationInMinutes"] = int((ends - begins).total_seconds() // 60)
    minutes = row["DurationInMinutes"]
    if minutes is None:
        minutes = 1440 if row["IsAllDayEvent"] else None
    if minutes is None or minutes < 0:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "Duration: an event needs an end that is not before its start",
            ["DurationInMinutes"],
        )
    del old
    try:
        ends_at = stored(begins + timedelta(minutes=minutes))
    except OverflowError:
        raise Refused(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"Duration: value outside of valid range on numeric field: {minutes}",
            ["DurationInMinutes"],
        ) from None
    row.update(
        StartDateTime=start,
        ActivityDateTime=start,
        ActivityDate=start[:10],
        DurationInMinutes=minutes,
        EndDateTime=ends_at,
    )


def _after(records: Records, row: Row, old: Row | None) -> None:
    for key in {row["AccountId"], (old or row)["AccountId"]} - {None}:
        account = records.get("Account", key)
        if account is None:
            continue
        days = [
            each["ActivityDate"]
            for kind in ("Task", "Event")
            for each in records.linked(kind, "AccountId", key)
            if each["ActivityDate"] and each.get("IsClosed", True)
        ]
        records.rolled_up("Account", account, {"LastActivityDate": max(days, default=None)})


TASK: Final = Rules(before=_task, after=_after)
EVENT: Final = Rules(before=_event, after=_after)
