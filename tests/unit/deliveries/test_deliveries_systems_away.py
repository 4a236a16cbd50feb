"""Several systems that are away at once are counted, tried and let go on each by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from crossdock.host.deliveries.circuits import CircuitPolicy, Circuits
from crossdock.host.deliveries.failure import Failure

_AWAY = Failure(kind="transient", cause="refused", away=True, retry_after=60.0)


@pytest.fixture
def fail(bench, publish):
    """Publish an order for an ERP, and let its first attempt fail there; gives its number."""

    def fail_(account, erp, failure=_AWAY):
        number = publish(f"R-{account}", account, erp=erp)
        bench.ledger.fail(bench.begin(number), "w-1", evolve(failure, system=erp), {})
        return number

    return fail_


def test_each_of_two_systems_holds_its_own_and_lets_go_of_its_own(
    bench, publish, fail, clock, row, store
):
    circuits = bench.ledger.circuits
    dead = fail("A-1", "main", Failure(kind="business", cause="over the limit"))
    at_main = publish("R-2", "A-2")
    also_at_main = publish("R-3", "A-3")
    backing_off = fail("A-4", "uk", evolve(_AWAY, away=False))
    bench.ledger.fail(bench.begin(at_main), "w-1", evolve(_AWAY, system="main"), {})
    bench.begin(also_at_main)
    assert (row(backing_off).held_by, row(backing_off).due_at) == ("", clock() + timedelta(0, 60))
    with store.writing() as connection:
        circuits.failed(connection, "crm", "gone", 60.0)
        circuits.failed(connection, "uk", "refused", 60.0)

    assert [(each.system, each.held) for each in circuits.list()] == [
        ("crm", 0), ("main", 2), ("uk", 1),
    ]  # fmt: skip
    assert (row(dead).state, row(dead).held_by) == ("dead", "")

    clock.advance(seconds=60)
    probes = []

    def requeue(connection, *probe):
        probes.append(probe)
        bench.ledger.requeue(connection, *probe)

    assert circuits.queue_probes(requeue) == 2
    # The one that waits longest for each; nothing waits for the CRM, so it counts as back.
    assert sorted(probes) == [(n, 1, row(n).lane) for n in (at_main, backing_off)]
    assert [each.system for each in circuits.list()] == ["main", "uk"]
    bench.begin(backing_off, run=2)
    circuits.probed(backing_off, ["uk"], {"uk": True})
    assert [(each.system, each.held) for each in circuits.list()] == [("main", 1)]
    assert (row(also_at_main).held_by, row(also_at_main).due_at) == ("main", None)


def test_the_probe_of_two_systems_finds_one_back_and_the_other_away(store, clock):
    circuits = Circuits(store, CircuitPolicy(failures=1))
    with store.writing() as connection:
        for system in ("main", "crm"):
            circuits.failed(connection, system, "refused", None)
        clock.advance(seconds=5)
        assert circuits.holding(connection, 1, ["main", "crm"]) == ("crm", "main")

    circuits.probed(1, ["crm", "main"], {"crm": True, "main": False})

    assert [(each.system, each.probes) for each in circuits.list()] == [("main", 1)]


def test_when_a_system_is_tried_follows_from_what_it_asked_for_and_what_a_person_knows(
    store, clock
):
    circuits = Circuits(store, CircuitPolicy(failures=1))

    def tried_in(asked):
        with store.writing() as connection:
            circuits.failed(connection, "main", "busy", asked)
        return (circuits.list()[0].probe_at - clock()).total_seconds()

    assert [tried_in(asked) for asked in (None, 7.0, 3600.0)] == [5, 7, 3600]

    circuits.try_now("main", actor="user:U-kim")
    with store.writing() as connection:
        assert circuits.holding(connection, 1, ["main"]) == ("main",)
    circuits.probed(1, ["main"], {"main": False})
    assert circuits.list()[0].probe_at == clock() + timedelta(seconds=10)  # and not an hour


def test_a_system_that_counts_as_back_is_away_after_as_many_failures_as_before(store, clock):
    circuits = Circuits(store, CircuitPolicy(failures=2))
    with store.writing() as connection:
        assert [circuits.failed(connection, "main", "x", None) for _ in "12"] == [False, True]
    clock.advance(seconds=5)
    assert circuits.queue_probes(lambda *_: None) == 0  # nothing waits for it

    with store.writing() as connection:
        assert [circuits.failed(connection, "main", "x", None) for _ in "12"] == [False, True]


def test_a_first_wait_of_less_than_a_second_is_no_longer():
    assert CircuitPolicy(first=timedelta(0, 0.2)).wait(1, None) == timedelta(0, 0.4)
