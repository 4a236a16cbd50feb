"""multipart/form-data: members by their types, files by their bytes, JSON parts as they are."""

import json

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, MockTransport, Reply

FORM = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "pages": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "file": {"type": "string", "format": "binary", "maxLength": 4},
        "about": {"type": "object", "properties": {"by": {"type": "integer"}}},
    },
}


@pytest.fixture
def send(tmp_path):
    seen = []
    body = {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "multipart", "version": "1"},
        "paths": {"/files": {"post": {"operationId": "put", "requestBody": body,
                                      "responses": {"204": {"description": "taken"}}}}},
    }  # fmt: skip
    file = tmp_path / "multipart.json"
    file.write_text(json.dumps(document))

    def put(call):
        seen.append(call.body)
        return Reply(204)

    app = App(Dialect("multipart", file, {"put": put}))
    transport = MockTransport(app, app.open_world())
    with httpx.Client(transport=transport, base_url="http://multipart.test") as client:
        yield lambda **kwargs: (client.post("/files", **kwargs), seen)


def test_parts_are_read_by_their_types(send):
    response, seen = send(
        data={"title": "a é", "pages": "3", "tags": ["x", "y"]},
        files={
            "file": ("a.bin", b"\x00\xff\r\n"),
            "about": (None, b'{"by": 7}', "application/json"),
        },
    )
    assert response.status_code == 204, response.text
    assert seen == [
        {
            "title": "a é",
            "pages": 3,
            "tags": ["x", "y"],
            "file": "\x00\xff\r\n",
            "about": {"by": 7},
        }
    ]


def test_what_is_wrong_with_a_part_is_told_by_its_name(send):
    response, seen = send(
        data={"pages": "x", "size": "1"},
        files={"file": ("a", b"12345"), "about": (None, b'{"by": "me"}', "application/json")},
    )
    assert response.status_code == 422
    pointers = {error["pointer"] for error in response.json()["errors"]}
    assert pointers == {"/title", "/pages", "/size", "/file", "/about/by"}
    assert seen == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"nothing", "no parts"),
        (b"--b\r\nContent-Disposition: form-data; name=title\r\n\r\nx", "does not end"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", "no name"),
        (
            b"--b\r\nContent-Disposition: form-data; name=title\r\n\r\n\xff\r\n--b--\r\n",
            "not utf-8",
        ),
        (
            b"--b\r\nContent-Disposition: form-data; name=about\r\n"
            b"Content-Type: application/json\r\n\r\n{\r\n--b--\r\n",
            "is not json",
        ),
    ],
)
def test_a_form_that_cannot_be_read_is_400(send, content, reason):
    response, _ = send(content=content, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (response.status_code, response.json()["code"]) == (400, "malformed_form")
    assert reason in response.json()["detail"].lower()
