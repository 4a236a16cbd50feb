"""Tokens and limits, on the world's clock."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP, PUBLIC_APP, REFRESH_TOKEN

CLIENT = {"client_id": PUBLIC_APP.client_id, "client_secret": PUBLIC_APP.secret}
REDIRECT = PUBLIC_APP.redirects[0]
COMPANIES = "/crm/v3/objects/companies?limit=1"


@pytest.fixture
def stranger(open_client):
    return open_client(None)


@pytest.fixture
def code(stranger):
    """A code that came back from the page of consent."""

    def give(scope="oauth crm.objects.contacts.read", **more):
        query = {
            "client_id": PUBLIC_APP.client_id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            **more,
        }
        answer = stranger.get("/oauth/authorize", params=query)
        assert answer.status_code == 302, answer.text
        place = urlsplit(answer.headers["location"])
        assert answer.headers["location"].startswith(REDIRECT)
        return {name: each[0] for name, each in parse_qs(place.query).items()}

    return give


def exchange(client, code, **more):
    given = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **CLIENT, **more
    }  # fmt: skip
    return client.post("/oauth/v1/token", data=given)


def test_a_code_becomes_tokens_for_what_was_asked(stranger, code, open_client):
    came = code(state="abc", optional_scope="crm.objects.deals.read spaceships.read")
    assert came["state"] == "abc"
    tokens = exchange(stranger, came["code"]).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 1800)
    told = stranger.get(f"/oauth/v1/access-tokens/{tokens['access_token']}").json()
    wanted = ["crm.objects.contacts.read", "crm.objects.deals.read", "oauth"]
    assert told["scopes"] == wanted
    client = open_client(tokens["access_token"])
    assert client.get("/crm/v3/objects/contacts").status_code == 200
    assert client.get(COMPANIES).status_code == 403
    again = exchange(stranger, came["code"])
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"redirect_uri": "http://elsewhere.example"}, "BAD_REDIRECT_URI"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"code": "x"}, "BAD_AUTH_CODE"),
        ({"code": ""}, "BAD_AUTH_CODE"),
    ],
)
def test_a_code_is_worth_nothing_to_others(stranger, code, change, status):
    answer = exchange(stranger, **{"code": code()["code"], **change})
    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_a_code_expires(stranger, code, world):
    came = code()["code"]
    world.clock.advance(timedelta(minutes=10))
    assert exchange(stranger, came).json()["message"] == "expired auth code"


def test_consent_goes_back_to_a_known_place_only(stranger, code):
    query = {"client_id": PUBLIC_APP.client_id, "redirect_uri": "http://evil.example"}
    assert stranger.get("/oauth/authorize", params=query).status_code == 400
    assert code(scope="oauth spaceships.read")["error"] == "invalid_scope"


def test_a_token_expires_and_is_refreshed_without_a_new_refresh_token(stranger, world, open_client):
    given = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, **CLIENT}
    first = stranger.post("/oauth/v1/token", data=given).json()
    client = open_client(first["access_token"])
    world.clock.advance(timedelta(minutes=29, seconds=59))
    assert client.get(COMPANIES).status_code == 200
    world.clock.advance(timedelta(seconds=1))
    answer = client.get(COMPANIES)
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert stranger.get(f"/oauth/v1/access-tokens/{first['access_token']}").status_code == 404
    second = stranger.post("/oauth/v1/token", data=given).json()
    assert second["refresh_token"] == first["refresh_token"] == REFRESH_TOKEN
    assert second["access_token"] != first["access_token"]
    assert open_client(second["access_token"]).get(COMPANIES).status_code == 200
    assert stranger.delete(f"/oauth/v1/refresh-tokens/{REFRESH_TOKEN}").status_code == 204
    answer = stranger.post("/oauth/v1/token", data=given)
    assert answer.json()["status"] == "BAD_REFRESH_TOKEN"
    # What was made of it stays good until it expires.
    assert open_client(second["access_token"]).get(COMPANIES).status_code == 200


def test_no_token_can_be_read_out_of_the_worlds_tables(stranger, code, world):
    came = code()["code"]
    tokens = exchange(stranger, came).json()
    rows = str(world.table("oauth2_tokens").find()) + str(world.table("oauth2_codes").find())
    for secret in (came, tokens["access_token"], tokens["refresh_token"], REFRESH_TOKEN):
        assert secret not in rows


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "pat-eu1"])
def test_credentials_of_another_form_are_refused(stranger, header):
    answer = stranger.get(COMPANIES, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


# Limits


@pytest.fixture
def limit(world):
    return lambda **rules: world.table("hubspot_settings").update(
        "account", limits={"enforced": "always", **rules}
    )


def left(answer):
    return int(answer.headers["x-hubspot-ratelimit-remaining"])


def test_answers_tell_what_is_left_of_ten_seconds_and_of_the_day(hubspot, world, limit):
    limit(private=5, daily=8)
    assert [left(hubspot.get(COMPANIES)) for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = hubspot.get(COMPANIES)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    world.clock.advance(timedelta(seconds=10))
    answer = hubspot.get(COMPANIES)
    assert left(answer) == 4
    assert answer.headers["x-hubspot-ratelimit-max"] == "5"
    assert answer.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert answer.headers["x-hubspot-ratelimit-daily-remaining"] == "2"
    hubspot.get(COMPANIES), hubspot.get(COMPANIES)
    assert hubspot.get(COMPANIES).json()["policyName"] == "DAILY"
    world.clock.advance(timedelta(days=1))
    assert hubspot.get(COMPANIES).status_code == 200


def test_requests_leave_the_window_one_by_one(hubspot, world, limit):
    limit(private=2)
    hubspot.get(COMPANIES)
    world.clock.advance(timedelta(seconds=6))
    hubspot.get(COMPANIES)
    assert hubspot.get(COMPANIES).status_code == 429
    world.clock.advance(timedelta(seconds=4))
    assert hubspot.get(COMPANIES).status_code == 200
    assert hubspot.get(COMPANIES).status_code == 429


def test_each_app_has_its_own_limit_and_refusals_tell_it_too(hubspot, reader, limit):
    limit(private=2)
    assert (
        hubspot.get("/crm/v3/objects/companies/999").headers["x-hubspot-ratelimit-remaining"] == "1"
    )
    hubspot.get(COMPANIES)
    assert hubspot.get(COMPANIES).status_code == 429
    assert reader.get(COMPANIES).status_code == 200


def test_searches_have_a_limit_of_their_own_and_tell_nothing(hubspot, world, limit):
    limit(search=5)
    path = "/crm/v3/objects/companies/search"
    for _ in range(5):
        answer = hubspot.post(path, json={})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if "ratelimit" in name]
    answer = hubspot.post(path, json={})
    assert (answer.status_code, answer.json()["policyName"]) == (429, "SECONDLY")
    assert hubspot.get(COMPANIES).status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert hubspot.post(path, json={}).status_code == 200


def test_apps_with_oauth_are_told_nothing_of_the_day(stranger, open_client):
    given = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, **CLIENT}
    token = stranger.post("/oauth/v1/token", data=given).json()["access_token"]
    headers = open_client(token).get(COMPANIES).headers
    assert headers["x-hubspot-ratelimit-max"] == "110"
    assert "x-hubspot-ratelimit-daily" not in headers
    headers = open_client(PRIVATE_APP.token).get(COMPANIES).headers
    assert (headers["x-hubspot-ratelimit-max"], headers["x-hubspot-ratelimit-daily"]) == (
        "190", "650000"
    )  # fmt: skip


def test_where_the_clock_stands_still_limits_are_told_but_never_used_up(hubspot):
    answers = [hubspot.get(COMPANIES) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {200}
    assert {left(answer) for answer in answers} == {189}
