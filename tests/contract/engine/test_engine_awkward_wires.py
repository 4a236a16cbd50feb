"""Awkward wires over a real socket: what stands between changes nothing of what was sent."""

import http.client
import json
from datetime import UTC, datetime

import pytest

from crossdock_mocks.engine import App, Dialect, Reply, serve_in_thread
from crossdock_mocks.engine.batch import MultipartBatch
from crossdock_mocks.engine.oauth1 import NONCES, Secrets, sign, verify

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ANY = {"schema": {}}
TEXTS = {"type": "array", "items": {"type": "string"}}


def operation(name, *parameters, **more):
    answer = {"description": "ok", "content": {"application/json": ANY}}
    return {"operationId": name, "parameters": list(parameters),
            "responses": {"200": answer}, **more}  # fmt: skip


def parameter(name, **more):
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, **more}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    batch = operation("batch", requestBody={"content": {"multipart/mixed": ANY}})
    batch["responses"] = {"200": {"description": "ok", "content": {"multipart/mixed": ANY}}}
    matrix = parameter("tags", style="matrix", explode=True, schema=TEXTS)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "awkward", "version": "1"},
        "x-paths": {"case": "ignore", "trailing-slash": "ignore"},
        "paths": {
            "/Accounts('{id}')": {"get": operation("account", parameter("id"))},
            "/Companies({id})/Customers": {
                "get": operation("customers", parameter("id", **{"x-key": "odata"}))
            },
            "/Tagged{tags}": {"get": operation("tagged", matrix)},
            "/Signed": {"get": operation("signed", security=[{"oauth": []}])},
            "/$batch": {"post": batch},
        },
        "components": {"securitySchemes": {"oauth": {"type": "http", "scheme": "oauth"}}},
    }
    file = tmp_path_factory.mktemp("awkward") / "awkward.json"
    file.write_text(json.dumps(document))
    names = ("account", "customers", "tagged", "signed")
    behaviours = dict.fromkeys(names, lambda call: Reply(body=call.path))
    app = App(
        Dialect(
            "awkward",
            file,
            {**behaviours, "batch": MultipartBatch()},
            [NONCES],
            authenticate=lambda call: verify(
                call, lambda consumer, token: Secrets("c", "t"), base="https://erp.example"
            ),
        )
    )
    with serve_in_thread((app, app.open_world(now=NOW))) as (address,):
        yield address


@pytest.fixture
def call(address):
    """Sends exactly what is given, which no client library would."""
    host, port = address.base_url.removeprefix("http://").split(":")
    line = http.client.HTTPConnection(host, int(port), timeout=10)

    def call(method, target, body=None, **headers):
        line.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        line.putheader("Content-Length", str(len(body or b"")))
        line.endheaders(body)
        response = line.getresponse()
        return response.status, response.read()

    yield call
    line.close()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/Accounts('O''Hara')", {"id": "O'Hara"}),
        ("/ACCOUNTS(%27a%2Fb%27)/", {"id": "a/b"}),
        ("/companies(f81d4fae-7dec-11d0-a765-00a0c91e6bf6)/customers", {
            "id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}),
        ("/Tagged;tags=a%3Bb;tags=c", {"tags": ["a;b", "c"]}),
    ],
)  # fmt: skip
def test_a_path_arrives_as_it_was_sent(call, target, expected):
    status, body = call("GET", target)
    assert (status, json.loads(body)) == (200, expected)


def test_a_signature_over_the_public_address_is_verified(call):
    header = sign(
        "GET", "https://erp.example/Signed", consumer="a", token="b", secrets=Secrets("c", "t"),
        nonce="1", timestamp=int(NOW.timestamp()),
    )  # fmt: skip
    assert call("GET", "/Signed", Authorization=header)[0] == 200
    status, body = call("GET", "/Signed", Authorization=header)
    assert (status, json.loads(body)["code"]) == (401, "nonce_used")


def test_a_batch_is_answered_in_parts(call):
    part = b"Content-Type: application/http\r\n\r\nGET /Accounts('7') HTTP/1.1\r\n\r\n"
    body = b"--b\r\n" + part + b"\r\n--b\r\n" + part + b"\r\n--b--\r\n"
    status, answer = call("POST", "/$batch", body, Content_Type="multipart/mixed; boundary=b")
    assert status == 200
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b'{"id":"7"}') == 2
