"""What is loaded, what is not and why, who is asked at a point; and changing that while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from crossdock import hookspecs
from crossdock.errors import ConfigError, SetupError
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import Problem, not_found

if TYPE_CHECKING:
    from crossdock.host.loading.plugin import Plugin

_T = TypeVar("_T")


def list_plugins(call: Call) -> Answer:
    """List the plugins."""
    host = call.api.host
    aside = [
        {"id": each.id, "state": "quarantined", "reason": each.reason} for each in host.quarantined
    ]
    return Answer(body={"data": [_document(each) for each in host.plugins] + aside})


def enable_plugin(call: Call) -> Answer:
    """Load a plugin that was disabled."""
    plugin = _changed(call, "plugin.enabled", call.api.host.enable)
    return Answer(body=_document(plugin))


def disable_plugin(call: Call) -> Answer:
    """Ask a plugin no more."""
    _changed(call, "plugin.disabled", call.api.host.disable)
    return Answer(body={"id": call.path("plugin_id"), "state": "disabled"})


def replace_plugin(call: Call) -> Answer:
    """Take a plugin anew from where it lies; never from a place that a caller names."""
    plugin = _changed(call, "plugin.replaced", call.api.host.replace)
    return Answer(body=_document(plugin))


def _changed(call: Call, action: str, change: Callable[[str], _T]) -> _T:
    plugin_id = call.path("plugin_id")
    try:
        done = change(plugin_id)
    except ConfigError as unknown:
        raise not_found(str(unknown)) from None
    except SetupError as refused:
        raise Problem(
            422, "plugin_not_changed", "The plugin stays as it is", str(refused)
        ) from None
    host = call.api.host
    host.store.audit.append(
        actor=call.who.name, action=action, subject=plugin_id, detail={}, at=host.now()
    )
    return done


def _document(plugin: Plugin) -> dict[str, Any]:
    return {
        "id": plugin.id,
        "state": "loaded",
        "name": plugin.manifest.name,
        "summary": plugin.manifest.summary,
        "version": plugin.manifest.version,
        "points": list(plugin.manifest.points),
        "scopes": sorted(plugin.manifest.scopes),
    }


def explain_point(call: Call) -> Answer:
    """Say who is asked at an extension point."""
    point = call.path("point")
    if not hasattr(getattr(hookspecs, point, None), "crossdock_spec"):
        raise not_found(f"There is no extension point {point}.")
    return Answer(
        body={
            "point": point,
            "plugins": list(call.api.host.explain(point)),
        }
    )
