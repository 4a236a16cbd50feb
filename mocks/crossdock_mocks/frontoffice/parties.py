"""Accounts and contacts: who they are, and what hangs on an account in sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.engine import ne
from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import conflict, wrong
from crossdock_mocks.frontoffice.resources import (
    ACCOUNT,
    ACTIVITY,
    CONTACT,
    LEAD,
    NO_SALE,
    OPPORTUNITY,
    ORDER,
    QUOTE,
    RESOURCES,
)


def create_account(office: Office, values: Mapping[str, Any]) -> Row:
    """Add an account; its currency is the company's unless given.

    Raises:
        Problem: 422.
    """
    return office.create(ACCOUNT, _account({"currency": office.company_currency, **values}))


def change_account(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change an account.

    Raises:
        Problem: 422, among others where parents would go round in a circle.
    """
    parent = values.get("parent_id")
    while parent is not None:
        if parent == row["id"]:
            raise wrong("/parent_id", "would make the account its own parent", None, parent)
        parent = office.refer("account", parent, "/parent_id")["parent_id"]
    return office.change(ACCOUNT, row, _account(values))


def create_contact(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a person at an account.

    Raises:
        Problem: 422.
    """
    return office.create(CONTACT, values)


def change_contact(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a contact; it moves to another account only while nothing names it there.

    Raises:
        Problem: 409 `record_in_use`; 422.
    """
    if values.get("account_id", row["account_id"]) != row["account_id"]:
        for resource in (QUOTE, ORDER, OPPORTUNITY, ACTIVITY):
            if office.table(resource).count({"contact_id": row["id"]}):
                raise conflict(
                    "record_in_use",
                    f"The contact {row['id']} is named by {resource.entity} records of account"
                    f" {row['account_id']}, so its account is fixed.",
                )
    return office.change(CONTACT, row, values)


def merge_account(office: Office, row: Row, into_id: str) -> Row:
    """Merge an account into another one, which gets all that hangs on it.

    Raises:
        Problem: 422, there is no other one.
    """
    if into_id == row["id"]:
        raise wrong("/into", "is the account itself", None, into_id)
    into = office.refer("account", into_id, "/into")
    for resource in RESOURCES.values():
        for field, entity in resource.references.items():
            if entity != "account":
                continue
            for other in office.table(resource).find({field: row["id"]}):
                itself = resource is ACCOUNT and other["id"] == into_id
                office.change(resource, other, {field: None if itself else into_id})
    for lead in office.table(LEAD).find({"converted_account_id": row["id"]}):
        office.change(LEAD, lead, {"converted_account_id": into_id})
    into = office.read(ACCOUNT, into_id)
    both = {**row["external_ids"], **into["external_ids"]}
    merged = office.change(ACCOUNT, into, {"external_ids": both})
    office.remove(ACCOUNT, row, into_id)
    return merged


def _account(values: Mapping[str, Any]) -> dict[str, Any]:
    addresses = {
        name: address(values[name])
        for name in ("address", "shipping_address")
        if values.get(name) is not None
    }
    return {**values, **addresses}


def address(given: Mapping[str, Any]) -> dict[str, Any]:
    """An address with all its parts; what is not known is null."""
    parts = ("name", "street", "city", "region", "postcode", "country")
    return {part: given.get(part) for part in parts}


def summary(office: Office, account_id: str) -> Row:
    """Roll up what hangs on an account; currencies are kept apart.

    Raises:
        Problem: 404.
    """
    office.read(ACCOUNT, account_id)
    of_account = {"account_id": account_id}
    deals = office.table(OPPORTUNITY).find(of_account)
    open_deals = [deal for deal in deals if deal["stage_kind"] == "open"]
    counted = [deal for deal in open_deals if deal["forecast_category"] != "omitted"]
    quotes = office.table(QUOTE).find({**of_account, "status": ["draft", "sent", "accepted"]})
    orders = office.table(ORDER).find(of_account)
    activities = office.table(ACTIVITY)
    done = activities.first({**of_account, "completed_at": ne(None)}, "-completed_at")
    due = activities.first({**of_account, "completed_at": None, "due_at": ne(None)}, "due_at")
    return {
        "account_id": account_id,
        "contacts": office.table(CONTACT).count(of_account),
        "open_opportunities": _by_currency(open_deals, "amount"),
        "expected_revenue": _by_currency(counted, "expected"),
        "won_opportunities": _by_currency(
            (deal for deal in deals if deal["stage_kind"] == "won"), "amount"
        ),
        "open_quotes": _by_currency(quotes, "net_total"),
        "orders": _by_currency(
            (order for order in orders if order["status"] not in NO_SALE),
            "net_total",
        ),
        "open_activities": activities.count({**of_account, "completed_at": None}),
        "last_activity_at": done["completed_at"] if done else None,
        "next_activity_due_at": due["due_at"] if due else None,
    }


def _by_currency(rows: Iterable[Row], field: str) -> list[Row]:
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        count, amount = sums.get(row["currency"], (0, Decimal(0)))
        sums[row["currency"]] = (count + 1, amount + Decimal(row[field] or 0))
    return [
        {"currency": currency, "count": count, "amount": amounts.text(amount, currency)}
        for currency, (count, amount) in sorted(sums.items())
    ]
