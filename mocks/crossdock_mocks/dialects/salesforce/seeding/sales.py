"""Stages, opportunities and how they went through them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock_mocks.dialects.salesforce.organization import organization
from crossdock_mocks.dialects.salesforce.rules import opportunities
from crossdock_mocks.dialects.salesforce.rules.base import exact, rounded, total
from crossdock_mocks.dialects.salesforce.seeding.fields import EXTERNAL_KEY
from crossdock_mocks.dialects.salesforce.seeding.filling import Filling, Row, amount, day_of, stamp
from crossdock_mocks.dialects.salesforce.soql.values import stored

_STANDARD_STAGES: Final = (
    ("Prospecting", 10, "Pipeline", False, False),
    ("Qualification", 10, "Pipeline", False, False),
    ("Needs Analysis", 20, "Pipeline", False, False),
    ("Value Proposition", 50, "Pipeline", False, False),
    ("Id. Decision Makers", 60, "Pipeline", False, False),
    ("Perception Analysis", 70, "Pipeline", False, False),
    ("Proposal/Price Quote", 75, "Pipeline", False, False),
    ("Negotiation/Review", 90, "Pipeline", False, False),
    ("Closed Won", 100, "Closed", True, True),
    ("Closed Lost", 0, "Omitted", True, False),
)
_CATEGORIES: Final = {
    "omitted": ("Omitted", "Omitted"), "pipeline": ("Pipeline", "Pipeline"),
    "best_case": ("BestCase", "Best Case"), "commit": ("Forecast", "Commit"),
    "closed": ("Closed", "Closed"),
}  # fmt: skip


def stages(to: Filling) -> None:
    """Make the stages that opportunities go through."""
    given = sorted(to.rows("stages"), key=lambda row: row["position"])
    if not given:
        rows: list[Row] = [
            {"MasterLabel": name, "DefaultProbability": float(chance),
             "ForecastCategory": category, "ForecastCategoryName": category,
             "IsClosed": closed, "IsWon": won}
            for name, chance, category, closed, won in _STANDARD_STAGES
        ]  # fmt: skip
    else:
        rows = [_stage(row) for row in given]
    for place, row in enumerate(rows, 1):
        row.update(ApiName=row["MasterLabel"], SortOrder=place)
    to.put("OpportunityStage", rows)
    to.objects = organization(to.world)


def _stage(row: Row) -> Row:
    category = _CATEGORIES.get(row["forecast_category"] or "", ("Pipeline", "Pipeline"))
    return {
        "MasterLabel": row["name"],
        "DefaultProbability": float((row["probability"] or Decimal(0)) * 100),
        "ForecastCategory": category[0],
        "ForecastCategoryName": category[1],
        "IsClosed": row["kind"] != "open",
        "IsWon": row["kind"] == "won",
    }


def deals(to: Filling) -> dict[str, Row]:
    """Make opportunities and how they went through their stages; gives them by their keys."""
    names = {row["id"]: row["name"] for row in to.rows("stages")}
    stages = {row["MasterLabel"]: row for row in to.world.table("sf_OpportunityStage").find()}
    deals: dict[str, Row] = {}
    for row in to.rows("opportunities"):
        stage = stages[names[row["stage_id"]]]
        made = to.made(
            "Opportunity",
            {
                "AccountId": to.key("accounts", row["account_id"]), "Name": row["name"],
                "OwnerId": to.key("users", row["owner_id"]),
                "StageName": stage["MasterLabel"], "Amount": amount(row["amount"]),
                "CloseDate": day_of(row["close_on"]) or to.at[:10],
                "CampaignId": to.key("campaigns", row["campaign_id"]),
                "Contract_Starts_On__c": day_of(row["contract_starts_on"]),
                "Probability": stage["DefaultProbability"],
                "ForecastCategory": stage["ForecastCategory"],
                "ForecastCategoryName": stage["ForecastCategoryName"],
                "IsClosed": stage["IsClosed"], "IsWon": stage["IsWon"],
                EXTERNAL_KEY: row["id"],
            },
            stamp(row["created_at"]),
        )  # fmt: skip
        opportunities.formulas(made)
        to.keys["opportunities", row["id"]] = made["Id"]
        deals[row["id"]] = made
    _history(to, deals, names, stages)
    to.put("Opportunity", list(deals.values()))
    _campaign_sums(to, list(deals.values()))
    return deals


def _history(to: Filling, deals: dict[str, Row], names: Row, stages: dict[str, Row]) -> None:
    rows = []
    for entry in sorted(to.rows("stage_history"), key=lambda each: each["entered_at"]):
        deal = deals.get(entry["opportunity_id"])
        if deal is None:
            continue
        stage = stages[names[entry["stage_id"]]]
        at = stored(entry["entered_at"])
        deal["LastStageChangeDate"] = at
        rows.append(
            to.made(
                "OpportunityHistory",
                {"OpportunityId": deal["Id"], "StageName": stage["MasterLabel"],
                 "Amount": deal["Amount"], "CloseDate": deal["CloseDate"],
                 "Probability": stage["DefaultProbability"],
                 "ForecastCategory": stage["ForecastCategory"],
                 "ExpectedRevenue": None if deal["Amount"] is None else rounded(
                     exact(deal["Amount"]) * exact(stage["DefaultProbability"]) / 100)},
                at,
            )
        )  # fmt: skip
    to.put("OpportunityHistory", rows)


def _campaign_sums(to: Filling, deals: list[Row]) -> None:
    table = to.world.table("sf_Campaign")
    for campaign in table.find():
        mine = [each for each in deals if each["CampaignId"] == campaign["Id"]]
        won = [each for each in mine if each["IsWon"]]
        campaign.update(
            NumberOfOpportunities=len(mine), NumberOfWonOpportunities=len(won),
            AmountAllOpportunities=rounded(total(each["Amount"] for each in mine)),
            AmountWonOpportunities=rounded(total(each["Amount"] for each in won)),
        )  # fmt: skip
        table.replace(campaign)
