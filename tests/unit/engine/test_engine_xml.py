"""XML bodies: read by the schema's hints, checked like JSON, and never a way into the host."""

import json

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, MockTransport, Reply
from crossdock_mocks.engine.xml_bodies import MalformedXml, parse

LINE = {
    "type": "object",
    "required": ["item", "quantity"],
    "additionalProperties": False,
    "xml": {"name": "Line"},
    "properties": {
        "item": {"type": "string", "xml": {"attribute": True}},
        "quantity": {"type": "integer", "xml": {"name": "Qty"}},
        "note": {"type": "string"},
    },
}
ORDER = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "xml": {"name": "Order", "namespace": "urn:orders"},
    "properties": {
        "id": {"type": "string", "xml": {"attribute": True}},
        "urgent": {"type": "boolean"},
        "lines": {"type": "array", "xml": {"name": "Lines", "wrapped": True},
                  "items": {"$ref": "#/components/schemas/Line"}},
        "tags": {"type": "array", "items": {"type": "string", "xml": {"name": "Tag"}}},
    },
}  # fmt: skip


@pytest.fixture
def send(tmp_path):
    seen = []
    body = {"required": True, "content": {"application/xml": {"schema": ORDER}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "xml", "version": "1"},
        "paths": {"/orders": {"post": {"operationId": "make", "requestBody": body,
                                       "responses": {"204": {"description": "taken"}}}}},
        "components": {"schemas": {"Line": LINE}},
    }  # fmt: skip
    file = tmp_path / "xml.json"
    file.write_text(json.dumps(document))

    def make(call):
        seen.append(call.body)
        return Reply(204)

    app = App(Dialect("xml", file, {"make": make}))
    transport = MockTransport(app, app.open_world())
    with httpx.Client(transport=transport, base_url="http://xml.test") as client:

        def send(text, media="application/xml"):
            content = text if isinstance(text, bytes) else text.encode()
            answer = client.post("/orders", content=content, headers={"Content-Type": media})
            return answer, seen

        yield send


def test_elements_attributes_and_lists_are_read_by_the_schema(send):
    response, seen = send(
        """<?xml version="1.0" encoding="UTF-8"?>
        <o:Order xmlns:o="urn:orders" id="SO-1">
          <o:urgent>true</o:urgent>
          <o:Lines><o:Line item="A &amp; B"><o:Qty> 3 </o:Qty><o:note> kept </o:note></o:Line>
                   <o:Line item="C"><o:Qty>4</o:Qty></o:Line></o:Lines>
          <o:Tag>x</o:Tag><o:Tag>y</o:Tag>
        </o:Order>"""
    )
    assert response.status_code == 204, response.text
    assert seen == [
        {
            "id": "SO-1",
            "urgent": True,
            "lines": [
                {"item": "A & B", "quantity": 3, "note": " kept "},
                {"item": "C", "quantity": 4},
            ],
            "tags": ["x", "y"],
        }
    ]


def test_the_encoding_that_the_document_declares_is_followed(send):
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Order id="é"/>'.encode("latin-1")
    response, seen = send(text)
    assert (response.status_code, seen) == (204, [{"id": "é"}])


def test_all_that_is_wrong_is_told_as_for_json(send):
    response, seen = send(
        "<Order colour='red'><urgent>maybe</urgent><urgent>no</urgent><Size/>"
        "<Lines><Line><Qty>x</Qty></Line></Lines></Order>"
    )
    assert (response.status_code, response.json()["code"]) == (422, "invalid_body")
    assert {(e["pointer"], e["expected"]) for e in response.json()["errors"]} == {
        ("/id", "a value"),
        ("/urgent", "boolean"),
        ("/colour", "no such member"),
        ("/Size", "no such member"),
        ("/lines/0/item", "a value"),
        ("/lines/0/quantity", "integer"),
    }
    assert seen == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Order id='1'>", "no element found"),
        ("<Order id='1'></Ordr>", "mismatched tag"),
        ("{}", "not well-formed"),
        ("<Order id='&nothing;'/>", "undefined entity"),
        ("<!DOCTYPE Order [<!ENTITY a 'aaaa'>]><Order id='&a;'/>", "a document type is not taken"),
        (
            "<!DOCTYPE o [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Order id='1'>&f;</Order>",
            "a document type is not taken",
        ),
        ("<!DOCTYPE Order SYSTEM 'http://evil.example/x.dtd'><Order/>", "a document type"),
        ("<a>" * 101 + "</a>" * 101, "nested more than 100 deep"),
    ],
)
def test_what_is_not_xml_or_is_a_trap_is_400_with_its_place(send, text, reason):
    response, seen = send(text)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "malformed_xml")
    assert reason in problem["detail"]
    assert problem["detail"].startswith("Line 1, column ")
    assert seen == []


def test_the_parser_stops_at_a_document_type_before_any_entity():
    bomb = "<!DOCTYPE b [<!ENTITY a '" + "x" * 1000 + "'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(8)
    ) + "]><b>&i;</b>"  # fmt: skip
    with pytest.raises(MalformedXml, match="document type"):
        parse(bomb.encode())
