"""Frozen forecasts stay what they were, whatever happens to the opportunities."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def frozen(crm: httpx.Client, **wanted: Any) -> dict[str, Any]:
    answer = crm.post("/forecasts", json={"period": "2026-Q4", **wanted})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def opportunity(crm: httpx.Client, **fields: Any) -> dict[str, Any]:
    body = {"account_id": "A-1001", "name": "Deal", "close_on": "2026-12-01", **fields}
    answer = crm.post("/opportunities", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_frozen_forecast_does_not_follow_its_opportunities(crm: httpx.Client):
    forecast = frozen(crm)
    assert (
        forecast["amount_total"],
        forecast["expected_total"],
    ) == ("2000000.00", "1000000.00")
    assert (forecast["categories"]) == [
        {"category": "best_case", "count": 1, "amount": "2000000.00", "expected": "1000000.00"}
    ]
    change = {"version": 1, "amount": "5.00", "stage_id": "lost", "lost_reason": "price"}
    assert crm.patch("/opportunities/O-1001", json=change).status_code == 200
    assert forecast == crm.get(f"/forecasts/{forecast['id']}").json()


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_there_is_no_way_to_change_a_frozen_forecast(crm: httpx.Client, method: str):
    before = crm.get("/forecasts/F-1001").json()
    answer = crm.request(method, "/forecasts/F-1001", json={"version": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"
    assert before == crm.get("/forecasts/F-1001").json()


def test_what_is_left_out_is_named_with_its_reason(crm: httpx.Client):
    omitted = opportunity(crm, forecast_category_override="omitted")
    foreign = opportunity(crm, currency="EUR", amount="10.00")
    opportunity(crm, close_on="2027-01-01")
    forecast = frozen(crm)
    assert [line["opportunity_id"] for line in forecast["lines"]] == ["O-1001"]
    assert [
        {"opportunity_id": omitted["id"], "reason": "omitted"},
        {"opportunity_id": foreign["id"], "reason": "other_currency"},
    ] == forecast["left_out"]


def test_two_items_at_1500_and_2_percent_are_expected_in_the_month_of_the_contract(
    crm: httpx.Client,
):
    # The worked example of the forecasting rules: a prospecting deal.
    crm.post(
        "/stages",
        json={
            "id": "prospecting",
            "name": "Prospecting",
            "position": 0,
            "kind": "open",
            "probability": "0.02",
            "forecast_category": "pipeline",
        },
    )
    deal = opportunity(
        crm, amount="3000.00", stage_id="prospecting", contract_starts_on="2027-02-01"
    )
    assert deal["expected"] == "60.00"
    by_contract = frozen(crm, period="2027-02", basis="contract_start")
    assert [(deal["id"], "60.00")] == [
        (line["opportunity_id"], line["expected"]) for line in by_contract["lines"]
    ]
    assert frozen(crm, period="2027-02")["lines"] == []


def test_a_manager_freezes_the_team_and_won_deals_if_wanted(crm: httpx.Client):
    crm.patch("/opportunities/O-1001", json={"version": 1, "stage_id": "won"})
    mine = opportunity(crm, owner_id="U-lee", amount="100.00")
    alone = frozen(crm, owner_id="U-lee", period="2026")
    assert [mine["id"]] == [line["opportunity_id"] for line in alone["lines"]]
    team = frozen(crm, owner_id="U-lee", include_team=True, include_won=True, period="2026-11")
    assert [line["opportunity_id"] for line in team["lines"]] == ["O-1001"]
    assert team["lines"][0]["category"] == "closed"


def test_forecasts_are_found_by_period(crm: httpx.Client):
    frozen(crm, period="2026-12", note="first cut")
    found = crm.get("/forecasts", params={"period": "2026-12"}).json()
    assert (found["total"], found["data"][0]["note"]) == (1, "first cut")
