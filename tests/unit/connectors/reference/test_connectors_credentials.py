"""Tokens: fetched when needed, renewed once, never shown."""

import logging
import threading

import httpx
import pytest

from crossdock.connectors import crm
from crossdock.connectors.credentials import ApiKey, ClientCredentials, Token
from crossdock.errors import RemoteRefused, RemoteUnauthorized, RemoteUnavailable

SECRET = "client-secret-8472"


class Issuer:
    def __init__(self, expires_in=3600):
        self.count = 0
        self.expires_in = expires_in

    def __call__(self):
        self.count += 1
        return Token(value=f"token-{self.count}", expires_in=self.expires_in)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_token_is_fetched_when_it_is_first_needed_and_then_kept():
    issue = Issuer()
    credentials = ClientCredentials(issue, client_secret=SECRET)
    assert issue.count == 0
    assert ("Authorization", "Bearer token-1") == credentials.header() == credentials.header()


def test_a_token_is_renewed_a_little_before_it_expires():
    issue, clock = Issuer(expires_in=600), Clock()
    credentials = ClientCredentials(issue, client_secret=SECRET, clock=clock)
    credentials.header()
    clock.now += 569
    assert credentials.header()[1] == "Bearer token-1"
    clock.now += 1
    assert credentials.header()[1] == "Bearer token-2"


def test_a_token_that_was_refused_is_replaced_once_for_all_who_held_it():
    issue = Issuer()
    credentials = ClientCredentials(issue, client_secret=SECRET)
    _, value = credentials.header()
    assert credentials.refused(value)
    assert credentials.header()[1] == "Bearer token-2"
    assert credentials.refused(value)
    assert credentials.header()[1] == "Bearer token-2"
    assert issue.count == 2


def test_of_many_threads_one_asks_for_the_token():
    issue = Issuer()
    entered, release = threading.Event(), threading.Event()

    def slowly():
        entered.set()
        assert release.wait(10)
        return issue()

    credentials = ClientCredentials(slowly, client_secret=SECRET)
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(credentials.header()[1])) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    release.set()
    for thread in threads:
        thread.join(10)
    assert seen == ["Bearer token-1"] * 16
    assert issue.count == 1


def test_a_failed_renewal_is_tried_again_by_the_next_call():
    answers = [RemoteUnavailable("away", system="crm"), Token(value="late", expires_in=60)]

    def issue():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    credentials = ClientCredentials(issue, client_secret=SECRET)
    with pytest.raises(RemoteUnavailable):
        credentials.header()
    assert credentials.header()[1] == "Bearer late"


def token_answers(*values):
    return [
        {"access_token": value, "token_type": "Bearer", "expires_in": 3600, "scope": "crm.read"}
        for value in values
    ]


def unauthorized(crm_rows):
    refused = crm_rows.error(401, "invalid_token", "The token has expired.")
    refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return refused


def test_an_expired_token_is_renewed_and_the_call_made_again(crm_wire, crm_port, crm_rows):
    crm_wire.plays("issueToken", *token_answers("old", "new"))
    crm_wire.plays("getAccount", unauthorized(crm_rows), crm_rows.account())
    assert crm_port.account("A-1001").id == "A-1001"
    sent = [request.headers["authorization"] for request in crm_wire.requests("getAccount")]
    assert sent == ["Bearer old", "Bearer new"]


def test_a_write_is_made_again_too_as_a_401_did_nothing(crm_wire, crm_port, crm_rows):
    crm_wire.plays("issueToken", *token_answers("old", "new"))
    crm_wire.plays("orderQuote", unauthorized(crm_rows), httpx.Response(201, json=crm_rows.order()))
    assert crm_port.order_from_quote("Q-1").id == "R-1"


def test_a_second_401_is_an_error_and_not_a_loop(crm_wire, crm_port, crm_rows):
    crm_wire.plays("issueToken", *token_answers("old", "new"))
    crm_wire.plays("getAccount", unauthorized(crm_rows))
    with pytest.raises(RemoteUnauthorized, match=r"Check the credentials .* under \[crm\]"):
        crm_port.account("A-1001")
    assert len(crm_wire.requests("getAccount")) == 2


def test_the_client_names_itself_to_the_token_endpoint_only(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getAccount", crm_rows.account())
    crm_port.account("A-1001")
    (asked,) = crm_wire.requests("issueToken")
    assert "authorization" not in asked.headers
    assert (
        f"grant_type=client_credentials&client_id=crossdock&client_secret={SECRET}"
        == asked.content.decode()
    )


def test_a_wrong_secret_is_told_without_showing_it(crm_wire, crm_port, caplog):
    caplog.set_level(logging.DEBUG)
    crm_wire.plays(
        "issueToken",
        httpx.Response(
            401,
            json={
                "error": "invalid_client",
                "error_description": f"{SECRET} is not the secret of crossdock",
            },
        ),
    )
    with pytest.raises(RemoteUnauthorized) as caught:
        crm_port.account("A-1001")
    assert "*** is not the secret of crossdock" in str(caught.value)
    assert "[crm] in crossdock.toml" in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caplog.text}"


def test_a_token_that_is_echoed_back_is_masked(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getAccount", crm_rows.error(418, "token-0001", "what is token-0001?"))
    with pytest.raises(RemoteRefused) as caught:
        crm_port.account("A-1001")
    assert "token-0001" not in str(caught.value) + caught.value.code


def test_secrets_are_not_in_any_representation():
    issue = Issuer()
    credentials = ClientCredentials(issue, client_secret=SECRET)
    credentials.header()
    shown = f"{credentials!r} {issue()!r} {ApiKey('X-Api-Key', SECRET)!r}"
    assert SECRET not in shown
    assert "token-" not in shown


def test_a_connector_that_is_closed_says_so(crm_wire):
    port = crm.connect(
        "crm",
        {"url": "http://crm.test", "client_id": "me", "client_secret": SECRET},
        transport=crm_wire,
    )
    port.close()
    with pytest.raises(RuntimeError, match="closed"):
        port.account("A-1001")


@pytest.mark.usefixtures("no_waiting")
def test_while_no_token_can_be_had_a_write_surely_did_nothing(crm_wire, crm_port, quote):
    crm_wire.plays("issueToken", httpx.ReadTimeout("timed out"))
    with pytest.raises(RemoteUnavailable) as caught:
        crm_port.save_quote(quote)
    assert not caught.value.maybe_done
    assert "is not known" not in str(caught.value)
    assert [name for name, _ in crm_wire.asked] == ["issueToken"] * 3
