"""Each operation gives each answer that its document names."""

from __future__ import annotations

import pytest

from crossdock_mocks.dialects.quickbooks import CLIENT_ID, CLIENT_SECRET, REALM_ID, dialect
from crossdock_mocks.engine import App
from crossdock_mocks.engine.document import load_plan

RULES = {rule["id"]: rule for rule in load_plan(dialect().document)["operations"]}
OPERATIONS = [name for name, rule in RULES.items() if "{realmId}" in rule["path"]]
REDIRECT = "http://localhost:8000/callback"


def _names(books):
    """A body that makes one record, for each kind that is made."""
    customer, line = {"value": "1"}, books.line(books.item(), 1, 10)
    sale = {"CustomerRef": customer, "Line": [line], "BillEmail": {"Address": "a@b.example"}}
    return {
        "Customer": {"DisplayName": "New"},
        "Item": {"Name": "New", "Type": "Service", "IncomeAccountRef": {"value": "6"}},
        "Account": {"Name": "New", "AccountType": "Bank"},
        "Term": {"Name": "New", "DueDays": 3},
        "Class": {"Name": "New"},
        "Department": {"Name": "New"},
        "PaymentMethod": {"Name": "New"},
        "TaxAgency": {"DisplayName": "New"},
        "Estimate": sale,
        "Invoice": sale,
        "CreditMemo": sale,
        "SalesReceipt": sale,
        "Payment": {"CustomerRef": customer, "TotalAmt": 5},
        "CompanyInfo": {"Id": "1", "SyncToken": "0", "sparse": True, "LegalName": "New"},
        "Preferences": {"Id": "1", "SyncToken": "0"},
        "ExchangeRate": {"SourceCurrencyCode": "USD", "AsOfDate": "2026-11-01", "Rate": 0.9},
    }


def _good(books, operation):
    """A request that is carried out: parameters of the path, of the query, and a body."""
    bodies = _names(books)
    for verb in ("write", "print", "send"):
        if operation.startswith(verb):
            entity = operation.removeprefix(verb)
            if verb == "write":
                return {}, {}, bodies[entity]
            return {"id": books.write(entity, bodies[entity])["Id"]}, {}, None
    if operation == "readChanges":
        return {}, {"entities": "Customer", "changedSince": "2026-11-19"}, None
    if operation == "readExchangeRate":
        return {}, {"sourcecurrencycode": "USD"}, None
    if operation.startswith("read"):
        entity = operation.removeprefix("read")
        made = entity not in ("TaxCode", "TaxRate", "CompanyInfo", "Preferences")
        return {"id": books.write(entity, bodies[entity])["Id"] if made else "1"}, {}, None
    if operation == "createTaxCode":
        return {}, {}, {"TaxCode": "New", "TaxRateDetails": [{"TaxRateId": "1"}]}
    if operation == "query":
        return {}, {"query": "SELECT * FROM Term"}, None
    if operation == "queryByBody":
        return {}, {}, "SELECT * FROM Term"
    assert operation == "batch"
    return {}, {}, {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Term"}]}


def _sent(books, operation, path=None, query=None, body=None, **more):
    rule = RULES[operation]
    where = rule["path"].removeprefix("/v3/company/{realmId}").format(**(path or {"id": "1"}))
    if isinstance(body, str):
        more = {"content": body, "headers": {"content-type": "application/text"}, **more}
    elif body is not None:
        more = {"json": body, **more}
    return books.client.request(rule["method"], where, params=query or {}, **more)


def _documented(status):
    return [name for name in OPERATIONS if str(status) in RULES[name]["responses"]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_carried_out(books, operation):
    answer = _sent(books, operation, *_good(books, operation))

    assert answer.status_code == 200, answer.text
    assert answer.headers["intuit_tid"]


def test_each_operation_refuses_what_is_wrong(books):
    asked = {"minorversion": "none"}
    for operation in _documented(400):
        answer = _sent(books, operation, query=asked)
        assert answer.json()["Fault"]["type"] == "ValidationFault", operation


def test_each_operation_needs_a_token(books):
    del books.client.headers["Authorization"]
    for operation in _documented(401):
        answer = _sent(books, operation)
        told = (answer.status_code, answer.json()["fault"]["type"])
        assert told == (401, "AUTHENTICATION"), operation


@pytest.fixture
def openid_token(wire):
    """A token of a user who did not let the application see the books."""
    asked = {
        "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code",
        "scope": "openid", "state": "s", "decision": "allow",
    }  # fmt: skip
    location = wire.post("/connect/oauth2", data=asked).headers["location"]
    code = location.partition("code=")[2].partition("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = wire.post("/oauth2/v1/tokens/bearer", data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    return answer.json()["access_token"]


def test_each_operation_needs_the_scope_of_the_books(openid_token, books):
    books.client.headers["Authorization"] = f"Bearer {openid_token}"
    for operation in _documented(403):
        answer = _sent(books, operation)
        told = (answer.status_code, answer.json()["fault"]["type"])
        assert told == (403, "AUTHORIZATION"), operation


def test_each_operation_that_takes_a_body_minds_its_type(books):
    asked = {"content": b"<x/>", "headers": {"content-type": "application/xml"}}
    for operation in _documented(415):
        answer = _sent(books, operation, **asked)
        told = (answer.status_code, answer.json()["Fault"]["Error"][0]["code"])
        assert told == (415, "1050"), operation


def test_each_operation_is_throttled(books):
    books.world.table("qbo_settings").update("requests_per_minute", value=0)
    for operation in _documented(429):
        answer = _sent(books, operation)
        told = (answer.status_code, answer.json()["fault"]["error"][0]["code"])
        assert told == (429, "3001"), operation


def test_keys_and_discovery_are_for_everybody_and_the_user_for_those_who_may(wire, openid_token):
    assert wire.get("/.well-known/openid_configuration").status_code == 200
    assert wire.get("/.well-known/openid_sandbox_configuration").status_code == 200
    (key,) = wire.get("/op/v1/jwks").json()["keys"]
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")
    path = "/v1/openid_connect/userinfo"
    assert wire.get(path).status_code == 401
    answer = wire.get(path, headers={"authorization": f"Bearer {openid_token}"})
    assert set(answer.json()) == {"sub"}


def test_the_endpoints_of_authorization_give_each_of_their_answers(books, wire):
    """Beside those that the proof by intuit-oauth goes through over a socket."""
    wire.base_url = "http://books"
    assert wire.get("/v1/openid_connect/userinfo").status_code == 403
    asked = {
        "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code",
        "scope": "openid", "state": "s",
    }  # fmt: skip
    assert wire.get("/connect/oauth2", params=asked).status_code == 200
    token, revoke = "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
    good = {"auth": (CLIENT_ID, CLIENT_SECRET)}
    assert (
        wire.post(token, data={"grant_type": "refresh_token"}, auth=("x", "y")).status_code == 401
    )
    assert wire.post(revoke, json={"token": "x"}, auth=("x", "y")).status_code == 401
    assert wire.post(revoke, json={"token": "x"}, **good).status_code == 400
    mine = wire.headers["Authorization"].removeprefix("Bearer ")
    assert wire.post(revoke, json={"token": mine}, **good).status_code == 200
    assert wire.get(f"/v3/company/{REALM_ID}/companyinfo/1").status_code == 401


def test_every_operation_has_behaviour():
    assert set(App(dialect()).operations) == set(RULES)
