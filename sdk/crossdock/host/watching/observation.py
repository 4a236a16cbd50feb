"""What a command does to be observed: its log, and OpenTelemetry where `[telemetry]` asks for it.

A program that embeds the host configures its own logging and its own OpenTelemetry instead.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from typing import Any, Final

from crossdock.errors import ConfigError
from crossdock.host.settings.config import HostConfig
from crossdock.host.watching.logs import set_up
from crossdock.secret import revealed

_NEEDED: Final = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"


def set_up_observation(config: HostConfig) -> None:
    """Set logging up by `[log]`, and spans and metrics by `[telemetry]`.

    Raises:
        ConfigError: an exporter is asked for and not installed.
    """
    set_up(config.log)
    if config.telemetry.get("exporter", "none") == "otlp":
        _export(config.telemetry)


def _export(settings: Mapping[str, Any]) -> None:
    try:
        from opentelemetry import metrics, trace
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise ConfigError(
            f'telemetry.exporter: "otlp" needs packages that are not installed ({missing.name}); '
            f"install them with: pip install {_NEEDED}"
        ) from missing
    resource = Resource.create({"service.name": settings.get("service_name", "crossdock")})
    headers = {name: revealed(value) for name, value in settings.get("headers", {}).items()}
    endpoint = settings.get("endpoint", "").rstrip("/")
    common: dict[str, Any] = {"headers": headers} if headers else {}

    def to(kind: str) -> dict[str, Any]:
        return {**common, "endpoint": f"{endpoint}/v1/{kind}"} if endpoint else common

    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**to("traces"))))
    trace.set_tracer_provider(tracers)
    meters = MeterProvider(
        [PeriodicExportingMetricReader(OTLPMetricExporter(**to("metrics")))], resource=resource
    )
    metrics.set_meter_provider(meters)
    atexit.register(meters.shutdown)
    atexit.register(tracers.shutdown)
