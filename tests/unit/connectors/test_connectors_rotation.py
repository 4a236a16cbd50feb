"""Refresh tokens that change with each use are not lost, whoever uses them at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from crossdock.connectors.rotation import Granted, InMemory, RotatingTokens
from crossdock.errors import RemoteUnauthorized, RemoteUnavailable


class Vendor:
    """Gives tokens for the latest refresh token, and for no other."""

    def __init__(self, first="r0", lasts=3600):
        self.valid = first
        self.asked = []
        self.lasts = lasts

    def refresh(self, token):
        self.asked.append(token)
        if token != self.valid:
            raise RemoteUnauthorized("No.", system="books", status=400, code="invalid_grant")
        number = len(self.asked)
        self.valid = f"r{number}"
        return Granted(access=f"a{number}", refresh=self.valid, expires_in=self.lasts)


@pytest.fixture
def vendor():
    return Vendor()


@pytest.fixture
def kept():
    return InMemory()


@pytest.fixture
def process(vendor, kept):
    """Make the tokens of one more process that shares the store."""

    def make(**over):
        given = {"first": "r0", "client_secret": "app-secret", "kept": kept, "where": "[erp.books]"}
        return RotatingTokens(vendor.refresh, **(given | over))

    return make


def test_a_token_is_asked_for_once_and_used_until_it_expires(vendor, process):
    now = [1_000_000.0]
    tokens = process(clock=lambda: now[0])
    assert tokens.header() == ("Authorization", "Bearer a1")
    assert tokens.header() == ("Authorization", "Bearer a1")
    now[0] += 3590
    assert tokens.header() == ("Authorization", "Bearer a2")
    assert vendor.asked == ["r0", "r1"]


def test_another_process_takes_what_the_first_was_given(vendor, process):
    assert process().header() == process().header()
    assert vendor.asked == ["r0"]


def test_a_process_that_starts_later_uses_the_latest_refresh_token(vendor, process):
    first = process()
    first.header()
    first.refused("Bearer a1")
    first.header()
    late = process()
    late.header()
    late.refused("Bearer a2")
    assert late.header() == ("Authorization", "Bearer a3")
    assert vendor.asked == ["r0", "r1", "r2"]


def test_a_refused_token_is_given_up_by_whoever_had_it(vendor, process):
    one, other = process(), process()
    _, value = one.header()
    other.header()
    assert one.refused(value)
    assert one.header()[1] == "Bearer a2"
    assert other.refused(value)
    assert other.header()[1] == "Bearer a2"
    assert vendor.asked == ["r0", "r1"]


def test_many_threads_of_several_processes_refresh_once(vendor, process):
    processes = [process() for _ in range(4)]
    began = threading.Barrier(16)

    def ask(number):
        began.wait()
        return processes[number % 4].header()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(16))) == {("Authorization", "Bearer a1")}
    assert vendor.asked == ["r0"]


def test_a_store_that_cannot_be_written_stops_before_the_token_is_spent(vendor, process):
    class Full(InMemory):
        def write(self, text):
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        process(kept=Full()).header()
    assert vendor.asked == []


def test_a_store_that_fails_behind_the_answer_costs_nothing_in_this_process(vendor, process):
    class Shaky(InMemory):
        writes = 0

        def write(self, text):
            self.writes += 1
            if self.writes == 2:
                raise OSError("no space left")
            super().write(text)

    shaky = Shaky()
    tokens = process(kept=shaky)
    with pytest.raises(OSError, match="no space"):
        tokens.header()
    assert tokens.header() == ("Authorization", "Bearer a1")
    tokens.refused("Bearer a1")
    assert tokens.header() == ("Authorization", "Bearer a2")
    assert process(kept=shaky).header() == ("Authorization", "Bearer a2")


def test_an_outage_spends_nothing_and_is_told_as_such(vendor, process):
    def away(_token):
        raise RemoteUnavailable("away", system="books")

    tokens = process()
    broken = RotatingTokens(
        away, first="r0", client_secret="app-secret", kept=InMemory(), where="[erp.books]"
    )
    with pytest.raises(RemoteUnavailable):
        broken.header()
    assert tokens.header() == ("Authorization", "Bearer a1")


def test_a_token_that_is_not_taken_any_more_says_what_a_person_must_do(vendor, process):
    vendor.valid = "somebody else's"
    with pytest.raises(RemoteUnauthorized, match=r"Grant access anew.*\[erp.books\]"):
        process().header()


def test_a_token_that_a_person_granted_anew_counts_more_than_the_stored_one(vendor, process):
    process().header()
    vendor.valid = "granted-anew"
    tokens = process(first="granted-anew")
    assert tokens.header()[1] == "Bearer a2"
    assert vendor.asked == ["r0", "granted-anew"]


def test_what_is_stored_shows_no_token(kept, process):
    process().header()
    assert kept.read()
    assert not any(secret in kept.read() for secret in ('"a1"', '"r1"', "app-secret"))


def test_what_another_client_secret_sealed_is_not_used(vendor, process, caplog):
    process().header()
    vendor.valid = "r0"
    assert process(client_secret="another").header()[1] == "Bearer a2"
    assert "cannot be read with this client secret" in caplog.text


def test_secrets_name_every_token(process):
    tokens = process()
    tokens.header()
    assert set(tokens.secrets()) == {"app-secret", "r0", "a1", "r1"}
