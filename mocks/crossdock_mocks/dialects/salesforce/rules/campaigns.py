"""Campaigns: who was reached, who answered, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, rounded, total

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

RESPONDED: Final = "Responded"


def sum_up(records: Records, key: str) -> None:
    """Bring a campaign's roll-ups up to date."""
    campaign = records.get("Campaign", key)
    if campaign is None:
        return
    members = records.linked("CampaignMember", "CampaignId", key)
    deals = records.linked("Opportunity", "CampaignId", key)
    leads = [each for each in members if each["LeadId"]]
    converted = 0
    for each in leads:
        lead = records.get("Lead", each["LeadId"])
        converted += lead is not None and bool(lead["IsConverted"])
    won = [each for each in deals if each["IsWon"]]
    records.rolled_up(
        "Campaign",
        campaign,
        {
            "NumberOfLeads": len(leads),
            "NumberOfConvertedLeads": converted,
            "NumberOfContacts": sum(bool(each["ContactId"]) for each in members),
            "NumberOfResponses": sum(bool(each["HasResponded"]) for each in members),
            "NumberOfOpportunities": len(deals),
            "NumberOfWonOpportunities": len(won),
            "AmountAllOpportunities": rounded(total(each["Amount"] for each in deals)),
            "AmountWonOpportunities": rounded(total(each["Amount"] for each in won)),
        },
    )


def _member(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    if old is None:
        who = [row["LeadId"], row["ContactId"]]
        if sum(each is not None for each in who) != 1:
            raise Refused(
                "FIELD_INTEGRITY_EXCEPTION",
                "A campaign member is either a lead or a contact.",
                ["LeadId", "ContactId"],
            )
        for each in records.linked("CampaignMember", "CampaignId", row["CampaignId"] or ""):
            if [each["LeadId"], each["ContactId"]] == who:
                raise Refused("DUPLICATE_VALUE", "Already a campaign member.", [])
    row["HasResponded"] = row["Status"] == RESPONDED
    if row["HasResponded"] and row["FirstRespondedDate"] is None:
        row["FirstRespondedDate"] = records.world.today.isoformat()


def _member_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    sum_up(records, row["CampaignId"])


CAMPAIGN: Final = Rules()
MEMBER: Final = Rules(before=_member, after=_member_after)
