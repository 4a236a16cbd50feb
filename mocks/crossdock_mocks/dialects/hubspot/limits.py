"""Rate limits: requests in ten seconds and in a day for each app, searches in one second.

They go by the world's clock. Where it stands still they would never end, so there they are only
told, unless the world says that they hold all the same (`enforced: always` in its settings).
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, final

from crossdock_mocks.dialects.hubspot.access import Principal
from crossdock_mocks.dialects.hubspot.errors import Refusal, correlation_id
from crossdock_mocks.engine import Behaviour, Call, Problem, Reply, World

SEARCH: Final = "searchObjects"
DEFAULTS: Final[Mapping[str, Any]] = {
    "enforced": "ticking", "private": 190, "public": 110, "seconds": 10, "search": 5,
    "daily": 650_000,
}  # fmt: skip
"""Requests of private and public apps in so many seconds, searches a second, requests a day."""


@final
class _Usage:
    """What the apps have used of one world."""

    def __init__(self) -> None:
        self._requests: dict[int, deque[datetime]] = {}
        self._searches: deque[datetime] = deque()
        self._days: dict[tuple[int, date], int] = {}

    def requests(self, app: int, since: datetime, now: datetime) -> deque[datetime]:
        """When an app made its requests since an instant."""
        return _recent(self._requests.setdefault(app, deque()), since, now)

    def searches(self, since: datetime, now: datetime) -> deque[datetime]:
        """When searches were made since an instant, by whatever app."""
        return _recent(self._searches, since, now)

    def today(self, app: int, day: date, add: int = 0) -> int:
        """How many requests an app has made on a day."""
        self._days[app, day] = used = self._days.get((app, day), 0) + add
        return used


_USED: Final[weakref.WeakKeyDictionary[World, _Usage]] = weakref.WeakKeyDictionary()


def _recent(kept: deque[datetime], since: datetime, now: datetime) -> deque[datetime]:
    while kept and not since < kept[0] <= now:
        kept.popleft()
    return kept


def spend(call: Call, principal: Principal) -> None:
    """Count a request, unless a limit is used up.

    Raises:
        Refusal: 429 that names the policy.
    """
    rules = _rules(call.world)
    if not _holds(rules, call.world) or not principal.app:
        return
    usage, now, app = _usage(call.world), call.now, principal.app
    if call.operation_id == SEARCH:
        searches = usage.searches(now - timedelta(seconds=1), now)
        if len(searches) >= rules["search"]:
            raise _used_up("SECONDLY")
        searches.append(now)
        return
    requests = usage.requests(app, now - timedelta(seconds=rules["seconds"]), now)
    if len(requests) >= _most(rules, principal):
        raise _used_up("TEN_SECONDLY_ROLLING")
    if usage.today(app, call.today) >= rules["daily"]:
        raise _used_up("DAILY")
    requests.append(now)
    usage.today(app, call.today, 1)


def told(behave: Behaviour) -> Behaviour:
    """A behaviour whose answers tell what is left of the limits, also where it refuses."""

    def behave_and_tell(call: Call) -> Reply:
        try:
            reply = behave(call)
        except Problem as problem:
            problem.headers.update(_headers(call))
            raise
        return Reply(reply.status, reply.body, {**_headers(call), **reply.headers})

    return behave_and_tell


def _headers(call: Call) -> dict[str, str]:
    """Searches tell nothing, and only private apps are told of the day."""
    principal = call.principal
    if not isinstance(principal, Principal) or not principal.app or call.operation_id == SEARCH:
        return {}
    rules = _rules(call.world)
    most, used, today = _most(rules, principal), 1, 1
    if _holds(rules, call.world):
        since = call.now - timedelta(seconds=rules["seconds"])
        usage = _usage(call.world)
        used = len(usage.requests(principal.app, since, call.now))
        today = usage.today(principal.app, call.today)
    headers = {
        "x-hubspot-ratelimit-interval-milliseconds": str(rules["seconds"] * 1000),
        "x-hubspot-ratelimit-max": str(most),
        "x-hubspot-ratelimit-remaining": str(max(0, most - used)),
        "x-hubspot-ratelimit-secondly": str(most // rules["seconds"]),
        "x-hubspot-ratelimit-secondly-remaining": str(max(0, most - used) // rules["seconds"]),
    }
    if principal.private:
        headers["x-hubspot-ratelimit-daily"] = str(rules["daily"])
        headers["x-hubspot-ratelimit-daily-remaining"] = str(max(0, rules["daily"] - today))
    return headers


def _rules(world: World) -> dict[str, Any]:
    account = world.table("hubspot_settings").get("account") or {}
    return {**DEFAULTS, **account.get("limits", {})}


def _holds(rules: Mapping[str, Any], world: World) -> bool:
    return bool(rules["enforced"] == "always" or world.clock.ticking)


def _most(rules: Mapping[str, Any], principal: Principal) -> int:
    return int(rules["private" if principal.private else "public"])


def _usage(world: World) -> _Usage:
    return _USED.setdefault(world, _Usage())


def _used_up(policy: str) -> Refusal:
    message = f"You have reached your {policy.lower()} limit."
    more = {
        "errorType": "RATE_LIMIT", "policyName": policy,
        "requestId": correlation_id(429, policy, "request"),
    }  # fmt: skip
    return Refusal(429, message, more=more)
