"""A worker for a host: who delivers to its plugins, and which feeds are read besides."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from crossdock.errors import ConfigError
from crossdock.host.approvals.clock import ApprovalClock
from crossdock.host.deliveries.changes import ChangePoller
from crossdock.host.deliveries.jobs import JobFeed
from crossdock.host.deliveries.promotions import PromotionPoller
from crossdock.host.deliveries.worker import Worker, WorkerSettings

if TYPE_CHECKING:
    from crossdock.host.deliveries.feeds import Feed
    from crossdock.host.host import Host
    from crossdock.host.settings.config import HostConfig


def worker_of(
    host: Host, *, worker_id: str, settings: WorkerSettings, report: Callable[..., None]
) -> Worker:
    """Make a worker that delivers what a host publishes, to the plugins as they are loaded then.

    Args:
        host: whose plugins, systems and store it works with; it is not closed by the worker.
        worker_id: a name of its own, `new_worker_id()`.
        settings: how it works.
        report: takes news of what it does.
    """

    def version_of(plugin_id: str) -> str:
        return {each.id: each.manifest.version for each in host.plugins}.get(plugin_id, "")

    return Worker(
        host.deliveries,
        host.deliver,
        worker_id=worker_id,
        version_of=version_of,
        feeds=_feeds(host, report),
        settings=settings,
        report=report,
        secrets=lambda: secrets_of(host.config),
    )


def _feeds(host: Host, report: Callable[..., None]) -> list[Feed]:
    changes = [
        ChangePoller(
            host.deliveries,
            host.erp.using(system),
            host.subscriptions,
            order_seen=host.order_seen,
            record_seen=host.record_seen,
            report=report,
        )
        for system in host.erp.systems
    ]
    promotions = PromotionPoller(
        host.deliveries,
        host.crm,
        host.subscriptions,
        of_quote=host.quote_written,
        record_seen=host.record_seen,
        report=report,
    )
    jobs = JobFeed(host.deliveries, host.jobs, report=report)
    return [*changes, promotions, ApprovalClock(host.approvals), jobs]


def secrets_of(config: HostConfig) -> list[str]:
    """Give every configured secret that can be read; one that cannot was sent to nobody."""
    known = []
    for secret in config.secrets():
        with suppress(ConfigError):
            known.append(secret.reveal())
    return known
