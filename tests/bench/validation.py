"""Checking one request or one answer: our compiled validators against openapi-core.

Both find the operation, read the JSON, and check parameters, credentials and body of the same
request by the same document.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from tests.bench import anchors
from tests.bench.measure import ROOT, Row, micros, not_measured, side_by_side

from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, Problem, RawJson, Reply, Request, Response
from crossdock_mocks.engine.operations import Defect, Operation
from crossdock_mocks.engine.paths import Paths
from crossdock_mocks.engine.problem import Violation

_GOAL: Final = 100
_JSON: Final = {"content-type": "application/json"}


def measure() -> list[Row]:
    """Measure the order of the small API, and `createSalesOrder` of the reference ERP."""
    rows: list[Row] = []
    if anchors.available():
        app, world = anchors.open_anchors()
        document = json.loads((anchors.FOLDER / "openapi.json").read_bytes())
        request = Request("POST", "/orders", "", _JSON, anchors.order_body())
        answer = app.exchange(world, request)
        bad = json.loads((anchors.FOLDER / "bad.json").read_bytes())
        rows += _compare("small API", app, document, request, answer, [bad])
    else:
        for side in ("request", "answer"):
            what = f"validating the {side} of an order, small API"
            rows.append(not_measured(what, f">= {_GOAL} x", anchors.MISSING))
    dialect = erp_dialect()
    document = yaml.safe_load((ROOT / "specs" / "erp.openapi.yaml").read_text(encoding="utf-8"))
    app = App(dialect)
    world = app.open_world(generate(seed=1, scale=0.05))
    customer = next(row["id"] for row in world.table("customers").find() if not row.get("onHold"))
    body = {
        "customerId": customer,
        "externalReference": "R-1",
        "lines": [
            {"itemId": row["id"], "quantity": "2"} for row in world.table("items").find(limit=5)
        ],
    }
    headers = {**_JSON, "x-api-key": "erp-demo-key", "idempotency-key": "bench-1"}
    request = Request("POST", "/sales-orders", "", headers, json.dumps(body).encode())
    answer = app.exchange(world, request)
    assert answer.status == 201, answer.body
    rows += _compare("reference ERP", app, document, request, answer, [])
    return rows


def _compare(
    name: str,
    app: App,
    document: Mapping[str, Any],
    request: Request,
    answer: Response,
    known_bad: list[Any],
) -> list[Row]:
    theirs = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None), base_uri="")  # type: ignore[arg-type]
    ours = _Ours(app, document)

    base = (document.get("servers") or [{"url": "http://mock.test"}])[0]["url"]

    def mock_request(body: bytes) -> MockRequest:
        return MockRequest(
            base, "post", request.path, headers=dict(request.headers), data=body,
            content_type="application/json",
        )  # fmt: skip

    def mock_response(body: bytes) -> MockResponse:
        return MockResponse(
            body, status_code=answer.status, headers=answer.headers,
            content_type=answer.headers["content-type"],
        )  # fmt: skip

    good_request, good_answer = mock_request(request.body), mock_response(answer.body)

    def verdicts_on_request(body: Any) -> tuple[bool, bool]:
        content = json.dumps(body).encode()
        asked = mock_request(content)
        return ours.takes(request, content), _passes(partial(theirs.validate_request, asked))

    def verdicts_on_answer(body: Any) -> tuple[bool, bool]:
        text = json.dumps(body)
        given = mock_response(text.encode())
        return (
            ours.gives(request, answer, text),
            _passes(partial(theirs.validate_response, good_request, given)),
        )

    sent, answered = json.loads(request.body), json.loads(answer.body)
    verdicts = {
        "request": [verdicts_on_request(each) for each in (sent, *known_bad, *_spoilt(sent))],
        "answer": [verdicts_on_answer(each) for each in (answered, *_spoilt(answered))],
    }
    assert all(each[0] == (True, True) for each in verdicts.values()), "the good ones are refused"
    text = answer.body.decode()
    rows = []
    for side, mine, other in (
        (
            "request",
            lambda: ours.takes(request, request.body),
            lambda: theirs.validate_request(good_request),
        ),
        (
            "answer",
            lambda: ours.gives(request, answer, text),
            lambda: theirs.validate_response(good_request, good_answer),
        ),
    ):
        seconds, others_seconds = side_by_side(mine, other, rounds=7, calls=30)
        ratio = others_seconds / seconds
        same = sum(a == b for a, b in verdicts[side])
        good = sum(a for a, _ in verdicts[side])
        rows.append(
            Row(
                what=f"validating the {side} of an order, {name}",
                goal=f">= {_GOAL} x",
                measured=f"{ratio:.0f} x",
                met=ratio >= _GOAL and same == len(verdicts[side]),
                detail=f"{micros(seconds)} against {micros(others_seconds)} of openapi-core; "
                f"the same verdict on {same} of {len(verdicts[side])} bodies, {good} of them good",
            )
        )
    return rows


class _Ours:
    """The checks of the engine, without the exchange around them."""

    def __init__(self, app: App, document: Mapping[str, Any]) -> None:
        self._paths: Paths[Operation] = Paths()
        for operation in app.operations.values():
            self._paths.add(operation.path, operation.method, operation)

    def takes(self, request: Request, body: bytes) -> bool:
        """Whether a request with this body would be let through to its behaviour."""
        found = self._paths.find(request.path, request.method)
        assert not isinstance(found, frozenset)
        operation, path = found
        asked = Request(request.method, request.path, request.query, request.headers, body)
        problems: list[Violation] = []
        try:
            if operation.security:
                operation.security.credentials(asked)
            operation.parameters(asked, path, problems)
            operation.body(asked, problems)
        except Problem:
            return False
        return not problems

    def gives(self, request: Request, answer: Response, text: str) -> bool:
        """Whether an answer with this body would be let out."""
        found = self._paths.find(request.path, request.method)
        assert not isinstance(found, frozenset)
        try:
            found[0].respond(Reply(answer.status, RawJson(text), answer.headers))
        except Defect:
            return False
        return True


def _passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except OpenAPIError:
        return False
    return True


def _spoilt(body: Any) -> Iterator[Any]:
    """Bodies that differ from this one in one place: a member gone, or of another type."""
    for path in list(_places(body)):
        for spoil in (_remove, _retype):
            made = copy.deepcopy(body)
            holder = made
            for step in path[:-1]:
                holder = holder[step]
            spoil(holder, path[-1])
            yield made


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else ()
    for name, each in members:
        yield (*path, name)
        yield from _places(each, (*path, name))
    if isinstance(value, list) and value:
        yield from _places(value[0], (*path, 0))


def _remove(holder: Any, name: Any) -> None:
    del holder[name]


def _retype(holder: Any, name: Any) -> None:
    holder[name] = 7 if isinstance(holder[name], str | dict | list) else "seven"
