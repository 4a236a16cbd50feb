"""Users of the CRM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.settings import Settings
from crossdock.errors import NotFound
from crossdock.records import User

KNOWN = ("default_role", "roles")
"""The settings that it takes."""


@frozen(kw_only=True)
class Roles:
    """Which role somebody has, as the CRM knows none of ours.

    Attributes:
        roles: by title or login name.
        default: of everybody else; empty for none.
    """

    roles: Mapping[str, str]
    default: str

    @classmethod
    def of(cls, settings: Settings) -> Roles:
        """Read them out of the settings."""
        return cls(roles=settings.texts("roles"), default=settings.text_or("default_role", ""))

    def given(self, login: str, title: str) -> tuple[str, ...]:
        """Give the roles of somebody."""
        role = self.roles.get(login) or self.roles.get(title) or self.default
        return (role,) if role else ()


class People:
    """Users; the methods are those of `CrmPort`.

    Args:
        records: reads and writes records.
        form: words `login`, `title`, `email`, `team`, a reference `manager`.
        roles: which role somebody has.
        name: gives somebody's name.
        active: says whether somebody still works there.
    """

    def __init__(
        self,
        records: Records,
        form: Form,
        roles: Roles,
        *,
        name: Callable[[Sheet], str],
        active: Callable[[Sheet], bool],
    ) -> None:
        self._records = records
        self._form = form
        self._roles = roles
        self._name = name
        self._active = active

    def user(self, user_id: str) -> User:
        """Read one user, by id, login name, or e-mail address; there are few, so all are read."""
        users = self._by_login()
        exact = [user for _, user in users if user.id == user_id] or [
            user
            for login, user in users
            if user_id and user_id in (login, user.email, user.email.partition("@")[0])
        ]
        if len(exact) != 1:
            what = "no user" if not exact else "more than one user"
            raise NotFound(
                f"{self._records.remote.address.label} has {what} {user_id!r}",
                system=self._records.system,
                status=404,
            )
        return exact[0]

    def users(self) -> Sequence[User]:
        """List the users, by name, those who left included."""
        found = [user for _, user in self._by_login()]
        return tuple(sorted(found, key=lambda user: (user.name, user.id)))

    def _by_login(self) -> list[tuple[str, User]]:
        contract = self._records.contract
        rows = contract.rows(self._form, order=self._form.id)
        return [
            contract.read(self._form, row, lambda sheet: (sheet.text("login"), self._user(sheet)))
            for row in rows
        ]

    def _user(self, sheet: Sheet) -> User:
        return User(
            id=sheet.id,
            name=self._name(sheet),
            email=sheet.text("email"),
            roles=self._roles.given(sheet.text("login"), sheet.text("title")),
            team=sheet.text("team"),
            manager_id=sheet.reference("manager"),
            active=self._active(sheet),
        )
