"""The circuit breaker: opens on faults, cools off, lets one probe through, closes on success."""

from __future__ import annotations

import logging

import pytest

from crossdock.errors import PluginPaused
from crossdock.host.isolation.breaker import Breaker
from crossdock.host.isolation.settings import BreakerSettings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    def make_(**settings):
        return Breaker("late", BreakerSettings(**settings), clock)

    return make_


def refused(breaker) -> bool:
    try:
        breaker.admit("before_quote_save")
    except PluginPaused:
        return True
    return False


def test_it_opens_after_so_many_faults_in_a_row_and_says_until_when(make):
    breaker = make(faults=3, cool_off_seconds=30)
    for _ in range(3):
        breaker.admit("p")
        breaker.failed()

    with pytest.raises(
        PluginPaused, match="failed 3 times in a row; it is tried again in 30 s"
    ) as it:
        breaker.admit("before_quote_save")

    assert (it.value.plugin_id, it.value.point) == ("late", "before_quote_save")
    assert it.value.retry_after == 30
    assert breaker.state == "open"


def test_a_success_in_between_starts_the_count_anew(make):
    breaker = make(faults=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()

    assert breaker.state == "closed"


def test_it_opens_on_the_share_of_faults_in_the_window(make):
    breaker = make(faults=1000, rate=0.35, minimum_calls=20)
    for number in range(20):
        (breaker.failed if number % 2 else breaker.succeeded)()

    assert refused(breaker)


def test_calls_that_are_older_than_the_window_do_not_count(make, clock):
    breaker = make(faults=1000, rate=0.5, minimum_calls=10, window_seconds=60)
    for _ in range(9):
        breaker.failed()
    clock.now += 61
    for number in range(12):
        (breaker.succeeded if number % 4 else breaker.failed)()

    assert breaker.state == "closed"


def test_one_probe_at_a_time_is_let_through_after_the_cool_off(make, clock):
    breaker = make(faults=1, cool_off_seconds=30)
    breaker.failed()
    clock.now += 29
    assert refused(breaker)
    clock.now += 1

    assert breaker.state == "half-open"
    assert not refused(breaker)
    assert refused(breaker)  # the probe is under way
    breaker.succeeded()
    assert breaker.state == "closed"
    assert not refused(breaker)


def test_a_probe_that_fails_opens_it_again_for_as_long(make, clock):
    breaker = make(faults=1, cool_off_seconds=30)
    breaker.failed()
    clock.now += 30
    breaker.admit("p")
    breaker.failed()

    assert breaker.state == "open"
    clock.now += 29
    assert refused(breaker)


def test_a_probe_that_was_not_made_leaves_the_next_call_to_probe(make, clock):
    breaker = make(faults=1, cool_off_seconds=30)
    breaker.failed()
    clock.now += 30
    breaker.admit("p")
    breaker.withdrawn()

    assert not refused(breaker)


def test_a_dry_run_says_and_counts_what_it_would_have_refused(make, caplog):
    breaker = make(faults=2, dry_run=True)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            breaker.admit("p")
            breaker.failed()

    assert breaker.would_have_refused == 3
    assert "late would not be asked for 30 s (dry run)" in caplog.text
