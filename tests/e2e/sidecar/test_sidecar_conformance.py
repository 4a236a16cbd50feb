"""Schemathesis against the real side-car: no 5xx, and no answer that is off its document."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis import checks as built_in
from schemathesis.specs.openapi import checks as openapi
from standardwebhooks import Webhook

from crossdock.server.api.contract import Contract
from crossdock.specifications import specification

pytestmark = pytest.mark.xdist_group("sidecar-conformance")  # they share one side-car

KEY = "cdk_" + "e" * 40
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EXAMPLES, EXAMPLES_IN_CHAOS = 3, 150
CHECKS = [
    built_in.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
REFUSALS = [*CHECKS, openapi.negative_data_rejection]
# Changing what is loaded would take the plugins away from the operations that follow.
ASKED = [
    (each.path, each.method, mode)
    for each in Contract.load().operations.values()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # An operation that takes nothing can be asked nothing wrong.
    if each.scopes != ("plugins:write",) and (each.parameters or each.scopes or mode.is_positive)
]
_REAL = {
    "account_id": ["A-1001", "A-1002"],
    "contact_id": ["P-1001"],
    "plugin_id": ["erp-tabs"],
    "tab_id": ["aging", "orders", "sales"],
    "point": ["before_quote_save", "account_tabs"],
    "item_id": ["BRG-1001", "HYD-1001"],
    "currency": ["EUR"],
}


@pytest.fixture(scope="module")
def schema():
    return schemathesis.openapi.from_path(specification("host.openapi.yaml"))


def _with_real_ids(value, number):
    if isinstance(value, list):
        return [_with_real_ids(each, number) for each in value]
    if not isinstance(value, dict):
        return value
    filled = {name: _with_real_ids(each, number) for name, each in value.items()}
    for name, each in filled.items():
        if name in _REAL and isinstance(each, str):
            filled[name] = _REAL[name][number % len(_REAL[name])]
    return filled


@pytest.mark.parametrize(("path", "method", "mode"), ASKED)
def test_no_request_gets_an_answer_that_breaks_the_document(
    standing, schema, chaos, path, method, mode
):
    operation = schema[path][method]
    session = requests.Session()

    @hypothesis.settings(
        max_examples=EXAMPLES_IN_CHAOS if chaos else EXAMPLES,
        derandomize=not chaos,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode),
        number=strategies.integers(0, 40),
        existing=strategies.booleans(),
    )
    def ask(case, number, existing):
        headers = {"X-Api-Key": KEY}
        if mode is GenerationMode.POSITIVE and existing:
            headers["X-Crossdock-User"] = "U-kim"
            case.path_parameters = _with_real_ids(case.path_parameters or {}, number)
            case.body = _with_real_ids(case.body, number)
        checks = CHECKS if mode is GenerationMode.POSITIVE else REFUSALS
        case.call_and_validate(
            base_url=standing.url, session=session, headers=headers, checks=checks
        )

    ask()
    assert "Traceback" not in standing.log()


def test_no_signed_event_gets_an_answer_that_breaks_the_document(standing, schema, chaos):
    operation = schema["/v1/events/{sender}"]["POST"]
    session = requests.Session()
    sent = itertools.count()

    @hypothesis.settings(
        max_examples=EXAMPLES_IN_CHAOS if chaos else 5 * EXAMPLES,
        derandomize=not chaos,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        number=strategies.integers(0, 40),
    )
    def send(case, number):
        case.path_parameters = {"sender": "node"}
        body = json.dumps(_with_real_ids(case.body, number)).encode()
        at, message = datetime.now(UTC), f"msg_{next(sent)}"
        headers = {
            **{name: each for name, each in (case.headers or {}).items() if "ce-" in name},
            "Content-Type": case.media_type,
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(WHSEC).sign(message, at, body.decode()),
        }
        answer = session.post(f"{standing.url}/v1/events/node", data=body, headers=headers)
        assert answer.status_code != 401, answer.text
        case.validate_response(answer, checks=CHECKS)

    send()
