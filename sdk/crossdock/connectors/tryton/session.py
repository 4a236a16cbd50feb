"""A person's session in Tryton: for those who prepare a database, or play the people in it.

The connector has its own way in, with deadlines, retries and evidence; here a call is a call.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Self

import httpx

from crossdock.connectors.tryton.wire import decoded, encoded
from crossdock.errors import CrossdockError

_SECONDS: Final = 120.0


class TrytonRefused(CrossdockError):  # noqa: N818 - named for what happened
    """Tryton did not do what it was told; `kind` is its word, such as `UserError`."""

    def __init__(self, method: str, error: Any) -> None:
        kind, told = (error[0], error[1]) if error else ("", "")
        said = ", ".join(filter(None, map(str, told[:2]))) if isinstance(told, list) else str(told)
        super().__init__(f"Tryton refused {method}: {kind}: {said[-2000:]}")
        self.kind = str(kind)
        self.told = told


class Session:
    """A session with one database.

    Args:
        url: the server's address.
        database: its name.
        user: the login name.
        password: of the user.
        transport: how the server is reached, where it is not by a socket.
    """

    def __init__(
        self,
        url: str,
        database: str,
        user: str,
        password: str,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=_SECONDS, trust_env=False, transport=transport
        )
        self._path = f"/{database}/rpc/"
        self._user, self._password = user, password
        self.context: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def sign_in(self) -> None:
        """Begin a session, with the company that the user works for."""
        self._client.headers.pop("Authorization", None)
        told = self.raw("common.db.login", self._user, {"password": self._password}, "en")
        session = base64.b64encode(f"{self._user}:{told[0]}:{told[1]}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {session}"
        self.refresh()

    def refresh(self) -> None:
        """Read anew for which company the user works."""
        preferences = self.raw("model.res.user.get_preferences", True, {})
        self.context = {"company": preferences.get("company"), "language": "en"}

    def raw(self, method: str, *params: Any) -> Any:
        """Call a method with its whole parameters; raises `TrytonRefused`."""
        body = {"id": 1, "method": method, "params": encoded(params)}
        reply = self._client.post(self._path, json=body)
        if reply.status_code == httpx.codes.UNAUTHORIZED and method != "common.db.login":
            self.sign_in()  # it grew too old
            reply = self._client.post(self._path, json=body)
        answer = json.loads(reply.raise_for_status().content, parse_float=Decimal)
        if "error" in answer:
            raise TrytonRefused(method, answer["error"])
        return decoded(answer["result"])

    def call(self, method: str, *params: Any, **context: Any) -> Any:
        """Call a method of a model in the user's context."""
        return self.raw(f"model.{method}", *params, {**self.context, **context})

    def create(self, model: str, *values: Mapping[str, Any]) -> list[int]:
        """Create records; gives their ids."""
        made: list[int] = self.call(f"{model}.create", list(values))
        return made

    def find(
        self, model: str, domain: Sequence[Any], *fields: str, order: Any = None, **context: Any
    ) -> list[dict[str, Any]]:
        """Read the records that fit a domain."""
        found: list[dict[str, Any]] = self.call(
            f"{model}.search_read", domain, 0, None, order, list(fields) or ["id"], **context
        )
        return found

    def only(self, model: str, domain: Sequence[Any]) -> int:
        """Give the id of the one record that fits a domain."""
        found = self.find(model, domain)
        if len(found) != 1:
            raise TrytonRefused(model, ["not one", f"{len(found)} fit {domain}"])
        record: int = found[0]["id"]
        return record

    def wizard(
        self, name: str, steps: Sequence[tuple[str, str, Mapping[str, Any]]], **context: Any
    ) -> None:
        """Walk through a wizard.

        Args:
            name: which.
            steps: for each form, its name, the button that is pressed, and what is filled in
                beside what it proposes; a form that does not come up is passed over.
            context: what it is opened on.
        """
        around = {**self.context, **context}
        number, start, _end = self.raw(f"wizard.{name}.create", around)
        forms: dict[str, Any] = {}

        def press(state: str) -> str:
            """Give the form that is shown then; empty where the wizard is at its end."""
            view = self.raw(f"wizard.{name}.execute", number, forms, state, around).get("view")
            if not view:
                return ""
            told = {**view.get("defaults", {}), **(view.get("values") or {})}
            forms[view["state"]] = {
                field: value for field, value in told.items() if not field.endswith(".")
            }
            return str(view["state"])

        shown = press(start)
        for form, state, filled in steps:
            if form == shown:
                forms[form] |= filled
                shown = press(state)
        self.raw(f"wizard.{name}.delete", number, around)
