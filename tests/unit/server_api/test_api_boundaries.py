"""Rubbish, too much, too slow, gone half-way: nothing breaks, nothing leaks, nothing is told."""

from __future__ import annotations

import json
import logging
import time

import attrs
import pytest

from crossdock.connectors.calling import depth
from crossdock.records import Order, OrderLine, Quote, QuoteLine

_GUARD = "/v1/guards/before_quote_save"
_SLOW = "/v1/accounts/A-1001/tabs/probe/slow"
_LINE = {"number": 1, "item_id": "BRG-1001", "quantity": "2"}
_RECORD = {"account_id": "A-1001", "currency": "EUR", "lines": [_LINE]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'{"record": NaN}', 400),
        (b'{"record": "\xff\xfe"}', 400),
        (b'{"record": "\\ud800"}', 400),
        (b"[" * 30_000, 400),
        (b'{"record":' * 5000, 400),
        (b'{"record": 1e999}', 400),
        (b"\x00\x01\x02", 400),
        (b'{"record": 1' + b"0" * 5000 + b"}", 400),
    ],
)  # fmt: skip
def test_a_body_that_is_rubbish_is_refused(sidecar, body, status):
    answer = sidecar.post(_GUARD, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/jsonp"},
    ],
)
def test_a_body_of_another_form_is_not_taken(sidecar, headers):
    answer = sidecar.post(_GUARD, content=b"{}", headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept"] == "application/json"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(sidecar):
    headers = {"content-type": "application/json", "content-length": "10000000"}
    began = time.monotonic()
    answer = sidecar.post(_GUARD, content=b"x" * 100, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert time.monotonic() - began < 5


def test_a_body_that_goes_on_for_ever_is_cut(sidecar):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1000
            yield b" " * 1000

    answer = sidecar.post(_GUARD, content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert sent < 200_000  # it is read as far as the limit, and no further


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/accounts/A-1001/tabs/", 404),
        ("GET", "/v1/accounts/..%2f..%2fetc/tabs", 404),
        ("GET", "/v1/accounts/%00/tabs", 400),
        ("GET", "/v1/accounts/" + "A" * 500 + "/tabs", 400),
        ("DELETE", "/v1/quotes", 405),
        ("TRACE", "/v1/quotes", 405),
        ("GET", "/v1/deliveries?limit=0", 400),
        ("GET", "/v1/deliveries?limit=1&limit=2", 400),
        ("GET", "/v1/deliveries?limit=\uff11", 400),
        ("GET", "/v1/deliveries?nonsense=1", 400),
        ("GET", "/v1/deliveries/D-0", 400),
        ("GET", "/v1/deliveries/D-999999", 404),
        ("GET", "/v1/points/nothing", 404),
        ("GET", "/v1/points/hookspec", 404),
    ],
)
def test_what_is_not_of_the_document_is_refused(sidecar, method, path, status):
    assert sidecar.call(method, path).status_code == status


def test_a_header_that_came_twice_is_refused(sidecar):
    twice = [("X-Api-Key", "cdk_" + "k" * 40), ("X-Crossdock-User", "U-kim"),
             ("X-Crossdock-User", "U-ada")]  # fmt: skip
    answer = sidecar.client.request("GET", "/v1/accounts/A-1001/tabs", headers=twice)
    assert answer.status_code == 400


def test_another_host_name_is_refused(sidecar):
    answer = sidecar.get("/v1/plugins", headers={"Host": "evil.example.test"})
    assert answer.status_code == 421
    assert sidecar.get("/v1/plugins", headers={"Host": "localhost:8610"}).status_code == 200


def test_every_answer_carries_the_headers_that_protect_it(sidecar):
    for method, path in (
        ("GET", "/health/live"), ("GET", "/v1/plugins"), ("GET", "/nothing"), ("PUT", "/metrics"),
        ("GET", "/v1/accounts/A-1001/tabs/probe/rude?as=html"),
    ):  # fmt: skip
        headers = sidecar.call(method, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-correlation-id"]
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_scripts_of_other_origins_are_let_in_by_configuration_only(open_sidecar):
    origin = "https://crm.example.test"
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    closed = open_sidecar().call("OPTIONS", "/v1/plugins", headers=asked)
    assert closed.status_code == 405
    open_ = open_sidecar(origins=[origin])
    allowed = open_.client.request("OPTIONS", "/v1/plugins", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == origin
    other = {**asked, "Origin": "https://evil.example.test"}
    refused = open_.client.request("OPTIONS", "/v1/plugins", headers=other)
    assert "access-control-allow-origin" not in refused.headers


def test_what_breaks_here_is_told_by_a_correlation_id_that_the_log_has(
    sidecar, monkeypatch, caplog
):
    def broken(*_arguments, **_named):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(sidecar.host, "account_tabs", broken)
    asked = {"X-Correlation-Id": "from-the-crm-1"}
    with caplog.at_level(logging.ERROR, "crossdock.api"):
        answer = sidecar.get("/v1/accounts/A-1001/tabs", headers=asked)
    assert answer.status_code == 500
    assert answer.json()["correlation_id"] == "from-the-crm-1"
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "from-the-crm-1" in caplog.text
    assert "hunter2" in caplog.text


def test_a_correlation_id_that_would_forge_a_log_is_not_taken(sidecar):
    answer = sidecar.get("/health/live", headers={"X-Correlation-Id": "x y z forged"})
    assert answer.headers["x-correlation-id"] != "x y z forged"


def test_the_remote_systems_see_the_correlation_id_and_who_calls(sidecar):
    asked = {"X-Correlation-Id": "from-the-crm-2"}
    sidecar.get("/v1/quotes/Q-1001", headers=asked)
    entry = next(each for each in sidecar.mocks.crm.journal if each.operation_id == "getQuote")
    assert entry.request_headers["x-correlation-id"] == "from-the-crm-2"
    assert "serve; key:crm" in entry.request_headers["user-agent"]


def test_the_depth_of_a_call_is_handed_on(sidecar, monkeypatch):
    seen = []
    plain = sidecar.host.ask

    def watched(*arguments, **named):
        seen.append(depth())
        return plain(*arguments, **named)

    monkeypatch.setattr(sidecar.host, "ask", watched)
    sidecar.post(_GUARD, json={"record": _RECORD}, headers={"X-Crossdock-Depth": "3"})
    assert seen == [3]
    deep = sidecar.post(_GUARD, json={"record": _RECORD}, headers={"X-Crossdock-Depth": "50"})
    assert not deep.json()["allowed"]
    assert sidecar.post(_GUARD, json={"record": _RECORD},
                        headers={"X-Crossdock-Depth": "-1"}).status_code == 400  # fmt: skip


def _until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _start(sidecar, path, **headers):
    known = {"X-Api-Key": "cdk_" + "k" * 40, "X-Crossdock-User": "U-kim", **headers}
    return sidecar.client.start("GET", path, headers=known)


def test_beyond_threads_and_queue_callers_are_told_to_come_back_and_health_still_answers(sidecar):
    pool = sidecar.app.state.api.pool
    sidecar.probe.HOLD.clear()
    waiting = [_start(sidecar, _SLOW) for _ in range(pool.threads + pool.queue)]
    _until(lambda: pool.inside == pool.threads + pool.queue)

    busy = sidecar.get("/v1/plugins")
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert busy.headers["retry-after"] == "1"
    assert sidecar.get("/health/live").status_code == 200
    assert sidecar.get("/health/ready", key=None, user=None).status_code == 503
    assert sidecar.get("/metrics").status_code == 200

    sidecar.probe.HOLD.set()
    assert [each.result(30).status_code for each in waiting] == [200] * len(waiting)
    _until(lambda: pool.inside == 0)
    assert sidecar.get("/v1/plugins").status_code == 200


def test_a_client_that_leaves_frees_its_place_and_what_waited_is_never_done(sidecar):
    pool = sidecar.app.state.api.pool
    sidecar.probe.HOLD.clear()
    held = [_start(sidecar, _SLOW) for _ in range(pool.threads)]
    for _ in held:
        assert sidecar.probe.ENTERED.acquire(timeout=20)
    before = len(sidecar.mocks.crm.journal)
    queued = [_start(sidecar, _SLOW) for _ in range(pool.queue)]
    _until(lambda: pool.inside == pool.threads + pool.queue)
    for each in queued:
        each.cancel()
    _until(lambda: pool.inside == pool.threads)
    sidecar.probe.HOLD.set()
    assert [each.result(30).status_code for each in held] == [200] * len(held)
    _until(lambda: pool.inside == 0)
    assert not sidecar.probe.ENTERED.acquire(blocking=False)
    assert len(sidecar.mocks.crm.journal) - before <= len(held)


def test_health_says_what_is_not_as_it_should_be(sidecar):
    ready = sidecar.get("/health/ready", key=None, user=None)
    assert ready.status_code == 200
    assert ready.json()["status"] == "warn"
    (workers,) = (each for each in ready.json()["checks"] if each["name"] == "workers")
    assert (workers["status"], workers["count"]) == ("warn", 0)
    assert "crossdock worker" in workers["reason"]
    assert sidecar.get("/health/live", key=None, user=None).json() == {"status": "live"}


def test_metrics_are_open_metrics(sidecar):
    sidecar.post(_GUARD, json={"record": _RECORD})
    answer = sidecar.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    counted = {
        (each.labels["operation"], each.labels["status"]): each.value
        for each in families["crossdock_requests"].samples
        if each.name.endswith("_total")
    }
    assert counted["askBeforeQuoteSave", "200"] == 1
    loaded = {s.labels["state"]: s.value for s in families["crossdock_plugins"].samples}
    assert loaded == {"loaded": 3, "quarantined": 0}


def test_the_document_is_given_and_known_again_by_its_tag(sidecar):
    answer = sidecar.get("/openapi.json", key=None, user=None)
    from openapi_spec_validator import validate

    validate(json.loads(answer.text))
    again = sidecar.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_deliveries_are_told_page_by_page_and_retried_in_the_caller_s_name(sidecar, new_quote):
    for _ in range(3):
        sidecar.post("/v1/quotes", json=new_quote)
    first = sidecar.get("/v1/deliveries", params={"limit": 2}).json()
    rest = sidecar.get("/v1/deliveries", params={"limit": 2, "before": first["next"]}).json()
    assert (len(first["data"]), len(rest["data"]), rest["next"]) == (2, 1, None)
    queued = sidecar.get("/v1/deliveries?state=queued&state=dead").json()["data"]
    assert {each["state"] for each in queued} == {"queued"}
    refused = sidecar.post(f"/v1/deliveries/{queued[0]['id']}/retry", user=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_retriable")


def test_plugins_are_listed_and_points_explained(sidecar):
    listed = {each["id"]: each for each in sidecar.get("/v1/plugins").json()["data"]}
    assert listed["probe"]["state"] == "loaded"
    plan = sidecar.get("/v1/points/before_quote_save").json()
    assert plan == {"point": "before_quote_save", "plugins": ["straight-through", "probe"]}


@pytest.mark.parametrize(
    ("schema", "record"),
    [("QuoteDraft", Quote), ("QuoteLine", QuoteLine), ("Order", Order), ("OrderLine", OrderLine)],
)
def test_the_document_knows_every_field_of_our_records(sidecar, schema, record):
    properties = sidecar.app.state.api.contract.document["components"]["schemas"][schema]
    assert set(properties["properties"]) == {each.name for each in attrs.fields(record)}
