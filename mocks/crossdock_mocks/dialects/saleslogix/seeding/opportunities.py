"""Opportunities by their stages, and campaigns with whom they addressed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.entities.selling import LOST, OPEN, WON
from crossdock_mocks.dialects.saleslogix.rules.selling import weigh
from crossdock_mocks.sdata import KEY, Filling

_STATUS: Final = {"open": OPEN, "won": WON, "lost": LOST}


def opportunities(to: Filling, source: Any) -> None:
    """Make opportunities."""
    stages = {row["id"]: row for row in source.rows("stages")}
    rows = []
    for row in source.rows("opportunities"):
        stage = stages[row["stage_id"]]
        made = to.made(
            "opportunities",
            {"Description": row["name"], "Stage": stage["name"],
             "Status": _STATUS[stage["kind"]], "SalesPotential": row["amount"],
             "CloseProbability": int(stage["probability"] * Decimal(100)),
             "EstimatedClose": row["close_on"], "ExchangeRateCode": row["currency"],
             "DateOpened": row["created_at"], "Account": to.key("accounts", row["account_id"]),
             "AccountManager": to.key("users", row["owner_id"]),
             "ActualClose": row["closed_at"] if stage["kind"] != "open" else None},
            row["created_at"],
        )  # fmt: skip
        weigh(made)
        rows.append(to.note("opportunities", row["id"], made))
    to.put("opportunities", rows)


def campaigns(to: Filling, source: Any) -> None:
    """Make campaigns, and those whom they addressed."""
    rows = [
        to.note(
            "campaigns", row["id"],
            to.made(
                "campaigns",
                {"CampaignName": row["name"], "CampaignCode": row["id"],
                 "CampaignType": row["kind"], "StartDate": row["starts_on"],
                 "EndDate": row["ends_on"], "ActualCost": row["cost"]},
            ),
        )
        for row in source.rows("campaigns")
    ]  # fmt: skip
    to.put("campaigns", rows)
    known = {row[KEY] for row in rows}
    targets = []
    for row in source.rows("campaign_members"):
        lead = to.key("leads", row["lead_id"])
        campaign = to.key("campaigns", row["campaign_id"])
        if campaign in known:
            targets.append(
                to.made(
                    "campaignTargets",
                    {"Campaign": campaign, "TargetType": "Lead" if lead else "Contact",
                     "EntityId": lead or to.key("contacts", row["contact_id"]),
                     "Status": "Responded" if row["responded_at"] else "Invited",
                     "ResponseDate": row["responded_at"]},
                )
            )  # fmt: skip
    to.put("campaignTargets", targets)
