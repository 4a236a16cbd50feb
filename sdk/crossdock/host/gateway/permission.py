"""One right of the host, asked for before a person does something that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.errors import AccessDenied
from crossdock.host.gateway.refusals import Refusal, Refusals
from crossdock.host.gateway.rights import RightsByRole
from crossdock.records import User


class Permission:
    """Who has a right, and a line of the audit trail for each who tried without it (F3).

    Args:
        right: such as `deliveries:write`.
        where: what it is about, for the audit trail.
        rights: who may.
        refusals: writes down who tried to and may not.
    """

    def __init__(self, right: str, where: str, *, rights: RightsByRole, refusals: Refusals) -> None:
        self._right: Final = right
        self._where: Final = where
        self._rights: Final = rights
        self._refusals: Final = refusals

    def objection(self, user: User) -> str:
        """Say why a user may only look, and who may do more; empty where he may."""
        if self._rights.may(user, self._right):
            return ""
        roles = self._rights.who_may(self._right)
        return f"{user.name} may only look: this needs the right {self._right}, which " + (
            f"the role {_either(roles)} has"
            if roles
            else "no role has; [roles.NAME] rights in crossdock.toml gives it"
        )

    def require(self, user: User, what: str) -> None:
        """Let a user do something, or write down and raise why not.

        Raises:
            AccessDenied: the user's roles do not have the right.
        """
        why_not = self.objection(user)
        if not why_not:
            return
        self._refusals.record(
            Refusal(
                plugin_id="", point=self._where, user_id=user.id, scope=self._right, reason=what
            )
        )
        raise AccessDenied(why_not, scope=self._right)


def _either(roles: Sequence[str]) -> str:
    return " or ".join([", ".join(roles[:-1]), roles[-1]] if len(roles) > 1 else roles)
