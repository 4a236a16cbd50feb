"""What the side-car's /metrics says of plugins."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from crossdock.host.watching.telemetry import Telemetry
from crossdock.server.api.plugin_figures import plugin_figures


def test_figures_of_plugins_are_openmetrics_that_a_monitoring_system_can_read():
    telemetry = Telemetry()
    for outcome in ("ok", "veto", "fault", "away"):
        telemetry.observe("quote_saved", "mine", 0.02, outcome)
    telemetry.port("mine", "erp.items", 0.1, failed=True)

    class Plugins(Collector):
        def collect(self):
            return plugin_figures(telemetry.snapshot())

    registry = CollectorRegistry()
    registry.register(Plugins())
    text = generate_latest(registry).decode()
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    place = (("plugin", "mine"), ("point", "quote_saved"))
    for outcome in ("ok", "veto", "fault", "away"):
        labels = (("outcome", outcome), *place)
        assert samples["crossdock_plugin_calls_total", labels] == 1
    assert samples["crossdock_plugin_seconds_count", place] == 4
    assert samples["crossdock_plugin_seconds_bucket", (("le", "0.025"), *place)] == 4
    assert samples["crossdock_plugin_seconds_bucket", (("le", "0.01"), *place)] == 0
    port = (("operation", "erp.items"), ("outcome", "fault"), ("plugin", "mine"))
    assert samples["crossdock_port_calls_total", port] == 1
