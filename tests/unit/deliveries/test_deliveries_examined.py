"""What `crossdock doctor` says of the deliveries."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from crossdock.host.deliveries.failure import Failure
from crossdock.host.diagnosis.delivering import age, examine_deliveries
from crossdock.records import Order, OrderPromoted

_AWAY = Failure(kind="transient", cause="connection refused", system="main", away=True)


@pytest.fixture
def says(store):
    """Give what is found, as `status text`, with some tables of the configuration."""

    def examine(**tables):
        config = SimpleNamespace(
            crm=SimpleNamespace(name="crm"),
            erps=(SimpleNamespace(name="main"),),
            deliveries=tables,
            limits={},
            source="crossdock.toml",
        )
        return [f"{each.status} {each.text}" for each in examine_deliveries(store, config)]

    return examine


def _promote(bench, count, accounts=1):
    for number in range(count):
        order = Order(
            id=f"R-{number}", system="crm", currency="EUR", account_id=f"A-{number % accounts}"
        )
        bench.deliveries.publish(OrderPromoted(order=order), [("notify", "1")])


def test_more_than_is_usual_is_told_with_what_holds_the_oldest(bench, says):
    _promote(bench, 3)
    assert "ok 3 not delivered; the oldest, D-1 (order_promoted), since 0 s" in says()
    bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {})

    (told,) = (each for each in says(backlog=2) if "not delivered" in each)
    assert told.startswith("warn 3 not delivered")
    assert "connection refused; more than 2 are unusual here" in told


def test_a_system_that_is_away_is_told_with_how_many_wait_for_it(bench, clock, says):
    _promote(bench, 6, accounts=6)
    for number in range(1, 6):
        bench.ledger.fail(bench.begin(number), "w-1", _AWAY, {})
    clock.advance(minutes=7)

    (told,) = (each for each in says() if "is away" in each)
    assert told == "warn main is away since 7 min; 5 deliveries wait for it: connection refused"


def test_of_feeds_only_those_of_configured_systems_are_told_once(store, clock, says):
    store.watermarks.began("crm")
    store.watermarks.move("crm", "17")
    store.watermarks.move("crm", "3", "other")
    store.watermarks.hint("main")
    store.watermarks.move("scheduled jobs", "x", "a/b")
    clock.advance(minutes=3)

    assert [each for each in says() if "last change" in each] == [
        "ok the last change of crm came 3 min ago"
    ]


def test_what_stays_behind_says_behind_which(bench):
    _promote(bench, 3)
    bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {})
    bench.begin(3)

    assert "it stays behind D-1," in bench.deliveries.get("D-3").cause


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (2e6, "23 d")]
)
def test_a_duration_is_told_in_its_greatest_unit(seconds, text):
    assert age(seconds) == text
