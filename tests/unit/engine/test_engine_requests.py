"""What the engine refuses before a behaviour sees it, and what it hands over."""

import base64
from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import httpx
import pytest

from crossdock_mocks.engine import App, MockTransport, Reply


def refusal(response):
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert response.status_code == problem["status"]
    errors = {
        (e["in"], e["pointer"]): (e["expected"], e["received"]) for e in problem.get("errors", ())
    }
    return response.status_code, problem["code"], errors


@pytest.fixture
def calls(dialect):
    """A client whose calls of listLoaves are seen as the behaviour sees them."""
    seen = []

    def look(call):
        seen.append(call)
        return Reply(body={"items": [], "next": None})

    app = App(attrs.evolve(dialect, behaviours={**dialect.behaviours, "listLoaves": look}))
    client = httpx.Client(
        transport=MockTransport(app, app.open_world()),
        base_url="http://bakery.test",
        headers={"Authorization": "Bearer flour"},
    )
    return client, seen


def test_parameters_come_decoded_to_their_types_with_defaults(calls):
    client, seen = calls
    client.get(
        "/loaves?baked_since=2026-02-03&seen_at=2026-02-03T04:05:06%2B02:00&sliced=true&weight=1.50"
        "&kind=rye,no&tag=a%2Cb&tag=c+d&size[min]=3",
        headers={"X-Trace": "7"},
    ).raise_for_status()
    assert seen[0].query == {
        "limit": 2,
        "baked_since": date(2026, 2, 3),
        "seen_at": datetime(2026, 2, 3, 2, 5, 6, tzinfo=UTC),
        "sliced": True,
        "weight": Decimal("1.50"),
        "kind": ["rye", "no"],
        "tag": ["a,b", "c d"],
        "size": {"min": 3},
    }
    assert seen[0].headers == {"x-trace": 7}
    assert seen[0].principal == "baker"


def test_all_wrong_parameters_are_told_at_once(client):
    response = client.get(
        "/loaves?limit=0&sliced=maybe&baked_since=2026-02-30&kind=rye,oat&size[min]=x&colour=red"
        "&after=1&after=2",
        headers={"X-Trace": "x"},
    )
    assert refusal(response) == (
        400,
        "invalid_request",
        {
            ("query", "/limit"): ("at least 1", 0),
            ("query", "/sliced"): ("boolean", "maybe"),
            ("query", "/baked_since"): ("format date", "2026-02-30"),
            ("query", "/kind/1"): ("one of rye, no", "oat"),
            ("query", "/size/min"): ("integer", "x"),
            ("query", "/after"): ("one value", "2 values"),
            ("query", "/colour"): (
                "one of after, baked_since, kind, limit, seen_at, size, sliced, tag, weight",
                None,
            ),
            ("header", "/X-Trace"): ("integer", "x"),
        },
    )


@pytest.mark.parametrize("query", ["baked_since=0000-01-01", "seen_at=0001-01-01T00:00:00%2B02:00"])
def test_a_day_out_of_the_calendar_is_refused(client, query):
    status, code, errors = refusal(client.get(f"/loaves?{query}"))
    assert (status, code) == (400, "invalid_request")
    ((expected, _),) = errors.values()
    assert expected == "a day from year 1 to 9999"


def test_all_violations_of_a_body_are_told_at_once_with_pointer_expectation_and_value(client):
    response = client.post(
        "/loaves",
        json={"kind": "oat", "price": 3, "baked_on": "tomorrow", "salt": 1,
              "seeds": [{"name": "x"}, {}, {"name": ""}]},
    )  # fmt: skip
    assert refusal(response) == (
        422,
        "invalid_body",
        {
            ("body", "/weight"): ("a value", None),
            ("body", "/kind"): ("one of rye, wheat", "oat"),
            ("body", "/price"): ("string", 3),
            ("body", "/baked_on"): ("format date", "tomorrow"),
            ("body", "/salt"): ("no such member", 1),
            ("body", "/seeds"): ("at most 2 items", "an array of 3"),
            ("body", "/seeds/1/name"): ("a value", None),
            ("body", "/seeds/2/name"): ("at least 1 characters", ""),
        },
    )


def test_a_body_in_another_type_is_415_and_says_which_is_taken(client):
    response = client.post("/loaves", content="<loaf/>", headers={"Content-Type": "text/xml"})
    status, code, errors = refusal(response)
    assert (status, code) == (415, "unsupported_media_type")
    assert errors == {("header", "/Content-Type"): ("application/json in UTF-8", "text/xml")}
    assert response.headers["accept-post"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_a_body_in_another_encoding_is_415(client, headers):
    response = client.post("/loaves", content=b'{"kind":"rye","weight":1}', headers=headers)
    assert refusal(response)[:2] == (415, "unsupported_media_type")


def test_a_refused_type_or_coding_says_what_is_taken(client):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.post("/loaves", content=b"...", headers=headers)
    assert refusal(response)[2] == {("header", "/Content-Encoding"): ("identity", "gzip")}
    assert response.headers["accept-encoding"] == "identity"
    headers = {"Content-Type": "text/csv", "If-Match": "1"}
    response = client.patch("/loaves/L-1", content=b"...", headers=headers)
    assert response.headers["accept-patch"] == "application/json"


@pytest.mark.parametrize(
    ("url", "where"), [("/loaves?after=%ff", "query"), ("/loaves/L-%C3%28", "path")]
)
def test_a_url_that_is_not_utf_8_is_400(client, url, where):
    status, code, errors = refusal(client.get(httpx.URL(f"http://bakery.test{url}")))
    assert (status, code) == (400, "malformed_url")
    assert [place for place, _ in errors] == [where]


def test_a_number_that_json_does_not_know_is_told_with_its_place(client):
    body = b'{"kind": "rye",\n "weight": NaN}'
    response = client.post("/loaves", content=body, headers={"Content-Type": "application/json"})
    assert refusal(response)[:2] == (400, "malformed_json")
    assert response.json()["detail"].startswith("Line 2, column ")


def test_of_a_member_sent_twice_the_last_one_counts(client):
    body = b'{"kind": "rye", "weight": 1, "weight": 2}'
    response = client.post("/loaves", content=body, headers={"Content-Type": "application/json"})
    assert response.json()["weight"] == 2


def test_a_charset_that_is_utf_8_is_taken(client):
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    response = client.post("/loaves", content=b'{"kind":"rye","weight":1}', headers=headers)
    assert response.status_code == 201


@pytest.mark.parametrize("body", [b'{"kind": "rye",', b"\xff\xfe", b"NaN", b'{"weight": 01}'])
def test_a_body_that_is_not_json_is_400_with_its_place(client, body):
    response = client.post("/loaves", content=body, headers={"Content-Type": "application/json"})
    assert refusal(response)[:2] == (400, "malformed_json")
    assert "column" in response.json()["detail"]


def test_a_missing_body_is_400(client):
    assert refusal(client.post("/loaves"))[:2] == (400, "body_required")


def test_a_body_too_large_is_413(client):
    response = client.post("/loaves", json={"kind": "r" * 10_000})
    assert refusal(response)[:2] == (413, "body_too_large")


def test_an_unknown_path_is_404(client):
    assert refusal(client.get("/cakes"))[:2] == (404, "unknown_path")
    assert refusal(client.get("/loaves/"))[:2] == (404, "unknown_path")


def test_a_wrong_method_is_405_and_says_which_are_allowed(client):
    response = client.put("/loaves/L-1")
    assert refusal(response)[:2] == (405, "method_not_allowed")
    assert response.headers["allow"] == "DELETE, GET, PATCH"


def test_a_path_parameter_of_the_wrong_form_is_404_with_the_reason(client):
    response = client.get("/loaves/5")
    assert refusal(response) == (404, "not_found", {("path", "/id"): ("text like ^L-", "5")})


def test_a_missing_if_match_is_428(client):
    status, code, errors = refusal(client.patch("/loaves/L-1", json={"weight": 1}))
    assert (status, code, list(errors)) == (428, "precondition_required", [("header", "/If-Match")])


def test_an_optional_body_may_be_left_out(client):
    assert client.patch("/loaves/L-1", headers={"If-Match": '"1"'}).status_code == 200


def test_a_form_is_decoded_by_its_types(client):
    form = {"grant_type": "client_credentials", "client_id": "a+b c", "lifetime": "60"}
    asked = client.post("/token", data=form).json()["asked"]
    assert asked == {"grant_type": "client_credentials", "client_id": "a+b c", "lifetime": 60}


def test_a_wrong_form_is_refused_with_reasons(client):
    status, code, errors = refusal(client.post("/token", data={"grant_type": "password"}))
    assert (status, code) == (422, "invalid_body")
    assert set(errors) == {("body", "/grant_type"), ("body", "/client_id")}


def test_no_credentials_are_401_with_a_challenge(client):
    del client.headers["Authorization"]
    response = client.get("/loaves")
    assert refusal(response) == (
        401,
        "authentication_required",
        {("header", "/Authorization"): ("Authorization: Bearer ...", None)},
    )
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic abc", "flour", "Bearer a b"])
def test_malformed_credentials_are_401_and_never_echoed(client, value):
    response = client.get("/loaves", headers={"Authorization": value})
    assert refusal(response)[:2] == (401, "authentication_required")
    assert "abc" not in response.text


def test_credentials_that_the_system_does_not_know_are_401(client):
    response = client.get("/loaves", headers={"Authorization": "Bearer water"})
    assert refusal(response)[:2] == (401, "invalid_credentials")
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_the_system_may_refuse_known_credentials_in_its_own_way(client):
    response = client.get("/loaves", headers={"Authorization": "Bearer guest"})
    assert refusal(response)[:2] == (403, "forbidden")


def test_either_of_two_schemes_is_enough(client):
    del client.headers["Authorization"]
    assert client.get("/oven", headers={"X-Api-Key": "k"}).json()["credentials"] == {"key": "k"}
    assert client.get("/oven", auth=("u", "p:w")).json()["credentials"] == {"till": "u:p:w"}
    nobody = client.get("/oven")
    assert refusal(nobody)[:2] == (401, "authentication_required")
    assert nobody.headers["www-authenticate"] == 'ApiKey name="X-Api-Key", Basic realm="mock"'


@pytest.mark.parametrize("value", ["!!!", base64.b64encode(b"nocolon").decode()])
def test_basic_credentials_that_cannot_be_read_are_401(client, value):
    response = client.get("/oven", headers={"Authorization": f"Basic {value}"})
    assert refusal(response)[:2] == (401, "authentication_required")


def test_an_operation_without_security_is_open_to_all(client):
    del client.headers["Authorization"]
    assert client.get("/window").json() == {"open": True}


def test_credentials_are_asked_before_anything_about_the_request_is_told(client):
    del client.headers["Authorization"]
    assert client.post("/loaves", json={"kind": 1}).status_code == 401


def test_percent_encoding_in_a_path_is_decoded_within_its_segment(client):
    response = client.get("/loaves/L-%2F%20x")
    assert "There is no loaf L-/ x." in response.json()["detail"]
