"""What is loaded, what is not and why, and who is asked at a point."""

from __future__ import annotations

from typing import Any

from crossdock import hookspecs
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import not_found


def list_plugins(call: Call) -> Answer:
    """List the plugins."""
    host = call.api.host
    loaded: list[dict[str, Any]] = [
        {
            "id": plugin.id,
            "state": "loaded",
            "name": plugin.manifest.name,
            "summary": plugin.manifest.summary,
            "version": plugin.manifest.version,
            "points": list(plugin.manifest.points),
            "scopes": sorted(plugin.manifest.scopes),
        }
        for plugin in host.plugins
    ]
    aside = [
        {"id": each.id, "state": "quarantined", "reason": each.reason} for each in host.quarantined
    ]
    return Answer(body={"data": loaded + aside})


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
