"""One request that was let in: what an operation is given, and what it answers.

Operations are plain functions, `operation(call) -> Answer`. They run in a thread, as the host waits
for other systems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import define, field, frozen

from crossdock.errors import NotFound
from crossdock.host.exceptions_queue import Actor
from crossdock.records import User
from crossdock.server.api.callers import Caller
from crossdock.server.api.contract import Operation, Read
from crossdock.server.api.problems import Problem, Wrong

if TYPE_CHECKING:
    from crossdock.server.api.api import Api

_USER_HEADER = "X-Crossdock-User"


@frozen(kw_only=True)
class Answer:
    """What an operation answers.

    Attributes:
        body: JSON-able data, or text or bytes of another media type.
    """

    body: Any = None
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict)


@define(kw_only=True)
class Call:
    """What an operation is given.

    Attributes:
        api: what the operations share.
        headers: every header as it came, by lower-case name.
        raw: the body as it came.
        body: the parsed body.
        media_type: the body's.
        caller: who calls; `None` where nobody has to say.
    """

    api: Api
    operation: Operation
    read: Read
    headers: Mapping[str, str]
    raw: bytes = b""
    body: Any = None
    media_type: str = ""
    caller: Caller | None = None
    correlation_id: str = ""
    _user: User | None = None

    def path(self, name: str) -> str:
        """Give a part of the path."""
        return str(self.read.path[name])

    @property
    def who(self) -> Caller:
        """Who calls, where somebody must."""
        if self.caller is None:
            raise LookupError(f"{self.operation.id} is open to all")
        return self.caller

    @property
    def user(self) -> User:
        """The CRM's user on whose behalf it is.

        Raises:
            Problem: nobody is named, the caller may not act for who is, or the CRM has no such
                user or keeps it from working.
        """
        if self._user is None:
            self._user = self._acting_user()
        return self._user

    @property
    def acting(self) -> Actor:
        """Who does it: the user where one is named, else the program that calls.

        A program may do by itself what the scopes of its key or token say; a user's roles must
        allow it besides.
        """
        named = self.read.headers.get(_USER_HEADER.lower()) or self.who.user
        if not named:
            return Actor(name=self.who.name, user=None)
        return Actor(name=f"user:{self.user.id} ({self.who.name})", user=self.user)

    def _acting_user(self) -> User:
        caller = self.who
        named: str = self.read.headers.get(_USER_HEADER.lower()) or caller.user
        if not named:
            raise Problem(
                400, "user_missing", "On whose behalf?",
                f"Name the CRM's user in {_USER_HEADER}.",
                errors=(Wrong(pointer=f"#/header/{_USER_HEADER}", message="is required here"),),
            )  # fmt: skip
        in_crm = self.api.settings.users.get(named, named)
        may_not = Problem(
            403, "user_not_allowed", "Not on behalf of this user",
            f"{caller.name} may not act for {named}.",
        )  # fmt: skip
        try:
            user = self.api.host.user(in_crm)
        except NotFound:
            # Who may not act for everybody does not learn who is known.
            raise (
                Problem(403, "user_unknown", "The CRM has no such user", f"There is no {named}.")
                if caller.may_act_for(named)
                else may_not
            ) from None
        if not caller.may_act_for(named, in_crm, user.id):
            raise may_not
        if not user.active:
            raise Problem(
                403, "user_inactive", "The user does not work here any more",
                f"The CRM has put {named} out of work.",
            )  # fmt: skip
        return user


Handler: TypeAlias = Callable[[Call], Answer]
