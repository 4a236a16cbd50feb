"""Whether the side-car lives, and whether it can serve."""

from __future__ import annotations

from typing import Any, Final, Literal

import sqlalchemy as sa
from attrs import asdict, frozen

from crossdock.host.deliveries.liveness import workers_alive
from crossdock.server.api.api import Api
from crossdock.server.api.call import Answer, Call

Status = Literal["pass", "warn", "fail"]
_WORST: Final[tuple[Status, ...]] = ("fail", "warn", "pass")
_UNFINISHED: Final = ("queued", "running", "waiting", "behind")


@frozen(kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes:
        reason: what it is, in a sentence without names or addresses, as anybody may read it.
        count: how many, where there is something to count.
    """

    name: str
    status: Status
    reason: str
    count: int | None = None


def is_live(_call: Call) -> Answer:
    """Say that the process answers."""
    return Answer(body={"status": "live"})


def is_ready(call: Call) -> Answer:
    """Say whether it can serve, and what is not as it should be."""
    checks = [*_store(call.api), _plugins(call.api), _room(call.api)]
    status = min((each.status for each in checks), key=_WORST.index)
    return Answer(
        status=503 if status == "fail" else 200,
        body={"status": status, "checks": [_plain(each) for each in checks]},
    )


def _plain(check: Check) -> dict[str, Any]:
    return asdict(
        check, filter=lambda attribute, value: attribute.name != "count" or value is not None
    )


def _store(api: Api) -> list[Check]:
    try:
        counts = api.host.deliveries.counts()
        alive = workers_alive(api.host.store)
    except (sa.exc.SQLAlchemyError, OSError):
        return [Check(name="store", status="fail", reason="The store does not answer.")]
    waiting = sum(counts.get(state, 0) for state in _UNFINISHED)
    dead = counts.get("dead", 0)
    return [
        Check(name="store", status="pass", reason="The store answers."),
        Check(name="workers", status="pass", reason="Workers are alive.", count=alive)
        if alive
        else Check(
            name="workers",
            status="warn",
            reason="No worker is alive, so nothing is delivered; start `crossdock worker`.",
            count=0,
        ),
        Check(
            name="deliveries",
            status="warn" if dead else "pass",
            reason="Some deliveries need a person." if dead else "No delivery needs a person.",
            count=dead or waiting,
        ),
    ]


def _plugins(api: Api) -> Check:
    aside = len(api.host.quarantined)
    if aside:
        return Check(
            name="plugins",
            status="warn",
            reason="Some plugins could not be loaded; /v1/plugins says why.",
            count=aside,
        )
    loaded = len(api.host.plugins)
    return Check(name="plugins", status="pass", reason="All plugins are loaded.", count=loaded)


def _room(api: Api) -> Check:
    inside = api.pool.inside
    if inside >= api.pool.threads + api.pool.queue:
        return Check(
            name="room", status="fail", reason="All threads are busy and the queue is full.",
            count=inside,
        )  # fmt: skip
    return Check(name="room", status="pass", reason="There is room for requests.", count=inside)
