"""The exchange behind a failed call is kept as evidence: what was sent and answered, no secrets."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest
import stamina

from crossdock.connectors import erp
from crossdock.connectors.evidence import witnessed, written
from crossdock.errors import Conflict, RemoteRefused, RemoteUnavailable
from crossdock.records import Order, OrderLine

_KEY = "api-key-55120"


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def erp_order():
    line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
    return Order(id="R-1", system="crm", currency="EUR", reference="R-1", lines=(line,))


def _port(*answers):
    """An ERP that gives these answers, one after the other."""
    waiting = list(answers)

    def answer(request):
        given = waiting.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    return erp.connect(
        "main",
        {"url": "http://erp.test", "api_key": _KEY},
        transport=httpx.MockTransport(answer),
    )


def _problem(status, **more):
    return httpx.Response(
        status,
        json={"type": "about:blank", "title": "No", "status": status, "detail": "no", **more},
        headers={"content-type": "application/problem+json"},
    )


def _evidence(port, call):
    with witnessed() as witness, pytest.raises(Exception) as raised:  # noqa: PT011 - any of them
        call(port)
    exchanged = witness.of(raised.value)
    return witness, None if exchanged is None else written(exchanged)


def test_method_address_status_headers_and_both_bodies_are_kept(erp_order, customer):
    port = _port(_problem(422, code="item_unknown", errors=[]))
    _, kept = _evidence(
        port, lambda port: port.place_order(customer, erp_order, idempotency_key="xd-1")
    )
    request, answer = kept["request"], kept["answer"]
    assert (request["method"], request["url"]) == ("POST", "http://erp.test/sales-orders")
    assert request["headers"]["Idempotency-Key"] == "xd-1"
    assert json.loads(request["body"])["customerId"] == customer.id
    assert answer["status"] == 422
    assert json.loads(answer["body"])["code"] == "item_unknown"
    assert kept["seconds"] >= 0


def test_credentials_and_what_not_everybody_may_see_are_masked_wherever_they_stand():
    body = {
        "detail": f"the key {_KEY} is not known",
        "debug": {"accessToken": "t-1", "items": [{"unitCost": "3.10", "price": "9.00"}]},
        "iban": "DE02120300000000202051",
        "nothing": {"margin": None},
    }
    refused = httpx.Response(
        404, json=body, headers={"set-cookie": "s=1", "x-api-key": _KEY, "x-note": f"by {_KEY}"}
    )
    _, kept = _evidence(_port(refused), lambda port: port.customer("C-1"))
    text = json.dumps(kept)
    for secret in (_KEY, "t-1", "3.10", "DE0212", "s=1"):
        assert secret not in text
    assert "9.00" in text
    assert kept["request"]["headers"]["X-Api-Key"] == "***"
    assert kept["answer"]["headers"]["x-note"] == "by ***"
    assert json.loads(kept["answer"]["body"])["nothing"] == {"margin": None}


@pytest.mark.parametrize(
    "content",
    [
        b"<html>" + b"x" * 300_000,
        b'{"password": "hunter2", "a": "' + b"y" * 300_000 + b'"}',
        json.dumps({"password": "hunter2", "rows": ["z" * 100] * 2000}).encode(),
        b'{"password": "hunter2"',
        b"\xff\xfe password=hunter2&x=1",
    ],
)
def test_what_is_kept_is_bounded_and_masked_even_where_it_is_no_json(content):
    answer = httpx.Response(404, content=content, headers={"content-type": "application/json"})
    _, kept = _evidence(_port(answer), lambda port: port.customer("C-1"))
    text = json.dumps(kept)
    assert len(text) < 20_000
    assert "hunter2" not in text


def test_a_call_that_got_no_answer_says_why():
    _, kept = _evidence(
        _port(httpx.ReadTimeout("slow", request=httpx.Request("GET", "http://erp.test"))),
        lambda port: port.customer("C-1"),
    )
    assert kept["answer"] is None
    assert "did not answer" in kept["lost"]


def test_the_exchange_is_that_of_the_failed_call_and_not_of_what_was_asked_after_it(customer):
    port = _port(_problem(404, code="no_such_customer"), _problem(409, code="busy"))

    def call(port):
        try:
            port.customer("C-1")
        except RemoteRefused as refused:
            with pytest.raises(Conflict):
                port.customer("C-2")
            raise refused from None

    _, kept = _evidence(port, call)
    assert kept["answer"]["status"] == 404
    assert kept["request"]["url"].endswith("/C-1")


def test_a_plugin_s_own_fault_is_shown_with_what_was_answered_last():
    port = _port(_problem(404))

    def call(port):
        with pytest.raises(RemoteRefused):
            port.customer("C-1")
        raise ZeroDivisionError

    _, kept = _evidence(port, call)
    assert kept["answer"]["status"] == 404
    with witnessed() as witness:
        assert witness.of(ZeroDivisionError()) is None


_LOST = httpx.ReadTimeout("slow", request=httpx.Request("POST", "http://erp.test"))
_UNREACHED = httpx.ConnectError("refused", request=httpx.Request("POST", "http://erp.test"))


@pytest.mark.parametrize(
    ("answers", "fate"),
    [
        ([_UNREACHED], ""),
        ([_problem(401)], ""),
        ([_problem(429)], ""),
        ([_problem(422, code="item_unknown")], "refused"),
        ([_problem(400)], "refused"),
        ([_LOST], "maybe"),
        ([_problem(503)], "maybe"),
        ([_problem(409, code="in_progress")], "maybe"),
        ([_problem(422, code="idempotency_key_reused")], "maybe"),
        ([_LOST, _problem(422, code="on_hold")], "refused"),
        ([_LOST, _UNREACHED], "maybe"),
        ([httpx.Response(201, json={})], "created"),
        ([httpx.Response(201, json={}), _problem(422)], "created"),
    ],
)
def test_it_is_known_of_a_key_whether_something_can_have_been_made_under_it(
    answers, fate, erp_order, customer
):
    port = _port(*answers)
    with witnessed() as witness:
        for _ in answers:
            with pytest.raises(Exception):  # noqa: B017, PT011 - which one is not the point here
                port.place_order(customer, erp_order, idempotency_key="xd-1")
    assert witness.fates == {"xd-1": fate}


def test_whether_a_system_answers_and_how_long_it_asks_to_wait_is_noted():
    port = _port(
        _problem(404),
        httpx.Response(429, headers={"retry-after": "30"}),
        _UNREACHED,
    )
    with witnessed() as witness:
        told = []
        for _ in range(3):
            with pytest.raises((RemoteRefused, RemoteUnavailable)):
                port.customer("C-1")
            told.append((witness.answered["main"], witness.waits.get("main")))
    assert told == [(True, None), (False, 30.0), (False, None)]


def test_nobody_watches_unless_asked():
    port = _port(_problem(404))
    with pytest.raises(RemoteRefused):
        port.customer("C-1")


def test_secrets_of_the_host_are_masked_besides_the_connector_s_own():
    answer = httpx.Response(404, json={"detail": "tell hunter2 of it", "next": "?key=hunter2"})
    with witnessed() as witness, pytest.raises(RemoteRefused) as raised:
        _port(answer).customer("hunter2")
    text = json.dumps(written(witness.of(raised.value), secrets=["hunter2"]))
    assert "hunter2" not in text
    assert "/customers/***" in text


def test_calls_are_counted_by_system(customer, erp_order):
    port = _port(_problem(404), _LOST)
    with witnessed() as witness:
        with pytest.raises(RemoteRefused):
            port.customer("C-1")
        with pytest.raises(RemoteUnavailable):
            port.place_order(customer, erp_order, idempotency_key="k")
    assert witness.calls == {"main": 2}
