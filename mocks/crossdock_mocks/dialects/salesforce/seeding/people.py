"""The people of an organization: itself, its profiles and users, and who came when."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce.login import INTEGRATION
from crossdock_mocks.dialects.salesforce.seeding.filling import Filling
from crossdock_mocks.dialects.salesforce.soql.values import stored

# What a role of the data set is called among an organization's profiles.
_PROFILES: Final = {
    "admin": "System Administrator", "sales": "Sales User", "manager": "Sales Manager",
    "service": "Service User", "accounting": "Accounting User",
}  # fmt: skip


def organization(to: Filling) -> None:
    """Make the organization itself."""
    name = "Crossdock" if to.source is None else to.source.company
    to.put(
        "Organization",
        [{"Name": name, "OrganizationType": "Developer Edition", "InstanceName": "XD1",
          "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "GMT",
          "LanguageLocaleKey": "en_US", "FiscalYearStartMonth": 1}],
    )  # fmt: skip


def users(to: Filling) -> None:
    """Make users with their profiles, the integration user first: it makes all the rest."""
    named = to.put("Profile", [{"Name": name} for name in _PROFILES.values()])
    profiles = {role: row["Id"] for role, row in zip(_PROFILES, named, strict=True)}
    first = to.made(
        "User",
        {"Username": INTEGRATION, "LastName": "Integration", "FirstName": "Crossdock",
         "Name": "Crossdock Integration", "Email": INTEGRATION, "Alias": "integr",
         "ProfileId": profiles["admin"]},
    )  # fmt: skip
    to.user = first["Id"]
    rows = [first]
    given = list(to.rows("users"))
    for row in given:
        start, _, last = row["name"].rpartition(" ")
        tail = row["id"].partition("-")[2] or row["id"]
        made = to.made(
            "User",
            {
                "Username": row["email"] or f"{tail}@crossdock.example",
                "FirstName": start or None, "LastName": last, "Name": row["name"],
                "Email": row["email"] or f"{tail}@crossdock.example", "Alias": tail[:8],
                "IsActive": row["active"] is not False, "Title": row["role"],
                "Division": row["team"], "EmployeeNumber": row["id"],
                "ProfileId": profiles.get(row["role"], profiles["sales"]),
            },
        )  # fmt: skip
        to.keys["users", row["id"]] = made["Id"]
        rows.append(made)
    for row, made in zip(given, rows[1:], strict=True):
        made["ManagerId"] = to.key("users", row["manager_id"])
    to.put("User", rows)


def logins(to: Filling) -> None:
    """Make the history of logins."""
    rows, latest = [], {}
    for row in to.rows("logins"):
        user, at = to.key("users", row["user_id"]), stored(row["at"])
        latest[user] = at
        rows.append(
            to.made(
                "LoginHistory",
                {"UserId": user, "LoginTime": at, "LoginType": "Application",
                 "SourceIp": "127.0.0.1", "Status": "Success", "Application": "Browser"},
                at,
            )
        )  # fmt: skip
    to.put("LoginHistory", rows)
    table = to.world.table("sf_User")
    for key, last in latest.items():
        if key is not None:
            table.update(key, LastLoginDate=last)
