"""Events on their way to the plugins: who gets them, stored, and handed over by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from crossdock import __version__
from crossdock.host.asking.calls import Calls
from crossdock.host.asking.context import CallContext
from crossdock.host.asking.handlers import run_handler
from crossdock.host.asking.jobs import POINT as JOBS
from crossdock.host.asking.jobs import JobList, list_jobs
from crossdock.host.deliveries.events import event_type
from crossdock.host.gateway import rehearsing
from crossdock.host.loading.plugin import Plugin
from crossdock.records import Event, JobDue

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crossdock.host.deliveries import Deliveries

HOST: Final = "crossdock.host"
"""Who events for the host itself are delivered to; no plugin's id has a dot."""


class Events:
    """Publishes events, and delivers each to one plugin at a time.

    Attributes:
        own: what the host itself does about events, by their type.
    """

    def __init__(self, calls: Calls, deliveries: Deliveries) -> None:
        self._calls = calls
        self._deliveries = deliveries
        self.own: dict[type[Event], Callable[[Any], None]] = {}

    def subscribers(self, event: Event) -> tuple[str, ...]:
        """Name the plugins that an event is delivered to."""
        return tuple(name for name, _version in self.subscriptions(event))

    def publish(self, event: Event) -> str:
        """Store an event and its deliveries; see `Host.publish`."""
        if rehearsing():
            from crossdock.host.deliveries.events import event_id_of

            return event_id_of(event)
        return self._deliveries.publish(event, self.subscriptions(event))

    def publish_within(self, connection: sa.Connection, event: Event) -> None:
        """Store an event and its deliveries as a part of the caller's own transaction."""
        self._deliveries.publish_within(connection, event, self.subscriptions(event))

    def subscriptions(self, event: Event) -> list[tuple[str, str]]:
        """Name the plugins that an event is delivered to, each with its version."""
        if type(event) in self.own:
            return [(HOST, __version__)]
        plan = self._calls.snapshot().plan
        return [
            (impl.plugin.id, impl.plugin.manifest.version)
            for impl in plan.of(event_type(event))
            if not isinstance(event, JobDue) or impl.plugin.id == event.plugin_id
        ]

    def jobs(self) -> JobList:
        """Name the jobs of all plugins; see `Host.jobs`."""
        ends = time.monotonic() + self._calls.config.deadlines.event
        services = self._calls.services

        def context(plugin: Plugin) -> CallContext:
            return CallContext(services, plugin, JOBS, None, ends)

        with self._calls.lease() as snapshot:
            return list_jobs(snapshot.plan, context)

    def deliver(
        self, plugin_id: str, event: Event, *, step: Callable[..., Any], idempotency_key: str
    ) -> bool:
        """Run one plugin's handler for one event; see `Host.deliver`."""
        if plugin_id == HOST:
            self.own[type(event)](event)
            return False
        with self._calls.lease() as snapshot:
            return run_handler(
                snapshot.plan,
                self._calls.services,
                plugin_id,
                event,
                step=step,
                idempotency_key=idempotency_key,
                seconds=self._calls.config.deadlines.event,
                quarantined=snapshot.quarantined,
            )
