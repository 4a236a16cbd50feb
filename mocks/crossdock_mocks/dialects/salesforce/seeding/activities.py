"""Tasks and events."""

from __future__ import annotations

from datetime import timedelta

from crossdock_mocks.dialects.salesforce.seeding.fields import EXTERNAL_KEY
from crossdock_mocks.dialects.salesforce.seeding.filling import Filling, day_of, stamp
from crossdock_mocks.dialects.salesforce.soql.values import stored


def activities(to: Filling) -> None:
    """Make tasks and events, and note the last activity of each account."""
    tasks, events = [], []
    latest: dict[str, str] = {}
    for row in to.rows("activities"):
        account = to.key("accounts", row["account_id"])
        about = to.key("opportunities", row["opportunity_id"]) or account
        shared = {
            "Subject": row["subject"], "OwnerId": to.key("users", row["owner_id"]),
            "WhatId": about, "WhoId": to.key("contacts", row["contact_id"]),
            "AccountId": account,
        }  # fmt: skip
        created = stamp(row["created_at"])
        day = day_of(row["due_at"] or row["created_at"])
        if row["kind"] == "meeting":
            starts = row["due_at"] or row["created_at"] or to.world.now
            events.append(
                to.made(
                    "Event",
                    {**shared, "Type": "Meeting", "StartDateTime": stored(starts),
                     "ActivityDateTime": stored(starts), "ActivityDate": day_of(starts),
                     "EndDateTime": stored(starts + timedelta(hours=1)),
                     "DurationInMinutes": 60},
                    created,
                )
            )  # fmt: skip
        else:
            done = row["completed_at"]
            kind = {"call": "Call", "email": "Email"}.get(row["kind"], "Other")
            tasks.append(
                to.made(
                    "Task",
                    {**shared, "ActivityDate": day, "Type": kind,
                     "TaskSubtype": kind if kind != "Other" else "Task",
                     "Status": "Not Started" if done is None else "Completed",
                     "IsClosed": done is not None, EXTERNAL_KEY: row["id"],
                     "CompletedDateTime": None if done is None else stored(done)},
                    created,
                )
            )  # fmt: skip
        if account and day and (row["kind"] == "meeting" or row["completed_at"]):
            latest[account] = max(latest.get(account, ""), day)
    to.put("Task", tasks)
    to.put("Event", events)
    table = to.world.table("sf_Account")
    for key, last in latest.items():
        table.update(key, LastActivityDate=last)
