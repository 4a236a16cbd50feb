"""Runs that ended without a word are brought back, as often as a delivery may be tried."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve, frozen

from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.lost import bring_back


@frozen
class Lost:
    number: int
    run: int
    cause: str = "the database went away"


class Client:
    """The durable engine as far as it knows of runs that are over."""

    def __init__(self, *lost, steps=None):
        self.lost = list(lost)
        self.steps = steps or {}
        self.forgotten = []

    def lost_runs(self):
        return list(self.lost)

    def recorded_steps(self, number, run):
        return self.steps.get((number, run), {})

    def forget_run(self, number, run):
        self.forgotten.append((number, run))


def test_a_lost_run_is_tried_again_later_with_what_it_had_recorded(
    bench, store, clock, publish, row
):
    publish()
    began = clock()
    bench.begin(1)
    clock.advance(minutes=1)
    client = Client(Lost(1, 1), steps={(1, 1): {"a": '"done"'}})

    assert bring_back(bench.deliveries, client) == 1

    row = row()
    assert (row.state, row.worker, row.attempts, row.failure) == ("waiting", "", 1, "transient")
    assert row.cause == "the run ended without an outcome: the database went away"
    assert row.due_at == clock() + timedelta(seconds=1)
    assert row.finished_at is None
    assert row.key_fate == "maybe"
    assert client.forgotten == [(1, 1)]
    (attempt,) = bench.deliveries.attempts("D-1")
    assert (attempt.outcome, attempt.worker, attempt.failure) == ("waiting", "w-1", "transient")
    assert (attempt.began_at, attempt.ended_at, attempt.system) == (began, clock(), "")
    assert (attempt.cause, attempt.evidence) == (row.cause, None)
    assert store.audit.entries(subject="D-1") == ()
    clock.advance(seconds=1)
    assert bench.ledger.enqueue_due() == 1
    assert bench.begin(1, run=2).known == {"a": '"done"'}


def test_one_that_was_not_even_begun_counts_as_an_attempt(bench, publish, row):
    publish()

    assert bring_back(bench.deliveries, Client(Lost(1, 1))) == 1

    assert (row().state, row().attempts) == ("waiting", 1)


def test_what_has_moved_on_is_left_alone_and_forgotten_by_the_engine(bench, publish, row):
    publish()
    bench.ledger.succeed(bench.begin(1), "w-1")
    publish("R-2", "A-2")
    client = Client(Lost(1, 1), Lost(2, 7), Lost(99, 1))

    assert bring_back(bench.deliveries, client) == 0

    assert (row().state, row(2).state) == ("done", "queued")
    assert client.forgotten == [(1, 1), (2, 7), (99, 1)]


def test_several_are_counted(bench, publish):
    publish()
    publish("R-2", "A-2")

    assert bring_back(bench.deliveries, Client(Lost(1, 1), Lost(2, 1))) == 2


def test_what_is_known_to_be_created_stays_known(bench, publish, row):
    publish()
    work = bench.begin(1)
    made = Failure(kind="transient", cause="x", fate="created")
    bench.ledger.fail(work, "w-1", made, {})
    bench.deliveries.retry("D-1")

    bring_back(bench.deliveries, Client(Lost(1, 2)))

    assert row().key_fate == "created"


def test_one_that_is_lost_too_often_is_dead_and_lets_its_lane_pass(
    bench, store, clock, publish, row
):
    publish()
    publish("R-2")
    for run in (1, 2, 3):
        bench.begin(1, run=run)
        if run == 1:
            assert bench.begin(2) is None
        assert bring_back(bench.deliveries, Client(Lost(1, run))) == 1
        clock.advance(hours=1)
        bench.ledger.enqueue_due()

    row = row()
    assert (row.state, row.due_at, row.failure, row.attempts) == ("dead", None, "bug", 3)
    assert row.finished_at == clock() - timedelta(hours=1)
    assert bench.deliveries.attempts("D-1")[-1].outcome == "dead"
    assert bench.deliveries.attempts("D-1")[-1].failure == "bug"
    (entry,) = store.audit.entries(subject="D-1")
    assert (entry.actor, entry.action) == ("host", "delivery.dead")
    assert entry.detail == {
        "event": row.event_id, "plugin": "straight-through", "failure": "bug", "system": "",
        "cause": "the run ended without an outcome: the database went away", "attempts": 3,
    }  # fmt: skip
    assert bench.state(2) == "queued"
    assert bench.queued[-1] == (2, 2)


def test_by_policy_its_lane_stays_behind_it(bench, store, policy, publish):
    holding = evolve(policy, after_dead="hold", max_attempts=1)
    bench.deliveries.policy = holding
    bench.ledger = bench.deliveries.ledger = Ledger(
        store, lambda _connection, number, run, _lane: bench.queued.append((number, run)), holding
    )
    publish()
    publish("R-2")
    bench.begin(1)
    assert bench.begin(2) is None

    bring_back(bench.deliveries, Client(Lost(1, 1)))

    assert (bench.state(1), bench.state(2)) == ("dead", "behind")


def test_each_waits_a_time_of_its_own(bench, policy, publish, clock, row):
    spread = bench.deliveries.policy = evolve(policy, jitter=0.2)
    publish()
    publish("R-2", "A-2")

    bring_back(bench.deliveries, Client(Lost(1, 1), Lost(2, 1)))

    waits = [row(number).due_at - clock() for number in (1, 2)]
    assert waits == [spread.wait(number, 1) for number in (1, 2)]
    assert waits[0] != waits[1]
