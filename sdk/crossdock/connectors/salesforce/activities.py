"""Activities of accounts, read and written: meetings are events, everything else is a task.

A task has a day and no hour, and nobody may say when it was completed; so the exact instants stand
in fields of ours beside Salesforce's own, and count as long as they fit them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import values
from crossdock.connectors.salesforce.fields import own, own_name
from crossdock.connectors.salesforce.parties import owned_by
from crossdock.connectors.salesforce.records import Records, key_of
from crossdock.connectors.salesforce.values import Written
from crossdock.records import Activity

_COMMON: Final = (
    "Id", "Subject", "Description", "WhoId", "WhatId", "AccountId", "OwnerId", "ActivityDate",
    "CreatedDate", *own("Task"),
)  # fmt: skip
_TASK: Final = (*_COMMON, "TaskSubtype", "Type", "IsClosed", "CompletedDateTime")
_EVENT: Final = (*_COMMON, "StartDateTime")
_DUE, _DONE, _KIND, _ORDER = map(own_name, ("due_at", "completed_at", "kind", "order"))
_KINDS: Final = {"Call": "call", "Email": "email"}
_SUBTYPES: Final = {"call": "Call", "email": "Email"}
_CONTACT, _OPPORTUNITY = "003", "006"  # what ids of these objects begin with


class Activities:
    """Activities of accounts; the methods are those of `CrmPort`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._org = records.org

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        where = f"{self._org.name(_ORDER)} = null"
        tasks = self._org.of("AccountId", account_id, _TASK, "Task", where=where)
        events = self._org.of("AccountId", account_id, _EVENT, "Event", where=where)
        found = [
            *(self._org.read(row, _task) for row in tasks),
            *(self._org.read(row, _event) for row in events),
        ]
        beginning = datetime.min.replace(tzinfo=UTC)
        return tuple(
            sorted(found, key=lambda each: (each.created_at or beginning, each.id), reverse=True)
        )

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        kind, fields = ("Event", _EVENT) if activity.kind == "meeting" else ("Task", _TASK)
        body = _written(activity)
        record_id, _ = self._org.create_once(kind, key_of("activity", key), body)
        row = self._org.get(kind, record_id, fields)
        return self._org.read(row, _event if kind == "Event" else _task)


def _common(row: Row) -> dict[str, str | None]:
    who, what = (values.text(row, name) for name in ("WhoId", "WhatId"))
    return {
        "id": text(row, "Id"),
        "account_id": values.text(row, "AccountId"),
        "subject": values.text(row, "Subject"),
        "text": values.text(row, "Description"),
        "contact_id": who if who.startswith(_CONTACT) else None,
        "opportunity_id": what if what.startswith(_OPPORTUNITY) else None,
        "owner_id": values.text_or_none(row, "OwnerId"),
    }


def _task(row: Row) -> Activity:
    """Read a task."""
    subtype = values.text(row, "TaskSubtype")
    kind = values.text(row, _KIND) or _KINDS.get(subtype, "task")
    exact, day = values.instant_or_none(row, _DUE), values.day_or_none(row, "ActivityDate")
    due = exact
    if day is not None and (exact is None or exact.date() != day):
        due = datetime.combine(day, time(0), UTC)
    done = values.truth(row, "IsClosed")
    completed = values.instant_or_none(row, _DONE) or values.instant_or_none(
        row, "CompletedDateTime"
    )
    return Activity(
        **_common(row),  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        due_at=due,
        completed_at=completed if done else None,
        created_at=values.instant(row, "CreatedDate"),
    )


def _event(row: Row) -> Activity:
    """Read an event, which Salesforce does not say to have taken place."""
    return Activity(
        **_common(row),  # type: ignore[arg-type]
        kind="meeting",
        due_at=values.instant_or_none(row, "StartDateTime"),
        completed_at=values.instant_or_none(row, _DONE),
        created_at=values.instant(row, "CreatedDate"),
    )


def _written(activity: Activity) -> dict[str, Written]:
    """Write a new activity: about its opportunity, or else its account."""
    body: dict[str, Written] = {
        "Subject": activity.subject,
        "Description": values.as_text(activity.text),
        "WhatId": activity.opportunity_id or activity.account_id,
        "WhoId": activity.contact_id,
        _DONE: values.as_instant(activity.completed_at),
        _KIND: activity.kind,
        **owned_by(activity.owner_id),
    }
    if activity.kind == "meeting":
        at = activity.due_at or activity.completed_at or datetime.now(UTC)
        return body | {
            "StartDateTime": values.as_instant(at),
            "ActivityDateTime": values.as_instant(at),
            "DurationInMinutes": 60,
            "Type": "Meeting",
        }
    done = activity.completed_at is not None
    return body | {
        "Status": "Completed" if done else "Not Started",
        "TaskSubtype": _SUBTYPES.get(activity.kind, "Task"),
        "ActivityDate": values.as_day(activity.due_at.date()) if activity.due_at else None,
        _DUE: values.as_instant(activity.due_at),
    }
