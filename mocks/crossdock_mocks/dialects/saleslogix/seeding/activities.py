"""What was done and is to be done with accounts, and the tickets of service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from crossdock_mocks.sdata import KEY, Filling, Row
from crossdock_mocks.sdata.values import stored

_TYPES: Final = {
    "call": "atPhoneCall", "email": "atEMail", "meeting": "atAppointment", "task": "atToDo",
    "note": "atNote",
}  # fmt: skip
_STATUS: Final = {
    "new": "Open", "working": "Open", "waiting": "Pending", "escalated": "Escalated",
    "closed": "Closed",
}  # fmt: skip
_URGENCIES: Final = {"low": "Low", "normal": "Normal", "high": "High", "urgent": "Urgent"}


def activities(to: Filling, source: Any) -> None:
    """Make activities of what is ahead, and history of what was done."""
    names = _names(source)
    ahead, done = [], []
    for row in source.rows("activities"):
        kind = _TYPES[row["kind"]]
        starts = row["due_at"] or row["created_at"] or to.world.now
        user = to.key("users", row["owner_id"])
        about = {
            "AccountId": to.key("accounts", row["account_id"]),
            "AccountName": names.get(row["account_id"]),
            "ContactId": to.key("contacts", row["contact_id"]),
            "ContactName": names.get(row["contact_id"]),
            "OpportunityId": to.key("opportunities", row["opportunity_id"]),
            "OpportunityName": names.get(row["opportunity_id"]),
            "Company": names.get(row["account_id"]),
            "Description": row["subject"], "UserId": user, "StartDate": starts, "Type": kind,
        }  # fmt: skip
        at = row["created_at"]
        if row["completed_at"] is not None or kind in ("atEMail", "atNote"):
            finished = row["completed_at"] or starts
            more = {"CompletedDate": finished, "OriginalDate": starts, "CompletedUser": user,
                    "Result": "Complete"}  # fmt: skip
            done.append(to.note("activities", row["id"], to.made("history", about | more, at)))
        else:
            more = {"Leader": user, "EndDate": stored(starts + timedelta(hours=1)), "Duration": 60}
            ahead.append(to.note("activities", row["id"], to.made("activities", about | more, at)))
    to.put("activities", ahead)
    to.put("history", done)


def _names(source: Any) -> dict[str | None, str]:
    """What accounts, contacts and opportunities of the data set are called."""
    found: dict[str | None, str] = {row["id"]: row["name"] for row in source.rows("accounts")}
    for row in source.rows("contacts"):
        found[row["id"]] = ", ".join(each for each in (row["last_name"], row["first_name"]) if each)
    found.update((row["id"], row["name"]) for row in source.rows("opportunities"))
    return found


def tickets(to: Filling, source: Any) -> None:
    """Make tickets of what customers asked service for."""
    urgencies = {
        code: to.made("urgencies", {"Description": word, "UrgencyCode": code})
        for code, word in _URGENCIES.items()
    }
    to.put("urgencies", list(urgencies.values()))
    rows: list[Row] = []
    for row in source.rows("cases"):
        number = to.world.sequence("slx_TicketNumber", start=100_001)
        rows.append(
            to.made(
                "tickets",
                {"TicketNumber": f"001-00-{number}", "Subject": row["subject"],
                 "StatusCode": _STATUS[row["status"] or "new"],
                 "UrgencyCode": row["priority"] or "normal",
                 "Urgency": urgencies[row["priority"] or "normal"][KEY],
                 "ReceivedDate": row["created_at"], "CompletedDate": row["closed_at"],
                 "Account": to.key("accounts", row["account_id"]),
                 "Contact": to.key("contacts", row["contact_id"]),
                 "AssignedTo": to.key("owners", row["owner_id"])},
                row["created_at"],
            )
        )  # fmt: skip
    to.put("tickets", rows)
