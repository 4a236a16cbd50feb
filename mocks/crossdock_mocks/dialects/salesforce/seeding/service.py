"""Cases of customers."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce.seeding.filling import Filling, stamp
from crossdock_mocks.dialects.salesforce.standard.service import CLOSED

_STATUS: Final = {
    "new": "New", "working": "Working", "waiting": "Working", "escalated": "Escalated",
    "closed": CLOSED,
}  # fmt: skip
_PRIORITY: Final = {"low": "Low", "normal": "Medium", "high": "High", "urgent": "High"}


def cases(to: Filling) -> None:
    """Make the cases of accounts."""
    people = {row["Id"]: row for row in to.world.table("sf_Contact").find()}
    made = []
    for row in to.rows("cases"):
        status = _STATUS[row["status"] or "new"]
        contact = to.key("contacts", row["contact_id"])
        person = people.get(contact) or {}
        made.append(
            to.made(
                "Case",
                {"Subject": row["subject"], "Status": status, "IsClosed": status == CLOSED,
                 "IsEscalated": row["status"] == "escalated", "Origin": "Email",
                 "Priority": _PRIORITY[row["priority"] or "normal"],
                 "AccountId": to.key("accounts", row["account_id"]), "ContactId": contact,
                 "ContactPhone": person.get("Phone"), "ContactEmail": person.get("Email"),
                 "OwnerId": to.key("users", row["owner_id"]),
                 "ClosedDate": stamp(row["closed_at"])},
                stamp(row["created_at"]),
            )
        )  # fmt: skip
    to.put("Case", made)
