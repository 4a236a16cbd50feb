"""Schemathesis against every mock that is shipped: no 5xx, and no answer that breaks its document.

It judges by the document alone and knows nothing of the engine. Requests that are to be accepted
are given ids of things that exist, so that they get past the first "not found".
"""

from __future__ import annotations

import functools
import os

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis import checks as built_in
from schemathesis.specs.openapi import checks as openapi

from crossdock_mocks import installed
from crossdock_mocks.engine.document import load_plan

EXAMPLES, EXAMPLES_IN_CHAOS = 2, 100
# One behaviour answers for all kinds of an SData contract, so each is asked less often.
FEWER = {"sage-crm": 20, "saleslogix": 20}

CHECKS = [
    built_in.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
REFUSALS = [*CHECKS, openapi.negative_data_rejection]

DOCUMENTS = {name: installed.dialect(name).document for name in installed.names()}
# Workers begin at different documents, so that most of them are compiled by one worker for all.
_NAMES = list(DOCUMENTS)
_BEGIN = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) * 3 % len(_NAMES)
PLANS = {name: load_plan(DOCUMENTS[name]) for name in (*_NAMES[_BEGIN:], *_NAMES[:_BEGIN])}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# Where nothing can be sent, nothing wrong can be.
OPERATIONS = [
    (name, rule, mode)
    for name, plan in sorted(PLANS.items())
    for rule in plan["operations"]
    for mode in MODES[: 2 if rule["parameters"] or rule["body"] else 1]
]

# Where one behaviour answers for dozens of sets, some of them stand for all in a short run.
BASES = {"business-central": "/v2.0/production/api/v2.0"}
STANDING = {
    "business-central": {
        "token", "metadata", "batch", "company", "customer", "salesOrder", "subscription",
        "agedAccountsReceivable",
    },
    "hubspot": {"OAuth", "Objects", "Search", "Batches"},
    "sage-crm": {"Contract", "Trading account", "Quote item"},
    "saleslogix": {"Contract", "Contact", "SalesOrder"},
}  # fmt: skip


def _asked(name, rule, mode):
    standing = STANDING.get(name)
    long = standing is not None and not standing & set(rule["tags"])
    return pytest.param(
        name, rule, mode, id=f"{name}-{rule['id']}-{mode.value}",
        # One worker opens a system's mock and reads its document, for all of its operations.
        marks=[pytest.mark.xdist_group(f"conformance-{name}"), *[pytest.mark.full] * long],
    )  # fmt: skip


@pytest.fixture(scope="session")
def schema_of():
    return functools.cache(lambda name: schemathesis.openapi.from_path(DOCUMENTS[name]))


@pytest.mark.parametrize(("name", "rule", "mode"), [_asked(*each) for each in OPERATIONS])
def test_no_request_gets_an_answer_that_breaks_the_document(
    mocks, schema_of, chaos, name, rule, mode
):
    mock = mocks(name)
    path, method = rule["path"], rule["method"]
    base = mock.url + (BASES.get(name, "") if rule["bases"] is None else rule["bases"][0])
    operation = schema_of(name)[path][method]
    session = requests.Session()

    @hypothesis.settings(
        max_examples=FEWER.get(name, EXAMPLES_IN_CHAOS) if chaos else EXAMPLES,
        derandomize=not chaos,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode),
        number=strategies.integers(0, 40),
        existing=strategies.sampled_from([True, False]),  # the first is the first example's
    )
    def ask(case, number, existing):
        mock.begin_again()
        headers = dict(mock.credentials)
        if mode is GenerationMode.POSITIVE and existing:
            headers.update(mock.headers)
            if case.path_parameters:
                case.path_parameters = mock.path_parameters(path, case.path_parameters, number)
            case.body = mock.body(case.body, number)
        checks = CHECKS if mode is GenerationMode.POSITIVE else REFUSALS
        if "500" in rule["responses"]:
            # A fault of SOAP is a 500 by its document; a defect of the mock is none of that form.
            checks = [each for each in checks if each is not built_in.not_a_server_error]
        case.call_and_validate(base_url=base, session=session, headers=headers, checks=checks)

    ask()
