"""Requests are counted over the last 24 hours by the world's clock, as every answer tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, final
from weakref import WeakKeyDictionary

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.engine import Behaviour, Call, Problem, Reply, Request, Response, World
from crossdock_mocks.engine.dialect import Within

HEADER: Final = "sforce-limit-info"
DAILY: Final = 15_000
_WINDOW: Final = timedelta(hours=24)
_HOUR: Final = timedelta(hours=1)


@final
class _Usage:
    """Requests by the hour. They are counted even where a request is undone."""

    def __init__(self) -> None:
        self._hours: dict[datetime, int] = {}

    def begin_again(self) -> None:
        self._hours.clear()

    def add(self, now: datetime) -> int:
        hour = now.replace(minute=0, second=0, microsecond=0)
        self._hours[hour] = self._hours.get(hour, 0) + 1
        return self.last_day(now)

    def last_day(self, now: datetime) -> int:
        for hour in [each for each in self._hours if each + _HOUR <= now - _WINDOW]:
            del self._hours[hour]
        return sum(self._hours.values())


_USAGE: WeakKeyDictionary[World, _Usage] = WeakKeyDictionary()


def allowed(world: World) -> int:
    """Requests that a world takes in 24 hours."""
    row = world.table("sf_settings").get("daily_api_requests")
    return DAILY if row is None else int(row["value"])


def allow(world: World, requests: int) -> None:
    """Set how many requests a world takes in 24 hours."""
    table = world.table("sf_settings")
    if table.get("daily_api_requests") is None:
        table.insert({"id": "daily_api_requests", "value": requests})
    else:
        table.update("daily_api_requests", value=requests)


def used(world: World) -> int:
    """Requests that came in the last 24 hours."""
    return _USAGE.setdefault(world, _Usage()).last_day(world.now)


_INNER: ContextVar[bool] = ContextVar("requests within another one", default=False)


@contextmanager
def uncounted() -> Iterator[None]:
    """Make requests that are part of one that was counted already."""
    token = _INNER.set(True)
    try:
        yield
    finally:
        _INNER.reset(token)


@final
class CountedWithin:
    """A behaviour with requests inside (see `engine.dialect.Within`), whose own calls count."""

    def __init__(self, inner: Within, wrap: Callable[[Behaviour], Behaviour]) -> None:
        self._inner, self._wrap = inner, wrap

    def __call__(self, call: Call) -> Reply:
        """Refuse to run: it is bound by the app first."""
        return self._inner(call)

    def within(self, exchange: Callable[[World, Request], Response]) -> Behaviour:
        """The behaviour, with the exchange of the app that it is in."""
        return self._wrap(self._inner.within(exchange))


def counted(behaviour: Behaviour) -> Behaviour:
    """A behaviour whose calls count, and whose answers say how many there were."""

    def behave(call: Call) -> Reply:
        if _INNER.get():
            return behaviour(call)
        limit = allowed(call.world)
        usage = _USAGE.setdefault(call.world, _Usage())
        if not len(call.world.journal):
            usage.begin_again()  # the world was reset, and its journal with it
        before = usage.last_day(call.now)
        if before >= limit:
            refused = Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
            refused.headers[HEADER] = f"api-usage={before}/{limit}"
            raise refused
        info = f"api-usage={usage.add(call.now)}/{limit}"
        try:
            reply = behaviour(call)
        except Problem as problem:
            problem.headers[HEADER] = info
            raise
        return Reply(reply.status, reply.body, {**reply.headers, HEADER: info})

    return behave


def all_limits(world: World) -> dict[str, Any]:
    """What the resource `limits` tells."""
    limit = allowed(world)
    return {
        "DailyApiRequests": {"Max": limit, "Remaining": max(0, limit - used(world))},
        "ConcurrentAsyncGetReportInstances": {"Max": 200, "Remaining": 200},
        "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        "DailyWorkflowEmails": {"Max": 390, "Remaining": 390},
        "DataStorageMB": {"Max": 5, "Remaining": 5},
        "FileStorageMB": {"Max": 20, "Remaining": 20},
        "HourlyTimeBasedWorkflow": {"Max": 50, "Remaining": 50},
        "SingleEmail": {"Max": 15, "Remaining": 15},
    }
