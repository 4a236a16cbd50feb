"""A trace that a CRM began goes on through the side-car, the plugins and the remote systems."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crossdock import tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(tracers=provider)
    yield exporter
    tracing.use()
    provider.shutdown()


def test_a_request_goes_on_with_the_callers_trace_down_to_the_plugins(sidecar, spans):
    header = f"00-{TRACE}-b7ad6b7169203331-01"
    answer = sidecar.get("/v1/accounts/A-1001/tabs", headers={"traceparent": header})
    assert answer.status_code == 200
    found = {span.name: span for span in spans.get_finished_spans()}
    served = next(span for name, span in found.items() if name.startswith("GET /v1/accounts/{"))
    assert served.parent.span_id == 0xB7AD6B7169203331
    assert served.attributes["http.response.status_code"] == 200
    assert {f"{span.context.trace_id:032x}" for span in found.values()} == {TRACE}
    assert any(name.startswith("account_tabs ") for name in found)


def test_a_request_with_a_broken_trace_header_is_served_in_a_trace_of_its_own(sidecar, spans):
    answer = sidecar.get("/v1/accounts/A-1001/tabs", headers={"traceparent": "00-zz-zz-01"})
    assert answer.status_code == 200
    assert spans.get_finished_spans()
