"""OAuth 1.0a: the worked examples of the standard and of Twitter, and what is refused."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, MockTransport, Reply
from crossdock_mocks.engine.oauth1 import (
    NONCES,
    Secrets,
    base_string,
    read_header,
    sign,
    signature,
    verify,
)  # fmt: skip

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SECRETS = Secrets("kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
BASE = "https://erp.example"


def test_the_base_string_is_that_of_the_standard():
    # RFC 5849, section 3.4.1.1.
    parameters = [
        ("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]  # fmt: skip
    expected = (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e"
        "4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9"
        "d7dh3k39sjv7"
    )
    assert base_string("post", "http://EXAMPLE.com:80/request?b5=x", parameters) == expected


def test_a_signature_is_that_of_the_first_version_of_the_standard():
    # OAuth Core 1.0, appendix A.5: the photo of the holiday.
    text = base_string(
        "GET",
        "http://photos.example.net/photos",
        [
            ("file", "vacation.jpg"), ("size", "original"),
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "1191242096"),
            ("oauth_nonce", "kllo9940pd9333jh"), ("oauth_version", "1.0"),
        ],
    )  # fmt: skip
    assert signature("HMAC-SHA1", text, SECRETS) == "tR3+Ty81lMeYAr/Fid0kMTYa/WM="


@pytest.fixture
def client(tmp_path):
    responses = {"204": {"description": "signed"}}
    security = {"security": [{"signed": []}], "responses": responses}
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "signed", "version": "1"},
        "paths": {
            "/orders": {
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "get": {"operationId": "list", **security},
                "post": {"operationId": "make", "requestBody": {"content": form}, **security},
            }
        },
        "components": {"securitySchemes": {"signed": {"type": "http", "scheme": "oauth"}}},
    }
    file = tmp_path / "signed.json"
    file.write_text(json.dumps(document))

    def secrets(consumer, token):
        return SECRETS if (consumer, token) == ("app", "kim") else None

    app = App(
        Dialect(
            "signed", file, dict.fromkeys(("list", "make"), lambda call: Reply(204)), [NONCES],
            authenticate=lambda call: verify(call, secrets, base=BASE),
        )
    )  # fmt: skip
    world = app.open_world(now=NOW)
    with httpx.Client(transport=MockTransport(app, world), base_url=BASE) as client:
        client.world = world
        yield client


def header(method="GET", url=f"{BASE}/orders", **more):
    given = {"consumer": "app", "token": "kim", "secrets": SECRETS, "nonce": "n1",
             "timestamp": int(NOW.timestamp()), **more}  # fmt: skip
    return {"Authorization": sign(method, url, **given)}


@pytest.mark.parametrize("algorithm", ["HMAC-SHA1", "HMAC-SHA256"])
def test_a_signed_call_is_taken(client, algorithm):
    url = f"{BASE}/orders?q=a%20b%26c"
    headers = header(url=url, algorithm=algorithm, realm="1234567_SB1")
    assert client.get(url, headers=headers).status_code == 204


def test_a_form_is_signed_too(client):
    form = [("note", "a b&c"), ("empty", "")]
    headers = header("POST", form=form, nonce="n2")
    assert client.post("/orders", data=dict(form), headers=headers).status_code == 204
    headers = header("POST", form=form, nonce="n3")
    changed = client.post("/orders", data={"note": "other", "empty": ""}, headers=headers)
    assert (changed.status_code, changed.json()["code"]) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"secrets": Secrets("wrong", "pfkkdhi9sl3r4s00")}, 401, "signature_invalid"),
        ({"method": "POST"}, 401, "signature_invalid"),
        ({"url": f"{BASE}/orders?q=1"}, 401, "signature_invalid"),
        ({"consumer": "nobody"}, 401, "consumer_key_or_token_unknown"),
        ({"token": ""}, 401, "consumer_key_or_token_unknown"),
        ({"timestamp": int(NOW.timestamp()) - 301}, 401, "timestamp_refused"),
        ({"timestamp": int(NOW.timestamp()) + 301}, 401, "timestamp_refused"),
        ({"nonce": ""}, 400, "parameter_absent"),
    ],
)
def test_what_is_not_signed_rightly_is_refused_with_the_reason(client, more, status, code):
    response = client.get("/orders", headers=header(**more))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert "pfkkdhi9sl3r4s00" not in response.text


def test_a_call_is_taken_once(client):
    assert client.get("/orders", headers=header()).status_code == 204
    again = client.get("/orders", headers=header())
    assert (again.status_code, again.json()["code"]) == (401, "nonce_used")


def test_the_timestamp_is_held_against_the_worlds_clock(client):
    client.world.clock.advance(timedelta(minutes=6))
    assert client.get("/orders", headers=header()).json()["code"] == "timestamp_refused"


def test_an_unknown_signature_method_is_400(client):
    text = header()["Authorization"].replace("HMAC-SHA256", "PLAINTEXT")
    response = client.get("/orders", headers={"Authorization": text})
    assert (response.status_code, response.json()["code"]) == (400, "signature_method_rejected")


@pytest.mark.parametrize("value", ["OAuth", "OAuth a", 'OAuth a="1", a="2"', "OAuth a=b"])
def test_a_malformed_header_is_401(client, value):
    assert client.get("/orders", headers={"Authorization": value}).status_code == 401
    assert client.get("/orders").status_code == 401
    assert not read_header(value)
