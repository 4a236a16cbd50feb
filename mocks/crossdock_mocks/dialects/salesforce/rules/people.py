"""Names of people, and what holds an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, in_use

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records


def _named(_records: Records, row: Row, _old: Row | None, _given: Mapping[str, Any]) -> None:
    parts = [row.get("FirstName"), row["LastName"]]
    row["Name"] = " ".join(each for each in parts if each) or None


def _lead(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    _named(records, row, old, given)


def _lead_changed(records: Records, row: Row, old: Row | None) -> None:
    if old is not None and old["IsConverted"] != row["IsConverted"]:
        for member in records.linked("CampaignMember", "LeadId", row["Id"]):
            records.keep("CampaignMember", member)


def _account_goes(records: Records, row: Row) -> None:
    if records.linked("Order", "AccountId", row["Id"]):
        raise in_use(row["Name"], "orders")
    if records.linked("Case", "AccountId", row["Id"]):
        raise in_use(row["Name"], "cases")
    deals = records.linked("Opportunity", "AccountId", row["Id"])
    if any(each["IsWon"] for each in deals):
        raise in_use(row["Name"], "closed won opportunities")


def _contact_goes(records: Records, row: Row) -> None:
    if records.linked("Case", "ContactId", row["Id"]):
        raise in_use(row["Name"], "cases")


PERSON = Rules(before=_named)
CONTACT = Rules(before=_named, before_delete=_contact_goes)
LEAD = Rules(before=_lead, after=_lead_changed)
ACCOUNT = Rules(before_delete=_account_goes)
