"""Campaigns and the people whom they address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.engine import Violation, ne
from crossdock_mocks.frontoffice.instants import past
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import conflict, invalid, not_found, wrong
from crossdock_mocks.frontoffice.resources import CAMPAIGN, MEMBER


def create_campaign(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a campaign; its currency is the company's unless given.

    Raises:
        Problem: 422.
    """
    _check_days(values)
    given = {"currency": office.company_currency, **values}
    return office.create(CAMPAIGN, given)


def change_campaign(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a campaign.

    Raises:
        Problem: 422.
    """
    _check_days({**row, **values})
    return office.change(CAMPAIGN, row, values)


def add_member(office: Office, campaign_id: str, values: Mapping[str, Any]) -> Row:
    """Add a contact or a lead to a campaign.

    Raises:
        Problem: 404; 409 `duplicate_member`; 422 where there is not exactly one person.
    """
    office.read(CAMPAIGN, campaign_id)
    people = {
        field: values[field] for field in ("contact_id", "lead_id") if values.get(field) is not None
    }
    if len(people) != 1:
        raise invalid(
            *(
                Violation(f"/{field}", "is one of two of which exactly one is given")
                for field in ("contact_id", "lead_id")
            )
        )
    if office.table(MEMBER).count({"campaign_id": campaign_id, **people}):
        raise conflict(
            "duplicate_member",
            f"{next(iter(people.values()))} is in campaign {campaign_id} already.",
        )
    member = office.create(
        MEMBER, {"campaign_id": campaign_id, **people, **_response(office, values)}
    )
    count_members(office, campaign_id)
    return member


def member(office: Office, campaign_id: str, member_id: str) -> Row:
    """One member of a campaign.

    Raises:
        Problem: 404.
    """
    office.read(CAMPAIGN, campaign_id)
    row = office.read(MEMBER, member_id)
    if row["campaign_id"] != campaign_id:
        raise not_found(MEMBER.entity, member_id)
    return row


def change_member(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Note that a member responded, or did not after all.

    Raises:
        Problem: 422, the response lies in the future.
    """
    changed = office.change(MEMBER, row, _response(office, values))
    count_members(office, row["campaign_id"])
    return changed


def count_members(office: Office, campaign_id: str) -> None:
    """Refresh a campaign's counts of members and of responses."""
    campaign = office.table(CAMPAIGN).get(campaign_id)
    if campaign is None:
        return  # it is being deleted, and its members with it
    members = office.table(MEMBER)
    counts = {
        "member_count": members.count({"campaign_id": campaign_id}),
        "response_count": members.count({"campaign_id": campaign_id, "responded_at": ne(None)}),
    }
    office.roll_up(CAMPAIGN, campaign, counts)


def _response(office: Office, values: Mapping[str, Any]) -> dict[str, Any]:
    at = values.get("responded_at")
    if at is not None:
        return {"responded_at": past(at, "/responded_at", office.now)}
    return {"responded_at": None} if "responded_at" in values else {}


def _check_days(values: Mapping[str, Any]) -> None:
    starts, ends = values.get("starts_on"), values.get("ends_on")
    if starts and ends and ends < starts:
        raise wrong("/ends_on", "lies before starts_on", f"at least {starts}", ends)
