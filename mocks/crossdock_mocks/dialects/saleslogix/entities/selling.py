"""Opportunities with their products, and campaigns with whom they addressed."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import (
    KEPT,
    OURS,
    STAMPS,
    account,
    day,
    flag,
    integer,
    memo,
    money,
    number,
    picklist,
    text,
)
from crossdock_mocks.sdata import Collection, Field, Reference, Resource

OPEN: Final = "Open"
WON: Final = "Closed - Won"
LOST: Final = "Closed - Lost"

SELLING: Final = (
    Resource(
        "opportunities", "Opportunity", plural="Opportunities", title="{Description}", letter="O",
        stamps=STAMPS, provenance="source", properties=(
            text("Description", 128, required=True), text("Stage"),
            picklist("Status", (OPEN, WON, LOST, "Inactive"), default=OPEN), text("Type"),
            money("SalesPotential"), integer("CloseProbability", default=0),
            Field("Weighted", "decimal", read_only=True), money("ActualAmount"),
            day("EstimatedClose"), day("ActualClose"), day("DateOpened"), text("Reason"),
            Field("Closed", "boolean", read_only=True, default=False), text("NextStep"),
            number("ExchangeRate", default=1), text("ExchangeRateCode", 3),
            flag("ExchangeRateLocked"), day("ExchangeRateDate"), memo("Notes"),
            account(), Reference("AccountManager", "users"), Reference("Owner", "owners"),
            Reference("LeadSource", "leadSources"), Reference("Reseller", "accounts"),
            Collection("Products", "opportunityProducts", "Opportunity", owned=True,
                       provenance="source"),
            Collection("Quotes", "quotes", "Opportunity"),
            Collection("SalesOrders", "salesOrders", "Opportunity"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "opportunityProducts", "OpportunityProduct", title="{ProductName}", letter="o",
        stamps=STAMPS, provenance="source", properties=(
            text("ProductName", 128), text("Program"), money("Price"),
            number("Discount", 6, default=0), money("CalculatedPrice"),
            number("Quantity", default=1), money("ExtendedPrice"),
            Field("Sort", "integer"), text("Family"),
            Reference("Opportunity", "opportunities", required=True),
            Reference("Product", "products"), *KEPT,
        ),
    ),
    Resource(
        "campaigns", "Campaign", title="{CampaignName}", letter="G", stamps=STAMPS,
        properties=(
            text("CampaignName", 64, required=True), text("CampaignCode", 32),
            text("CampaignType"), text("Status", default="Active"), day("StartDate"),
            day("EndDate"), money("Budget"), money("ActualCost"), memo("Objectives"),
            Reference("AccountManager", "users"),
            Collection("CampaignTargets", "campaignTargets", "Campaign", owned=True), *KEPT,
        ),
    ),
    Resource(
        "campaignTargets", "CampaignTarget", title="{EntityId}", letter="g", stamps=STAMPS,
        properties=(
            text("EntityId", 12, required=True, indexed=True),
            picklist("TargetType", ("Contact", "Lead"), required=True),
            text("Status", default="Invited"), day("ResponseDate"),
            Reference("Campaign", "campaigns", required=True), *KEPT,
        ),
    ),
)  # fmt: skip
