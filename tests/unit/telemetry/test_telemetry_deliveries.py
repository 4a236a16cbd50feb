"""A delivery goes on with the trace in which its event was published, through the store."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from opentelemetry.trace import SpanKind

from crossdock import tracing
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.host.store.schema import events
from crossdock.host.watching.spans import DeliveryUnderWay, delivering
from crossdock.records import QuoteSaved


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/host.db") as opened:
        yield opened


def test_a_delivery_goes_on_with_the_trace_of_whoever_published_its_event(store, quote, spans):
    on = tracing.tracer()
    assert on is not None
    with Deliveries.open(store) as deliveries, tracing.span(on, "POST /quotes", kind="server"):
        deliveries.publish(QuoteSaved(quote=quote), [("mine", "1.0")], event_id="e-1")
        work = deliveries.ledger.begin(1, 1, "w-1", lambda _plugin_id: "1.0")
    assert work is not None
    with delivering(DeliveryUnderWay("D-1", "e-1", 1, work.trace), "quote_saved", "mine"):
        pass
    sent, processed = spans.named("send quote_saved"), spans.named("process quote_saved")
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert processed.parent.span_id == sent.context.span_id
    assert sent.parent.span_id == spans.named("POST /quotes").context.span_id
    assert sent.attributes["messaging.message.id"] == "e-1"
    assert processed.attributes["messaging.message.id"] == "e-1"
    assert processed.attributes["crossdock.delivery"] == "D-1"


def test_an_event_that_nobody_traced_is_delivered_in_a_trace_of_its_own(store, quote, spans):
    tracing.use()
    with Deliveries.open(store) as deliveries:
        deliveries.publish(QuoteSaved(quote=quote), [("mine", "1.0")], event_id="e-1")
    with store.reading() as connection:
        assert connection.scalar(sa.select(events.c.trace)) == ""


def test_a_store_of_an_older_version_learns_to_remember_traces(tmp_path, store):
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE crossdock_events DROP COLUMN trace")
        store.remember("schema_version", "2", connection)
    with Store.open(f"sqlite:///{tmp_path}/host.db") as opened, opened.reading() as connection:
        assert "trace" in {each["name"] for each in sa.inspect(connection).get_columns(events.name)}
