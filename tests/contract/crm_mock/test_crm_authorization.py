"""Tokens: RFC 6749 client credentials, RFC 6750 bearer use, expiry on the world's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from crossdock_mocks.engine.world import World

GRANT = {
    "grant_type": "client_credentials",
    "client_id": "crossdock",
    "client_secret": "crossdock-secret",
}


def without(*names: str, **other: str) -> dict[str, str]:
    return {name: value for name, value in GRANT.items() if name not in names} | other


def test_a_client_gets_a_token_that_is_not_to_be_stored(stranger: httpx.Client):
    answer = stranger.post("/oauth/token", data=GRANT)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (
        body["token_type"],
        body["expires_in"],
        body["scope"],
    ) == ("Bearer", 3600, "crm.read crm.write")


def test_a_client_may_name_itself_by_http_basic(stranger: httpx.Client):
    answer = stranger.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "scope": "crm.read"},
        auth=("crossdock", "crossdock-secret"),
    )
    assert answer.json()["scope"] == "crm.read"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (without("grant_type"), 400, "invalid_request"),
        (without(grant_type="password"), 400, "unsupported_grant_type"),
        (without(scope="crm.read admin"), 400, "invalid_scope"),
        (without(client_secret="guess"), 401, "invalid_client"),
        (without(client_id="nobody"), 401, "invalid_client"),
        (without("client_secret"), 401, "invalid_client"),
        ({}, 400, "invalid_request"),
    ],
)
def test_a_wrong_token_request_gets_the_error_of_the_standard(
    stranger: httpx.Client, form: dict[str, str], status: int, error: str
):
    answer = stranger.post("/oauth/token", data=form)
    assert (status, error) == (answer.status_code, answer.json()["error"])
    assert answer.json()["error_description"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", ["Basic !!!", "Basic bm9jb2xvbg==", "Bearer abc", "Basic"])
def test_an_unreadable_authorization_header_is_an_unknown_client(
    stranger: httpx.Client, header: str
):
    answer = stranger.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_naming_the_client_twice_is_refused(stranger: httpx.Client):
    answer = stranger.post("/oauth/token", data=GRANT, auth=("crossdock", "crossdock-secret"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_is_good_until_its_last_second_by_the_worlds_clock(crm: httpx.Client, world: World):
    world.clock.advance(timedelta(seconds=3599))
    assert crm.get("/accounts").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    answer = crm.get("/accounts")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "expired" in answer.json()["error"]["message"]


def test_a_new_token_works_when_the_old_one_has_expired(
    crm: httpx.Client, world: World, token: Callable[..., str]
):
    world.clock.advance(timedelta(hours=2))
    answer = crm.get("/accounts", headers={"Authorization": f"Bearer {token()}"})
    assert answer.status_code == 200


def test_without_a_token_the_answer_says_how_to_come_back(stranger: httpx.Client):
    answer = stranger.get("/accounts")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_made_up_token_is_refused(stranger: httpx.Client):
    answer = stranger.get("/accounts", headers={"Authorization": "Bearer made-up"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


def test_a_reader_may_not_write(stranger: httpx.Client, token: Callable[..., str]):
    headers = {"Authorization": f"Bearer {token('reader')}"}
    assert stranger.get("/accounts", headers=headers).status_code == 200
    answer = stranger.post("/accounts", headers=headers, json={"name": "No"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
    assert 'scope="crm.write"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("user", ["U-nobody", "U-old"])
def test_an_acting_user_has_to_be_known_and_active(crm: httpx.Client, user: str):
    answer = crm.post("/accounts", json={"name": "No"}, headers={"X-Acting-User": user})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "unknown_user")


def test_no_usable_token_lies_in_the_worlds_tables(
    stranger: httpx.Client, token: Callable[..., str], state: Callable[[], dict[str, Any]]
):
    issued = token()
    assert issued not in str(state())
