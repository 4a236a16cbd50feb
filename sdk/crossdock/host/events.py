"""Events on their way to the plugins: who gets them, stored, and handed over by a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock.host.calls import Calls
from crossdock.host.handlers import point_of, run_handler
from crossdock.records import Event

if TYPE_CHECKING:
    from crossdock.host.deliveries import Deliveries


class Events:
    """Publishes events, and delivers each to one plugin at a time."""

    def __init__(self, calls: Calls, deliveries: Deliveries) -> None:
        self._calls = calls
        self._deliveries = deliveries

    def subscribers(self, event: Event) -> tuple[str, ...]:
        """Name the plugins that an event is delivered to."""
        plan = self._calls.snapshot().plan
        return tuple(impl.plugin.id for impl in plan.of(point_of(event)))

    def publish(self, event: Event) -> str:
        """Store an event and its deliveries; see `Host.publish`."""
        plan = self._calls.snapshot().plan
        subscribers = [
            (impl.plugin.id, impl.plugin.manifest.version) for impl in plan.of(point_of(event))
        ]
        return self._deliveries.publish(event, subscribers)

    def deliver(
        self, plugin_id: str, event: Event, *, step: Callable[..., Any], idempotency_key: str
    ) -> None:
        """Run one plugin's handler for one event; see `Host.deliver`."""
        with self._calls.lease() as snapshot:
            run_handler(
                snapshot.plan,
                self._calls.services,
                plugin_id,
                event,
                step=step,
                idempotency_key=idempotency_key,
                seconds=self._calls.config.deadlines.event,
                quarantined=snapshot.quarantined,
            )
