"""What is asked under /_mock/ and what is answered, held against its own OpenAPI document."""

import json
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters

from crossdock.specifications import specification
from crossdock_mocks.engine import MockTransport
from crossdock_mocks.engine.admin import routes
from crossdock_mocks.engine.document import parse
from crossdock_mocks.engine.faults import KINDS

PATH = specification("mock-admin.openapi.yaml")
DOCUMENT = parse(PATH.read_bytes(), PATH.name)

# Each operation, as it is used: method, path, body, status.
USES = [
    ("GET", "openapi.yaml", None, 200),
    ("GET", "health", None, 200),
    ("GET", "state", None, 200),
    ("GET", "state/loaves?limit=1", None, 200),
    ("GET", "state/cakes", None, 404),
    ("GET", "state/loaves?after=x", None, 400),
    ("GET", "state/loaves/L-1", None, 200),
    ("GET", "state/loaves/L-9", None, 404),
    ("POST", "snapshots", {"name": "before"}, 201),
    ("GET", "snapshots", None, 200),
    ("POST", "snapshots/before/restore", None, 204),
    ("POST", "snapshots/none/restore", None, 404),
    ("POST", "worlds", {"name": "mine", "token": "t", "credential": "flour"}, 201),
    ("POST", "worlds", {"name": "mine"}, 409),
    ("POST", "worlds", {"name": "other", "of": "nobody"}, 404),
    ("GET", "worlds", None, 200),
    ("DELETE", "worlds/mine", None, 204),
    ("DELETE", "worlds/mine", None, 404),
    ("POST", "faults", {"kind": "status", "operation": "bake", "nth": 1}, 201),
    ("POST", "faults", [{"kind": "drop_before", "operation": "eat"}], 201),
    ("POST", "faults", {"seed": 7, "faults": [{"kind": "quota", "limit": 9}]}, 201),
    ("POST", "faults", {"kind": "status", "operation": "nothing"}, 422),
    ("GET", "faults", None, 200),
    ("GET", "faults/story", None, 200),
    ("DELETE", "faults", None, 204),
    ("POST", "webhooks", {"url": "http://127.0.0.1:9/", "events": ["order.*"]}, 201),
    ("GET", "webhooks", None, 200),
    ("GET", "webhooks/deliveries", None, 200),
    ("POST", "webhooks/deliveries/7/replay", None, 404),
    ("DELETE", "webhooks/WS-1", None, 204),
    ("DELETE", "webhooks/WS-1", None, 404),
    ("GET", "clock", None, 200),
    ("PUT", "clock", {"advance_seconds": 60, "ticking": False}, 200),
    ("PUT", "clock", {"now": "2026-05-01T00:00:00Z"}, 200),
    ("GET", "journal?committed=false&limit=5&status=404", None, 200),
    ("GET", "journal", None, 200),
    ("GET", "journal.har", None, 200),
    ("DELETE", "journal", None, 204),
    ("POST", "reset", None, 204),
]
REFUSED = [
    ("POST", "snapshots", {}, 422),
    ("POST", "faults", {"kind": "explode"}, 422),
    ("POST", "faults", {"sort": "status"}, 422),
    ("POST", "webhooks", {"events": ["*"]}, 422),
    ("PUT", "clock", {}, 422),
    ("PUT", "clock", {"ticking": 1}, 422),
    ("POST", "worlds", {"name": ""}, 422),
    ("POST", "worlds", {"name": "x", "credential": "flour"}, 422),
    ("GET", "state/loaves?limit=0", None, 400),
    ("GET", "journal?status=x", None, 400),
    ("GET", "journal?committed=x", None, 400),
]


class Asked:
    """A request as openapi-core wants to see it."""

    def __init__(self, request):
        url = urlsplit(str(request.url))
        self.host_url, self.path = f"{url.scheme}://{url.netloc}", url.path
        self.method, self.body = request.method.lower(), request.content or None
        self.content_type = request.headers.get("content-type", "application/json")
        self.parameters = RequestParameters(query=dict(request.url.params), header=request.headers)


class Answered:
    """An answer as openapi-core wants to see it."""

    def __init__(self, response):
        self.status_code, self.headers = response.status_code, response.headers
        self.data = response.content
        self.content_type = response.headers.get("content-type", "")


@pytest.fixture(scope="module")
def judge():
    readers = {"application/problem+json": json.loads, "application/yaml": yaml.safe_load}
    return OpenAPI.from_path(PATH, config=Config(extra_media_type_deserializers=readers))


@pytest.fixture
def admin(app, world):
    with httpx.Client(transport=MockTransport(app, world), base_url="http://b/_mock/") as client:
        client.get("http://b/nothing")
        yield client


def ask(admin, method, path, body):
    return (
        admin.request(method, path, json=body) if body is not None else admin.request(method, path)
    )


def test_every_use_and_its_answer_are_as_the_document_says(admin, judge):
    for method, path, body, status in USES:
        response = ask(admin, method, path, body)
        assert response.status_code == status, (method, path, response.text)
        judge.validate_request(Asked(response.request))
        judge.validate_response(Asked(response.request), Answered(response))


@pytest.mark.parametrize(("method", "path", "body", "status"), REFUSED)
def test_what_the_document_forbids_is_refused_in_its_words(
    admin, judge, method, path, body, status
):
    response = ask(admin, method, path, body)
    assert response.status_code == status
    with pytest.raises(Exception, match=r"[Bb]ody|[Pp]arameter"):
        judge.validate_request(Asked(response.request))
    judge.validate_response(Asked(response.request), Answered(response))


def test_the_document_names_each_route_and_no_other():
    named = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert {(method, f"/{path}") for method, path in routes()} == named


def test_each_operation_of_the_document_is_used_here():
    templates = {path.split("/")[1] for path in DOCUMENT["paths"]}
    assert templates == {path.split("/")[0].split("?")[0] for _, path, _, _ in USES}
    assert len(USES) >= sum(len(operations) for operations in DOCUMENT["paths"].values())


def test_the_document_names_each_kind_of_fault():
    assert DOCUMENT["components"]["schemas"]["Fault"]["properties"]["kind"]["enum"] == list(KINDS)


def test_the_document_is_served_as_it_stands(admin):
    answer = admin.get("openapi.yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert json.dumps(yaml.safe_load(answer.text)) == json.dumps(DOCUMENT)
