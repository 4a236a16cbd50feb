"""A world: transactions, snapshots, clock, faults as data, and no mixing with other worlds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crossdock_mocks.engine import (
    Clock,
    DuplicateKey,
    Fault,
    Faults,
    Journal,
    Request,
    Response,
    TableSpec,
    World,
)

AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def world():
    world = World([TableSpec("notes")], now=AT)
    world.table("notes").insert({"id": 1})
    return world


def keep(world, key):
    world.table("notes").insert({"id": key})


def keep_all(world, *keys):
    with world.transaction():
        world.sequence("n")
        for key in keys:
            keep(world, key)


def notes(world):
    return [row["id"] for row in world.table("notes").find()]


def test_a_transaction_keeps_all_or_nothing(world):
    with pytest.raises(DuplicateKey):
        keep_all(world, 2, 1)
    assert notes(world) == [1]
    assert world.sequence("n") == "1"


def test_an_inner_transaction_may_fail_by_itself(world):
    with world.transaction():
        keep(world, 2)
        with pytest.raises(DuplicateKey):
            keep_all(world, 3, 1)
        with world.transaction():
            keep(world, 4)
            assert world.sequence("n") == "1", "the failed part gave its number back"
    assert notes(world) == [1, 2, 4]
    assert world.sequence("n") == "2"


def test_sequences_count_from_their_start_and_past_what_was_seeded(world):
    assert [world.sequence("so", "SO-", start=100001) for _ in range(2)] == [
        "SO-100001",
        "SO-100002",
    ]
    world.reserve("so", 200000)
    world.reserve("so", 5)
    assert world.sequence("so", "SO-", start=100001) == "SO-200001"
    assert world.sequence("other") == "1"


def test_a_snapshot_brings_back_rows_sequences_and_clock_as_often_as_asked(world):
    world.sequence("n")
    kept = world.snapshot()
    for _ in range(2):
        keep(world, 2)
        assert world.sequence("n") == "2"
        world.clock.advance(timedelta(days=1))
        world.restore(kept)
        assert notes(world) == [1]
        assert world.now == AT


def test_snapshots_may_have_names(world):
    world.snapshot("before")
    keep(world, 2)
    world.snapshot("after")
    world.restore("before")
    assert notes(world) == [1]
    world.restore("after")
    assert notes(world) == [1, 2]
    assert world.snapshots == ("before", "after")
    with pytest.raises(KeyError):
        world.restore("never")


def test_reset_goes_back_to_the_seal(world):
    world.seal()
    world.clock.advance(timedelta(hours=1))
    keep(world, 2)
    world.snapshot("later")
    world.faults.add(Fault("status"))
    world.reset()
    assert (notes(world), world.now, world.snapshots, bool(world.faults)) == ([1], AT, (), False)
    keep(world, 3)
    world.reset()
    assert notes(world) == [1]


def test_reset_finds_its_way_back_also_from_a_restored_snapshot(world):
    early = world.snapshot()
    keep(world, 2)
    world.seal()
    world.restore(early)
    assert notes(world) == [1]
    world.reset()
    assert notes(world) == [1, 2]


def test_reset_without_a_change_sets_the_clock_back(world):
    world.seal()
    world.clock.set(AT + timedelta(days=9))
    world.reset()
    assert world.now == AT


def test_a_world_never_sealed_cannot_be_reset(world):
    with pytest.raises(RuntimeError, match="never sealed"):
        world.reset()


def test_no_snapshot_is_taken_or_restored_in_the_middle_of_a_transaction(world):
    kept = world.snapshot()
    with world.transaction():
        with pytest.raises(RuntimeError, match="within a transaction"):
            world.snapshot()
        with pytest.raises(RuntimeError, match="within a transaction"):
            world.restore(kept)


def test_two_systems_may_share_a_world(world):
    world.declare(TableSpec("notes"), TableSpec("orders"))
    assert world.tables == ("notes", "orders")
    with pytest.raises(ValueError, match="two different tables"):
        world.declare(TableSpec("notes", indexes=("x",)))
    with pytest.raises(KeyError, match="no table 'x'; there are notes, orders"):
        world.table("x")


def test_worlds_in_threads_never_mix(app):
    headers = {"authorization": "Bearer flour", "content-type": "application/json"}

    def bake(number):
        world = app.open_world(name=f"w{number}")
        for weight in range(1, 41):
            body = b'{"kind":"rye","weight":%d}' % (number * 50 + weight)
            assert app.exchange(world, Request("POST", "/loaves", "", headers, body)).status == 201
        loaves = world.table("loaves").find()
        return (
            {loaf["weight"] // 50 for loaf in loaves},
            len(loaves),
            {e.world for e in world.journal},
        )

    with ThreadPoolExecutor(16) as pool:
        for number, seen in enumerate(pool.map(bake, range(64))):
            assert seen == ({number}, 40, {f"w{number}"})


def test_one_world_may_be_used_from_many_threads(world):
    barrier = threading.Barrier(8)

    def write(thread):
        barrier.wait()
        for n in range(50):
            with world.transaction():
                world.table("notes").insert({"id": world.sequence("n", "T-"), "by": thread, "n": n})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(world.table("notes")) == 401
    assert world.sequence("n") == "401"


def test_a_frozen_clock_stands_still_and_is_advanced():
    clock = Clock(AT)
    assert (clock.now, clock.today, clock.ticking) == (AT, date(2026, 5, 6), False)
    assert clock.advance(timedelta(days=1)) == AT + timedelta(days=1)
    clock.set(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_ticking_clock_runs_on_from_where_it_was_set(monkeypatch):
    seconds = [100.0]
    monkeypatch.setattr("crossdock_mocks.engine.clock.time.monotonic", lambda: seconds[0])
    clock = Clock(AT, ticking=True)
    seconds[0] += 5
    assert clock.now == AT + timedelta(seconds=5)
    clock.set(AT)
    seconds[0] += 1
    clock.freeze()
    seconds[0] += 99
    assert clock.now == AT + timedelta(seconds=1)
    clock.tick()
    seconds[0] += 2
    assert clock.now == AT + timedelta(seconds=3)


def test_a_clock_needs_an_aware_instant():
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_fault_strikes_the_nth_call_of_its_operation():
    faults = Faults()
    faults.add(Fault("status", operation="a", nth=2))
    assert [bool(faults.draw(name)) for name in ("a", "b", "a", "a")] == [False, False, True, False]


def test_a_fault_strikes_every_so_many_th_call_so_many_times():
    faults = Faults()
    faults.add(Fault("drop_before", every=2, times=2))
    assert [bool(faults.draw("x")) for _ in range(7)] == [
        False, True, False, True, False, False, False,
    ]  # fmt: skip
    assert [(calls, strikes) for _, calls, strikes in faults.tally()] == [(7, 2)]


def test_the_first_fault_that_strikes_decides_and_the_others_count_the_call():
    faults = Faults()
    faults.add(Fault("status", nth=1))
    faults.add(Fault("drop_before", nth=2))
    assert [faults.draw("x").kind for _ in range(2)] == ["status", "drop_before"]


@pytest.mark.parametrize(
    "rule",
    [{"kind": "explode"}, {"kind": "status", "status": 200}, {"kind": "latency_before"},
     {"kind": "status", "nth": 0}, {"kind": "status", "nth": 1, "every": 1}],
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(rule):
    with pytest.raises(ValueError):  # noqa: PT011 - each says it in its own words
        Fault(**rule)


def enter(journal, body=b""):
    request, response = Request("GET", "/", body=body), Response(200)
    journal.add(AT, "w", request, None, response, "answered", "", False, None)


def test_the_journal_forgets_the_oldest_and_counts_on():
    journal = Journal(entries=3)
    for _ in range(5):
        enter(journal)
    assert [entry.number for entry in journal] == [3, 4, 5]
    journal.clear()
    assert (len(journal), journal.last) == (0, None)
    enter(journal)
    assert journal.last.number == 6


def test_old_entries_lose_their_bodies_before_they_are_forgotten():
    journal = Journal(entries=4, body_bytes=100)
    for size in (10, 90, 20, 500, 1):
        enter(journal, b"x" * size)
    assert [(e.number, len(e.raw_request_body), e.bodies_kept) for e in journal] == [
        (2, 0, False),
        (3, 0, False),
        (4, 0, False),
        (5, 1, True),
    ]
    enter(journal, b"y" * 500)
    assert journal.last.request_body == "y" * 500, "the latest is kept whatever its size"
