"""multipart/mixed batches: many exchanges in one request, change sets all or nothing."""

import json
from email.parser import BytesParser

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, MockTransport, Problem, Reply, TableSpec
from crossdock_mocks.engine.batch import MultipartBatch

NOTE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
OK = {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}
NO = {
    "description": "refused",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
BODY = {"required": True, "content": {"application/json": {"schema": NOTE}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "batch", "version": "1"},
    "servers": [{"url": "https://odata.example/v4"}],
    "security": [{"key": []}],
    "paths": {
        "/Notes": {"post": {"operationId": "make", "requestBody": BODY, "responses": {"201": OK}}},
        "/Notes({id})": {
            "parameters": [ID],
            "get": {"operationId": "read", "responses": {"200": OK, "404": NO}},
            "patch": {"operationId": "change", "requestBody": BODY, "responses": {"200": OK}},
        },
        "/$batch": {
            "post": {
                "operationId": "batch",
                "requestBody": {"content": {"multipart/mixed": {"schema": {}}}},
                "responses": {
                    "400": NO,
                    "200": {"description": "ok", "content": {"multipart/mixed": {"schema": {}}}},
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "authorization"}}
    },
}


def make(call):
    note = {"id": call.world.sequence("notes", "N"), **call.body}
    call.world.table("notes").insert(note)
    return Reply(201, note, {"Location": f"https://odata.example/v4/Notes({note['id']})"})


def read(call):
    note = call.world.table("notes").get(call.path["id"])
    if note is None:
        raise Problem(404, "not_found")
    return Reply(body=note)


def change(call):
    return Reply(body=call.world.table("notes").update(call.path["id"], **call.body))


@pytest.fixture
def client(tmp_path):
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(DOCUMENT))
    behaviours = {"make": make, "read": read, "change": change,
                  "batch": MultipartBatch("/v4/", most=5)}  # fmt: skip
    app = App(
        Dialect(
            "batch", file, behaviours, [TableSpec("notes")],
            authenticate=lambda call: call.credentials["key"],
        )
    )  # fmt: skip
    world = app.open_world()
    headers = {"authorization": "k"}
    with httpx.Client(
        transport=MockTransport(app, world), base_url="https://odata.example/v4", headers=headers
    ) as it:
        it.world = world
        yield it


def inner(method, path, body=None, content_id=None):
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"{method} {path} HTTP/1.1"]
    lines += ["Content-Type: application/json", "", json.dumps(body)] if body else ["", ""]
    return "\r\n".join(lines)


def parts(boundary, *blocks):
    return "".join(f"--{boundary}\r\n{block}\r\n" for block in blocks) + f"--{boundary}--\r\n"


def changes(*blocks):
    return "Content-Type: multipart/mixed; boundary=cs\r\n\r\n" + parts("cs", *blocks)


def send(client, *blocks, content=None, kind="multipart/mixed; boundary=b"):
    content = parts("b", *blocks) if content is None else content
    return client.post("/$batch", content=content.encode(), headers={"Content-Type": kind})


def read_answers(response):
    assert response.status_code == 200, response.text
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()

    def walk(message):
        if message.is_multipart():
            return [walk(each) for each in message.get_payload()]
        first, _, rest = message.get_payload().partition("\r\n")
        body = rest.partition("\r\n\r\n")[2]
        return int(first.split()[1]), json.loads(body), message.get("Content-ID")

    return walk(BytesParser().parsebytes(head + response.content))


def test_each_inner_request_is_answered_in_its_order(client):
    got = read_answers(
        send(
            client,
            inner("GET", "/v4/Notes(N1)"),
            changes(inner("POST", "Notes", {"text": "a"})),
            inner("GET", "https://odata.example/v4/Notes(N1)"),
            inner("GET", "/v4/Nothing"),
        )
    )
    missing, (made,), found, unknown = got
    assert (missing[0], missing[1]["code"]) == (404, "not_found")
    assert made[:2] == (201, {"id": "N1", "text": "a"})
    assert found[:2] == (200, {"id": "N1", "text": "a"})
    assert (unknown[0], unknown[1]["code"]) == (404, "unknown_path")
    operations = [entry.operation_id for entry in client.world.journal]
    assert operations == ["read", "make", "read", None, "batch"]


def test_a_change_set_is_all_or_nothing(client):
    refused = read_answers(
        send(
            client,
            changes(inner("POST", "Notes", {"text": "a"}), inner("POST", "Notes", {"text": 1})),
            changes(inner("POST", "Notes", {"text": "b"})),
        )
    )
    alone, (made,) = refused
    assert (alone[0], alone[1]["code"]) == (422, "invalid_body")
    assert made[:2] == (201, {"id": "N1", "text": "b"})
    assert client.world.table("notes").count() == 1
    kept = [(entry.operation_id, entry.committed) for entry in client.world.journal]
    assert kept == [("make", False), ("make", False), ("make", True), ("batch", True)]


def test_a_change_refers_to_what_was_made_before_it(client):
    ((made, changed),) = read_answers(
        send(
            client,
            changes(
                inner("POST", "Notes", {"text": "a"}, "1"),
                inner("PATCH", "$1", {"text": "b"}, "2"),
            ),
        )
    )
    assert (made[0], made[2]) == (201, "1")
    assert changed == (200, {"id": "N1", "text": "b"}, "2")


@pytest.mark.parametrize(
    ("blocks", "more", "reason"),
    [
        ([], {"content": "nothing"}, "no parts"),
        ([], {"content": "--b\r\n", "kind": "multipart/mixed"}, "no parts"),
        (["Content-Type: text/plain\r\n\r\nGET / HTTP/1.1"], {}, "not application/http"),
        (["Content-Type: application/http\r\n\r\nhello"], {}, "not the first line"),
        ([inner("GET", "/v4/Notes(N1)").rstrip() + "\r\nnonsense\r\n"], {}, "not a header"),
        ([inner("POST", "/v4/$batch")], {}, "cannot hold another"),
        ([changes(inner("GET", "/v4/Notes(N1)"))], {}, "holds changes only"),
        ([changes(inner("PATCH", "$9", {"text": "b"}))], {}, "refers to nothing"),
        ([inner("GET", "/v4/Notes(N1)")] * 6, {}, "of at most 5"),
    ],
)
def test_a_batch_that_cannot_be_read_does_nothing(client, blocks, more, reason):
    first = changes(inner("POST", "Notes", {"text": "a"}))
    response = send(client, first, *blocks, **more)
    assert (response.status_code, response.json()["code"]) == (400, "malformed_batch")
    assert reason in response.json()["detail"]
    assert client.world.table("notes").count() == 0
