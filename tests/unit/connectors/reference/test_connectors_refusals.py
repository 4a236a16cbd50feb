"""What a status, or the lack of an answer, becomes."""

import socket
import ssl

import httpx
import pytest

from crossdock.connectors import erp
from crossdock.connectors.refusals import retry_after
from crossdock.errors import (
    Conflict,
    FieldError,
    NotFound,
    NotSupported,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

pytestmark = pytest.mark.usefixtures("no_waiting")

LABEL = "The ERP main at http://erp.test"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "bad_request", RemoteRejectedData),
        (401, "unauthorized", RemoteUnauthorized),
        (403, "forbidden", RemoteUnauthorized),
        (404, "not_found", NotFound),
        (405, "method_not_allowed", RemoteRejectedData),
        (409, "order_cancelled", Conflict),
        (410, "gone", NotFound),
        (412, "stale", Stale),
        (415, "unsupported_media_type", RemoteRejectedData),
        (422, "invalid_body", RemoteRejectedData),
        (422, "credit_limit_exceeded", RemoteRefused),
        (422, "idempotency_key_reused", Conflict),
        (428, "precondition_required", RemoteRejectedData),
        (429, "too_many_requests", RemoteUnavailable),
        (418, "teapot", RemoteRefused),
        (302, "moved", RemoteMisbehaved),
        (500, "mock_defect", RemoteUnavailable),
        (501, "not_implemented", NotSupported),
        (503, "maintenance", RemoteUnavailable),
    ],
)
def test_an_erp_answer_becomes_its_error(erp_wire, erp_port, erp_rows, status, code, error):
    erp_wire.plays("getCustomer", erp_rows.problem(status, code, "Told in words."))
    with pytest.raises(error) as caught:
        erp_port.customer("C-1")
    assert type(caught.value) is error
    assert str(caught.value).startswith(LABEL)
    if error is not NotSupported:
        assert (caught.value.system, caught.value.status) == ("main", status)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("status", "code", "fields", "error"),
    [
        (400, "malformed", [], RemoteRejectedData),
        (403, "forbidden", [], RemoteUnauthorized),
        (404, "not_found", [], NotFound),
        (409, "stale_version", [], Conflict),
        (422, "invalid", [{"field": "lines.0.quantity", "message": "is 0"}], RemoteRejectedData),
        (422, "invalid", [], RemoteRejectedData),
        (422, "quote_without_lines", [{"field": "lines", "message": "none"}], RemoteRefused),
        (429, "too_many_requests", [], RemoteUnavailable),
        (500, "mock_defect", [], RemoteUnavailable),
    ],
)
def test_a_crm_answer_becomes_its_error(crm_wire, crm_port, crm_rows, status, code, fields, error):
    crm_wire.plays("getAccount", crm_rows.error(status, code, "Told in words.", fields))
    with pytest.raises(error) as caught:
        crm_port.account("A-1")
    assert type(caught.value) is error
    assert caught.value.code == code
    assert caught.value.fields == tuple(FieldError(**field) for field in fields)


def test_a_refusal_says_who_refused_what_and_why(erp_wire, erp_port, erp_rows):
    error = {"pointer": "/lines/0/itemId", "message": "There is no item X."}
    erp_wire.plays("getCustomer", erp_rows.problem(422, "unknown_item", "No such item.", [error]))
    with pytest.raises(RemoteRefused) as caught:
        erp_port.customer("C-1")
    assert str(caught.value) == (
        f"{LABEL} refused getCustomer (422 unknown_item): No such item "
        "(lines.0.item_id: There is no item X.)"
    )


def test_a_refused_key_names_the_setting(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.problem(401, "unauthorized", "Unknown key."))
    with pytest.raises(RemoteUnauthorized, match=r"under \[erp\.main\] in crossdock\.toml"):
        erp_port.customer("C-1")


def test_a_key_that_is_echoed_back_is_masked(erp_wire, erp_port, erp_rows):
    echo = erp_rows.problem(401, "unauthorized", "There is no key api-key-55120.")
    erp_wire.plays("getCustomer", echo)
    with pytest.raises(RemoteUnauthorized) as caught:
        erp_port.customer("C-1")
    assert "There is no key ***" in str(caught.value)


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "[1]", '{"error": 5}'])
def test_an_error_that_is_not_in_the_systems_own_words_is_told_by_its_status(
    crm_wire, crm_port, body
):
    page = httpx.Response(502, text=body, headers={"content-type": "application/json"})
    crm_wire.plays("getAccount", page)
    with pytest.raises(RemoteUnavailable, match="answered 502 Bad Gateway"):
        crm_port.account("A-1")


def test_a_status_that_nobody_knows_is_told_by_its_number(erp_wire, erp_port):
    erp_wire.plays("getCustomer", httpx.Response(599))
    with pytest.raises(RemoteUnavailable, match="answered 599"):
        erp_port.customer("C-1")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (httpx.Response(200, html="<html>Log in</html>"), r"not JSON \(it is text/html\)"),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), "JSON"),
        (httpx.Response(200, json=[]), "the whole of it: expected an object, got a list"),
        (httpx.Response(204), "the whole of it: expected an object, got null"),
    ],
)
def test_a_good_status_with_a_wrong_body_is_misbehaviour(erp_wire, erp_port, response, message):
    erp_wire.checked = False
    erp_wire.plays("getCustomer", response)
    with pytest.raises(RemoteMisbehaved, match=message):
        erp_port.customer("C-1")


@pytest.mark.parametrize(
    ("over", "place"),
    [
        ({"creditLimit": 100.5}, "/creditLimit: expected a decimal string, got 100.5"),
        ({"currency": None}, "/currency: expected a currency code"),
        ({"address": {"street": "1 Quay"}}, "/address/city: is missing"),
        ({"onHold": "no"}, "/onHold: expected true or false"),
    ],
)
def test_a_field_that_does_not_fit_is_named_by_its_pointer(
    erp_wire, erp_port, erp_rows, over, place
):
    erp_wire.checked = False
    erp_wire.plays("getCustomer", erp_rows.customer(**over))
    with pytest.raises(RemoteMisbehaved, match=place) as caught:
        erp_port.customer("C-1")
    assert caught.value.fields[0].field in place


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "message", "maybe_done"),
    [
        (
            caused(httpx.ConnectError("[Errno 111]"), ConnectionRefusedError(111, "refused")),
            f"{LABEL} did not answer: connection refused. Is it running?",
            False,
        ),
        (
            caused(httpx.ConnectError("[Errno -2]"), socket.gaierror(-2, "not known")),
            f"{LABEL} cannot be found: its name does not resolve. "
            "Check 'url' under [erp.main] in crossdock.toml.",
            False,
        ),
        (
            caused(httpx.ConnectError("self-signed"), ssl.SSLError("self-signed")),
            f"{LABEL} did not answer: no trusted connection could be made (self-signed).",
            False,
        ),
        (
            httpx.ConnectTimeout("timed out"),
            f"{LABEL} did not answer: no connection within 10 s. "
            "Is the address under [erp.main] in crossdock.toml right, and is it running?",
            False,
        ),
        (
            httpx.PoolTimeout("timed out"),
            f"{LABEL} was not asked for createSalesOrder: "
            "all connections to it were busy for 10 s. It may be overloaded.",
            False,
        ),
        (
            httpx.ReadTimeout("timed out"),
            f"{LABEL} did not answer createSalesOrder within 10 s. It may be overloaded. "
            "Whether the call took effect is not known.",
            True,
        ),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            f"{LABEL} broke off the connection during createSalesOrder "
            "(Server disconnected without sending a response.). "
            "Whether the call took effect is not known.",
            True,
        ),
        (
            httpx.ReadError(""),
            f"{LABEL} broke off the connection during createSalesOrder (no answer). "
            "Whether the call took effect is not known.",
            True,
        ),
    ],
)
def test_no_answer_is_told_in_plain_words(
    erp_wire, erp_port, crm_order, customer, error, message, maybe_done
):
    erp_wire.plays("createSalesOrder", error)
    with pytest.raises(RemoteUnavailable) as caught:
        erp_port.place_order(customer, crm_order, idempotency_key="k")
    assert str(caught.value) == message
    assert caught.value.maybe_done is maybe_done


def test_a_body_that_cannot_be_unpacked_is_misbehaviour():

    def handler(_):
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")
        )

    port = erp.connect(
        "main",
        {"url": "http://erp.test", "api_key": "k3y-word"},
        transport=httpx.MockTransport(handler),
    )
    with pytest.raises(RemoteMisbehaved, match="cannot be decoded"):
        port.customer("C-1")


def test_a_port_where_nobody_listens_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        port = erp.connect("uk", {"url": f"http://127.0.0.1:{number}", "api_key": "k3y-word"})
        with pytest.raises(RemoteUnavailable) as caught:
            port.customer("C-1")
        port.close()
    assert str(caught.value) == (
        f"The ERP uk at http://127.0.0.1:{number} did not answer: connection refused. "
        "Is it running?"
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, None),
        (
            {
                "retry-after": "Sat, 21 Nov 2026 10:00:30 GMT",
                "date": "Sat, 21 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "retry-after": "Sat, 21 Nov 2026 09:00:00 GMT",
                "date": "Sat, 21 Nov 2026 10:00:00 GMT",
            },
            0.0,
        ),
    ],
)
def test_retry_after_is_read_as_seconds(headers, seconds):
    assert retry_after(headers) == seconds


def test_a_throttled_call_tells_how_long_to_wait(erp_wire, erp_port, erp_rows):
    throttled = erp_rows.problem(429, "too_many_requests", "Slow down.")
    throttled.headers["Retry-After"] = "30"
    erp_wire.plays("getCustomer", throttled)
    with pytest.raises(RemoteUnavailable, match="It asks to wait 30 s") as caught:
        erp_port.customer("C-1")
    assert (caught.value.retry_after, caught.value.maybe_done) == (30.0, False)


def test_what_is_wrong_with_a_field_is_told_once(crm_wire, crm_port, crm_rows):
    field = {"field": "lines.0.quantity", "message": "must be above 0"}
    told = "Not accepted: lines.0.quantity must be above 0."
    crm_wire.plays("getAccount", crm_rows.error(422, "invalid", told, [field]))
    with pytest.raises(RemoteRejectedData) as caught:
        crm_port.account("A-1")
    assert str(caught.value).count("must be above 0") == 1
