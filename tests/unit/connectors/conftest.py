"""A remote system that plays answers, and holds both sides to the system's own document."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import stamina
from jsonschema import Draft202012Validator, FormatChecker

from crossdock.connectors import crm, erp
from crossdock.records import (
    Money,
    Order,
    OrderLine,
    TradingAccount,
)
from crossdock.specifications import specification
from crossdock_mocks.engine.document import parse

CRM_SETTINGS = {
    "url": "http://crm.test",
    "client_id": "crossdock",
    "client_secret": "client-secret-8472",
}
ERP_SETTINGS = {"url": "http://erp.test", "api_key": "api-key-55120"}
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Document:
    """An OpenAPI document, asked for the operation behind a request."""

    def __init__(self, name: str) -> None:
        self.content = parse(specification(name).read_bytes(), name)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.content["paths"].items()
            for method, operation in item.items()
            if method in ("get", "post", "put", "patch", "delete")
        }
        self._patterns = [
            (method, re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), name)
            for name, (method, path, _) in self.operations.items()
        ]

    def operation_of(self, request: httpx.Request) -> str:
        path = request.url.raw_path.decode().partition("?")[0]
        return next(
            name
            for method, pattern, name in self._patterns
            if method == request.method and pattern.fullmatch(path)
        )

    def check_request(self, name: str, request: httpx.Request) -> None:
        _, path, operation = self.operations[name]
        shared = self.content["paths"][path].get("parameters", [])
        known = {
            parameter["name"]: parameter
            for parameter in map(self.resolve, [*shared, *operation.get("parameters", [])])
            if parameter["in"] == "query"
        }
        for key, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
            assert key in known, f"{name} has no parameter {key}"
            schema = self.resolve(known[key]["schema"])
            decoded = json.loads(value) if schema.get("type") in ("integer", "boolean") else value
            self.check(known[key]["schema"], decoded)
        content = operation.get("requestBody", {}).get("content", {})
        if request.content and "application/json" in content:
            self.check(content["application/json"]["schema"], json.loads(request.content))

    def check_answer(self, name: str, response: httpx.Response) -> None:
        responses = self.operations[name][2]["responses"]
        told = self.resolve(responses.get(str(response.status_code)) or responses["default"])
        for media in told.get("content", {}).values():
            self.check(media["schema"], json.loads(response.content))

    def resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in part:
            target: Any = self.content
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = target
        return part

    def check(self, schema: Mapping[str, Any], value: Any) -> None:
        whole = {"components": self.content["components"], "allOf": [schema]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


class Played(httpx.BaseTransport):
    """Answers each operation with what was laid out for it, the last answer again and again.

    Attributes:
        asked: every request, with its operation.
        checked: whether good answers must fit the document, as they do unless a test is about
            answers that do not.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.asked: list[tuple[str, httpx.Request]] = []
        self.checked = True
        self._answers: dict[str, list[Answer]] = {}

    def plays(self, operation: str, *answers: Any, status: int = 200) -> None:
        assert operation in self.document.operations, operation
        self._answers[operation] = [
            answer
            if isinstance(answer, httpx.Response | Exception) or callable(answer)
            else httpx.Response(status, json=answer)
            for answer in answers
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        name = self.document.operation_of(request)
        self.document.check_request(name, request)
        self.asked.append((name, request))
        answers = self._answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx.Response):
            answer = answer(request)
        if answer.is_success and self.checked:
            self.document.check_answer(name, answer)
        # A response is read once; the laid out one must serve again.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def requests(self, operation: str) -> list[httpx.Request]:
        return [request for name, request in self.asked if name == operation]

    def body(self, operation: str, index: int = -1) -> Any:
        return json.loads(self.requests(operation)[index].content)

    def query(self, operation: str, index: int = -1) -> dict[str, str]:
        return dict(self.requests(operation)[index].url.params)


@pytest.fixture(scope="session")
def crm_document() -> Document:
    return Document("crm.openapi.yaml")


@pytest.fixture(scope="session")
def erp_document() -> Document:
    return Document("erp.openapi.yaml")


@pytest.fixture
def crm_wire(crm_document):
    played = Played(crm_document)
    played.plays(
        "issueToken",
        httpx.Response(
            200,
            json={
                "access_token": "token-0001",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "crm.read crm.write",
            },
        ),
    )
    return played


@pytest.fixture
def erp_wire(erp_document):
    return Played(erp_document)


@pytest.fixture
def crm_port(crm_wire):
    port = crm.connect("crm", CRM_SETTINGS, transport=crm_wire)
    yield port
    port.close()


@pytest.fixture
def erp_port(erp_wire):
    port = erp.connect("main", ERP_SETTINGS, transport=erp_wire)
    yield port
    port.close()


@pytest.fixture
def no_waiting():
    """Retries happen at once, as many as the connector makes."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def now():
    return datetime(2026, 2, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def customer():
    return TradingAccount(id="C-10001", system="main", name="Bolt & Bearing Ltd", currency="EUR")


@pytest.fixture
def crm_order():
    """A CRM order on its way to the ERP."""
    return Order(
        id="R-1",
        system="crm",
        currency="EUR",
        account_id="A-1001",
        reference="R-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                description="Ball bearing",
                unit_price=Money("11.0000", "EUR"),
                discount_percent=Decimal(5),
                quote_line=1,
            ),
        ),
        quote_id="Q-1",
        opportunity_id="O-1",
    )
