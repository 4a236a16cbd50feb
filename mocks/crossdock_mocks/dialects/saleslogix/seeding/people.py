"""Users with what is known of them, and the owners that records belong to."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.login import READER, USER
from crossdock_mocks.sdata import KEY, Filling, Row

_OURS: Final = (
    {"id": "", "login": USER, "name": "Crossdock", "email": "crossdock@example.com",
     "role": "admin", "team": None, "manager_id": None, "active": True},
    {"id": "", "login": READER, "name": "Read Only", "email": "reader@example.com",
     "role": "sales", "team": None, "manager_id": None, "active": True},
)  # fmt: skip


def users(to: Filling, source: Any) -> None:
    """Make users: the two that are always there, and those of the data set."""
    given = [] if source is None else list(source.rows("users"))
    made: dict[str, list[Row]] = {"users": [], "userInfo": [], "owners": []}
    for row in (*_OURS, *given):
        user = _user(to, row, made)
        if row["id"]:
            to.note("users", row["id"], user)
        elif to.user is None:
            to.user = user[KEY]
    managers = {row["id"]: row["manager_id"] for row in given}
    for row, user in zip(given, made["users"][len(_OURS) :], strict=True):
        user["Manager"] = to.key("users", managers[row["id"]])
    everyone = to.made("owners", {"OwnerDescription": "Everyone", "Type": "System"})
    to.note("owners", "everyone", everyone)
    made["owners"].append(everyone)
    for name, rows in made.items():
        to.put(name, rows)


def _user(to: Filling, row: Row, made: dict[str, list[Row]]) -> Row:
    login = row.get("login") or str(row["id"]).removeprefix("U-")
    first, _, last = (row["name"] or login).rpartition(" ")
    info = to.made(
        "userInfo",
        {"UserName": row["name"], "FirstName": first or None, "LastName": last,
         "NameLF": ", ".join(each for each in (last, first) if each), "Email": row["email"],
         "Title": row["role"], "Department": row["team"]},
    )  # fmt: skip
    owner = to.made("owners", {"OwnerDescription": row["name"], "Type": "User"})
    user = to.made(
        "users",
        {"UserName": login, "UserInfo": info[KEY], "DefaultOwner": owner[KEY],
         "Enabled": row["active"] is not False},
    )  # fmt: skip
    if row["id"]:
        to.note("owners", row["id"], owner)
    made["userInfo"].append(info)
    made["owners"].append(owner)
    made["users"].append(user)
    return user
