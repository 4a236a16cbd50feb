"""Activities: planned, completed, hung on the account that they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.engine import Violation
from crossdock_mocks.frontoffice.instants import kept, parsed, past
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import invalid
from crossdock_mocks.frontoffice.resources import ACTIVITY

_LINKS: Final = ("order", "quote", "opportunity", "contact")


def create_activity(office: Office, values: Mapping[str, Any]) -> tuple[Row, bool]:
    """Add an activity, unless its key is there; tells whether it was added by this call.

    The account is that of the order, quote, opportunity or contact, where none is given.

    Raises:
        Problem: 422.
    """
    key = values.get("key")
    if key is not None:
        known = office.table(ACTIVITY).first({"key": key})
        if known is not None:
            return known, False
    given = {**values, **_due(values)}
    given["account_id"] = _account(office, given)
    if values.get("completed_at") is not None:
        given["completed_at"] = past(values["completed_at"], "/completed_at", office.now)
        given["completed_by"] = office.user_id
    return office.create(ACTIVITY, given), True


def change_activity(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change an activity.

    Raises:
        Problem: 422.
    """
    given = {**values, **_due(values)}
    if any(f"{name}_id" in values for name in ("account", *_LINKS)):
        given["account_id"] = _account(office, {**row, **given})
    return office.change(ACTIVITY, row, given)


def complete_activity(office: Office, row: Row, completed_at: str | None) -> Row:
    """Complete an activity; one that is complete stays as it is.

    Raises:
        Problem: 422, the instant is none or lies in the future.
    """
    if row["completed_at"] is not None:
        return row
    at = past(completed_at, "/completed_at", office.now)
    return office.change(ACTIVITY, row, {"completed_at": at, "completed_by": office.user_id})


def _due(values: Mapping[str, Any]) -> dict[str, Any]:
    due = values.get("due_at")
    return {} if due is None else {"due_at": kept(parsed(due, "/due_at"))}


def _account(office: Office, values: Mapping[str, Any]) -> str | None:
    account_id: str | None = values.get("account_id")
    for entity in _LINKS:
        key = values.get(f"{entity}_id")
        if key is None:
            continue
        owner = office.refer(entity, key, f"/{entity}_id")["account_id"]
        if account_id is None:
            account_id = owner
        elif owner != account_id:
            raise invalid(
                Violation(
                    f"/{entity}_id", f"belongs to account {owner}, not to {account_id}", None, key
                )
            )
    return account_id
