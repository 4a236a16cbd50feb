"""Every operation of the document reaches its success and each refusal that it documents.

The cases are enumerated from the document itself, so an operation or an answer that is added there
without a way to reach it fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from crossdock.specifications import specification
from crossdock_mocks.engine.document import parse

DOCUMENT: dict[str, Any] = parse(specification("crm.openapi.yaml").read_bytes(), "crm")
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
ANSWERS = [
    (name, int(status))
    for name, (_, _, operation) in OPERATIONS.items()
    for status in operation["responses"]
    if status != "default"
]

# An id that exists, by the path before it.
KNOWN = {
    "/accounts": "A-1001",
    "/contacts": "P-1001",
    "/products": "BRG-1001",
    "/price-lists": "PB-1001",
    "/leads": "L-1001",
    "/campaigns": "CA-1001",
    "/stages": "discover",
    "/opportunities": "O-1001",
    "/quotes": "Q-1001",
    "/orders": "R-1001",
    "/activities": "T-1001",
    "/cases": "CS-1001",
    "/users": "U-kim",
    "/forecasts": "F-1001",
}
LINE = {"item_code": "BRG-1001", "quantity": "2", "unit_price": "5.00", "tax_rate": "0.20"}
# A body that is accepted.
BODIES: dict[str, Any] = {
    "createAccount": {"name": "Dale & Co", "external_ids": {"erp": "C-10002"}},
    "changeAccount": {"version": 1, "phone": "0113", "external_ids": {"old": "7"}},
    "createContact": {"account_id": "A-1001", "last_name": "Field", "email": "f@dale.example"},
    "changeContact": {"version": 1, "job_title": "Buyer"},
    "mergeAccount": {"into": "A-1002"},
    "createProduct": {"id": "BRG-1002", "name": "Ball bearing 6002", "list_price": "6.4"},
    "changeProduct": {"version": 1, "list_price": None, "active": False},
    "createPriceList": {"name": "Retail 2027", "valid_from": "2027-01-01"},
    "changePriceList": {"version": 1, "name": "Retail"},
    "setPrice": {"product_id": "BRG-1001", "min_quantity": "10", "price": "4.4"},
    "createLead": {"company": "Elm GmbH", "source": "fair"},
    "changeLead": {"version": 1, "status": "working"},
    "convertLead": {"version": 1, "opportunity": {"name": "First", "close_on": "2026-12-24"}},
    "createCampaign": {"name": "Spring", "starts_on": "2027-03-01", "ends_on": "2027-03-31"},
    "changeCampaign": {"version": 1, "cost": "750.00"},
    "createCampaignMember": {"lead_id": "L-1001"},
    "changeCampaignMember": {"version": 1, "responded_at": "2026-11-20T10:00:00+01:00"},
    "createStage": {
        "id": "negotiate",
        "name": "Negotiate",
        "position": 9,
        "kind": "open",
        "probability": "0.90",
        "forecast_category": "commit",
    },
    "changeStage": {"version": 1, "probability": "0.25"},
    "createOpportunity": {"account_id": "A-1001", "name": "Spares", "close_on": "2026-12-01"},
    "changeOpportunity": {"version": 1, "stage_id": "won"},
    "answerPlay": {"play": "budget", "answer": "approved"},
    "createQuote": {"account_id": "A-1001", "opportunity_id": "O-1001", "lines": [LINE]},
    "changeQuote": {"version": 1, "lines": [LINE], "status": "sent"},
    "orderQuote": {"version": 1},
    "createOrder": {"reference": "WEB-1", "account_id": "A-1001", "lines": [LINE]},
    "changeOrder": {"version": 1, "lines": [{"line": 1, "shipped_quantity": "10"}]},
    "addTimelineEntry": {"key": "ship/1", "kind": "shipped", "title": "Shipped in full"},
    "createActivity": {"kind": "task", "subject": "Call", "account_id": "A-1001", "key": "t/1"},
    "changeActivity": {"version": 1, "subject": "Call again"},
    "completeActivity": {},
    "createCase": {"account_id": "A-1001", "contact_id": "P-1001", "subject": "It leaks"},
    "changeCase": {"version": 1, "status": "closed"},
    "createUser": {"login": "ray", "name": "Ray Dunn", "role": "service", "manager_id": "U-lee"},
    "changeUser": {"version": 1, "team": "South"},
    "recordLogin": {},
    "freezeForecast": {"period": "2026-Q4"},
}
# Success that needs another record than the known one, because that one is in use.
SUCCESS_PATHS = {
    "deleteAccount": "/accounts/A-NEW",
    "deleteCampaign": "/campaigns/CA-NEW",
    "deleteStage": "/stages/negotiate",
    "deleteOpportunity": "/opportunities/O-NEW",
    "deleteContact": "/contacts/P-1002",
}
MAKES = {
    "deleteAccount": "createAccount",
    "deleteCampaign": "createCampaign",
    "deleteStage": "createStage",
    "deleteOpportunity": "createOpportunity",
}
# Calls that are made before, so that a repeat is answered with 200.
REPEATED = {"orderQuote", "addTimelineEntry", "createActivity"}
# What is refused with 409: path, body, code.
CONFLICTS: dict[str, tuple[str, Any, str]] = {
    "changeAccount": ("/accounts/A-1001", {"version": 9}, "stale_version"),
    "deleteAccount": ("/accounts/A-1001", None, "account_has_orders"),
    "mergeAccount": ("/accounts/A-1001/merge", {"into": "A-1002", "version": 9}, "stale_version"),
    "createProduct": ("/products", {"id": "BRG-1001", "name": "Again"}, "duplicate_id"),
    "changeProduct": ("/products/BRG-1001", {"version": 9}, "stale_version"),
    "changePriceList": ("/price-lists/PB-1001", {"version": 9}, "stale_version"),
    "changeContact": ("/contacts/P-1001", {"version": 2}, "stale_version"),
    "deleteContact": ("/contacts/P-1001", None, "record_in_use"),
    "changeLead": ("/leads/L-1002", {"version": 1, "source": "x"}, "lead_converted"),
    "deleteLead": ("/leads/L-1002", None, "lead_converted"),
    "convertLead": ("/leads/L-1002/convert", {"version": 1}, "lead_converted"),
    "changeCampaign": ("/campaigns/CA-1001", {"version": 3}, "stale_version"),
    "deleteCampaign": ("/campaigns/CA-1001?version=5", None, "stale_version"),
    "createCampaignMember": (
        "/campaigns/CA-1001/members",
        {"contact_id": "P-1001"},
        "duplicate_member",
    ),
    "changeCampaignMember": ("/campaigns/CA-1001/members/CM-1", {"version": 4}, "stale_version"),
    "createStage": ("/stages", {**BODIES["createStage"], "id": "won"}, "duplicate_id"),
    "changeStage": ("/stages/prove", {"version": 1, "kind": "lost"}, "record_in_use"),
    "deleteStage": ("/stages/discover", None, "record_in_use"),
    "changeOpportunity": (
        "/opportunities/O-1001",
        {"version": 1, "account_id": "A-1002"},
        "record_in_use",
    ),
    "deleteOpportunity": ("/opportunities/O-1001", None, "record_in_use"),
    "changeQuote": ("/quotes/Q-1002", {"version": 1, "notes": "x"}, "quote_ordered"),
    "deleteQuote": ("/quotes/Q-1002", None, "quote_ordered"),
    "orderQuote": ("/quotes/Q-1001/order", {"version": 8}, "stale_version"),
    "createOrder": (
        "/orders",
        {**BODIES["createOrder"], "reference": "Q-1002"},
        "duplicate_reference",
    ),
    "changeOrder": (
        "/orders/R-1001",
        {"version": 1, "erp_order_id": "SO-2"},
        "erp_order_already_linked",
    ),
    "changeActivity": ("/activities/T-1001", {"version": 2}, "stale_version"),
    "deleteActivity": ("/activities/T-1001?version=2", None, "stale_version"),
    "completeActivity": ("/activities/T-1001/complete", {"version": 2}, "stale_version"),
    "changeCase": ("/cases/CS-1001", {"version": 2}, "stale_version"),
    "createUser": ("/users", {**BODIES["createUser"], "login": "kim"}, "duplicate_id"),
    "changeUser": ("/users/U-kim", {"version": 2}, "stale_version"),
    "recordLogin": ("/users/U-old/logins", {}, "user_inactive"),
}
NOTHING_TO_SEND = re.compile("^(get|list)")


def known_path(path: str) -> str:
    """The path with the ids of records that exist."""
    filled = path.replace("{member_id}", "CM-1")
    return filled.replace("{id}", KNOWN.get("/" + path.split("/")[1], ""))


def unknown_path(path: str) -> str:
    return path.replace("{member_id}", "NONE").replace("{id}", "NONE")


def ask(
    client: httpx.Client, name: str, path: str, body: Any = None, **more: Any
) -> httpx.Response:
    method = OPERATIONS[name][0]
    if body is not None:
        more["json"] = body
    return client.request(method.upper(), path, **more)


def malformed(name: str) -> tuple[str, dict[str, Any]]:
    """A path and arguments that cannot be read."""
    _, path, operation = OPERATIONS[name]
    if "requestBody" in operation:
        content = {"content": b'{"', "headers": {"Content-Type": "application/json"}}
        return known_path(path), content
    names = {each.get("name") or each["$ref"].rsplit("/", 1)[1] for each in operation["parameters"]}
    wrong = next(each for each in ("page", "limit", "version") if each in names)
    return f"{known_path(path)}?{wrong}=0", {}


@pytest.fixture
def reach(
    crm: httpx.Client, stranger: httpx.Client, token: Callable[..., str]
) -> Callable[[str, int], httpx.Response]:
    """Makes a call that the document answers with a status."""

    def success(name: str, status: int) -> httpx.Response:
        _, path, _ = OPERATIONS[name]
        target = SUCCESS_PATHS.get(name, known_path(path))
        if name in MAKES:
            make = MAKES[name]
            made = ask(crm, make, OPERATIONS[make][1], BODIES[make])
            target = re.sub("[A-Z]+-NEW", made.json()["id"], target)
        if name in REPEATED and status == 200:
            ask(crm, name, target, BODIES[name])
        return ask(crm, name, target, BODIES.get(name))

    def refuse(name: str, status: int) -> httpx.Response:
        _, path, operation = OPERATIONS[name]
        body = BODIES.get(name)
        if status == 400:
            where, more = malformed(name)
            return ask(crm, name, where, **more)
        if status == 401:
            return ask(stranger, name, known_path(path), body)
        if status == 403:
            reads = operation["security"] == [{"oauth2": ["crm.read"]}]
            wrong = token(scope="crm.write") if reads else token("reader")
            return ask(
                stranger, name, known_path(path), body, headers={"Authorization": f"Bearer {wrong}"}
            )
        if status == 404:
            return ask(crm, name, unknown_path(path), body)
        if status == 409:
            where, conflicting, code = CONFLICTS[name]
            answer = ask(crm, name, where, conflicting)
            assert code == answer.json()["error"]["code"]
            return answer
        assert status == 422
        answer = ask(crm, name, known_path(path), {**(body or {}), "colour": "red"})
        assert answer.json()["error"]["fields"] == [
            {"field": "colour", "message": "is not known here"}
        ]
        return answer

    return lambda name, status: (success if status < 300 else refuse)(name, status)


@pytest.mark.parametrize(
    ("name", "status"), [each for each in ANSWERS if each[0] != "issueToken"], ids=str
)
def test_an_operation_reaches_an_answer_that_it_documents(
    name: str,
    status: int,
    reach: Callable[[str, int], httpx.Response],
    state: Callable[[], dict[str, Any]],
):
    before = state()
    answer = reach(name, status)
    assert status == answer.status_code, answer.text
    if status >= 400:
        after = state()
        # Getting the token for the refusal is all that may have happened.
        for book in (before, after):
            book.pop("crm_tokens")
        assert before == after
        error = answer.json()["error"]
        assert {"code", "message", "fields"} == error.keys()
        assert error["message"]


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - {"issueToken"}))
def test_an_answer_holds_nothing_that_is_not_documented(
    name: str, reach: Callable[[str, int], httpx.Response]
):
    _, _, operation = OPERATIONS[name]
    status = min(status for each, status in ANSWERS if each == name)
    content = operation["responses"][str(status)].get("content")
    answer = reach(name, status)
    if content is None:
        assert answer.content == b""
        return
    strangers = list(undocumented(answer.json(), content["application/json"]["schema"], "$"))
    assert strangers == []


def undocumented(value: Any, schema: dict[str, Any], place: str) -> Any:
    """Places of properties that a schema does not name."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for branch in schema.get("anyOf", ()):
        if branch != {"type": "null"} and value is not None:
            yield from undocumented(value, branch, place)
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from undocumented(each, schema["items"], f"{place}[{position}]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, each in value.items():
            if name in schema["properties"]:
                yield from undocumented(each, schema["properties"][name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"


def test_every_operation_says_how_sure_it_is_and_describes_its_errors():
    for name, (_, _, operation) in OPERATIONS.items():
        assert operation["x-provenance"] == "source", name
        assert "default" in operation["responses"], name


def test_write_schemas_are_closed():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name != "Change" and name.endswith(("Create", "Change", "Write")):
            # External ids are a map, so it says of what.
            assert schema["additionalProperties"] not in (True, {}), name
