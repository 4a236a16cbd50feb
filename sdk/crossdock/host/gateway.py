"""Deny by default: what a plugin may call and see on behalf of a user.

Effective rights are the plugin's scopes cut down to what the user's roles allow. Every method of a
port names the scope that it needs; a sensitive field that is not to be seen arrives as `None`.
Events and jobs have no user, so there the plugin's scopes alone decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Final, cast, get_args, get_type_hints

import attrs

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.errors import AccessDenied
from crossdock.host.config import RoleConfig
from crossdock.ports import CrmPort, ErpPort, ErpRouter, scopes_of
from crossdock.records import SENSITIVITIES, User, sensitivity

_FIELD: Final = "field:"
_CRM_SCOPES: Final = scopes_of(CrmPort)
_ERP_SCOPES: Final = scopes_of(ErpPort)


@attrs.frozen(kw_only=True)
class Rights:
    """What one plugin may do on behalf of one user.

    Attributes:
        scopes: the port scopes that work.
        hidden: the sensitivities that are masked.
    """

    scopes: frozenset[str]
    hidden: frozenset[str]


@lru_cache(maxsize=4096)
def _rights(scopes: frozenset[str], roles: tuple[RoleConfig, ...] | None) -> Rights:
    visible = {scope.removeprefix(_FIELD) for scope in scopes if scope.startswith(_FIELD)}
    calls = {scope for scope in scopes if not scope.startswith(_FIELD)}
    if roles is not None:
        allowed_fields = {name for role in roles for name in role.fields}
        if "*" not in allowed_fields:
            visible &= allowed_fields
        patterns = {pattern for role in roles for pattern in role.scopes}
        calls = {s for s in calls if any(fnmatchcase(s, pattern) for pattern in patterns)}
    return Rights(scopes=frozenset(calls), hidden=frozenset(set(SENSITIVITIES) - visible))


def rights_of(scopes: frozenset[str], user: User | None, roles: Mapping[str, RoleConfig]) -> Rights:
    """Cut a plugin's scopes down to what the user's roles allow.

    Args:
        scopes: what the manifest asks for.
        user: on whose behalf; `None` for events and jobs.
        roles: rights by role; a role that is not among them allows nothing.
    """
    if user is None:
        return _rights(scopes, None)
    return _rights(scopes, tuple(roles[name] for name in user.roles if name in roles))


@attrs.frozen
class _Masking:
    """Which fields of a record class may have to be hidden, and which may hold such records."""

    sensitive: tuple[tuple[str, str], ...]
    nested: tuple[str, ...]


@cache
def _masking(record: type[Any]) -> _Masking:
    hints = get_type_hints(record)
    fields = attrs.fields(record)
    return _Masking(
        sensitive=tuple((a.name, kind) for a in fields if (kind := sensitivity(a)) is not None),
        nested=tuple(
            a.name
            for a in fields
            if sensitivity(a) is None and _may_hide(hints[a.name], frozenset({record}))
        ),
    )


def _may_hide(hint: Any, seen: frozenset[type]) -> bool:
    """Whether a value of this type can hold a sensitive field, however deep."""
    if hint is Any:
        return True
    if inner := get_args(hint):
        return any(_may_hide(part, seen) for part in inner)
    if not attrs.has(hint) or hint in seen:
        return False
    hints = get_type_hints(hint)
    return any(
        sensitivity(a) is not None or _may_hide(hints[a.name], seen | {hint})
        for a in attrs.fields(hint)
    )


def mask(value: Any, hidden: frozenset[str]) -> Any:
    """Give `value` with each hidden field of each record in it set to `None`.

    Records are walked through tuples, lists, dicts and other records; what holds nothing to hide
    is handed on as it is.
    """
    if not hidden:
        return value
    if isinstance(value, tuple | list):
        masked = [mask(item, hidden) for item in value]
        if all(new is old for new, old in zip(masked, value, strict=True)):
            return value
        return masked if isinstance(value, list) else tuple(masked)
    if isinstance(value, dict):
        return {key: mask(item, hidden) for key, item in value.items()}
    if not attrs.has(type(value)):
        return value
    masking = _masking(type(value))  # type: ignore[arg-type]  # classes are hashable
    changes: dict[str, Any] = {
        name: None
        for name, kind in masking.sensitive
        if kind in hidden and getattr(value, name) is not None
    }
    for name in masking.nested:
        current = getattr(value, name)
        inner = mask(current, hidden)
        if inner is not current:
            changes[name] = inner
    return attrs.evolve(value, **changes) if changes else value


@attrs.define(slots=True)
class Passage:
    """One call of one plugin on its way to the ports.

    Attributes:
        identity: names plugin and process; remote systems see it as the caller.
        ends: when the call must be over, on `clock`'s scale.
        refuse: told of each refusal, with the scope, before it is raised.
        open: set to `False` when the call is over; a port that was kept is of no use then.
    """

    rights: Rights
    identity: str
    ends: float
    clock: Callable[[], float]
    refuse: Callable[[str], None]
    open: bool = True


class _GuardedPort:
    """A port behind the gateway; methods without a scope cannot be reached."""

    _OPEN_ATTRIBUTES: Final = frozenset({"system", "systems", "guards", "capabilities"})

    def __init__(self, port: Any, scopes: Mapping[str, str], passage: Passage) -> None:
        self.__port = port
        self.__scopes = scopes
        self.__passage = passage

    def __getattr__(self, name: str) -> Any:
        if name in self._OPEN_ATTRIBUTES:
            return getattr(self.__port, name)
        scope = self.__scopes.get(name)
        if scope is None:
            raise AttributeError(f"a port has no {name!r} that plugins can reach")
        method = getattr(self.__port, name)
        passage = self.__passage

        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.admit(scope)
            with calling_as(passage.identity), deadline_in(passage.ends - passage.clock()):
                answer = method(*args, **kwargs)
            return mask(answer, passage.rights.hidden)

        guarded.__name__ = name
        return guarded

    def admit(self, scope: str) -> None:
        """Let a call pass, or record and raise why not."""
        passage = self.__passage
        if not passage.open:
            passage.refuse(scope)
            raise AccessDenied("this call is over; a port cannot be kept for later", scope=scope)
        if scope not in passage.rights.scopes:
            passage.refuse(scope)
            raise AccessDenied(
                f"{passage.identity} may not do this: it needs the scope {scope}, "
                "in its plugin.toml and in a role of the user",
                scope=scope,
            )

    def using(self, system: str) -> Any:
        """Give one ERP behind the same gateway."""
        return _GuardedPort(self.__port.using(system), self.__scopes, self.__passage)


def guarded_crm(port: CrmPort, passage: Passage) -> CrmPort:
    """Put a CRM behind the gateway for one call."""
    return cast(CrmPort, _GuardedPort(port, _CRM_SCOPES, passage))


def guarded_erp(port: ErpRouter, passage: Passage) -> ErpRouter:
    """Put the ERPs behind the gateway for one call."""
    return cast(ErpRouter, _GuardedPort(port, _ERP_SCOPES, passage))
