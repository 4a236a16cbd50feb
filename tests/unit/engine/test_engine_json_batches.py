"""Batches in JSON: many exchanges in one request, transactions all or nothing."""

import json

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, MockTransport, Problem, Reply, TableSpec
from crossdock_mocks.engine.json_batch import JsonBatch

NOTE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
OK = {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}
NO = {
    "description": "refused",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
ANY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
BODY = {"required": True, "content": {"application/json": {"schema": NOTE}}}
BATCH = {"type": "object", "required": ["requests"], "properties": {"requests": {"type": "array"}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "batch", "version": "1"},
    "servers": [
        {
            "url": "https://odata.example/{tenant}/v4",
            "variables": {"tenant": {"default": "one", "x-any": True}},
        }
    ],
    "paths": {
        "/Notes": {"post": {"operationId": "make", "requestBody": BODY, "responses": {"201": OK}}},
        "/Notes({id})": {
            "parameters": [ANY],
            "get": {"operationId": "read", "responses": {"200": OK, "404": NO}},
        },
        "/$batch": {
            "post": {
                "operationId": "batch",
                "requestBody": {"content": {"application/json": {"schema": BATCH}}},
                "responses": {"200": OK, "400": NO},
            }
        },
        "/login": {
            "servers": [{"url": "https://login.example"}],
            "get": {"operationId": "log_in", "responses": {"200": OK}},
        },
    },
}


def make(call):
    note = {"id": call.world.sequence("notes", "N"), **call.body}
    call.world.table("notes").insert(note)
    return Reply(201, note, {"Location": f"https://odata.example/x/v4/Notes({note['id']})"})


def read(call):
    note = call.world.table("notes").get(call.path["id"])
    if note is None:
        raise Problem(404, "not_found")
    return Reply(body=note)


def _prefers(word):
    return lambda call: word in call.request.headers.get("prefer", "")


@pytest.fixture
def client(tmp_path):
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(DOCUMENT))
    batch = JsonBatch(most=5, atomic=_prefers("atomic"), stops=_prefers("stop"))
    behaviours = {"make": make, "read": read, "batch": batch, "log_in": lambda _: Reply(body={})}
    app = App(Dialect("batch", file, behaviours, [TableSpec("notes")]))
    world = app.open_world()
    with httpx.Client(transport=MockTransport(app, world), base_url="http://t") as made:
        made.world = world
        yield made


def made_of(text, **more):
    return {"method": "POST", "url": "Notes", "body": {"text": text}, **more}


def sent(client, *requests, **headers):
    answer = client.post("/x/v4/$batch", json={"requests": list(requests)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["responses"]


def test_each_request_is_an_exchange_of_its_own(client):
    answers = sent(
        client, made_of("a", id="1"), {"id": "2", "method": "GET", "url": "Notes(nowhere)"},
        made_of("b", id="3"),
    )  # fmt: skip
    assert [each["status"] for each in answers] == [201, 404, 201]
    assert answers[2]["body"] == {"id": "N2", "text": "b"}
    assert len(client.world.table("notes")) == 2
    assert [e.operation_id for e in client.world.journal] == ["make", "read", "make", "batch"]


def test_a_transaction_is_kept_or_undone_as_a_whole(client):
    bad = {"method": "GET", "url": "Notes(nowhere)"}
    answers = sent(client, made_of("a"), bad, made_of("b"), prefer="atomic")
    assert [each["status"] for each in answers] == [424, 404, 424]
    assert len(client.world.table("notes")) == 0
    answers = sent(client, made_of("a", atomicityGroup="g"), made_of("b"))
    assert [each["status"] for each in answers] == [201, 201]


def test_a_request_goes_on_from_what_another_one_made(client):
    answers = sent(client, made_of("a", id="n"), {"method": "GET", "url": "$n", "id": "r"})
    assert answers[1]["body"]["text"] == "a"


def test_what_depends_on_a_failure_is_not_done(client):
    bad = {"method": "GET", "url": "Notes(nowhere)", "id": "1"}
    answers = sent(client, bad, made_of("a", dependsOn=["1"]))
    assert [each["status"] for each in answers] == [404, 424]


def test_processing_stops_where_it_is_to_stop(client):
    bad = {"method": "GET", "url": "Notes(nowhere)"}
    assert len(sent(client, bad, made_of("a"), prefer="stop")) == 1


@pytest.mark.parametrize(
    "requests",
    [
        [made_of("a")] * 6,
        [made_of("a", id="1"), made_of("b", id="1")],
        [made_of("a", dependsOn=["7"])],
        [{"method": "POST", "url": "$batch", "body": {}}],
        [{"method": "GET", "url": "$7/text"}],
    ],
)
def test_a_batch_that_makes_no_sense_is_refused_before_anything_is_done(client, requests):
    answer = client.post("/x/v4/$batch", json={"requests": requests})
    assert answer.status_code == 400, answer.text
    assert len(client.world.table("notes")) == 0


def test_a_path_may_have_a_server_and_a_server_any_value_of_a_variable(client):
    assert client.get("/login").status_code == 200
    assert client.get("/x/v4/login").status_code == 404
    assert client.get("/another/v4/Notes(7)").status_code == 404
    assert client.post("/another/v4/Notes", json={"text": "a"}).status_code == 201
