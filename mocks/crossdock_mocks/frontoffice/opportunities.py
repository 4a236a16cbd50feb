"""Opportunities and the stages that they pass, with every move kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.engine import Violation, ne
from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.instants import kept, past
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import conflict, invalid, wrong
from crossdock_mocks.frontoffice.resources import (
    NO_SALE,
    OPPORTUNITY,
    ORDER,
    PLAY_ANSWER,
    QUOTE,
    STAGE,
    STAGE_HISTORY,
)


def standing(row: Row, stage: Row) -> dict[str, Any]:
    """What follows from an opportunity's stage and overrides: probability, category, expected."""
    probability = row["probability_override"]
    if probability is None:
        probability = stage["probability"]
    expected = amounts.rounded(Decimal(row["amount"]) * Decimal(probability), row["currency"])
    return {
        "stage_kind": stage["kind"],
        "probability": probability,
        "forecast_category": row["forecast_category_override"] or stage["forecast_category"],
        "expected": format(expected, "f"),
    }


def create_opportunity(
    office: Office, values: Mapping[str, Any], *, lead_id: str | None = None, at: str = ""
) -> Row:
    """Open an opportunity in the stage given, or else in the first open one.

    Args:
        office: The CRM.
        values: Fields.
        lead_id: The lead that it came from.
        at: Pointer of the object in the body that the fields stand in.

    Raises:
        Problem: 422.
    """
    account = office.refer("account", values["account_id"], f"{at}/account_id")
    given = {"amount": "0", "revenue_kind": "sales", **values}
    given["currency"] = values.get("currency") or account["currency"]
    given["amount"] = amounts.text(given["amount"], given["currency"])
    given["stage_id"] = values.get("stage_id") or _first_stage(office, at)
    given.setdefault("probability_override", None)
    given.setdefault("forecast_category_override", None)
    _check_contact(office, given)
    stage = office.refer("stage", given["stage_id"], f"{at}/stage_id")
    now = kept(office.now)
    row = office.create(
        OPPORTUNITY,
        {
            **given,
            **standing(given, stage),
            "stage_entered_at": now,
            "closed_at": None if stage["kind"] == "open" else now,
            "lead_id": lead_id,
            "quoted_net": amounts.text("0", given["currency"]),
            "ordered_net": amounts.text("0", given["currency"]),
        },
    )
    _enter(office, row, None)
    return row


def change_opportunity(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change an opportunity; another stage is a move that goes into its history.

    Raises:
        Problem: 409 `opportunity_has_orders`, `record_in_use`; 422.
    """
    merged = {**row, **values}
    merged["amount"] = amounts.text(merged["amount"], merged["currency"])
    _check_contact(office, merged)
    stage = office.refer("stage", merged["stage_id"], "/stage_id")
    moved = merged["stage_id"] != row["stage_id"]
    if merged["account_id"] != row["account_id"]:
        _refuse_new_account(office, row)
    now = kept(office.now)
    derived = {**standing(merged, stage), "amount": merged["amount"]}
    if moved:
        derived["stage_entered_at"] = now
        if stage["kind"] == "open":
            derived["closed_at"] = None
        elif row["stage_kind"] != stage["kind"]:
            derived["closed_at"] = now
        if row["stage_kind"] == "won" and stage["kind"] != "won":
            _refuse_with_orders(office, row)
    changed = office.change(OPPORTUNITY, row, {**values, **derived})
    if moved:
        _enter(office, changed, row["stage_id"])
    if changed["currency"] != row["currency"]:
        changed = sum_up(office, row["id"]) or changed
    return changed


def sum_up(office: Office, opportunity_id: str | None) -> Row | None:
    """Refresh an opportunity's sums of quotes and orders, in its own currency."""
    if opportunity_id is None:
        return None
    row = office.table(OPPORTUNITY).get(opportunity_id)
    if row is None:
        return None
    of_deal = {"opportunity_id": opportunity_id, "currency": row["currency"]}
    quotes = office.table(QUOTE).find({**of_deal, "status": ne("declined")})
    orders = office.table(ORDER).find(of_deal)
    return office.roll_up(OPPORTUNITY, row, sums(row, quotes, orders))


def sums(row: Row, quotes: list[Row], orders: list[Row]) -> dict[str, Any]:
    """The sums of an opportunity's quotes and orders; amounts that are not known are left out."""
    live = [order for order in orders if order["status"] not in NO_SALE]
    return {
        field: amounts.total(
            (each["net_total"] for each in rows if each["net_total"] is not None), row["currency"]
        )
        for field, rows in (("quoted_net", quotes), ("ordered_net", live))
    }


def create_stage(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a stage under the API name that the caller gives.

    Raises:
        Problem: 409 `duplicate_id`.
    """
    key = values["id"]
    if key in office.table(STAGE):
        raise conflict("duplicate_id", f"There is a stage {key!r} already.")
    rest = {field: value for field, value in values.items() if field != "id"}
    return office.create(STAGE, rest, key=key)


def change_stage(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a stage, and with it what its opportunities get from it by default.

    Raises:
        Problem: 409 `record_in_use`, the kind of a stage in which opportunities stand.
    """
    inside = office.table(OPPORTUNITY).find({"stage_id": row["id"]})
    if inside and values.get("kind", row["kind"]) != row["kind"]:
        raise conflict(
            "record_in_use",
            f"{len(inside)} opportunities stand in the stage {row['id']}, so its kind is fixed.",
        )
    changed = office.change(STAGE, row, values)
    for deal in inside:
        office.change(OPPORTUNITY, deal, standing(deal, changed))
    return changed


def answer_play(office: Office, opportunity_id: str, values: Mapping[str, Any]) -> Row:
    """Keep what a play of a stage brought to light.

    Raises:
        Problem: 404; 422.
    """
    deal = office.read(OPPORTUNITY, opportunity_id)
    stage_id = values.get("stage_id") or deal["stage_id"]
    office.refer("stage", stage_id, "/stage_id")
    return office.append(
        PLAY_ANSWER,
        {
            "opportunity_id": opportunity_id,
            "stage_id": stage_id,
            "play": values["play"],
            "answer": values["answer"],
            "answered_at": past(values.get("answered_at"), "/answered_at", office.now),
            "user_id": office.user_id,
        },
    )


def _enter(office: Office, row: Row, from_stage_id: str | None) -> None:
    office.append(
        STAGE_HISTORY,
        {
            "opportunity_id": row["id"],
            "from_stage_id": from_stage_id,
            "stage_id": row["stage_id"],
            "entered_at": row["stage_entered_at"],
            "user_id": office.user_id,
            "amount": row["amount"],
            "probability": row["probability"],
            "close_on": row["close_on"],
        },
    )


def _first_stage(office: Office, at: str) -> str:
    stage = office.table(STAGE).first({"kind": "open"}, "position")
    if stage is None:
        raise wrong(f"{at}/stage_id", "is needed: there is no open stage to begin in")
    return str(stage["id"])


def _check_contact(office: Office, values: Mapping[str, Any]) -> None:
    contact_id = values.get("contact_id")
    if contact_id is None:
        return
    contact = office.refer("contact", contact_id, "/contact_id")
    if contact["account_id"] != values["account_id"]:
        raise invalid(
            Violation(
                "/contact_id",
                f"names a contact of account {contact['account_id']}, not of"
                f" {values['account_id']}",
                None,
                contact_id,
            )
        )


def _refuse_new_account(office: Office, row: Row) -> None:
    for resource in (QUOTE, ORDER):
        if office.table(resource).count({"opportunity_id": row["id"]}):
            raise conflict(
                "record_in_use",
                f"The opportunity {row['id']} has {resource.entity}s, so its account is fixed.",
            )


def _refuse_with_orders(office: Office, row: Row) -> None:
    orders = office.table(ORDER).find({"opportunity_id": row["id"]})
    live = [each["id"] for each in orders if each["status"] not in NO_SALE]
    if live:
        raise conflict(
            "opportunity_has_orders",
            f"The opportunity {row['id']} stays won: it has the orders {', '.join(live)}.",
        )
