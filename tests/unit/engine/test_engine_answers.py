"""What a mock answers: checked against its document, in one transaction, entered in the journal."""

import attrs
import httpx
import pytest

from crossdock_mocks.engine import (
    App,
    DialectError,
    MockTransport,
    RawJson,
    Reply,
    Request,
)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("status", "window answers 202, which the document does not know"),
        ("body", "with a body that breaks the document: /open should be boolean (is 'yes')"),
        ("nothing", "window answers 200 without the body declared for it"),
        ("type", "window answers 200 as text/plain, declared is application/json"),
    ],
)
def test_an_answer_that_breaks_the_document_is_a_loud_500(client, world, caplog, how, reason):
    response = client.get("/window", params={"misbehave": how})
    assert (response.status_code, response.json()["code"]) == (500, "mock_defect")
    assert reason in response.json()["detail"]
    assert (world.journal.last.verdict, world.journal.last.status) == ("defect", 500)
    assert reason in world.journal.last.reason
    assert reason in caplog.text


def test_a_missing_header_that_the_document_requires_is_a_defect(client, caplog):
    response = client.patch("/loaves/L-1", headers={"If-Match": "no"})
    assert response.json()["detail"] == "changeLoaf answers 200 without header etag"


def test_a_refusal_that_the_document_does_not_know_is_a_defect_of_the_behaviour(client, caplog):
    response = client.delete("/loaves/L-99")
    assert response.json()["detail"] == "eat answers 418, which the document does not know"


def test_a_kept_change_is_seen_by_the_next_request(client):
    created = client.post("/loaves", json={"kind": "rye", "weight": 3, "price": "2.50"})
    assert created.status_code == 201
    assert created.json() == {"id": "L-100", "kind": "rye", "weight": 3, "price": "2.50"}
    assert client.get(created.headers["location"]).json() == created.json()
    assert client.delete("/loaves/L-100").status_code == 204
    assert client.get("/loaves/L-100").status_code == 404


@pytest.mark.parametrize(("weight", "status"), [(4001, 409), (3999, 500), (3998, 500)])
def test_a_refused_or_failed_exchange_leaves_nothing_behind(client, world, caplog, weight, status):
    assert client.post("/loaves", json={"kind": "rye", "weight": weight}).status_code == status
    assert not world.journal.last.committed
    assert len(world.table("loaves")) == 3
    client.post("/loaves", json={"kind": "rye", "weight": 1}).raise_for_status()
    assert world.table("loaves").get("L-100") is not None, "the number was given back"


def test_a_behaviour_that_fails_is_a_defect_with_its_trace_in_the_log(client, caplog):
    response = client.post("/loaves", json={"kind": "rye", "weight": 3999})
    assert response.json()["detail"] == "ZeroDivisionError: burnt"
    assert "Traceback" in caplog.text


def test_lists_page_through_all_rows_once(client):
    seen, after = [], {}
    while True:
        page = client.get("/loaves", params=after).json()
        seen += [loaf["id"] for loaf in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ["L-1", "L-2", "L-3"]


def test_a_broken_cursor_is_refused(client):
    assert client.get("/loaves?after=x").json()["code"] == "invalid_cursor"


def test_a_fixed_path_wins_over_a_template(client):
    assert client.get("/loaves/latest").json()["id"] == "L-3"


def test_the_journal_tells_who_did_what_and_keeps_secrets(client, world):
    client.post(
        "/loaves?",
        json={"kind": "rye", "weight": 1},
        headers={"X-Correlation-Id": "abc", "User-Agent": "worker/1", "X-Api-Key": "k"},
    )
    client.get("/loaves/L-9")
    client.post(
        "/token",
        data={"grant_type": "client_credentials", "client_id": "me", "client_secret": "s3cret"},
    )
    baked, missed, token = world.journal
    assert (baked.number, baked.operation_id, baked.status, baked.verdict, baked.committed) == (
        1, "bake", 201, "answered", True,
    )  # fmt: skip
    assert baked.at == world.now
    assert baked.request_headers["x-correlation-id"] == "abc"
    assert baked.request_headers["user-agent"] == "worker/1"
    assert baked.request_headers["authorization"] == "***"
    assert baked.request_headers["x-api-key"] == "***"
    assert baked.request_body == '{"kind":"rye","weight":1}'
    assert '"id":"L-100"' in baked.response_body
    assert (missed.verdict, missed.status, missed.committed) == ("refused", 404, False)
    assert "There is no loaf L-9." in missed.reason
    assert "client_id=me&client_secret=***" in token.request_body
    assert '"access_token":"***"' in token.response_body
    assert "s3cret" not in str(token.as_dict())


def test_an_unchanging_exchange_commits_nothing(client, world):
    client.get("/loaves/L-1")
    assert not world.journal.last.committed


def test_the_journal_is_asked_by_operation_path_and_outcome(client, world):
    client.get("/loaves/L-1")
    client.get("/loaves/L-9")
    client.post("/loaves", json={"kind": "rye", "weight": 1})
    assert [e.path for e in world.journal.find(operation="getLoaf")] == [
        "/loaves/L-1",
        "/loaves/L-9",
    ]
    assert [e.status for e in world.journal.find(committed=True)] == [201]
    assert [e.number for e in world.journal.find(path="/loaves/", verdict="refused")] == [2]
    assert [e.number for e in world.journal.find(since=2)] == [3]


def test_an_operation_without_behaviour_is_an_error_at_start(dialect):
    fewer = {k: v for k, v in dialect.behaviours.items() if k not in ("eat", "oven")}
    with pytest.raises(DialectError, match=r"(?s)operation eat has no .*operation oven has no"):
        App(attrs.evolve(dialect, behaviours=fewer))


def test_a_behaviour_without_operation_is_an_error_at_start(dialect):
    more = {**dialect.behaviours, "fly": dialect.behaviours["eat"]}
    with pytest.raises(DialectError, match="behaviour fly has no operation"):
        App(attrs.evolve(dialect, behaviours=more))


def test_security_that_nobody_checks_is_an_error_at_start(dialect):
    with pytest.raises(DialectError, match="bake asks for credentials"):
        App(attrs.evolve(dialect, authenticate=None))


def test_a_dialect_says_no_in_its_own_words(dialect):
    def said(problem):
        fields = {error.pointer: error.message for error in problem.errors}
        return Reply(
            problem.status,
            {"status": 0, "code": problem.code.upper(), "fields": fields},
            {"content-type": "application/problem+json", **problem.headers},
        )

    app = App(attrs.evolve(dialect, problem_reply=said))
    world = app.open_world()
    headers = {"authorization": "Bearer flour", "content-type": "application/json"}
    response = app.exchange(world, Request("POST", "/loaves", "", headers, b"{}"))
    assert response.status == 422
    assert b'"code":"INVALID_BODY","fields":{"/kind":"is required","/weight"' in response.body
    response = app.exchange(world, Request("PUT", "/loaves"))
    assert (response.status, response.headers["allow"]) == (405, "GET, POST")


def test_servers_in_the_document_put_all_paths_under_their_own(dialect, tmp_path):
    path = tmp_path / "under.yaml"
    servers = (
        'servers: [ { url: "https://bakery.example/{v}/", variables: { v: { default: v2 } } } ]'
    )
    path.write_text(dialect.document.read_text() + servers)
    app = App(attrs.evolve(dialect, document=path))
    world = app.open_world()
    assert app.exchange(world, Request("GET", "/v2/window")).status == 200
    assert app.exchange(world, Request("GET", "/window")).status == 404


def test_unknown_parameters_are_ignored_where_the_document_says_so(dialect, tmp_path):
    path = tmp_path / "lax.yaml"
    path.write_text(dialect.document.read_text() + "x-unknown-parameters: ignore\n")
    app = App(attrs.evolve(dialect, document=path))
    assert app.exchange(app.open_world(), Request("GET", "/window", "utm=1")).status == 200


def test_raw_json_is_joined_and_sent_as_it_stands():
    rows = RawJson.array(['{"a":1}', '{"b":2}'])
    assert RawJson.object(items=rows, next=None, note="x") == (
        '{"items":[{"a":1},{"b":2}],"next":null,"note":"x"}'
    )


def test_a_client_of_two_worlds_sees_each_for_itself(app):
    first, second = app.open_world(name="one"), app.open_world(name="two")
    headers = {"Authorization": "Bearer flour"}
    with (
        httpx.Client(transport=MockTransport(app, first), headers=headers) as one,
        httpx.Client(transport=MockTransport(app, second), headers=headers) as two,
    ):
        one.post("http://b/loaves", json={"kind": "rye", "weight": 1}).raise_for_status()
        assert len(one.get("http://b/loaves").json()["items"]) == 1
        assert two.get("http://b/loaves").json()["items"] == []
