"""Paths as real systems have them: keys in parentheses, any case, a slash too many, near misses."""

import json

import httpx
import pytest

from crossdock_mocks.engine import App, Dialect, DocumentError, MockTransport, Reply
from crossdock_mocks.engine.paths import Paths

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def operation(name, *parameters):
    return {
        "operationId": name,
        "parameters": list(parameters),
        "responses": {"200": {"description": "ok", "content": {"application/json": {}}}},
    }


@pytest.fixture
def open_client(tmp_path):
    clients = []

    def open_client(**document):
        file = tmp_path / "paths.json"
        paths = {
            "/Accounts('{id}')": {"get": operation("account", ID)},
            '/Notes("{id}")': {"get": operation("note", ID)},
            "/Companies({id})/Customers": {
                "get": operation("customers", {**ID, "x-key": "odata"})
            },
            "/Lines(order={id},line={line})": {
                "get": operation(
                    "line", {**ID, "x-key": "odata"},
                    {"name": "line", "in": "path", "required": True, "schema": {"type": "integer"}},
                )
            },
            "/Sales/Orders": {"get": operation("orders")},
        }  # fmt: skip
        info = {"title": "paths", "version": "1"}
        file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths, **document}))
        names = ("account", "note", "customers", "line", "orders")
        app = App(Dialect("paths", file, dict.fromkeys(names, lambda c: Reply(body=c.path))))
        transport = MockTransport(app, app.open_world())
        clients.append(httpx.Client(transport=transport, base_url="http://paths.test"))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Accounts('A-1')", {"id": "A-1"}),
        ("/Accounts(%27A-1%27)", {"id": "A-1"}),
        ("/Accounts('O''Hara')", {"id": "O'Hara"}),
        ("/Accounts('a%2Fb')", {"id": "a/b"}),
        ("/Accounts('')", {"id": ""}),
        ('/Notes("say ""no""")', {"id": 'say "no"'}),
        (
            "/Companies(f81d4fae-7dec-11d0-a765-00a0c91e6bf6)/Customers",
            {"id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
        ),
        ("/Companies('it''s')/Customers", {"id": "it's"}),
        ("/Companies(%22it''s%22)/Customers", {"id": "it''s"}),
        ("/Lines(order='SO-1',line=2)", {"id": "SO-1", "line": 2}),
    ],
)
def test_keys_in_parentheses_and_quotes_are_read(open_client, path, expected):
    response = open_client().get(path)
    assert (response.status_code, response.json()) == (200, expected)


@pytest.mark.parametrize("path", ["/Accounts('O'Hara')", "/Accounts(A-1)", "/Accounts('A-1'"])
def test_a_key_with_broken_quotes_is_unknown(open_client, path):
    assert open_client().get(path).json()["code"] == "unknown_path"


def test_case_and_a_last_slash_count_unless_the_document_says_otherwise(open_client):
    client = open_client()
    assert client.get("/sales/orders").status_code == 404
    assert client.get("/Sales/Orders/").status_code == 404
    client = open_client(**{"x-paths": {"case": "ignore", "trailing-slash": "ignore"}})
    for path in ("/sales/ORDERS", "/Sales/Orders/", "/SALES/orders/"):
        assert client.get(path).status_code == 200
    assert client.get("/ACCOUNTS('A-b')/").json() == {"id": "A-b"}
    assert client.get("/companies('A-b')/customers").json() == {"id": "A-b"}
    assert client.post("/sales/orders").status_code == 405


def test_several_slashes_are_one_where_the_document_says_so(open_client):
    assert open_client().get("/Sales//Orders").status_code == 404
    client = open_client(**{"x-paths": {"repeated-slash": "ignore"}})
    for path in ("/Sales//Orders", "//Sales///Orders", "/Sales/Orders"):
        assert client.get(f"http://paths.test{path}").status_code == 200
    assert client.get("/sales//orders").status_code == 404


def test_an_unknown_word_about_paths_is_refused(open_client):
    with pytest.raises(DocumentError, match="x-paths: case is not known"):
        open_client(**{"x-paths": {"case": "whatever"}})


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/sales/orders", " Did you mean /Sales/Orders?"),
        ("/Sales/Order", " Did you mean /Sales/Orders?"),
        ("/Sales/Orders/", " Did you mean /Sales/Orders?"),
        ("/Company(1)/Customers", " Did you mean /Companies({id})/Customers?"),
        ("/something/else/altogether", ""),
    ],
)
def test_an_unknown_path_says_what_was_near(open_client, path, meant):
    detail = open_client().get(path).json()["detail"]
    assert detail == f"The document of paths does not know {path}.{meant}"


def test_fixed_segments_win_in_any_case():
    paths = Paths(any_case=True)
    paths.add("/orders/{id}", "GET", "one")
    paths.add("/orders/Open", "GET", "open")
    assert paths.find("/ORDERS/OPEN", "GET") == ("open", {})
    assert paths.find("/orders/Other", "GET") == ("one", {"id": "Other"})
    with pytest.raises(ValueError, match="two operations"):
        paths.add("/Orders/open", "GET", "again")


def aliased(*aliases):
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {"get": operation("account", parameter), "x-aliases": list(aliases)}
    orders = {"get": operation("orders")}
    return {"/accounts/{id}": item, "/orders": orders}


def test_a_path_may_have_aliases(tmp_path):
    info, file = {"title": "paths", "version": "1"}, tmp_path / "aliases.json"
    paths = aliased("/accounts/2026-03/{id}", "/v2/{id}/account")
    file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    answers = dict.fromkeys(("account", "orders"), lambda call: Reply(body=call.path))
    app = App(Dialect("paths", file, answers))
    with httpx.Client(
        transport=MockTransport(app, app.open_world()), base_url="http://paths.test"
    ) as client:
        for path in ("/accounts/A-1", "/accounts/2026-03/A-1", "/v2/A-1/account"):
            assert client.get(path).json() == {"id": "A-1"}
        assert client.get("/accounts/2026-09/A-1").json()["code"] == "unknown_path"
    assert len(app.operations) == 2


def test_an_alias_with_other_parameters_is_refused(tmp_path):
    info, file = {"title": "paths", "version": "1"}, tmp_path / "aliases.json"
    paths = aliased("/accounts/{number}")
    file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    with pytest.raises(DocumentError, match="has not the same parameters"):
        App(Dialect("paths", file, {}))
