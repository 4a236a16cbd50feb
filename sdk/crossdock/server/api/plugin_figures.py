"""What the host counted of its plugins, as figures for a monitoring system."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from crossdock.host.watching.telemetry import BUCKETS, TelemetrySnapshot

_BOUNDS = (*(str(bound) for bound in BUCKETS), "+Inf")


def plugin_figures(snapshot: TelemetrySnapshot) -> Iterable[Metric]:
    """Give the families of metrics, by plugin and point, and by plugin and operation of a port."""
    calls = CounterMetricFamily(
        "crossdock_plugin_calls",
        "Calls of plugins, by outcome; a fault is the plugin's own, a veto is a business answer.",
        labels=("plugin", "point", "outcome"),
    )
    seconds = HistogramMetricFamily(
        "crossdock_plugin_seconds", "How long calls of plugins took.", labels=("plugin", "point")
    )
    slow = CounterMetricFamily(
        "crossdock_plugin_slow_calls",
        "Calls that took more than their share of what they may take.",
        labels=("plugin", "point"),
    )
    for each in snapshot.points:
        place = (each.plugin_id, each.point)
        well = each.calls - each.faults - each.vetoes - each.away
        for outcome, count in (
            ("ok", well), ("veto", each.vetoes), ("fault", each.faults), ("away", each.away)
        ):  # fmt: skip
            calls.add_metric((*place, outcome), count)
        seconds.add_metric(
            place,
            buckets=list(zip(_BOUNDS, each.buckets, strict=True)),
            sum_value=each.total_seconds,
        )
        slow.add_metric(place, each.slow)
    ports = CounterMetricFamily(
        "crossdock_port_calls",
        "Calls of ports by plugins, refusals by the gateway among the faults.",
        labels=("plugin", "operation", "outcome"),
    )
    for port in snapshot.ports:
        ports.add_metric((port.plugin_id, port.operation, "ok"), port.calls - port.faults)
        ports.add_metric((port.plugin_id, port.operation, "fault"), port.faults)
    return calls, seconds, slow, ports
