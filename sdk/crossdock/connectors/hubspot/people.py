"""Owners as users."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot import parties
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.reading import Row, each
from crossdock.errors import NotFound
from crossdock.records import User


class People:
    """HubSpot's owners; the methods are those of `CrmPort`."""

    def __init__(self, records: Records, owners: parties.Owners) -> None:
        self._records = records
        self._portal = records.portal
        self._remote = records.remote
        self._owners = owners

    def user(self, user_id: str) -> User:
        """Read one user, by id, e-mail address, or what stands in it before the @."""
        found = [
            user
            for user in self.users()
            if user_id in (user.id, user.email, user.email.partition("@")[0])
        ]
        exact = [user for user in found if user.id == user_id] or found
        if len(exact) != 1:
            what = "no owner" if not exact else "more than one owner"
            raise NotFound(
                f"{self._remote.address.label} has {what} {user_id!r}",
                system=self._records.system,
                status=404,
            )
        return exact[0]

    def users(self) -> Sequence[User]:
        """List the users, by name: HubSpot's owners, those who left included."""
        rows = [*self._owner_rows(archived=False), *self._owner_rows(archived=True)]
        known = {user.id: user for user in reversed(rows)}
        return tuple(sorted(known.values(), key=lambda user: (user.name, user.id)))

    def _owner_rows(self, *, archived: bool) -> list[User]:
        found: list[User] = []
        after: str | None = None
        while True:
            query = {"limit": 100, "after": after, "archived": True if archived else None}
            answer = self._portal.call(use.LIST_OWNERS, {}, query=query)
            found += self._remote.read(
                answer, lambda body: each(body, "results", self._owners.user)
            )
            after = self._remote.read(answer, _next)
            if after is None:
                return found


def _next(body: Row) -> str | None:
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return after if isinstance(after, str) else None
