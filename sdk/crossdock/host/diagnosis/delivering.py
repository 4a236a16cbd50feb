"""How the deliveries in a store stand; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from crossdock.host.deliveries.circuits import Circuits
from crossdock.host.deliveries.liveness import workers_alive
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.host.diagnosis.findings import Finding, Findings
from crossdock.host.settings.config import HostConfig
from crossdock.host.store import Store
from crossdock.host.store.schema import deliveries, events, watermarks

_OLD_SECONDS: Final = 300.0
_UNFINISHED: Final = ("published", "queued", "running", "waiting", "behind")
#: Rows beside the cursors of feeds: since when a system is known, and who said that it has news.
_NO_FEEDS: Final = ("began", "hint")

_find = Findings("deliveries")


def examine_deliveries(store: Store, config: HostConfig) -> Iterator[Finding]:
    """Look at what waits, what is dead, who works, and which systems are away."""
    now = store.clock()
    with store.reading() as connection:
        counts = {
            row[0]: row[1]
            for row in connection.execute(
                sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
            )
        }
        oldest = connection.execute(
            sa.select(deliveries.c.id, deliveries.c.created_at, deliveries.c.cause, events.c.type)
            .join(events, events.c.id == deliveries.c.event_id)
            .where(deliveries.c.state.in_(_UNFINISHED))
            .order_by(deliveries.c.created_at, deliveries.c.id)
            .limit(1)
        ).first()
        feeds = connection.execute(
            sa.select(watermarks.c.system, sa.func.max(watermarks.c.moved_at).label("moved_at"))
            .where(
                watermarks.c.system.in_([config.crm.name, *(erp.name for erp in config.erps)]),
                watermarks.c.feed.not_in(_NO_FEEDS),
            )
            .group_by(watermarks.c.system)
            .order_by(watermarks.c.system)
        ).all()
    waiting = sum(counts.get(state, 0) for state in _UNFINISHED)
    yield _workers(store, config, waiting)
    yield _backlog(config, waiting, oldest, now)
    for circuit in Circuits(store).list():
        yield _find.warn(
            f"{circuit.system} is away since {age((now - circuit.opened_at).total_seconds())}; "
            f"{circuit.held} deliveries wait for it: {circuit.cause}",
            "remote",
            f"all goes on by itself once it answers; tried again every few minutes, or at once "
            f"by: crossdock deliveries circuits --try-now {circuit.system}",
        )
    if dead := counts.get("dead", 0):
        yield _find.warn(
            f"{dead} in the exceptions queue, which nobody tries again by itself",
            "host",
            "look at them: crossdock deliveries list --state dead",
        )
    for feed in feeds:
        seconds = (now - feed.moved_at).total_seconds()
        yield _find.ok(f"the last change of {feed.system} came {age(seconds)} ago")


def age(seconds: float) -> str:
    """Tell a duration in its greatest unit."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _workers(store: Store, config: HostConfig, waiting: int) -> Finding:
    alive = workers_alive(store)
    if alive:
        return _find.ok(f"{alive} worker{'s' if alive > 1 else ''} alive")
    start = f"run: crossdock worker --config {config.source}"
    if waiting:
        return _find.fail(f"no worker is alive, and {waiting} deliveries wait", "host", start)
    return _find.warn("no worker is alive; nothing waits yet", "host", start)


def _backlog(config: HostConfig, waiting: int, oldest: Any, now: datetime) -> Finding:
    if oldest is None:
        return _find.ok("everything is delivered")
    seconds = (now - oldest.created_at).total_seconds()
    text = (
        f"{waiting} not delivered; the oldest, D-{oldest.id} ({oldest.type}), since {age(seconds)}"
    )
    because = f": {oldest.cause}" if oldest.cause else ""
    usual = DeliverySettings.of(config.deliveries, config.limits, keep_days=None).backlog
    if waiting > usual:
        return _find.warn(
            f"{text}{because}; more than {usual} are unusual here ([deliveries] backlog)",
            "host",
            "see what holds them: crossdock deliveries list --state waiting; where nothing does, "
            f"start another worker: crossdock worker --config {config.source}",
        )
    if seconds > _OLD_SECONDS:
        return _find.warn(
            text + because,
            "host",
            f"look at it: crossdock deliveries show D-{oldest.id}",
        )
    return _find.ok(text)
