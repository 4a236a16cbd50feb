"""What somebody who traces sees of the host, its plugins and their calls of remote systems."""

from __future__ import annotations

import sys
import textwrap

from opentelemetry.trace import SpanKind, StatusCode

from crossdock import tracing

GUARD = ("before_quote_save",)
AGREES = """
@hookimpl
def before_quote_save(ctx, quote):
    return Proceed()
"""
REFUSES = """
@hookimpl
def before_quote_save(ctx, quote):
    return Veto("Kim Smith owes 1,000 EUR")
"""
FAILS = """
@hookimpl
def before_quote_save(ctx, quote):
    raise ValueError("the password is hunter22")
"""
ASKS = """
@hookimpl
def before_quote_save(ctx, quote):
    ctx.erp.items("Smith")
    return Proceed()
"""
SHOWS = """
from crossdock import Tab, View
def render(ctx, account, params):
    return View(())
@hookimpl
def account_tabs(ctx, account):
    return [Tab(id="one", title="One", render=render)]
"""


def test_no_span_is_made_and_opentelemetry_not_even_looked_at_while_nobody_traces(
    open_host, quote, user, monkeypatch
):
    host = open_host(("agrees", AGREES, GUARD))
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    assert tracing.tracer() is None
    assert host.before_quote_save(quote, user=user).allowed
    assert "opentelemetry.trace" not in sys.modules


def test_a_call_of_guards_is_one_span_with_one_below_it_for_each_plugin(
    open_host, quote, user, spans
):
    host = open_host(("agrees", AGREES, GUARD), ("refuses", REFUSES, GUARD))
    host.before_quote_save(quote, user=user)
    whole = spans.named("guard before_quote_save")
    first = spans.named("before_quote_save agrees")
    second = spans.named("before_quote_save refuses")
    assert first.parent.span_id == second.parent.span_id == whole.context.span_id
    assert first.attributes["crossdock.plugin.id"] == "agrees"
    assert first.attributes["crossdock.decision"] == ("proceed",)
    assert second.attributes["crossdock.decision"] == ("veto",)
    assert whole.attributes["crossdock.allowed"] is False
    assert whole.attributes["user.id"] == "U-kim"
    assert "Smith" not in spans.text()


def test_a_plugin_that_fails_marks_its_span_without_its_words(open_host, quote, user, spans):
    host = open_host(("fails", FAILS, GUARD))
    assert not host.before_quote_save(quote, user=user).allowed
    span = spans.named("before_quote_save fails")
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "builtins.ValueError"
    assert "hunter22" not in spans.text()


def test_a_call_of_a_remote_system_is_a_span_that_the_system_can_go_on_with(
    open_host, quote, user, spans, wire
):
    host = open_host(("asks", ASKS, GUARD))
    assert host.before_quote_save(quote, user=user).allowed
    call = spans.named("GET /items")
    assert call.kind is SpanKind.CLIENT
    assert call.parent.span_id == spans.named("before_quote_save asks").context.span_id
    assert call.attributes["http.request.method"] == "GET"
    assert call.attributes["http.response.status_code"] == 200
    assert call.attributes["server.address"] == "erp.test"
    assert call.attributes["server.port"] == 8602
    assert call.attributes["crossdock.operation"] == "listItems"
    (request,) = wire.requests
    _, trace_id, span_id, _ = request.headers["traceparent"].split("-")
    assert (int(trace_id, 16), int(span_id, 16)) == (call.context.trace_id, call.context.span_id)
    assert "baggage" not in request.headers
    assert "Smith" not in spans.text()
    assert "erp-s3cret-key" not in spans.text()


def test_nothing_is_handed_to_a_remote_system_while_nobody_traces(open_host, quote, user, wire):
    host = open_host(("asks", ASKS, GUARD))
    host.before_quote_save(quote, user=user)
    assert "traceparent" not in wire.requests[0].headers


def test_a_remote_system_that_refuses_marks_its_span(open_host, quote, user, spans, wire):
    wire.status = 403
    host = open_host(("asks", ASKS, GUARD))
    host.before_quote_save(quote, user=user)
    call = spans.named("GET /items")
    assert call.status.status_code is StatusCode.ERROR
    assert call.attributes["error.type"] == "403"


def test_a_tab_is_a_span_when_it_is_listed_and_when_it_is_opened(open_host, user, spans):
    host = open_host(("shows", textwrap.dedent(SHOWS), ("account_tabs",)))
    host.render_tab("shows/one", "A-1", user=user)
    assert spans.named("account_tabs shows").attributes["crossdock.point"] == "account_tabs"
    assert spans.named("tab shows/one shows").attributes["user.id"] == "U-kim"
    points = {each.point for each in host.telemetry.snapshot().points}
    assert points == {"account_tabs", "tab shows/one"}


def test_a_trace_that_comes_from_elsewhere_is_gone_on_with(open_host, quote, user, spans):
    carried = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    on = tracing.tracer()
    assert on is not None
    host = open_host(("agrees", AGREES, GUARD))
    parent = tracing.continued(carried)
    with tracing.span(on, "POST /guards", kind="server", parent=parent):
        host.before_quote_save(quote, user=user)
    ids = {each.context.trace_id for each in spans.all()}
    assert ids == {0x0AF7651916CD43DD8448EB211C80319C}


def test_a_trace_header_of_rubbish_begins_a_trace_of_its_own(spans):
    on = tracing.tracer()
    assert on is not None
    with tracing.span(on, "x", parent=tracing.continued({"traceparent": "zz-1-2\r\n"})) as made:
        assert made.get_span_context().is_valid


def test_metrics_go_to_whoever_configured_them(open_host, quote, user, metrics):
    host = open_host(("agrees", AGREES, GUARD), ("refuses", REFUSES, GUARD))
    host.before_quote_save(quote, user=user)
    host.before_quote_save(quote, user=user)
    seen = metrics()
    calls = {
        (each.attributes["crossdock.plugin.id"], each.attributes["crossdock.outcome"]): each.value
        for each in seen["crossdock.plugin.calls"]
    }
    assert calls == {("agrees", "ok"): 2, ("refuses", "veto"): 2}
    (vetoes,) = seen["crossdock.plugin.vetoes"]
    assert vetoes.value == 2
    assert {each.count for each in seen["crossdock.plugin.duration"]} == {2}


def test_calls_of_ports_are_counted_by_plugin_and_operation(open_host, quote, user, wire):
    host = open_host(("asks", ASKS, GUARD))
    host.before_quote_save(quote, user=user)
    wire.status = 403
    host.before_quote_save(quote, user=user)
    (port,) = host.telemetry.snapshot().ports
    assert (port.plugin_id, port.operation) == ("asks", "erp.items")
    assert (port.calls, port.faults) == (2, 1)
