"""OAuth as intuit-oauth, unmodified, goes through it; and what is refused on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from crossdock_mocks.dialects.quickbooks import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM_ID,
    REFRESH_TOKEN,
)

REDIRECT = "http://localhost:8000/callback"
EVERYTHING = [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL, Scopes.PROFILE, Scopes.PHONE]


def _answered(application, scopes, decision="allow"):
    """Answer the question as its page would; gives what the application is told."""
    url = application.get_authorization_url(scopes)
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    assert 'name="decision"' in page.text
    form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    where = url.partition("?")[0]
    answer = requests.post(
        where, data={**form, "decision": decision}, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 302
    location = answer.headers["location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _read(live, token, path=f"/v3/company/{REALM_ID}/companyinfo/{REALM_ID}"):
    return requests.get(
        f"{live.url}{path}", headers={"authorization": f"Bearer {token}"}, timeout=10
    )


def test_consent_gives_a_code_and_the_company_and_the_code_gives_tokens(live):
    application = live.application()
    told = _answered(application, [Scopes.ACCOUNTING])
    assert told["realmId"] == REALM_ID
    assert told["state"] == application.state_token

    application.get_bearer_token(told["code"], realm_id=told["realmId"])

    assert application.expires_in == 3600
    assert application.x_refresh_token_expires_in == 8_726_400
    assert application.id_token is None
    assert _read(live, application.access_token).status_code == 200


def test_a_user_who_says_no_is_told_to_the_application(live):
    application = live.application()

    told = _answered(application, [Scopes.ACCOUNTING], decision="deny")

    assert told == {"error": "access_denied", "state": application.state_token}


def test_an_openid_consent_gives_an_id_token_that_the_client_believes(live):
    live.world.clock.set(datetime.now(UTC))  # the client looks at the machine's clock
    application = live.application()
    told = _answered(application, EVERYTHING)

    application.get_bearer_token(told["code"], realm_id=told["realmId"])

    assert application.id_token.count(".") == 2
    user = application.get_user_info().json()
    assert user["givenName"] == "Alex"
    assert user["email"].endswith("@books.example")
    assert "address" not in user


def test_a_refresh_token_changes_after_a_day_and_the_old_one_is_worth_nothing(live):
    application = live.application(refresh_token=REFRESH_TOKEN)
    application.refresh()
    first = application.access_token
    assert application.refresh_token == REFRESH_TOKEN
    application.refresh()
    assert application.access_token != first

    live.world.clock.advance(timedelta(days=1))
    application.refresh()

    assert application.refresh_token != REFRESH_TOKEN
    assert application.x_refresh_token_expires_in == 8_726_400
    with pytest.raises(AuthClientError) as refusal:
        application.refresh(REFRESH_TOKEN)
    assert refusal.value.status_code == 400
    assert b'"error":"invalid_grant"' in refusal.value.content
    assert _read(live, application.access_token).status_code == 200


def test_an_unused_refresh_token_ends_after_its_time(live):
    live.world.clock.advance(timedelta(seconds=8_726_400))

    with pytest.raises(AuthClientError, match="invalid_grant"):
        live.application(refresh_token=REFRESH_TOKEN).refresh()


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_grant(live, kind):
    application = live.application(refresh_token=REFRESH_TOKEN)
    application.refresh()

    assert application.revoke(token=getattr(application, kind))

    assert _read(live, application.access_token).status_code == 401
    with pytest.raises(AuthClientError):
        application.refresh()
    with pytest.raises(AuthClientError) as refusal:
        application.revoke(token="nonsense")
    assert refusal.value.status_code == 400


def test_a_wrong_secret_is_refused(live):
    with pytest.raises(AuthClientError) as refusal:
        live.application(client_secret="wrong", refresh_token=REFRESH_TOKEN).refresh()

    assert refusal.value.status_code == 401
    assert b"invalid_client" in refusal.value.content


def test_a_code_is_good_once_soon_and_for_its_own_redirect(live):
    application = live.application()
    code = _answered(application, [Scopes.ACCOUNTING])["code"]
    with pytest.raises(AuthClientError, match="invalid_grant"):
        live.application(redirect_uri="http://localhost:9/other").get_bearer_token(code)
    application.get_bearer_token(code)
    access = application.access_token

    with pytest.raises(AuthClientError, match="invalid_grant"):
        application.get_bearer_token(code)
    assert _read(live, access).status_code == 401  # somebody else may have the code

    late = _answered(application, [Scopes.ACCOUNTING])["code"]
    live.world.clock.advance(timedelta(minutes=10))
    with pytest.raises(AuthClientError, match="invalid_grant"):
        application.get_bearer_token(late)


def test_a_token_without_the_scope_of_the_books_may_not_read_them(live):
    application = live.application()
    application.get_bearer_token(_answered(application, [Scopes.OPENID])["code"])

    answer = _read(live, application.access_token)

    assert answer.status_code == 403
    (error,) = answer.json()["fault"]["error"]
    assert (error["code"], answer.json()["fault"]["type"]) == ("3100", "AUTHORIZATION")
    books = live.application(refresh_token=REFRESH_TOKEN)
    books.refresh()
    with pytest.raises(AuthClientError) as refusal:
        books.get_user_info()
    assert refusal.value.status_code == 403


@pytest.mark.parametrize("token", ["nonsense", "x" * 5000])
def test_an_unknown_token_is_refused_in_the_gateways_words(live, token):
    answer = _read(live, token)

    assert answer.status_code == 401
    body = answer.json()
    assert set(body) >= {"fault", "time", "queryResponse", "warnings"}
    assert body["fault"]["error"][0]["message"].startswith("message=AuthenticationFailed")
    assert answer.headers["intuit_tid"].startswith("1-")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "nobody"}, 400),
        ({"redirect_uri": "https://evil.example/"}, 400),
        ({"redirect_uri": "javascript:alert(1)"}, 400),
        ({"redirect_uri": "http://localhost@evil.example/"}, 400),
        ({"response_type": "token"}, 302),
        ({"scope": "everything"}, 302),
        ({"scope": ""}, 302),
        ({"state": ""}, 302),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(wire, wrong, status):
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "state": "s",
        **wrong,
    }
    for answer in (
        wire.get("/connect/oauth2", params=asked),
        wire.post("/connect/oauth2", data={**asked, "decision": "allow"}),
    ):
        assert answer.status_code == status
        if status == 302:
            assert "error=" in answer.headers["location"]
            assert "code=" not in answer.headers["location"]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
    ],
)
def test_wrong_grants_are_refused_as_oauth_has_it(wire, form, status, error):
    answer = wire.post("/oauth2/v1/tokens/bearer", data=form, auth=(CLIENT_ID, CLIENT_SECRET))

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_discovery_names_the_host_that_was_asked_or_the_vendors_own(wire):
    own = wire.get("/.well-known/openid_configuration").json()
    assert own["token_endpoint"] == "http://books/oauth2/v1/tokens/bearer"
    played = wire.get(
        "/.well-known/openid_sandbox_configuration", headers={"host": "developer.api.intuit.com"}
    ).json()
    assert played["token_endpoint"] == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    assert played["revocation_endpoint"].startswith("https://developer.api.intuit.com/")
