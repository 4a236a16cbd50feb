"""Who may call, on whose behalf, and how often."""

from __future__ import annotations

import base64
import hmac
import json
import time

import httpx
import pytest
from joserfc.jwk import RSAKey

from crossdock.server.api import tokens as tokens_module
from crossdock.server.api.settings import TokenSettings
from crossdock.server.api.tokens import BadToken, KeysAway, Tokens

KEY = "cdk_" + "k" * 40
READER = "cdk_" + "r" * 40
TABS = "/v1/accounts/A-1001/tabs"
ISSUER, AUDIENCE = "https://login.example.test", "crossdock"

_OPEN = {"/health/live", "/health/ready", "/openapi.json"}


def _concrete(path):
    return path.format(
        account_id="A-1001", contact_id="P-1", quote_id="Q-1001", plugin_id="erp-tabs",
        tab_id="aging", delivery_id="D-1", point="account_tabs", sender="crm", card_id="none",
        segment_id="none", approval_id="AP-1", order_id="R-1001", reference="R-1001", system="main",
        opportunity_id="O-1001", service="validateOrderTotal", invoice_id="IN-1",
    )  # fmt: skip


def test_nothing_but_health_and_the_document_answers_without_credentials(sidecar, monkeypatch):
    monkeypatch.setattr(sidecar.app.state.api, "guess", lambda *_address, **_tokens: True)
    for operation in sidecar.app.state.api.contract.operations.values():
        body = {"json": {}} if operation.signed else {}
        where = _concrete(operation.path)
        answer = sidecar.call(operation.method, where, key=None, user=None, **body)
        if operation.path in _OPEN:
            assert answer.status_code == 200, operation.id
        elif operation.signed:  # refused before it is read, whatever it is
            assert answer.status_code in (400, 401), operation.id
        else:
            assert answer.status_code == 401, operation.id
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_does_what_its_scopes_allow_and_nothing_else(sidecar):
    for operation in sidecar.app.state.api.contract.operations.values():
        if not operation.scopes:
            continue
        answer = sidecar.call(operation.method, _concrete(operation.path), key=READER)
        allowed = operation.scopes == ("tabs:read",)
        assert (answer.status_code == 403) is not allowed, operation.id
        if not allowed:
            assert answer.json()["code"] == "scope_missing"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Key": "cdk_" + "x" * 40},
        {"X-Api-Key": ""},
        {"X-Api-Key": KEY[:-1]},
        {"X-Api-Key": KEY.encode() + "\xe4".encode("latin-1")},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer cdk_unknown"},
        {"Authorization": "Basic " + base64.b64encode(f"crm:{KEY}".encode()).decode()},
        {"Authorization": "Bearer a.b"},
    ],
)
def test_credentials_that_nobody_knows_are_refused(sidecar, headers):
    assert sidecar.get(TABS, key=None, headers=headers).status_code == 401


def test_a_key_works_as_a_bearer_token_too(sidecar):
    answer = sidecar.get(TABS, key=None, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200


def test_keys_are_kept_as_hashes(sidecar):
    seen = []

    def walk(value, depth=0):
        seen.append(repr(value))
        if depth < 4 and hasattr(value, "__dict__"):
            for each in vars(value).values():
                walk(each, depth + 1)

    walk(sidecar.app.state.api.callers)
    walk(sidecar.app.state.api.settings)
    assert not [each for each in seen if KEY in each]


@pytest.mark.parametrize(
    ("key", "user", "status", "code"),
    [
        (KEY, "U-kim", 200, None),
        (KEY, "kim@example.test", 200, None),  # by [server.users]
        (KEY, None, 400, "user_missing"),
        (KEY, "U-nobody", 403, "user_unknown"),
        (READER, "U-kim", 200, None),
        (READER, "U-ben", 403, "user_not_allowed"),
        (READER, "U-nobody", 403, "user_not_allowed"),  # and does not learn that there is none
    ],
)
def test_a_key_acts_for_the_users_that_it_may_act_for(sidecar, key, user, status, code):
    answer = sidecar.get(TABS, key=key, user=user)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_a_user_who_left_cannot_be_acted_for(sidecar):
    user = sidecar.mocks.crm.table("crm_users").get("U-kim")
    sidecar.mocks.crm.table("crm_users").replace({**user, "active": False})
    answer = sidecar.get(TABS)
    assert (answer.status_code, answer.json()["code"]) == (403, "user_inactive")


# Bearer tokens.


def _with(sidecar, token, path=TABS, user=None):
    return sidecar.get(path, key=None, user=user, headers={"Authorization": f"Bearer {token}"})


def test_a_token_names_the_person_itself(sidecar, token):
    assert _with(sidecar, token()).status_code == 200
    assert _with(sidecar, token(), user="U-kim").status_code == 200
    assert _with(sidecar, token(sub="kim@example.test")).status_code == 200
    assert _with(sidecar, token(), user="U-ben").json()["code"] == "user_not_allowed"


def test_roles_of_a_token_become_scopes(sidecar, token):
    assert _with(sidecar, token(), "/v1/plugins").json()["code"] == "scope_missing"
    assert _with(sidecar, token(roles=["stranger"])).json()["code"] == "scope_missing"
    assert _with(sidecar, token(roles=None)).json()["code"] == "scope_missing"
    assert _with(sidecar, token(roles="seller machine"), "/v1/plugins").status_code == 200


def test_a_program_s_token_acts_for_users_and_needs_one(sidecar, token):
    machine = token(sub="svc-1", roles=["machine"])
    assert _with(sidecar, machine, user="U-kim").status_code == 200
    assert _with(sidecar, machine).json()["code"] == "user_missing"


def _tampered(text):
    head, body, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["roles"] = ["machine"]
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{forged}.{signature}"


def _unsigned(text):
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{text.split('.')[1]}."


def _by_hmac(text, secret):
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').rstrip(b"=").decode()
    signed = f"{head}.{text.split('.')[1]}"
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_a_token_that_is_not_to_be_believed_is_refused(sidecar, token, signing_key):
    now = int(time.time())
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    refused = {
        "alg=none": _unsigned(token()),
        "changed": _tampered(token()),
        "another key": token(key=other),
        "an unknown key id": token(key=RSAKey.generate_key(2048, {"kid": "k9"}), kid="k9"),
        "the public key as an HMAC secret": _by_hmac(token(), signing_key.as_pem(private=False)),
        "another algorithm": token(alg="RS512"),
        "another issuer": token(iss="https://evil.example.test"),
        "no issuer": token(iss=None),
        "another audience": token(aud="somebody-else"),
        "no audience": token(aud=None),
        "expired": token(exp=now - 6),
        "no expiry": token(exp=None),
        "not yet valid": token(nbf=now + 60),
        "an expiry that is no number": token(exp="tomorrow"),
        "too long": token(pad="x" * 20_000),
        "no token": "rubbish",
    }
    for why, text in refused.items():
        answer = _with(sidecar, text)
        assert answer.status_code == 401, why
        assert "invalid_token" in answer.headers["www-authenticate"], why


def test_clocks_may_differ_by_the_leeway(sidecar, token):
    now = int(time.time())
    assert _with(sidecar, token(exp=now - 2)).status_code == 200
    assert _with(sidecar, token(nbf=now + 2)).status_code == 200
    assert _with(sidecar, token(aud=["other", AUDIENCE])).status_code == 200
    assert _with(sidecar, token(kid=None)).status_code == 200


def _remote(signing_key, answer):
    asked = []

    def serve(request):
        asked.append(request.url)
        return answer()

    settings = TokenSettings(
        issuer=ISSUER, audience=AUDIENCE, algorithms=("RS256",), jwks_url=f"{ISSUER}/keys"
    )
    return Tokens(settings, transport=httpx.MockTransport(serve)), asked


def test_the_issuer_s_keys_are_read_once_and_not_for_each_token(signing_key, token):
    keys = {"keys": [signing_key.as_dict(private=False)]}
    tokens, asked = _remote(signing_key, lambda: httpx.Response(200, json=keys))
    for _ in range(3):
        assert tokens.claims(token())["sub"] == "U-kim"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"location": "https://evil.example.test/keys"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"keys": "none"}),
        httpx.Response(200, content=b" " * 300_000),
    ],
)
def test_keys_that_cannot_be_had_are_no_reason_to_believe_a_token(signing_key, token, answer):
    tokens, _ = _remote(signing_key, lambda: answer)
    with pytest.raises(KeysAway):
        tokens.claims(token())


def test_a_key_that_is_not_known_is_looked_for_once_more(signing_key, token, monkeypatch):
    monkeypatch.setattr(tokens_module, "_ASK_AGAIN_SECONDS", 0.0)
    new = RSAKey.generate_key(2048, {"kid": "k2"})
    published = [signing_key]
    tokens, asked = _remote(
        signing_key,
        lambda: httpx.Response(200, json={"keys": [k.as_dict(private=False) for k in published]}),
    )
    assert tokens.claims(token())
    published.append(new)
    assert tokens.claims(token(key=new, kid="k2"))
    assert len(asked) == 2
    with pytest.raises(BadToken):
        tokens.claims(token(key=new, kid="k1"))
    assert len(asked) == 2  # a wrong signature is no reason to ask


def test_an_issuer_that_does_not_answer_is_let_be_for_a_while(signing_key, token):
    tokens, asked = _remote(signing_key, lambda: httpx.Response(500))
    for _ in range(3):
        with pytest.raises(KeysAway):
            tokens.claims(token())
    assert len(asked) == 1


# How often.


def test_a_key_may_send_so_many_and_is_told_how_many_are_left(open_sidecar, settings):
    keys = {"crm": {**settings["keys"]["crm"], "per_second": 0.01, "burst": 3}}
    sidecar = open_sidecar(keys=keys)
    answers = [sidecar.get("/v1/plugins") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["ratelimit-remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["ratelimit-limit"] == "3"
    assert 90 <= int(answers[3].headers["retry-after"]) <= 100
    assert sidecar.get("/health/live").status_code == 200


def test_whoever_guesses_keys_is_slowed_down(sidecar):
    statuses = [sidecar.get(TABS, key=f"cdk_{number:040}").status_code for number in range(30)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert sidecar.get(TABS).status_code == 200  # who has a key is not kept out by them
