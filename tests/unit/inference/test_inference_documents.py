"""A small document as a mock: lists, references, refusals, overrides, what is not understood."""

import json

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock_mocks.engine import DocumentError, Request
from crossdock_mocks.inference import NotUnderstood, as_text, infer, open_document, report

ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "customerId": {"type": "string"},
        "status": {"type": "string", "enum": ["open", "shipped", "cancelled"]},
        "total": {"type": "number", "minimum": 0},
        "memo": {"type": ["string", "null"]},
        "createdAt": {"type": "string", "format": "date-time", "readOnly": True},
        "cancelledAt": {"type": ["string", "null"], "format": "date-time"},
    },
}
CUSTOMER = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string", "example": "C0001"}, "name": {"type": "string"}},
}


def body(schema):
    return {"content": {"application/json": {"schema": schema}}}


def path_param(name, kind="string"):
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def query(name, **schema):
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}}


def good(schema=None, status="200", **more):
    answer = {"description": "ok", **(body(schema) if schema else {})}
    return {"responses": {status: answer, **more}}


def document(**paths):
    ref = {"$ref": "#/components/schemas/Order"}
    customer = {"$ref": "#/components/schemas/Customer"}
    envelope = {
        "type": "object",
        "required": ["items", "total"],
        "properties": {
            "items": {"type": "array", "items": ref},
            "total": {"type": "integer"},
            "next": {"type": ["string", "null"]},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "components": {"schemas": {"Order": ORDER, "Customer": CUSTOMER}},
        "paths": {
            "/customers": {
                "get": good({"type": "array", "items": customer}),
                "post": {"requestBody": body(customer), **good(customer, "201")},
            },
            "/customers/{id}": {"parameters": [path_param("id")], "get": good(customer)},
            "/orders": {
                "get": {
                    "parameters": [
                        query("limit", type="integer", minimum=1, maximum=100),
                        query("offset", type="integer"),
                        query("status"),
                        query("min_total", type="number"),
                        query("sort"),
                        query("include"),
                    ],
                    **good(envelope),
                },
                "post": {
                    "requestBody": body({**ORDER, "required": ["status"]}),
                    **good(ref, "201"),
                },
            },
            "/orders/{id}": {
                "parameters": [path_param("id", "integer")],
                "get": good(ref),
                "patch": {"requestBody": body({**ORDER, "required": []}), **good(ref)},
                "delete": good(None, "204"),
            },
            "/orders/{id}/cancel": {
                "parameters": [path_param("id", "integer")],
                "post": good(ref),
            },
            **paths,
        },
    }


@pytest.fixture
def opened(tmp_path):
    """Open a document; gives a function that sends to it."""

    def of(given, **settings):
        path = tmp_path / "small.openapi.json"
        path.write_text(json.dumps(given))
        mock = open_document(path, **settings)
        world = mock.app.open_world()

        def send(method, target, sent=None):
            target, _, asked = target.partition("?")
            content = b"" if sent is None else json.dumps(sent).encode()
            headers = {"content-type": "application/json"}
            answer = mock.app.exchange(world, Request(method, target, asked, headers, content))
            return answer.status, json.loads(answer.body) if answer.body else None

        return send

    return of


def test_what_was_posted_is_read_listed_changed_and_deleted(opened):
    send = opened(document())
    status, made = send("POST", "/orders", {"customerId": "C0001", "total": 12.5, "status": "open"})
    assert status == 201
    assert (made["total"], made["createdAt"]) == (12.5, "2026-01-01T00:00:00Z")
    address = f"/orders/{made['id']}"
    assert send("GET", address) == (200, made)
    assert made in send("GET", "/orders?limit=100")[1]["items"]
    assert send("PATCH", address, {"memo": "x"}) == (200, {**made, "memo": "x"})
    assert send("DELETE", address) == (204, None)
    assert send("GET", address)[0] == 404


def test_lists_are_filtered_sorted_and_paged(opened):
    send = opened(document(), seed_rows=0)
    for total in (5, 1, 4, 2, 3):
        sent = {"total": total, "status": "shipped" if total % 2 else "open"}
        assert send("POST", "/orders", sent)[0] == 201
    shown = send("GET", "/orders?status=shipped&sort=-total&limit=2")[1]
    assert [each["total"] for each in shown["items"]] == [5, 3]
    assert shown["total"] == 3
    rest = shown["next"].partition("mock.test")[2]
    assert [each["total"] for each in send("GET", rest)[1]["items"]] == [1]
    assert send("GET", rest)[1]["next"] is None
    assert send("GET", "/orders?min_total=4")[1]["total"] == 2


def test_references_point_to_what_is_there_and_others_are_refused(opened):
    send = opened(document())
    customers = {each["id"] for each in send("GET", "/customers")[1]}
    orders = send("GET", "/orders")[1]["items"]
    assert customers == {"C0001", "C0002", "C0003", "C0004", "C0005"}
    assert {each["customerId"] for each in orders} <= customers
    status, said = send("POST", "/orders", {"customerId": "C9", "status": "open"})
    assert (status, said["code"]) == (422, "unknown_reference")
    assert said["errors"][0]["pointer"] == "/customerId"


def test_a_key_that_is_taken_is_refused(opened):
    send = opened(document())
    assert send("POST", "/customers", {"id": "ACME", "name": "Acme"})[0] == 201
    status, said = send("POST", "/customers", {"id": "ACME", "name": "Other"})
    assert (status, said["code"]) == (409, "already_exists")


def test_a_verb_sets_the_status_and_the_instant_that_it_names(opened):
    send = opened(document(), seed_rows=1)
    number = send("GET", "/orders")[1]["items"][0]["id"]
    status, after = send("POST", f"/orders/{number}/cancel")
    assert (status, after["status"]) == (200, "cancelled")
    assert send("GET", f"/orders/{number}") == (200, after)


def test_a_parameter_that_is_not_understood_is_refused_when_it_is_sent(opened):
    send = opened(document())
    status, said = send("GET", "/orders?include=customer")
    assert (status, said["code"]) == (501, "parameter_not_understood")


def test_the_same_seed_gives_the_same_data(opened):
    one, same = opened(document()), opened(document())
    other = opened(document(), seed=2)
    assert one("GET", "/orders") == same("GET", "/orders")
    assert one("GET", "/orders") != other("GET", "/orders")


PING = {"/orders/{id}/ping": {"parameters": [path_param("id", "integer")], "post": good()}}


def test_what_is_not_understood_fails_the_start_and_is_named(opened):
    with pytest.raises(NotUnderstood, match=r"POST /orders/\{id\}/ping: what 'ping' changes"):
        opened(document(**PING))


def test_or_it_answers_501_and_says_so(opened):
    send = opened(document(**PING), unknown="501")
    status, said = send("POST", "/orders/1/ping")
    assert (status, said["code"]) == (501, "not_understood")


def overridden(**said):
    given = document(**json.loads(json.dumps(PING)))
    given["paths"]["/orders/{id}/ping"]["x-crossdock"] = said
    return given


def test_an_override_says_what_an_action_sets(opened):
    send = opened(overridden(action={"set": {"memo": "pinged"}}))
    number = send("GET", "/orders")[1]["items"][0]["id"]
    assert send("POST", f"/orders/{number}/ping")[0] == 200
    assert send("GET", f"/orders/{number}")[1]["memo"] == "pinged"


@pytest.mark.parametrize("said", [{"ignore": True}, {"behaviour": "none"}])
def test_an_override_leaves_an_operation_out_on_purpose(opened, said):
    assert opened(overridden(**said))("POST", "/orders/1/ping")[0] == 501


def test_an_override_gives_the_number_of_records(opened):
    given = document()
    given["paths"]["/customers/{id}"]["x-crossdock"] = {"seed": 17}
    given["x-crossdock"] = {"seed": 2}
    send = opened(given)
    assert len(send("GET", "/customers")[1]) == 17
    assert send("GET", "/orders")[1]["total"] == 2


def test_an_override_names_the_key(opened):
    given = document()
    given["components"]["schemas"]["Customer"]["x-crossdock"] = {"key": "name"}
    send = opened(given)
    send("POST", "/customers", {"id": "ACME", "name": "Acme"})
    assert send("GET", "/customers/Acme")[0] == 200


def test_refusals_are_in_the_words_of_the_document(opened):
    given = document()
    error = {
        "type": "object",
        "required": ["ok", "fault"],
        "properties": {
            "ok": {"type": "boolean", "enum": [False]},
            "fault": {
                "type": "object",
                "required": ["message", "code"],
                "properties": {"message": {"type": "string"}, "code": {"type": "integer"}},
            },
        },
    }
    given["paths"]["/orders/{id}"]["get"]["responses"]["404"] = {"description": "", **body(error)}
    assert opened(given)("GET", "/orders/999") == (
        404,
        {"ok": False, "fault": {"message": "There is no order 999.", "code": 404}},
    )


def test_the_report_says_what_was_inferred_and_what_was_not(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(document(**PING)))
    said = report(infer(path))
    orders = next(each for each in said["resources"] if each["name"] == "orders")
    assert (orders["key"], orders["relations"]) == ("id", {"customerId": "customers"})
    assert [each["request"] for each in said["not_understood"]] == ["POST /orders/{id}/ping"]
    text = as_text(said)
    assert "customerId -> customers" in text
    assert "not understood: include" in text


def test_the_command_reports_and_refuses_documents(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(document(**PING)))
    shown = CliRunner().invoke(main, ["mock", str(path), "--report", "--json"])
    assert shown.exit_code == 0
    assert json.loads(shown.output)["title"] == "Orders"
    stopped = CliRunner().invoke(main, ["mock", str(path)])
    assert stopped.exit_code == 1
    assert "POST /orders/{id}/ping" in stopped.output


def test_a_document_that_is_not_valid_is_told(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: x}\npaths: {}\n")
    with pytest.raises(DocumentError, match="version"):
        open_document(path)
