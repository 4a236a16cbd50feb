"""Ask every plugin what it offers at a point; one that fails hides nobody else's answer."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from crossdock.errors import AccessDenied, CrossdockError, RemoteError
from crossdock.host.asking.context import CallContext, given_to
from crossdock.host.gateway import Arguments
from crossdock.host.loading.plan import Plan
from crossdock.host.loading.plugin import Plugin
from crossdock.host.watching.faults import told

_log = logging.getLogger("crossdock.plugins")
_T = TypeVar("_T")
MakeContext = Callable[[Plugin], CallContext]


@frozen(kw_only=True)
class Offer(Generic[_T]):
    """What one plugin offers.

    Attributes:
        items: the tabs, cards, segments or jobs.
        fault: why there are none, for a person.
    """

    plugin: Plugin
    items: tuple[_T, ...] = ()
    fault: str | None = None


@frozen(kw_only=True)
class Missing:
    """A plugin that failed, with the reason for a person."""

    plugin_id: str
    plugin_name: str
    reason: str


def offers(
    plan: Plan,
    point: str,
    kind: type[_T],
    arguments: Mapping[str, Any],
    context: MakeContext,
) -> Iterator[Offer[_T]]:
    """Ask the plugins of a point one after the other.

    Args:
        plan: who is asked.
        point: the extension point.
        kind: what each must answer a sequence of.
        arguments: every argument of the point but `ctx`, by name.
        context: makes the context of one plugin.
    """
    for implementation in plan.of(point):
        plugin = implementation.plugin
        ctx = context(plugin)
        try:
            given = given_to(ctx, Arguments(arguments))
            answer = implementation.function(*implementation.pick(given))
            items = _checked(point, kind, answer)
        except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
            fault = sentence(plugin.id, raised)
            tell(plugin.id, f"{point} of {plugin.id}", raised, fault)
            yield Offer(plugin=plugin, fault=fault)
        else:
            yield Offer(plugin=plugin, items=items)
        finally:
            ctx.close()


def _checked(point: str, kind: type[_T], answer: object) -> tuple[_T, ...]:
    given: Sequence[Any] = () if answer is None else tuple(answer)  # type: ignore[arg-type]
    if not all(isinstance(each, kind) for each in given):
        raise TypeError(f"{point} must answer a sequence of {kind.__name__}")
    names = [each.id for each in given]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(
            f"{point} answered {twice!r} twice; each {kind.__name__} has an id of its own"
        )
    return tuple(given)


def missing(offer: Offer[Any]) -> Missing:
    """Say of a plugin that failed why."""
    return Missing(
        plugin_id=offer.plugin.id,
        plugin_name=offer.plugin.manifest.name,
        reason=offer.fault or "",
    )


def sentence(plugin_id: str, raised: Exception) -> str:
    """Say whose fault it is: a remote system, missing rights, or the plugin's code."""
    if isinstance(raised, RemoteError | AccessDenied):
        return str(raised)
    if isinstance(raised, CrossdockError):
        return f"{plugin_id}: {raised}"
    return f"The plugin {plugin_id} failed: {type(raised).__name__}: {raised}"


def tell(plugin_id: str, asked: str, raised: Exception, fault: str) -> None:
    """Log a failure; where it is somebody else's, a traceback would only hide the sentence.

    Args:
        plugin_id: whose.
        asked: what was asked of it, such as `tab erp-tabs/aging`.
        raised: what it raised.
        fault: that, as people are told.
    """
    if told(plugin_id, asked, raised):
        return
    if isinstance(raised, CrossdockError):
        _log.warning("%s failed: %s", asked, fault)
    else:
        _log.error("%s failed\n%s", asked, "".join(traceback.format_exception(raised)))
