"""Service contracts and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Books, Document, Row
from crossdock_mocks.backoffice.contract_terms import contract_status
from crossdock_mocks.backoffice.decimals import amount_text
from crossdock_mocks.backoffice.kinds import CONTRACT, CUSTOMER
from crossdock_mocks.backoffice.refusals import Invalid
from crossdock_mocks.engine import Where, between, either, every, ge, gt, le, lt


def create_contract(books: Books, asked: Mapping[str, Any]) -> Document:
    """Create a service contract.

    Raises:
        Invalid: The customer is unknown, or the contract would end before it starts.
    """
    customer = books.referred(CUSTOMER, asked["customerId"], "/customerId").header
    ends = asked.get("endsOn")
    if ends is not None and ends < asked["startsOn"]:
        raise Invalid(
            "ends_before_start", f"It would end on {ends}, before it starts.", "/endsOn",
            expected=f"{asked['startsOn']} or later", received=ends,
        )  # fmt: skip
    currency = asked.get("currency", customer["currency"])
    places = books.places(currency)
    cost = asked.get("annualCost")
    return books.add(
        CONTRACT,
        {
            "customerId": customer["id"],
            "externalReference": asked.get("externalReference"),
            "kind": asked["kind"],
            "name": asked["name"],
            "startsOn": asked["startsOn"],
            "endsOn": ends,
            "annualValue": amount_text(Decimal(asked["annualValue"]), places),
            "annualCost": None if cost is None else amount_text(Decimal(cost), places),
            "currency": currency,
        },
    )


def contract_view(books: Books, contract: Row) -> Row:
    """A contract with its status today."""
    starts = date.fromisoformat(contract["startsOn"])
    ends = None if contract["endsOn"] is None else date.fromisoformat(contract["endsOn"])
    return {
        **contract,
        "status": contract_status(starts, ends, books.today, books.settings.notice_days),
        "daysLeft": None if ends is None else (ends - books.today).days,
    }


def with_status(books: Books, status: str) -> Where:
    """The condition under which a contract has this status today (see `contract_status`)."""
    today = books.today
    notice = today + timedelta(days=books.settings.notice_days)
    begun = {"startsOn": le(today)}
    if status == "lapsed":
        return {"endsOn": lt(today)}
    if status == "upcoming":
        return every({"startsOn": gt(today)}, either({"endsOn": None}, {"endsOn": ge(today)}))
    if status == "expiring":
        return every(begun, {"endsOn": between(today, notice)})
    return every(begun, either({"endsOn": None}, {"endsOn": gt(notice)}))
