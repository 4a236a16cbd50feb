"""A port behind the gateway: the only thing of a remote system that a plugin holds.

It has the methods that the port's protocol gives a scope to, and nothing else. Neither it nor its
methods carry the raw port in an attribute, a closure, or an exception's frames (see `sealing` for
what that is worth in the same process).
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.errors import CrossdockError
from crossdock.host.gateway.passage import Passage, is_routing
from crossdock.host.gateway.recent import question
from crossdock.host.gateway.rehearsal import named, signature
from crossdock.host.gateway.sealing import sealed
from crossdock.host.gateway.searching import explained, is_search
from crossdock.host.gateway.wording import as_readable
from crossdock.ports import CrmPort, ErpPort, ErpRouter, scopes_of
from crossdock.records import Pricing
from crossdock.synchronising.port import SyncPort

CREDIT_ANSWERS: Final = 3
"""Drafts of one call whose credit outcome is told to who may not see credit figures: pricing one
draft after another would otherwise find what is left of the limit, by halving."""

_log = logging.getLogger("crossdock.gateway")
_SCOPES: Final[Mapping[type, Mapping[str, str]]] = {
    CrmPort: scopes_of(CrmPort),
    ErpPort: scopes_of(ErpPort),
    SyncPort: scopes_of(SyncPort),
}
_CALLED: Final[Mapping[type, str]] = {CrmPort: "crm", ErpPort: "erp", SyncPort: "sync"}
_OPEN_ATTRIBUTES: Final = frozenset(
    {"system", "systems", "guards", "capabilities", "keeps", "policy"}
)


@attrs.frozen
class _Behind:
    """What a guarded port stands for; `protocol` says what it promises."""

    port: Any
    protocol: type
    passage: Passage


class GuardedPort:
    """A port behind the gateway; methods without a scope cannot be reached."""

    __slots__ = ("_behind",)

    def __init__(self, port: Any, protocol: type, passage: Passage) -> None:
        _set_behind(self, _Behind(port, protocol, passage))

    def __getattr__(self, name: str) -> Any:
        behind: _Behind = _behind_of(self)
        if name in _OPEN_ATTRIBUTES:
            return getattr(behind.port, name)
        if name in _SCOPES[behind.protocol]:
            return GuardedMethod(behind, name)
        if not name.startswith("__") and hasattr(behind.port, name):
            kind = _CALLED[behind.protocol]
            behind.passage.refuse(f"{kind}.{name}", "plugins cannot reach it")
        raise AttributeError(f"a port has no {name!r} that plugins can reach")

    def __repr__(self) -> str:
        return "<a port behind the gateway>"

    def using(self, system: str) -> GuardedPort:
        """Give one ERP behind the same gateway."""
        behind: _Behind = _behind_of(self)
        if behind.protocol is not ErpPort:
            raise AttributeError(f"ctx.{_CALLED[behind.protocol]} has no 'using'")
        return GuardedPort(behind.port.using(system), ErpPort, behind.passage)


class GuardedMethod:
    """A method of a guarded port."""

    __slots__ = ("_behind", "_name")

    def __init__(self, behind: _Behind, name: str) -> None:
        _set_method(self, behind)
        self._name = name

    @property
    def __name__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<{self._name} of a port behind the gateway>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it through the gateway."""
        try:
            return _ask(_method_of(self), self._name, args, kwargs)
        except Exception as raised:  # noqa: BLE001 - given on, without what it carries
            if not isinstance(raised, CrossdockError):
                _tell(self._name, raised)
            readable = as_readable(raised, _method_of(self).passage.rights.hidden)
        # Not within the `except`, where it would carry what it was made of.
        raise readable


def _tell(name: str, raised: Exception) -> None:
    """Log where a port itself broke: its plugin gets no frames. The message may hold figures."""
    frames = "".join(traceback.format_tb(raised.__traceback__))
    _log.error("%s of a port failed with %s\n%s", name, type(raised).__name__, frames)


def _ask(behind: _Behind, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    port, protocol, passage = behind.port, behind.protocol, behind.passage
    scope = _SCOPES[protocol][name]
    began = time.perf_counter()
    failed = True
    try:
        passage.admit(scope)
        with calling_as(passage.identity), deadline_in(passage.ends - passage.clock()):
            if scope.endswith(":write"):
                answer = _write(behind, name, args, kwargs)
            else:
                answer = _read(port, protocol, passage, name, args, kwargs)
        shown = passage.show(answer)
        failed = False
    finally:
        operation = f"{_CALLED[protocol]}.{name}"
        passage.observe(passage.plugin_id, operation, time.perf_counter() - began, failed)
    return shown


def _read(
    port: Any,
    protocol: type,
    passage: Passage,
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    method = getattr(port, name)
    if passage.rehearsal is not None:
        written = passage.rehearsal.read(port, protocol, name, named(protocol, name, args, kwargs))
        if written is not None:
            return written
    hidden = passage.rights.hidden
    if "search" in signature(protocol, name).parameters and "personal" in hidden:
        arguments = named(protocol, name, args, kwargs)
        if is_search(arguments):
            return explained(method, arguments, hidden)
    recent = passage.recent
    if recent is not None and protocol is ErpPort and passage.rehearsal is None:
        asked = question(passage.rights.profile, port, name, args, kwargs)
        if asked is not None:
            return passage.recall(recent, asked, lambda: method(*args, **kwargs))
    answer = method(*args, **kwargs)
    if isinstance(answer, Pricing) and answer.credit is not None and "credit" in hidden:
        passage.credit_answers += 1
        if passage.credit_answers > CREDIT_ANSWERS:
            return attrs.evolve(answer, credit=None)
    return answer


def _write(behind: _Behind, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    port, protocol, passage = behind.port, behind.protocol, behind.passage
    arguments = named(protocol, name, args, kwargs)
    if passage.rights.hidden:
        for key, value in arguments.items():
            if not is_routing(name, value):
                arguments[key] = passage.whole(name, value, port)
    if passage.rehearsal is not None:
        return passage.rehearsal.write(port, protocol, name, arguments)
    return _call(getattr(port, name), protocol, name, arguments)


def _call(method: Any, protocol: type, name: str, arguments: Mapping[str, Any]) -> Any:
    """Call with what was bound by name, each argument in the way that its kind allows."""
    bound = signature(protocol, name).bind(None, **arguments)
    return method(*bound.args[1:], **bound.kwargs)


_behind_of, _set_behind = sealed(GuardedPort, "_behind")
_method_of, _set_method = sealed(GuardedMethod, "_behind")


def guarded_crm(port: CrmPort, passage: Passage) -> CrmPort:
    """Put a CRM behind the gateway for one call."""
    return cast(CrmPort, GuardedPort(port, CrmPort, passage))


def guarded_erp(port: ErpRouter, passage: Passage) -> ErpRouter:
    """Put the ERPs behind the gateway for one call."""
    return cast(ErpRouter, GuardedPort(port, ErpPort, passage))


def guarded_sync(port: SyncPort, passage: Passage) -> SyncPort:
    """Put what the host remembers of synchronised records behind the gateway for one call."""
    return cast(SyncPort, GuardedPort(port, SyncPort, passage))
