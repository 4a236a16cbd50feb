"""Leads, and how one becomes an account with its contact and opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.opportunities import create_opportunity
from crossdock_mocks.frontoffice.parties import create_account
from crossdock_mocks.frontoffice.refusals import conflict
from crossdock_mocks.frontoffice.resources import CONTACT, LEAD


def create_lead(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a lead.

    Raises:
        Problem: 422.
    """
    return office.create(LEAD, values)


def change_lead(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a lead that was not converted yet.

    Raises:
        Problem: 409 `lead_converted`; 422.
    """
    _refuse_converted(row)
    return office.change(LEAD, row, values)


def convert(office: Office, row: Row, wanted: Mapping[str, Any]) -> Row:
    """Make an account (or join one), a contact and, if wanted, an opportunity out of a lead.

    Raises:
        Problem: 409 `lead_converted`, `illegal_transition`; 422.
    """
    _refuse_converted(row)
    office.expect(LEAD, row, wanted["version"])
    if row["status"] == "disqualified":
        raise conflict(
            "illegal_transition", f"The lead {row['id']} is disqualified; put it to working first."
        )
    owner = wanted.get("owner_id") or row["owner_id"]
    account = _account(office, row, wanted, owner)
    contact = _contact(office, row, account)
    opportunity = None
    if wanted.get("opportunity") is not None:
        opportunity = create_opportunity(
            office,
            {
                **wanted["opportunity"],
                "account_id": account["id"],
                "contact_id": contact["id"] if contact else None,
                "owner_id": owner,
                "campaign_id": row["campaign_id"],
            },
            lead_id=row["id"],
            at="/opportunity",
        )
    lead = office.change(
        LEAD,
        row,
        {
            "status": "converted",
            "converted_at": kept(office.now),
            "converted_account_id": account["id"],
            "converted_contact_id": contact["id"] if contact else None,
            "converted_opportunity_id": opportunity["id"] if opportunity else None,
        },
    )
    return {"lead": lead, "account": account, "contact": contact, "opportunity": opportunity}


def _account(office: Office, lead: Row, wanted: Mapping[str, Any], owner: str | None) -> Row:
    if wanted.get("account_id") is not None:
        return office.refer("account", wanted["account_id"], "/account_id")
    values = {
        "name": lead["company"] or lead["contact_name"] or lead["id"],
        "owner_id": owner,
        "email": lead["email"],
        "phone": lead["phone"],
    }
    if wanted.get("currency") is not None:
        values["currency"] = wanted["currency"]
    return create_account(office, values)


def _contact(office: Office, lead: Row, account: Row) -> Row | None:
    if not lead["contact_name"]:
        return None
    first, _, last = lead["contact_name"].strip().rpartition(" ")
    values = {
        "account_id": account["id"],
        "first_name": first or None,
        "last_name": last,
        "email": lead["email"],
        "phone": lead["phone"],
    }
    return office.create(CONTACT, values)


def _refuse_converted(row: Row) -> None:
    if row["status"] == "converted":
        raise conflict(
            "lead_converted",
            f"The lead {row['id']} was converted to account {row['converted_account_id']}.",
        )
