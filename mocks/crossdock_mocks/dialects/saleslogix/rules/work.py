"""Activities, history and tickets: whom they are about, by name as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.rules.leaving import forgotten
from crossdock_mocks.sdata import Records, Row, Rules, refused

_ABOUT: Final = (
    ("AccountId", "AccountName", "accounts", "AccountName"),
    ("ContactId", "ContactName", "contacts", "NameLF"),
    ("OpportunityId", "OpportunityName", "opportunities", "Description"),
    ("LeadId", "LeadName", "leads", "LeadNameLastFirst"),
)


def about(records: Records, row: Row) -> None:
    """Note the names of whom something is about.

    Raises:
        Refused: One of them is not there.
    """
    for key, name, kind, theirs in _ABOUT:
        found = records.get(kind, row[key])
        if row[key] is not None and found is None:
            word = key.removesuffix("Id")
            raise refused(f"{word} '{row[key]}' was not found.", path=key)
        row[name] = found and found[theirs]
    ticket = records.get("tickets", row["TicketId"])
    row["TicketNumber"] = ticket and ticket["TicketNumber"]
    lead = records.get("leads", row["LeadId"])
    row["Company"] = lead["Company"] if lead else row["AccountName"]


def _work(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del old, given
    about(records, row)
    row["UserId"] = row["UserId"] or row.get("Leader") or records.user


def _history(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    _work(records, row, old, given)
    row["CompletedDate"] = row["CompletedDate"] or records.now
    row["CompletedUser"] = row["CompletedUser"] or row["UserId"]
    user = records.get("users", row["UserId"])
    row["UserName"] = user and user["UserName"]


def _ticket(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    if old is None:
        row["TicketNumber"] = f"001-00-{records.world.sequence('slx_TicketNumber', start=100_001)}"
        row["ReceivedDate"] = row["ReceivedDate"] or records.now
    urgency = records.get("urgencies", row["Urgency"])
    if urgency is not None:
        row["UrgencyCode"] = urgency["UrgencyCode"]
    contact = records.get("contacts", row["Contact"])
    if contact is not None and contact["Account"] != row["Account"]:
        raise refused("The contact belongs to another account.", path="Contact")


RULES: Final = {
    "activities": Rules(before=_work),
    "history": Rules(before=_history),
    "tickets": Rules(before=_ticket, after_delete=forgotten("TicketId", "TicketNumber")),
}
