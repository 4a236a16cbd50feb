"""What a plugin may do on behalf of a user, and what users may do themselves, by their roles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Final

import attrs

from crossdock.host.settings.config import RoleConfig
from crossdock.records import SENSITIVITIES, User

FIELD: Final = "field:"

# What gives what away. A price is for everybody, so a margin tells the cost and a cost the margin.
# All credit figures are of one sensitivity, as limit = exposure + available; what is open on
# invoices tells the balance, but never the limit, and has a scope of its own (erp.invoices:read).
# Bank details and personal data follow from no figure.
_GIVEN_AWAY_BY: Final[Mapping[str, frozenset[str]]] = {
    "cost": frozenset({"margin"}),
    "margin": frozenset({"cost"}),
}


def closed(hidden: Iterable[str]) -> frozenset[str]:
    """Add to hidden sensitivities what would give one of them away."""
    found = set(hidden)
    while more := {each for kind in found for each in _GIVEN_AWAY_BY.get(kind, ())} - found:
        found |= more
    return frozenset(found)


@attrs.frozen(kw_only=True)
class Rights:
    """What one plugin may do on behalf of one user.

    Attributes:
        scopes: the port scopes that work.
        hidden: the sensitivities that are masked, and what would give one away.
        profile: a short text that is the same for the same rights, in every process and version;
            whatever is kept between calls is kept by it, so that nothing crosses to other rights.
    """

    scopes: frozenset[str]
    hidden: frozenset[str]
    profile: str = attrs.field(init=False, eq=False)

    @profile.default
    def _profile(self) -> str:
        rights = "\n".join([*sorted(self.scopes), "hidden", *sorted(self.hidden)])
        return sha256(rights.encode()).hexdigest()[:16]


class RightsByRole:
    """The rights of plugins on behalf of users, each computed once.

    Args:
        roles: rights by role; a role that is not among them allows nothing.
    """

    def __init__(self, roles: Mapping[str, RoleConfig]) -> None:
        self._roles = dict(roles)
        self._known: dict[tuple[frozenset[str], tuple[str, ...] | None], Rights] = {}
        self._hidden: dict[tuple[str, ...], frozenset[str]] = {}

    def of(self, scopes: frozenset[str], user: User | None) -> Rights:
        """Cut a plugin's scopes down to what the user's roles allow.

        Args:
            scopes: what the manifest asks for.
            user: on whose behalf; `None` for events and jobs, where the scopes alone decide.
        """
        key = (scopes, None if user is None else user.roles)
        rights = self._known.get(key)
        if rights is None:
            rights = self._known[key] = self._cut(scopes, key[1])
        return rights

    def hidden_from(self, user: User) -> frozenset[str]:
        """Name the sensitivities that a user may not see, whatever plugin shows them."""
        hidden = self._hidden.get(user.roles)
        if hidden is None:
            hidden = self._hidden[user.roles] = closed(set(SENSITIVITIES) - self._seen(user.roles))
        return hidden

    def may(self, user: User, right: str) -> bool:
        """Whether a user has a right of the host, such as `deliveries:write`."""
        return any(role.grants(right) for role in self._given(user.roles))

    def who_may(self, right: str) -> tuple[str, ...]:
        """Name the roles whose users have a right of the host."""
        return tuple(sorted(name for name, role in self._roles.items() if role.grants(right)))

    def _cut(self, scopes: frozenset[str], roles: tuple[str, ...] | None) -> Rights:
        visible = {scope.removeprefix(FIELD) for scope in scopes if scope.startswith(FIELD)}
        calls = {scope for scope in scopes if not scope.startswith(FIELD)}
        if roles is not None:
            visible &= self._seen(roles)
            patterns = {pattern for role in self._given(roles) for pattern in role.scopes}
            calls = {s for s in calls if any(fnmatchcase(s, pattern) for pattern in patterns)}
        return Rights(scopes=frozenset(calls), hidden=closed(set(SENSITIVITIES) - visible))

    def _seen(self, roles: tuple[str, ...]) -> set[str]:
        allowed = {name for role in self._given(roles) for name in role.fields}
        return set(SENSITIVITIES) if "*" in allowed else allowed

    def _given(self, roles: tuple[str, ...]) -> list[RoleConfig]:
        return [self._roles[name] for name in roles if name in self._roles]


def may_open(roles: Collection[str], user: User) -> bool:
    """Say whether something that names `roles` is for a user; none named means everybody (F4)."""
    return not roles or not set(roles).isdisjoint(user.roles)
