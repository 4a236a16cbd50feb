"""Opportunities: what their stage says, what their lines come to, and their history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce import ids
from crossdock_mocks.dialects.salesforce.rules import campaigns
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, exact, rounded, total
from crossdock_mocks.dialects.salesforce.rules.lines import book_stays, price

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

HISTORY: Final = (
    "StageName",
    "Amount",
    "ExpectedRevenue",
    "CloseDate",
    "Probability",
    "ForecastCategory",
)


def stand(records: Records, row: Row) -> None:
    """Set what the stage decides."""
    stage = records.world.table("sf_OpportunityStage").first({"MasterLabel": row["StageName"]})
    if stage is None:
        return
    row.update(
        Probability=stage["DefaultProbability"],
        ForecastCategory=stage["ForecastCategory"],
        ForecastCategoryName=stage["ForecastCategoryName"],
        IsClosed=stage["IsClosed"],
        IsWon=stage["IsWon"],
    )


def formulas(row: Row) -> None:
    """Set what is worked out from the opportunity itself."""
    if row["CloseDate"] is not None:
        day = date.fromisoformat(row["CloseDate"])
        row.update(FiscalYear=day.year, FiscalQuarter=(day.month + 2) // 3)
    if row["Amount"] is None:
        row["ExpectedRevenue"] = None
    else:
        row["ExpectedRevenue"] = rounded(exact(row["Amount"]) * exact(row["Probability"]) / 100)


def _before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    if old is None or old["StageName"] != row["StageName"]:
        own = {
            name: given[name] for name in ("Probability", "ForecastCategoryName") if name in given
        }
        stand(records, row)
        row.update(own)
        if old is not None:
            row["LastStageChangeDate"] = records.now
    if old is not None:
        book_stays(records, "OpportunityLineItem", "OpportunityId", row, old)
        if row["HasOpportunityLineItem"] and "Amount" in given:
            # With products the amount is their sum; another one is left aside without a word.
            row["Amount"] = old["Amount"]
    formulas(row)


def _after(records: Records, row: Row, old: Row | None) -> None:
    for key in {row["CampaignId"], *((old or {}).get("CampaignId"),)} - {None}:
        campaigns.sum_up(records, key)
    if old is row:
        return
    if old is None or any(old[name] != row[name] for name in HISTORY):
        history(records, row)


def history(records: Records, row: Row) -> None:
    """Note what an opportunity looks like now."""
    table = records.world.table("sf_OpportunityHistory")
    now = records.now
    table.insert(
        {
            "Id": ids.make("008", int(records.world.sequence("sf_OpportunityHistory"))),
            "OpportunityId": row["Id"],
            **{name: row[name] for name in HISTORY},
            "IsDeleted": False, "CreatedDate": now, "CreatedById": records.user_id,
            "LastModifiedDate": now, "LastModifiedById": records.user_id, "SystemModstamp": now,
        }
    )  # fmt: skip


def _line(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    entry = price(records, "Opportunity", row, old)
    head = records.get("Opportunity", row["OpportunityId"])
    if entry is not None and head is not None:
        row.update(Name=f"{head['Name']} {entry['Name']}", ProductCode=entry["ProductCode"])


def _line_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    head = records.get("Opportunity", row["OpportunityId"])
    if head is None:
        return  # it goes, and its lines with it
    before = dict(head)
    lines = records.linked("OpportunityLineItem", "OpportunityId", head["Id"])
    amount = rounded(total(each["TotalPrice"] for each in lines)) if lines else head["Amount"]
    values = {
        "HasOpportunityLineItem": bool(lines),
        "TotalOpportunityQuantity": float(total(each["Quantity"] for each in lines))
        if lines else None,
        "Amount": amount,
    }  # fmt: skip
    changed = {**head, **values}
    formulas(changed)
    values["ExpectedRevenue"] = changed["ExpectedRevenue"]
    records.rolled_up("Opportunity", head, values)
    _after(records, head, before)


OPPORTUNITY: Final = Rules(before=_before, after=_after)
LINE: Final = Rules(before=_line, after=_line_after)
