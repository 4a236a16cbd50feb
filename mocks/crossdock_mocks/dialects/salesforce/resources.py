"""Versions of the API, its resources, and its limits."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce import limits, wire
from crossdock_mocks.dialects.salesforce.errors import not_there
from crossdock_mocks.engine import Behaviour, Call, Reply

_SEASONS: Final = ("Spring", "Summer", "Winter")
OLDEST: Final = 50
NEWEST: Final = 62


def _label(version: int) -> str:
    """The release of a version: 59 is Winter '24, and three come in a year."""
    season, year = _SEASONS[version % 3], 24 + (version - 59) // 3
    return f"{season} '{year}"


def versions(_call: Call) -> Reply:
    """List the versions."""
    listed = [
        {"label": _label(each), "url": f"/services/data/v{each}.0", "version": f"{each}.0"}
        for each in range(OLDEST, NEWEST + 1)
    ]
    return Reply(200, listed)


def known(behaviour: Behaviour) -> Behaviour:
    """A behaviour that is there in the versions that there are."""

    def behave(call: Call) -> Reply:
        number = int(call.path["version"][1:].partition(".")[0])
        if not OLDEST <= number <= NEWEST:
            raise not_there()
        return behaviour(call)

    return behave


def resources(call: Call) -> Reply:
    """List the resources of a version."""
    base = wire.base(call)
    names = ("composite", "limits", "query", "queryAll", "search", "sobjects")
    return Reply(200, {name: f"{base}/{name}" for name in names})


def show_limits(call: Call) -> Reply:
    """Tell the limits, and what is left of them."""
    return Reply(200, limits.all_limits(call.world))


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "listResources": resources,
    "showLimits": show_limits,
}
