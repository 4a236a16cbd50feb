"""Frozen forecasts: what the pipeline of a period looked like at one instant, for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.people import team_of
from crossdock_mocks.frontoffice.resources import FORECAST, OPPORTUNITY

_LINE = (
    "account_id",
    "name",
    "owner_id",
    "stage_id",
    "amount",
    "probability",
    "expected",
    "close_on",
)


def bounds(period: str) -> tuple[date, date]:
    """First day of a period, and the first day after it.

    Args:
        period: `2026`, `2026-Q4` or `2026-11`.
    """
    year = int(period[:4])
    if len(period) == 4:
        first, months = 1, 12
    elif period[5] == "Q":
        first, months = 3 * int(period[6]) - 2, 3
    else:
        first, months = int(period[5:]), 1
    after = first + months
    end = date(year + 1, 1, 1) if after > 12 else date(year, after, 1)
    return date(year, first, 1), end


def freeze(office: Office, wanted: Mapping[str, Any]) -> Row:
    """Take down the opportunities of a period as they are now.

    Raises:
        Problem: 422.
    """
    office.check_references(FORECAST, wanted)
    currency = wanted.get("currency") or office.company_currency
    basis = wanted.get("basis", "close_date")
    lines: list[Row] = []
    left_out: list[Row] = []
    for deal in _deals(office, wanted, basis):
        reason = None
        if deal["forecast_category"] == "omitted":
            reason = "omitted"
        elif deal["currency"] != currency:
            reason = "other_currency"
        if reason is None:
            lines.append(
                {
                    "opportunity_id": deal["id"],
                    "category": deal["forecast_category"],
                    **{field: deal[field] for field in _LINE},
                }
            )
        else:
            left_out.append({"opportunity_id": deal["id"], "reason": reason})
    return office.append(
        FORECAST,
        {
            "period": wanted["period"],
            "owner_id": wanted.get("owner_id"),
            "include_team": wanted.get("include_team", False),
            "currency": currency,
            "basis": basis,
            "frozen_at": kept(office.now),
            "frozen_by": office.user_id,
            "note": wanted.get("note"),
            "lines": lines,
            **sums(lines, currency),
            "left_out": left_out,
        },
    )


def sums(lines: Sequence[Row], currency: str) -> dict[str, Any]:
    """Totals of a forecast, and the same by category."""
    names = dict.fromkeys(line["category"] for line in lines)
    by_category = {name: [line for line in lines if line["category"] == name] for name in names}
    return {
        "amount_total": _sum(lines, "amount", currency),
        "expected_total": _sum(lines, "expected", currency),
        "categories": [
            {
                "category": name,
                "count": len(each),
                "amount": _sum(each, "amount", currency),
                "expected": _sum(each, "expected", currency),
            }
            for name, each in by_category.items()
        ],
    }


def _sum(lines: Sequence[Row], field: str, currency: str) -> str:
    return amounts.text(sum((Decimal(line[field]) for line in lines), Decimal(0)), currency)


def _deals(office: Office, wanted: Mapping[str, Any], basis: str) -> list[Row]:
    first, end = (day.isoformat() for day in bounds(wanted["period"]))
    where: dict[str, Any] = {
        "stage_kind": ["open", "won"] if wanted.get("include_won") else ["open"]
    }
    owner = wanted.get("owner_id")
    if owner is not None:
        where["owner_id"] = team_of(office, owner) if wanted.get("include_team") else owner
    deals = []
    for deal in office.table(OPPORTUNITY).find(where, "id"):
        day = deal["close_on"]
        if deal["stage_kind"] == "won":
            day = deal["closed_at"][:10] if deal["closed_at"] else day
        if basis == "contract_start":
            day = deal["contract_starts_on"] or day
        if day is not None and first <= day < end:
            deals.append(deal)
    return deals
