"""Users of the CRM and their log-ins. Users are made inactive, not deleted: history names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.frontoffice.instants import past
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.refusals import conflict, wrong
from crossdock_mocks.frontoffice.resources import LOGIN, USER


def create_user(office: Office, values: Mapping[str, Any]) -> Row:
    """Add a user under the login name that is given.

    Raises:
        Problem: 409 `duplicate_id`; 422.
    """
    key = f"{USER.prefix}{values['login']}"
    if key in office.table(USER) or office.table(USER).count({"login": values["login"]}):
        raise conflict("duplicate_id", f"There is a user {values['login']!r} already.")
    return office.create(USER, values, key=key)


def change_user(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a user.

    Raises:
        Problem: 422, among others where managers would go round in a circle.
    """
    manager = values.get("manager_id")
    while manager is not None:
        if manager == row["id"]:
            raise wrong("/manager_id", "leads back to the user", None, values["manager_id"])
        manager = office.refer("user", manager, "/manager_id")["manager_id"]
    return office.change(USER, row, values)


def record_login(office: Office, user_id: str, at: str | None) -> Row:
    """Keep that a user logged in.

    Raises:
        Problem: 404; 409 `user_inactive`; 422, the instant is none or lies in the future.
    """
    user = office.read(USER, user_id)
    if not user["active"]:
        raise conflict("user_inactive", f"The user {user_id} is inactive and cannot log in.")
    return office.append(LOGIN, {"user_id": user_id, "at": past(at, "/at", office.now)})


def team_of(office: Office, user_id: str) -> set[str]:
    """A user and everybody who reports to this user, at any depth."""
    team, wave = {user_id}, [user_id]
    while wave:
        reports = office.table(USER).find({"manager_id": wave})
        wave = [each["id"] for each in reports if each["id"] not in team]
        team.update(wave)
    return team
