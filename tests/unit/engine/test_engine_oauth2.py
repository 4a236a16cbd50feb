"""OAuth 2 in all its grants, and everything that goes wrong with each."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crossdock_mocks.engine import App, Dialect, MockTransport, Reply
from crossdock_mocks.engine.oauth2 import TABLES, AuthorizationServer, Client, User

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BACK = "https://app.example/back"
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://login.example/token"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
ANY = {"type": "object"}
FORM = {"content": {"application/x-www-form-urlencoded": {"schema": ANY}}}
JSON = {"application/json": {"schema": ANY}}


def answers(*statuses):
    return {str(s): {"description": "answer", **({"content": JSON} if s >= 400 else {})}
            for s in statuses}  # fmt: skip


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "oauth2", "version": "1"},
    "paths": {
        "/authorize": {"get": {"operationId": "authorize", "x-unknown-parameters": "ignore",
            "parameters": [{"name": n, "in": "query", "schema": {"type": "string"}} for n in (
                "response_type", "client_id", "redirect_uri", "scope", "state", "login_hint",
                "code_challenge", "code_challenge_method")],
            "responses": answers(302, 400)}},
        "/token": {"post": {"operationId": "token", "requestBody": FORM, "responses": {
            "200": {"description": "ok", "content": JSON}, **answers(400, 401)}}},
        "/revoke": {"post": {"operationId": "revoke", "requestBody": FORM,
                             "responses": answers(200, 400, 401)}},
        "/me": {"get": {"operationId": "me", "security": [{"oauth": ["read"]}],
                        "responses": {"200": {"description": "ok", "content": JSON}}}},
        "/write": {"get": {"operationId": "write", "security": [{"oauth": ["write"]}],
                           "responses": {"200": {"description": "ok", "content": JSON}}}},
    },
    "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {}}}},
}  # fmt: skip
ALL = {"authorization_code", "refresh_token", "client_credentials", "password", JWT}


@pytest.fixture
def client(tmp_path):
    server = AuthorizationServer(
        [
            Client("app", "s3cret", {"read", "write"}, (BACK,), ALL, key="shared"),
            Client("public", None, {"read"}, (BACK, f"{BACK}?x=1")),
            Client("signed", "other", {"read"}, (BACK,), {JWT}, key=PEM),
        ],
        [User("kim", "pw"), User("lee", "pw2")],
        audience=AUDIENCE,
    )
    file = tmp_path / "oauth2.json"
    file.write_text(json.dumps(DOCUMENT))

    def me(call):
        return Reply(body={"who": call.principal})

    behaviours = {"authorize": server.authorize, "token": server.token, "revoke": server.revoke,
                  "me": me, "write": me}  # fmt: skip
    app = App(Dialect("oauth2", file, behaviours, TABLES, authenticate=server.authenticate))
    world = app.open_world(now=NOW)
    with httpx.Client(transport=MockTransport(app, world), base_url="https://login.example") as it:
        it.world = world
        yield it


def authorize(client, **asked):
    asked = {"response_type": "code", "client_id": "app", "redirect_uri": BACK, **asked}
    response = client.get("/authorize", params={k: v for k, v in asked.items() if v is not None})
    if response.status_code != 302:
        return response.json()
    assert response.headers["location"].startswith(BACK)
    found = parse_qs(urlsplit(response.headers["location"]).query)
    return {name: value for name, (value,) in found.items()}


def token(client, grant, auth=("app", "s3cret"), **form):
    form = {"grant_type": grant, **form}
    return client.post("/token", data=form, **({"auth": auth} if auth else {}))


def by_code(client, **form):
    code = authorize(client, login_hint="kim", state="st")["code"]
    return token(client, "authorization_code", code=code, redirect_uri=BACK, **form).json()


def me(client, access, path="/me"):
    return client.get(path, headers={"Authorization": f"Bearer {access}"})


def error(response):
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


def test_a_code_gives_tokens_for_the_user_who_consented(client):
    assert authorize(client, state="a b")["state"] == "a b"
    got = by_code(client)
    assert (got["token_type"], got["expires_in"], got["scope"]) == ("Bearer", 3600, "read write")
    assert me(client, got["access_token"]).json() == {"who": "kim"}


def test_a_public_client_proves_itself_by_pkce(client):
    asked = {"client_id": "public", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    form = {"redirect_uri": BACK, "client_id": "public"}
    code = authorize(client, **asked)["code"]
    wrong = token(client, "authorization_code", None, code=code, code_verifier="x" * 43, **form)
    assert error(wrong) == (400, "invalid_grant")
    missing = token(client, "authorization_code", None, code=code, **form)
    assert error(missing) == (400, "invalid_grant")
    right = token(client, "authorization_code", None, code=code, code_verifier=VERIFIER, **form)
    assert me(client, right.json()["access_token"]).status_code == 200


def test_a_plain_challenge_is_its_own_verifier(client):
    code = authorize(client, code_challenge=VERIFIER)["code"]
    form = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    assert token(client, "authorization_code", **form).status_code == 200


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": "https://evil.example"}, "invalid_request"),
        ({"client_id": "public", "redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"login_hint": "eve"}, "access_denied"),
        ({"client_id": "public"}, "invalid_request"),
        ({"client_id": "signed"}, "unauthorized_client"),
        ({"code_challenge": "x", "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_a_wrong_authorization_is_refused(client, asked, expected):
    assert authorize(client, **asked)["error"] == expected


def test_a_code_is_good_once_and_used_again_revokes_what_came_of_it(client):
    code = authorize(client)["code"]
    first = token(client, "authorization_code", code=code, redirect_uri=BACK).json()
    again = token(client, "authorization_code", code=code, redirect_uri=BACK)
    assert error(again) == (400, "invalid_grant")
    assert "revoked" in me(client, first["access_token"]).json()["detail"]


def test_a_code_expires_and_belongs_to_its_client_and_redirect(client):
    code = authorize(client)["code"]
    other = token(client, "authorization_code", None, code=code, client_id="public")
    assert error(other) == (400, "invalid_grant")
    moved = token(client, "authorization_code", code=code, redirect_uri=f"{BACK}?x=1")
    assert error(moved) == (400, "invalid_grant")
    client.world.clock.advance(timedelta(minutes=1))
    late = token(client, "authorization_code", code=code, redirect_uri=BACK)
    assert "expired" in late.json()["error_description"]


def test_an_access_token_expires_on_the_worlds_clock(client):
    access = by_code(client)["access_token"]
    client.world.clock.advance(timedelta(minutes=59))
    assert me(client, access).status_code == 200
    client.world.clock.advance(timedelta(minutes=1))
    response = me(client, access)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_refreshing_rotates_and_an_old_refresh_token_revokes_the_grant(client):
    first = by_code(client)
    second = token(client, "refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert me(client, second["access_token"]).json() == {"who": "kim"}
    stolen = token(client, "refresh_token", refresh_token=first["refresh_token"])
    assert error(stolen) == (400, "invalid_grant")
    assert me(client, second["access_token"]).status_code == 401
    now_dead = token(client, "refresh_token", refresh_token=second["refresh_token"])
    assert error(now_dead) == (400, "invalid_grant")


def test_a_refresh_may_narrow_for_once_but_never_widen(client):
    first = token(client, "password", username="kim", password="pw", scope="read").json()
    wide = token(client, "refresh_token", refresh_token=first["refresh_token"], scope="write")
    assert error(wide) == (400, "invalid_scope")
    both = by_code(client)
    some = token(client, "refresh_token", refresh_token=both["refresh_token"], scope="read").json()
    assert me(client, some["access_token"], "/write").status_code == 403
    again = token(client, "refresh_token", refresh_token=some["refresh_token"]).json()
    assert me(client, again["access_token"], "/write").status_code == 200


def test_a_refresh_token_expires_and_belongs_to_its_client(client):
    refresh = by_code(client)["refresh_token"]
    other = token(client, "refresh_token", None, refresh_token=refresh, client_id="public")
    assert error(other) == (400, "invalid_grant")
    client.world.clock.advance(timedelta(days=100))
    late = token(client, "refresh_token", refresh_token=refresh)
    assert "expired" in late.json()["error_description"]


def test_revoking_ends_the_whole_grant_and_only_its_owner_can(client):
    got = by_code(client)
    form = {"token": got["refresh_token"]}
    assert client.post("/revoke", data={**form, "client_id": "public"}).status_code == 200
    assert me(client, got["access_token"]).status_code == 200
    assert client.post("/revoke", data=form, auth=("app", "s3cret")).status_code == 200
    assert me(client, got["access_token"]).status_code == 401
    unknown = client.post("/revoke", data={"token": "x"}, auth=("app", "s3cret"))
    assert unknown.status_code == 200
    assert error(client.post("/revoke", data={}, auth=("app", "s3cret")))[1] == "invalid_request"
    assert error(client.post("/revoke", data=form)) == (401, "invalid_client")


def test_client_credentials_and_passwords_give_tokens(client):
    got = token(client, "client_credentials", scope="read").json()
    assert "refresh_token" not in got
    assert me(client, got["access_token"]).json() == {"who": "app"}
    refused = me(client, got["access_token"], "/write")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="write"' in refused.headers["www-authenticate"]
    got = token(client, "password", username="lee", password="pw2").json()
    assert me(client, got["access_token"]).json() == {"who": "lee"}
    wrong = token(client, "password", username="lee", password="pw")
    assert error(wrong) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("grant", "auth", "form", "expected"),
    [
        ("client_credentials", ("app", "no"), {}, (401, "invalid_client")),
        ("client_credentials", ("no", "s3cret"), {}, (401, "invalid_client")),
        ("client_credentials", None, {"client_id": "public"}, (400, "unauthorized_client")),
        ("client_credentials", ("app", "s3cret"), {"client_secret": "x"}, (400, "invalid_request")),
        ("client_credentials", ("app", "s3cret"), {"scope": "admin"}, (400, "invalid_scope")),
        ("password", None, {"client_id": "public"}, (400, "unauthorized_client")),
        ("device", ("app", "s3cret"), {}, (400, "unsupported_grant_type")),
        ("", ("app", "s3cret"), {}, (400, "invalid_request")),
    ],
)
def test_a_wrong_token_request_is_refused_as_the_standard_says(client, grant, auth, form, expected):
    response = token(client, grant, auth, **form)
    assert error(response) == expected
    assert ("www-authenticate" in response.headers) == (expected[0] == 401)


def jwt(key="shared", algorithm="HS256", **more):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    claims = {"iss": "app", "sub": "kim", "aud": AUDIENCE, "exp": NOW.timestamp() + 60, **more}
    claims = {name: value for name, value in claims.items() if value is not None}
    signed = (
        part(json.dumps({"alg": algorithm}).encode()) + b"." + part(json.dumps(claims).encode())
    )
    if algorithm == "RS256":
        made = KEY.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        made = hmac.digest(key.encode(), signed, hashlib.sha256)
    return (signed + b"." + part(made)).decode()


@pytest.mark.parametrize(
    "assertion", [jwt(), jwt(algorithm="RS256", iss="signed")], ids=itertools.count()
)
def test_a_signed_assertion_gives_a_token_for_its_subject(client, assertion):
    got = token(client, JWT, None, assertion=assertion).json()
    assert me(client, got["access_token"]).json() == {"who": "kim"}


@pytest.mark.parametrize(
    "assertion",
    [
        jwt("wrong"), jwt(PEM, iss="signed"), jwt(algorithm="none"), jwt(exp=NOW.timestamp()),
        jwt(exp=None), jwt(exp="soon"), jwt(aud="https://elsewhere"), jwt(sub="eve"),
        jwt(iss="other"), jwt(nbf=NOW.timestamp() + 1), "a.b", "a.b.c", "", jwt()[:-4],
    ], ids=itertools.count())  # fmt: skip
def test_a_wrong_assertion_gives_nothing(client, assertion):
    assert error(token(client, JWT, None, assertion=assertion)) == (400, "invalid_grant")


def test_no_token_that_could_be_used_can_be_read_from_the_tables(client):
    got = by_code(client)
    kept = json.dumps([dict(row) for row in client.world.table("oauth2_tokens").find({})])
    assert got["access_token"] not in kept
    assert got["refresh_token"] not in kept
