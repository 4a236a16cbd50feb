"""Spans by OpenTelemetry where a program has configured it, and nothing at all elsewhere.

A span that nobody looks at still costs more than the call of a plugin that it would tell of. So
whoever may make one asks `tracer` first, which is `None` until there is a tracer provider, and does
not even import OpenTelemetry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from crossdock import __version__
from crossdock.errors import CrossdockError
from crossdock.secret import masked

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import Meter, MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider

NAME: Final = "crossdock"
Kind = Literal["internal", "client", "server", "producer", "consumer"]

_tracer: Tracer | None = None
_meter: Meter | None = None


def tracer() -> Tracer | None:
    """Give the tracer that somebody configured, or `None`.

    It is found once OpenTelemetry has a tracer provider (`trace.set_tracer_provider`); until then
    this looks again each time, which takes well under a microsecond.
    """
    if _tracer is not None:
        return _tracer
    api = sys.modules.get("opentelemetry.trace")
    return None if api is None else _configured_tracer(api)


def meter() -> Meter | None:
    """Give the meter that somebody configured, or `None`."""
    if _meter is not None:
        return _meter
    api = sys.modules.get("opentelemetry.metrics")
    return None if api is None else _configured_meter(api)


def use(*, tracers: TracerProvider | None = None, meters: MeterProvider | None = None) -> None:
    """Use these providers instead of OpenTelemetry's global ones; `None` goes back to those."""
    global _tracer, _meter
    _tracer = tracers.get_tracer(NAME, __version__) if tracers else None
    _meter = meters.get_meter(NAME, __version__) if meters else None


def _configured_tracer(api: Any) -> Tracer | None:
    global _tracer
    provider = api.get_tracer_provider()
    if isinstance(provider, api.ProxyTracerProvider | api.NoOpTracerProvider):
        return None
    _tracer = provider.get_tracer(NAME, __version__)
    return _tracer


def _configured_meter(api: Any) -> Meter | None:
    global _meter
    provider = api.get_meter_provider()
    # Until one is set there is a stand-in whose class is not public.
    if isinstance(provider, api.NoOpMeterProvider) or "Proxy" in type(provider).__name__:
        return None
    _meter = provider.get_meter(NAME, __version__)
    return _meter


@contextmanager
def span(
    on: Tracer,
    name: str,
    *,
    kind: Kind = "internal",
    attributes: Mapping[str, Any] | None = None,
    parent: Context | None = None,
) -> Iterator[Span]:
    """Make what is done inside a span; what it raises is noted without secrets, and goes on.

    Args:
        on: from `tracer`.
        name: of few values, so that spans can be grouped by it.
        kind: as OpenTelemetry has it.
        attributes: plain values; those that are `None` are left out.
        parent: what it goes on from, where that is not the span around it; see `continued`.
    """
    from opentelemetry.trace import SpanKind

    with on.start_as_current_span(
        name,
        context=parent,
        kind=SpanKind[kind.upper()],
        attributes={key: value for key, value in (attributes or {}).items() if value is not None},
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as raised:
            note_failure(made, raised)
            raise


def note_failure(made: Span, raised: BaseException) -> None:
    """Mark a span as failed: by what, and in which words, where those are ours.

    A foreign exception's words may hold anything, personal data included, so only its class is
    kept; the log has the rest.
    """
    from opentelemetry.trace import Status, StatusCode

    kind = f"{type(raised).__module__}.{type(raised).__qualname__}"
    said = masked(str(raised)) if isinstance(raised, CrossdockError) else ""
    made.set_attribute("error.type", kind)
    made.set_status(Status(StatusCode.ERROR, said or kind))
    made.add_event("exception", {"exception.type": kind, "exception.message": said})


def fail(made: Span, kind: str, said: str = "") -> None:
    """Mark a span as failed where nothing was raised."""
    from opentelemetry.trace import Status, StatusCode

    made.set_attribute("error.type", kind)
    made.set_status(Status(StatusCode.ERROR, masked(said) or kind))


def carried() -> dict[str, str]:
    """Give the headers that let another process go on with the current span (W3C Trace Context).

    They name the span, and carry no baggage, which may be personal. Empty without a tracer.
    """
    if tracer() is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    headers: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(headers)
    return headers


def continued(headers: Mapping[str, str]) -> Context | None:
    """Read what `carried` gave, in this process or another; `None` without a tracer.

    What does not fit the standard is ignored, as it demands.
    """
    if tracer() is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract(dict(headers))


def trace_id() -> str:
    """Give the id of the current trace for a log record, or an empty text."""
    api = sys.modules.get("opentelemetry.trace")
    if _tracer is None or api is None:
        return ""
    context = api.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""
