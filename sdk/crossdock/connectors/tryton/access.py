"""How Tryton is entered: a session for a user and his password.

Source: `trytond/protocols/dispatcher.py` and `wrappers.py` of 8.2. A session that is unknown, was
ended or is too old is answered 401, whereupon another is begun.
"""

from __future__ import annotations

import base64
import threading
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.http import Remote
from crossdock.connectors.reading import unfit
from crossdock.connectors.settings import Settings
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton.database import body_of
from crossdock.errors import RemoteUnauthorized

KNOWN: Final = ("database", "user", "password")


@frozen(kw_only=True)
class Login:
    """Who enters which database."""

    database: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Login:
        """Read it; raises `ConfigError` where something is missing."""
        return cls(
            database=settings.text("database"),
            user=settings.text("user"),
            password=settings.secret("password"),
        )


class Sessions:
    """One session for all calls of a connector; of many threads that need one, one begins it."""

    def __init__(self, login: Login, remote: Remote) -> None:
        self._login = login
        self._remote = remote
        self._lock = threading.Lock()
        self._value = ""

    def header(self) -> tuple[str, str]:
        """Give the header of the session; begins one where there is none."""
        value = self._value
        if not value:
            with self._lock:
                # Whoever waited for the lock finds the work done.
                if not self._value:
                    self._value = self._begun()
                value = self._value
        return "Authorization", value

    def refused(self, value: str) -> bool:
        """Give up a session that was refused; the next call of `header` begins another."""
        with self._lock:
            if value == self._value:
                self._value = ""
        return True

    def secrets(self) -> tuple[str, ...]:
        """Give the password, and the session."""
        value = self._value
        return (self._login.password, value.partition(" ")[2]) if value else (self._login.password,)

    def _begun(self) -> str:
        login = self._login
        try:
            answer = self._remote.call(
                use.LOGIN,
                {"database": login.database},
                body=body_of(use.LOGIN, [login.user, {"password": login.password}, "en"]),
                authorized=False,
            )
        except RemoteUnauthorized as error:
            raise RemoteUnauthorized(
                f"{self._remote.address.label} knows no user {login.user} with this password in "
                f"the database {login.database}. Check 'user' and 'password' under "
                f"{self._remote.address.where}.",
                system=error.system,
                status=error.status,
            ) from error

        def session(body: dict[str, Any]) -> str:
            told = body.get("result")
            if not (isinstance(told, list) and len(told) > 1 and type(told[0]) is int):
                raise unfit("result", "a user's id and a session", told)
            text = f"{login.user}:{told[0]}:{told[1]}"
            return f"Session {base64.b64encode(text.encode()).decode()}"

        return self._remote.read(answer, session)
