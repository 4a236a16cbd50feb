"""Any sequence of saves keeps what is kept: sums follow lines, and refusals change nothing."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest

MONEY = Decimal("0.01")


class Walk:
    """Random requests of one user against one organization."""

    def __init__(self, http, world, seed):
        self.http, self.world, self.pick = http, world, random.Random(seed)
        self.statuses = {}

    def some(self, entity):
        rows = self.world.table(f"sf_{entity}").find()
        return self.pick.choice(rows)["Id"] if rows else None

    def number(self):
        return self.pick.choice([0, 1, 3, 2.5, 10.01, 999.99, -4, None, "7", "x"])

    def values(self, entity):
        pick = self.pick
        choices = {
            "Opportunity": {
                "Name": "Deal", "CloseDate": "2026-12-01", "Amount": self.number(),
                "StageName": pick.choice(["Prospecting", "Won", "Lost", "Nope"]),
                "AccountId": self.some("Account"), "CampaignId": self.some("Campaign"),
            },
            "OpportunityLineItem": {
                "OpportunityId": self.some("Opportunity"), "Quantity": self.number(),
                "PricebookEntryId": self.some("PricebookEntry"), "UnitPrice": self.number(),
                "Discount": pick.choice([None, 10, 33.33]),
            },
            "Quote": {
                "Name": "Offer", "OpportunityId": self.some("Opportunity"), "Tax": self.number(),
            },
            "QuoteLineItem": {
                "QuoteId": self.some("Quote"), "Quantity": self.number(),
                "PricebookEntryId": self.some("PricebookEntry"), "UnitPrice": self.number(),
                "Discount": pick.choice([None, 12.5]),
            },
            "Order": {
                "AccountId": self.some("Account"), "EffectiveDate": "2026-12-01",
                "Status": pick.choice(["Draft", "Activated"]),
            },
            "OrderItem": {
                "OrderId": self.some("Order"), "Quantity": self.number(),
                "PricebookEntryId": self.some("PricebookEntry"), "UnitPrice": self.number(),
            },
            "CampaignMember": {
                "CampaignId": self.some("Campaign"), "ContactId": self.some("Contact"),
                "Status": pick.choice(["Sent", "Responded"]),
            },
            "Account": {"Name": "Firm", "ParentId": self.some("Account")},
        }[entity]  # fmt: skip
        kept = [name for name in choices if pick.random() < 0.85]
        return {name: choices[name] for name in kept}

    def step(self):
        entity = self.pick.choice(
            ["Opportunity", "OpportunityLineItem", "Quote", "QuoteLineItem", "Order", "OrderItem",
             "CampaignMember", "Account"]
        )  # fmt: skip
        before = self.state()
        key = self.some(entity)
        what = self.pick.random()
        if what < 0.6 or key is None:
            answer = self.http.post(f"/sobjects/{entity}", json=self.values(entity))
        elif what < 0.85:
            answer = self.http.patch(f"/sobjects/{entity}/{key}", json=self.values(entity))
        else:
            answer = self.http.delete(f"/sobjects/{entity}/{key}")
        assert answer.status_code < 500, answer.text
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code >= 400:
            assert self.state() == before, answer.text

    def state(self):
        return {
            name: self.world.query(f'SELECT count(*), max("SystemModstamp") FROM "{name}"')
            for name in self.world.tables
            if name.startswith("sf_") and name not in (
                "sf_settings", "sf_query_locators", "sf_definitions"
            )
        }  # fmt: skip

    def check(self):
        self.sums("Opportunity", "OpportunityLineItem", "Amount", only_with_lines=True)
        self.sums("Quote", "QuoteLineItem", "TotalPrice")
        self.sums("Order", "OrderItem", "TotalAmount")
        for row in self.world.table("sf_Quote").find():
            extra = exact(row["Tax"]) + exact(row["ShippingHandling"])
            assert exact(row["GrandTotal"]) == exact(row["TotalPrice"]) + extra
        for row in self.world.table("sf_Order").find():
            lines = self.world.table("sf_OrderItem").count({"OrderId": row["Id"]})
            assert row["Status"] == "Draft" or lines
        for row in self.world.table("sf_Campaign").find():
            members = self.world.table("sf_CampaignMember").find({"CampaignId": row["Id"]})
            assert row["NumberOfResponses"] == sum(each["HasResponded"] for each in members)
            deals = self.world.table("sf_Opportunity").find({"CampaignId": row["Id"]})
            total = sum((exact(each["Amount"]) for each in deals), Decimal(0))
            assert exact(row["AmountAllOpportunities"]) == total
        self.no_dangling_lookups()

    def sums(self, head, lines, field, *, only_with_lines=False):
        for row in self.world.table(f"sf_{head}").find():
            found = self.world.table(f"sf_{lines}").find({f"{head}Id": row["Id"]})
            if found or not only_with_lines:
                total = sum((exact(each["TotalPrice"]) for each in found), Decimal(0))
                assert exact(row[field]) == total, (head, row["Id"])

    def no_dangling_lookups(self):
        living = {
            key for name in self.world.tables if name.startswith("sf_")
            for (key,) in self.world.query(f'SELECT _key FROM "{name}"')
        }  # fmt: skip
        for name in ("Opportunity", "OpportunityLineItem", "Quote", "Order", "OrderItem"):
            for text in self.world.table(f"sf_{name}").find_raw():
                for field, value in json.loads(text).items():
                    if field.endswith("Id") and field != "Id" and value is not None:
                        assert value in living, (name, field, value)


def exact(value):
    return Decimal(str(value or 0)).quantize(MONEY)


def walk(http, world, seed, steps):
    made = Walk(http, world, seed)
    for _ in range(steps):
        made.step()
    made.check()
    return made


def test_a_random_walk_keeps_sums_and_refusals_change_nothing(http, world):
    made = walk(http, world, 1, 120)
    assert made.statuses[201] > 10
    assert made.statuses[400] > 10


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 22))
def test_long_random_walks_keep_sums_too(http, world, seed):
    walk(http, world, seed, 1500)
