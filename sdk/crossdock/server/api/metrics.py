"""Figures for a monitoring system, in OpenMetrics text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from crossdock import __version__
from crossdock.host.deliveries import STATES
from crossdock.host.deliveries.liveness import workers_alive
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.plugin_figures import plugin_figures

if TYPE_CHECKING:
    from crossdock.server.api.api import Api

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    """What is counted while requests are answered, and what is looked up when somebody asks."""

    def __init__(self, api: Api) -> None:
        self._registry: Final = CollectorRegistry()
        self._requests = Counter(
            "crossdock_requests",
            "Requests that were answered, by operation and status.",
            ("operation", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "crossdock_request_seconds",
            "Time until a request was answered, by operation.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._guards = Counter(
            "crossdock_guard_verdicts",
            "What guards said, by operation.",
            ("operation", "verdict"),
            registry=self._registry,
        )
        self._registry.register(_Standing(api))

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count a request; `operation` is an id of the document, so there are few of them."""
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def judged(self, operation: str, allowed: bool) -> None:
        """Count a verdict."""
        self._guards.labels(operation, "allowed" if allowed else "stopped").inc()

    def text(self) -> bytes:
        """Give all figures."""
        written: bytes = generate_latest(self._registry)  # type: ignore[no-untyped-call]
        return written


class _Standing(Collector):
    """How things stand at the moment that somebody asks."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def collect(self) -> Iterable[Metric]:
        host, pool = self._api.host, self._api.pool
        yield _gauge("crossdock_build_info", "The version.", {"version": __version__}, 1)
        yield _gauge("crossdock_requests_inside", "Requests at work or waiting.", {}, pool.inside)
        counts = host.deliveries.counts()
        states = GaugeMetricFamily(
            "crossdock_deliveries", "Deliveries by state.", labels=("state",)
        )
        for state in STATES:
            states.add_metric((state,), counts.get(state, 0))
        yield states
        workers = workers_alive(host.store)
        yield _gauge("crossdock_workers_alive", "Workers that are alive.", {}, workers)
        plugins = GaugeMetricFamily("crossdock_plugins", "Plugins by state.", labels=("state",))
        plugins.add_metric(("loaded",), len(host.plugins))
        plugins.add_metric(("quarantined",), len(host.quarantined))
        yield plugins
        yield from plugin_figures(host.telemetry.snapshot())


def _gauge(name: str, text: str, labels: dict[str, str], value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=tuple(labels))
    family.add_metric(tuple(labels.values()), value)
    return family


def get_metrics(call: Call) -> Answer:
    """Give the figures."""
    return Answer(body=call.api.figures.text(), media_type=CONTENT_TYPE_LATEST)
