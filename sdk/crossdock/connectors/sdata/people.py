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


@frozen(kw_only=True)
class Person:
    """What a CRM tells of a user.

    Attributes:
        login: what somebody logs in as.
        title: what somebody is.
        active: whether somebody still works there.
    """

    login: str
    name: str
    email: str
    title: str
    team: str
    active: bool


class People:
    """Users; the methods are those of `CrmPort`.

    Args:
        records: reads and writes records.
        form: of users; a reference `manager` where there is one.
        roles: which role somebody has.
        person: reads what is told of somebody.
        include: what is to be asked for together with users.
    """

    def __init__(
        self,
        records: Records,
        form: Form,
        roles: Roles,
        person: Callable[[Sheet], Person],
        *,
        include: str = "",
    ) -> None:
        self._records = records
        self._form = form
        self._roles = roles
        self._person = person
        self._include = include

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
        rows = contract.rows(self._form, order=self._form.id, include=self._include)
        return [contract.read(self._form, row, self._user) for row in rows]

    def _user(self, sheet: Sheet) -> tuple[str, User]:
        person = self._person(sheet)
        user = User(
            id=sheet.id,
            name=person.name,
            email=person.email,
            roles=self._roles.given(person.login, person.title),
            team=person.team,
            manager_id=sheet.reference("manager"),
            active=person.active,
        )
        return person.login, user
