"""Opportunities: open or closed, weighted, and worth what their products come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.entities.selling import LOST, WON
from crossdock_mocks.dialects.saleslogix.rules.leaving import forgotten
from crossdock_mocks.dialects.saleslogix.rules.lines import extend, take_product
from crossdock_mocks.sdata import KEY, Records, Row, Rules, refused
from crossdock_mocks.sdata.values import exact, rounded


def weigh(row: Row) -> None:
    """Keep what an opportunity is worth by its probability, and whether it is closed."""
    potential, probability = exact(row["SalesPotential"]), row["CloseProbability"] or 0
    row["Weighted"] = rounded(potential * probability / 100)
    row["Closed"] = row["Status"] in (WON, LOST)


def _opportunity(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del given
    if not 0 <= (row["CloseProbability"] or 0) <= 100:
        raise refused("A probability is 0 to 100 per cent.", path="CloseProbability")
    if old is None and row["DateOpened"] is None:
        row["DateOpened"] = records.now
    weigh(row)
    if row["Closed"] and row["ActualClose"] is None:
        row["ActualClose"] = records.now
    if old is not None and old["Closed"] and not row["Closed"]:
        row["ActualClose"] = None


def _product(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    take_product(records, row, given, "")
    extend(row, old, given, 1)


def _product_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    _sum(records, row)


def _sum(records: Records, row: Row) -> None:
    head = records.get("opportunities", row["Opportunity"])
    if head is None:
        return
    lines = records.related("opportunityProducts", "Opportunity", head[KEY])
    if lines:
        head["SalesPotential"] = rounded(
            sum((exact(each["ExtendedPrice"]) for each in lines), exact(0))
        )
    weigh(head)
    records.keep("opportunities", head)


def _target(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del old, given
    kind = {"Contact": "contacts", "Lead": "leads"}.get(row["TargetType"])
    if kind is not None and row["EntityId"] and records.get(kind, row["EntityId"]) is None:
        raise refused(f"{row['TargetType']} '{row['EntityId']}' was not found.", path="EntityId")


RULES: Final = {
    "opportunities": Rules(
        before=_opportunity, after_delete=forgotten("OpportunityId", "OpportunityName")
    ),
    "opportunityProducts": Rules(before=_product, after=_product_after, after_delete=_sum),
    "campaignTargets": Rules(before=_target),
}
