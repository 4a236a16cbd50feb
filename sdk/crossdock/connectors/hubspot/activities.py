"""Calls, e-mails, meetings, tasks and notes, from HubSpot's objects and onto them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from crossdock.connectors.hubspot import values
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.properties import own
from crossdock.records import Activity
from crossdock.records.party import ActivityKind


@frozen(kw_only=True)
class Form:
    """How one kind of activity is kept.

    Attributes:
        kind: our word.
        subject, text: properties; a note has no subject, so ours takes it.
    """

    kind: ActivityKind
    subject: str
    text: str
    more: tuple[str, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """Name the properties that are read."""
        common = ("hs_timestamp", "hs_createdate", "hubspot_owner_id")
        return (*common, *self.more, *own(f"{self.kind}s"), self.subject, self.text)


FORMS: Final[Mapping[str, Form]] = {
    "calls": Form(
        kind="call", subject="hs_call_title", text="hs_call_body", more=("hs_call_status",)
    ),
    "emails": Form(
        kind="email", subject="hs_email_subject", text="hs_email_text", more=("hs_email_status",)
    ),
    "meetings": Form(kind="meeting", subject="hs_meeting_title", text="hs_meeting_body"),
    "notes": Form(kind="note", subject="crossdock_title", text="hs_note_body"),
    "tasks": Form(
        kind="task",
        subject="hs_task_subject",
        text="hs_task_body",
        more=("hs_task_status", "hs_task_completion_date"),
    ),
}
_ORDER_EVENT: Final = "order:"
_DONE: Final = {
    "hs_task_status": "COMPLETED", "hs_call_status": "COMPLETED", "hs_email_status": "SENT",
}  # fmt: skip


def is_of_account(found: Object) -> bool:
    """Whether an activity is one, and no entry of an order's timeline."""
    return not values.text(found.properties, "crossdock_key").startswith(_ORDER_EVENT)


def activity(
    kind: str, found: Object, account_id: str, contact_id: str | None, deal_id: str | None
) -> Activity:
    """Read an activity; its id tells its kind as well, as kinds count by themselves.

    Tasks have a due date. Of the others HubSpot keeps when they took place; what took place is
    completed, unless it has a status that says otherwise.
    """
    form, row = FORMS[kind], found.properties
    at = values.instant_or_none(row, "hs_timestamp")
    text = values.plain(values.text(row, form.text))
    subject = values.text(row, form.subject)
    if not subject:
        subject, _, text = text.partition("\n")
    if text == subject:
        text = ""
    status = next((values.text(row, name) for name in form.more if name in _DONE), "")
    task = form.kind == "task"
    done = status in _DONE.values() if status or task else True
    completed = values.instant_or_none(row, "hs_task_completion_date") if task else at
    return Activity(
        id=f"{form.kind}-{found.id}",
        account_id=account_id,
        kind=form.kind,
        subject=subject or form.kind.capitalize(),
        text=text.strip(),
        contact_id=contact_id,
        opportunity_id=deal_id,
        owner_id=values.text_or_none(row, "hubspot_owner_id"),
        due_at=at if task or not done else None,
        completed_at=completed or (at if not task else found.updated_at) if done else None,
        created_at=values.instant_or_none(row, "hs_createdate") or found.created_at,
    )


def kind_of(written: Activity) -> str:
    """Name HubSpot's kind of object for an activity."""
    return f"{written.kind}s"


def activity_written(written: Activity, now: str) -> dict[str, str]:
    """Write a new activity.

    Args:
        written: the activity.
        now: the instant of one that has none, which HubSpot would not show anywhere.
    """
    form = FORMS[kind_of(written)]
    done = written.completed_at
    at = written.due_at if written.kind == "task" or done is None else done
    body = {
        "hs_timestamp": values.as_instant(at) or now,
        "hubspot_owner_id": written.owner_id or "",
        form.subject: written.subject,
        form.text: values.rich(written.text),
    }
    match written.kind:
        case "task":
            body["hs_task_type"] = "TODO"
            body["hs_task_status"] = "COMPLETED" if done else "NOT_STARTED"
        case "call":
            body["hs_call_status"] = "COMPLETED" if done else "QUEUED"
        case "meeting":
            body["hs_meeting_start_time"] = body["hs_timestamp"]
        case "email":
            body["hs_email_direction"] = "EMAIL"
            body["hs_email_status"] = "SENT" if done else "SCHEDULED"
        case "note":
            body[form.text] = values.rich(written.text or written.subject)
    return body
