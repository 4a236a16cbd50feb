"""Leads, what people have said and have to do, and what they were asked to help with."""

from __future__ import annotations

from typing import Any

from crossdock_mocks.dialects.sage_crm.seeding import shapes
from crossdock_mocks.dialects.sage_crm.seeding.filling import Filling
from crossdock_mocks.frontoffice.seeding import Source
from crossdock_mocks.sdata.values import stored


def put_work(to: Filling, source: Source) -> None:
    """Put down leads, communications and cases."""
    for row in source.rows("leads"):
        values = {
            **shapes.lead(row),
            "lead_assigneduserid": to.key("users", row["owner_id"]),
            "lead_primarycompanyid": to.key("company", row["converted_account_id"]),
            "lead_opened": _at(row["created_at"]),
        }
        to.add("lead", to.number("lead", row["id"]), values, row["created_at"])
    for row in source.rows("activities"):
        due = row["due_at"] or row["completed_at"] or row["created_at"]
        values = {
            **shapes.communication(row),
            "comm_datetime": _at(due), "comm_completedtime": _at(row["completed_at"]),
            "comm_companyid": to.key("company", row["account_id"]),
            "comm_personid": to.key("person", row["contact_id"]),
            "comm_opportunityid": to.key("opportunity", row["opportunity_id"]),
            "comm_userid": to.key("users", row["owner_id"]),
        }  # fmt: skip
        to.add("communication", to.number("communication", row["id"]), values, row["created_at"])
    for row in source.rows("cases"):
        values = {
            **shapes.case(row),
            "case_primarycompanyid": to.key("company", row["account_id"]),
            "case_primarypersonid": to.key("person", row["contact_id"]),
            "case_assigneduserid": to.key("users", row["owner_id"]),
            "case_opened": _at(row["created_at"]), "case_closed": _at(row["closed_at"]),
        }  # fmt: skip
        key = to.number("cases", row["id"])
        to.add("cases", key, {**values, "case_referenceid": f"0-{key}"}, row["created_at"])


def _at(value: Any) -> str | None:
    return None if value is None else stored(value)
