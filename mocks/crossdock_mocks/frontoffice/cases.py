"""Service cases: opened, worked on, closed, and opened again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.engine import Violation
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import invalid
from crossdock_mocks.frontoffice.resources import CASE

_CLOSED: Final = "closed"


def create_case(office: Office, values: Mapping[str, Any]) -> Row:
    """Open a case; one that is told after the fact may be closed at once.

    Raises:
        Problem: 422.
    """
    status = values.get("status", CASE.fields["status"])
    return office.create(CASE, _fitting(office, {**values, **_closing(office, "", status)}))


def change_case(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a case. Closing it is kept with the instant, which opening it again clears.

    Raises:
        Problem: 422.
    """
    status = values.get("status", row["status"])
    given = {**values, **_closing(office, row["status"], status)}
    _fitting(office, {**row, **given})
    return office.change(CASE, row, given)


def _closing(office: Office, before: str, now: str) -> dict[str, Any]:
    if (before == _CLOSED) == (now == _CLOSED):
        return {}
    return {"closed_at": office.now if now == _CLOSED else None}


def _fitting(office: Office, values: dict[str, Any]) -> dict[str, Any]:
    contact_id = values.get("contact_id")
    if contact_id is not None:
        account_id = office.refer("contact", contact_id, "/contact_id")["account_id"]
        if account_id != values["account_id"]:
            told = f"belongs to account {account_id}, not to {values['account_id']}"
            raise invalid(Violation("/contact_id", told, None, contact_id))
    return values
