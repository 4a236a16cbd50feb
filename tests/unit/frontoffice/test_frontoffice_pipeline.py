"""Opportunities, stages, leads, campaigns, users: moves, overrides, circles, deletions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crossdock_mocks.engine import Problem
from crossdock_mocks.frontoffice import (
    Office,
    campaigns,
    forecasts,
    leads,
    opportunities,
    orders,
    parties,
    people,
)
from crossdock_mocks.frontoffice.deletions import delete
from crossdock_mocks.frontoffice.resources import (
    ACCOUNT,
    ACTIVITY,
    CAMPAIGN,
    CONTACT,
    LEAD,
    MEMBER,
    OPPORTUNITY,
    STAGE,
    STAGE_HISTORY,
)

Refusal = Callable[..., Problem]
LINE = {"item_code": "BRG-1001", "quantity": "2", "unit_price": "5"}


def move(office: Office, deal: dict[str, Any], stage: str) -> dict[str, Any]:
    return opportunities.change_opportunity(office, deal, {"stage_id": stage})


def test_2_000_000_in_prove_are_1_000_000_expected(office: Office, deal: dict[str, Any]):
    moved = move(office, deal, "prove")
    assert (moved["probability"], moved["forecast_category"], moved["expected"]) == (
        "0.50",
        "best_case",
        "1000000.00",
    )


def test_an_override_wins_over_the_stage_until_it_is_cleared(office: Office, deal: dict[str, Any]):
    given = {"probability_override": "0.10", "forecast_category_override": "commit"}
    sure = opportunities.change_opportunity(office, deal, given)
    assert (sure["expected"], sure["forecast_category"]) == ("200000.00", "commit")
    moved = move(office, sure, "prove")
    assert moved["probability"] == "0.10"
    cleared = opportunities.change_opportunity(office, moved, dict.fromkeys(given))
    assert (cleared["probability"], cleared["forecast_category"]) == ("0.50", "best_case")


def test_each_move_is_kept_with_who_and_when_and_how_much(office: Office, deal: dict[str, Any]):
    office.world.clock.advance(timedelta(days=2))
    moved = opportunities.change_opportunity(office, deal, {"stage_id": "won", "amount": "7"})
    entries = office.table(STAGE_HISTORY).find({"opportunity_id": deal["id"]})
    assert [
        (each["from_stage_id"], each["stage_id"], each["amount"], each["entered_at"])
        for each in entries
    ] == [
        (None, "discover", "2000000.00", "2026-11-21T09:00:00Z"),
        ("discover", "won", "7.00", "2026-11-23T09:00:00Z"),
    ]
    assert entries[1]["user_id"] == "U-kim"
    assert moved["closed_at"] == "2026-11-23T09:00:00Z"


def test_a_deal_that_is_reopened_is_no_longer_closed(office: Office, deal: dict[str, Any]):
    reopened = move(office, move(office, deal, "lost"), "prove")
    assert (reopened["stage_kind"], reopened["closed_at"]) == ("open", None)


def test_a_won_deal_with_orders_stays_won(office: Office, deal: dict[str, Any], refusal: Refusal):
    won = move(office, deal, "won")
    values = {"reference": "W", "account_id": "A-1001", "opportunity_id": deal["id"]}
    order = orders.create_order(office, {**values, "lines": [LINE]})
    won = office.read(OPPORTUNITY, deal["id"])
    for stage in ("lost", "prove"):
        refusal(409, "opportunity_has_orders", move, office, won, stage)
    orders.change_order(office, order, {"status": "rejected"})
    assert move(office, office.read(OPPORTUNITY, deal["id"]), "lost")["stage_kind"] == "lost"


def test_a_stage_with_another_probability_moves_its_deals_expectation(
    office: Office, deal: dict[str, Any]
):
    stage = office.read(STAGE, "discover")
    opportunities.change_stage(office, stage, {"probability": "0.25"})
    after = office.read(OPPORTUNITY, deal["id"])
    assert (after["expected"], after["version"]) == ("500000.00", 2)


def test_without_an_open_stage_a_deal_has_to_name_one(office: Office, refusal: Refusal):
    for name in ("discover", "prove"):
        delete(office, STAGE, name)
    values = {"account_id": "A-1001", "name": "x", "close_on": "2026-12-01"}
    problem = refusal(422, "invalid", opportunities.create_opportunity, office, values)
    assert [each.pointer for each in problem.errors] == ["/stage_id"]


def test_a_lead_may_join_an_account_that_exists(office: Office):
    lead = leads.create_lead(office, {"company": "Acme", "contact_name": "Prince"})
    made = leads.convert(office, lead, {"version": 1, "account_id": "A-1001"})
    assert made["account"]["id"] == "A-1001"
    assert (made["contact"]["first_name"], made["contact"]["last_name"]) == (None, "Prince")
    assert made["opportunity"] is None


def test_a_disqualified_lead_is_not_converted(office: Office, refusal: Refusal):
    lead = leads.create_lead(office, {"company": "Acme", "status": "disqualified"})
    refusal(409, "illegal_transition", leads.convert, office, lead, {"version": 1})


def test_a_campaign_counts_members_and_responses(office: Office, refusal: Refusal):
    campaign = campaigns.create_campaign(office, {"name": "Fair"})
    lead = leads.create_lead(office, {"company": "Elm"})
    contact = parties.create_contact(office, {"account_id": "A-1001", "last_name": "Ode"})
    for person in ({"lead_id": lead["id"]}, {"contact_id": contact["id"]}):
        campaigns.add_member(office, campaign["id"], person)
    member = office.table(MEMBER).find()[0]
    campaigns.change_member(office, member, {"responded_at": "2026-11-20T09:00:00Z"})
    counted = office.read(CAMPAIGN, campaign["id"])
    assert (counted["member_count"], counted["response_count"]) == (2, 1)
    delete(office, LEAD, lead["id"])
    counted = office.read(CAMPAIGN, campaign["id"])
    assert (counted["member_count"], counted["response_count"]) == (1, 0)
    for people_named in ({}, {"lead_id": "L-1", "contact_id": contact["id"]}):
        refusal(422, "invalid", campaigns.add_member, office, campaign["id"], people_named)


def test_a_campaign_does_not_end_before_it_starts(office: Office, refusal: Refusal):
    values = {"name": "Fair", "starts_on": "2026-12-02", "ends_on": "2026-12-01"}
    refusal(422, "invalid", campaigns.create_campaign, office, values)


def test_accounts_and_managers_do_not_go_round_in_circles(office: Office, refusal: Refusal):
    child = parties.change_account(office, office.read(ACCOUNT, "A-1002"), {"parent_id": "A-1001"})
    assert child["parent_id"] == "A-1001"
    parent = office.read(ACCOUNT, "A-1001")
    for above in ("A-1001", "A-1002"):
        values = {"parent_id": above}
        refusal(422, "invalid", parties.change_account, office, parent, values)
    lee = office.table(people.USER).find({"id": "U-lee"})[0]
    refusal(422, "invalid", people.change_user, office, lee, {"manager_id": "U-kim"})


def test_a_team_is_everybody_below_at_any_depth(office: Office):
    values = {"login": "ray", "name": "Ray", "role": "sales", "manager_id": "U-kim"}
    people.create_user(office, values)
    assert people.team_of(office, "U-lee") == {"U-lee", "U-kim", "U-ray"}


def test_a_login_does_not_lie_in_the_future(office: Office, refusal: Refusal):
    refusal(422, "invalid", people.record_login, office, "U-kim", "2026-11-21T09:00:01Z")


def test_an_account_takes_its_contacts_and_activities_along(office: Office):
    contact = parties.create_contact(office, {"account_id": "A-1002", "last_name": "Berg"})
    office.create(ACTIVITY, {"account_id": "A-1002", "kind": "note", "subject": "x"})
    delete(office, ACCOUNT, "A-1002")
    assert office.table(CONTACT).get(contact["id"]) is None
    assert office.table(ACTIVITY).count() == 0
    gone = office.world.table("crm_changes").find({"action": "deleted"})
    assert [each["entity"] for each in gone] == ["activity", "contact", "account"]


def test_a_deleted_contact_is_taken_out_of_what_named_it(office: Office, deal: dict[str, Any]):
    contact = parties.create_contact(office, {"account_id": "A-1001", "last_name": "Ode"})
    values = {"contact_id": contact["id"]}
    opportunities.change_opportunity(office, deal, values)
    delete(office, CONTACT, contact["id"])
    after = office.read(OPPORTUNITY, deal["id"])
    assert (after["contact_id"], after["version"]) == (None, 3)


def test_a_contact_that_is_named_does_not_change_its_account(
    office: Office, deal: dict[str, Any], refusal: Refusal
):
    contact = parties.create_contact(office, {"account_id": "A-1001", "last_name": "Ode"})
    opportunities.change_opportunity(office, deal, {"contact_id": contact["id"]})
    values = {"account_id": "A-1002"}
    refusal(409, "record_in_use", parties.change_contact, office, contact, values)


def test_a_summary_keeps_currencies_apart(office: Office, deal: dict[str, Any]):
    values = {"account_id": "A-1001", "name": "Euro", "close_on": "2026-12-01"}
    opportunities.create_opportunity(office, {**values, "currency": "EUR", "amount": "10"})
    summary = parties.summary(office, "A-1001")
    assert summary["open_opportunities"] == [
        {"currency": "EUR", "count": 1, "amount": "10.00"},
        {"currency": "GBP", "count": 1, "amount": "2000000.00"},
    ]
    assert summary["expected_revenue"][1]["amount"] == "400000.00"
    assert (summary["orders"], summary["last_activity_at"]) == ([], None)


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2028-02", "2028-02-01", "2028-03-01"),
    ],
)
def test_a_period_has_a_first_day_and_ends_before_the_next(period: str, first: str, end: str):
    assert tuple(day.isoformat() for day in forecasts.bounds(period)) == (first, end)


def test_an_office_refuses_an_older_version(office: Office, deal: dict[str, Any], refusal: Refusal):
    problem = refusal(409, "stale_version", office.expect, OPPORTUNITY, deal, 7)
    assert problem.errors[0].expected == 1
