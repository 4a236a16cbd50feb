"""What is told of deliveries: as their rows have them, no more than was asked for, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import UnknownDelivery
from crossdock.host.deliveries import Attempt, Backlog, Deliveries, Delivery, DeliverySettings
from crossdock.host.deliveries.failure import Failure
from crossdock.host.store.schema import attempts, deliveries, revisions

_AWAY = Failure(kind="transient", cause="main does not answer", system="main")


@pytest.fixture
def found(bench):
    def found_(**by):
        return [each.number for each in bench.deliveries.list(**by)]

    return found_


def test_a_delivery_is_told_with_all_that_its_row_holds(bench, publish, put, clock):
    publish()
    at = [clock() + timedelta(minutes=n) for n in range(3)]
    put(
        1, plugin_version="1.2", lane="straight-through|x", state="waiting", attempts=3,
        worker="w-1", due_at=at[0], started_at=at[1], finished_at=at[2], failure="data",
        cause="no such item", traceback="frames", system="main", held_by="uk",
        assignee="user:U-kim", revision=4, run=5,
    )  # fmt: skip

    told = bench.deliveries.get("D-1")

    assert told == Delivery(
        number=1, event_id="order_promoted:crm:R-1", event_type="order_promoted", subject="R-1",
        plugin_id="straight-through", plugin_version="1.2", lane="straight-through|x",
        state="waiting", attempts=3, worker="w-1", created_at=clock(), due_at=at[0],
        started_at=at[1], finished_at=at[2], failure="data", cause="no such item",
        traceback="frames", system="main", held_by="uk", assignee="user:U-kim", revision=4, run=5,
    )  # fmt: skip
    assert bench.deliveries.list() == (told,)


def test_the_queue_is_filtered_by_what_people_look_for(publish, put, found, clock):
    for number in range(1, 5):
        publish(f"R-{number}", f"A-{number}")
        clock.advance(minutes=1)
    put(1, 2, state="dead", failure="data", system="main", assignee="user:U-kim")
    put(3, state="waiting", failure="transient", system="uk", plugin_id="notify")

    assert found(assignee="user:U-kim") == [2, 1]
    assert found(assignee="") == [4, 3]
    assert found(system="uk") == [3]
    assert found(failures=["data", "transient"]) == [3, 2, 1]
    assert found(states=["dead", "queued"]) == [4, 2, 1]
    assert found(plugin_id="notify") == [3]
    assert found(subject="R-2") == [2]
    assert found(event_id="order_promoted:crm:R-4") == [4]
    assert found(published_before=clock() - timedelta(minutes=2)) == [2, 1]
    assert found(before=2) == [1]
    assert found(states=["dead"], before=2, assignee="user:U-kim", limit=1) == [1]
    assert found(system="main", plugin_id="notify") == []


def test_a_page_is_a_hundred_where_nobody_says_how_many(store, bench, publish, row, found):
    publish()
    copied = {name: value for name, value in row()._asdict().items() if name != "id"}
    with store.writing() as connection:
        connection.execute(
            sa.insert(deliveries), [{**copied, "plugin_id": f"p-{n}"} for n in range(100)]
        )
        connection.execute(
            sa.insert(attempts),
            [
                {
                    "delivery_id": 1, "run": n, "revision": 0, "worker": "w", "outcome": "waiting",
                    "ended_at": row().created_at, "failure": None, "system": "", "cause": f"{n}",
                    "evidence": None,
                }
                for n in range(201)
            ],
        )  # fmt: skip

    assert len(found()) == 100
    told = bench.deliveries.attempts("D-1")
    assert (len(told), told[0].cause, told[-1].cause) == (200, "1", "200")
    assert [each.cause for each in bench.deliveries.attempts("D-1", limit=2)] == ["199", "200"]


def test_what_is_not_there_is_said_by_its_number(bench, publish):
    publish()
    read = bench.deliveries
    for ask in (read.get, read.event, read.payload, read.attempts, read.editable):
        with pytest.raises(UnknownDelivery) as unknown:
            ask("D-7")
        assert str(unknown.value) == "there is no delivery D-7"
    for revision in (1, 7):
        with pytest.raises(UnknownDelivery) as unknown:
            read.payload("D-1", revision=revision)
        assert str(unknown.value) == f"D-1 has no revision {revision}"


def test_each_revision_is_that_of_its_own_delivery(store, bench, publish, put, clock):
    publish()
    publish("R-2", "A-2")
    with store.writing() as connection:
        for number, revision in ((1, 1), (1, 2), (2, 1), (2, 3)):
            connection.execute(
                sa.insert(revisions).values(
                    delivery_id=number, revision=revision, payload=f"D-{number} as of {revision}",
                    actor="user:U-kim", reason="", at=clock(),
                )
            )  # fmt: skip
    put(1, revision=2)
    published = bench.deliveries.payload("D-1", revision=0)

    assert bench.deliveries.payload("D-1") == "D-1 as of 2"
    assert bench.deliveries.payload("D-1", revision=2) == "D-1 as of 2"
    assert bench.deliveries.payload("D-1", revision=1) == "D-1 as of 1"
    assert bench.deliveries.payload("D-2", revision=1) == "D-2 as of 1"
    assert bench.deliveries.payload("D-2", revision=3) == "D-2 as of 3"
    assert '"R-1"' in published
    assert '"R-2"' in bench.deliveries.payload("D-2")


def test_the_attempt_that_is_under_way_is_told_last(bench, publish, clock):
    publish()
    began = clock()
    evidence = {"told": ["größer"]}
    clock.advance(seconds=1)
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, evidence=evidence), {})
    failed = Attempt(
        outcome="waiting", worker="w-1", began_at=clock(), ended_at=clock(), revision=0,
        failure="transient", system="main", cause="main does not answer", evidence=evidence,
    )  # fmt: skip
    assert bench.deliveries.attempts("D-1") == (failed,)
    clock.advance(seconds=1)
    bench.ledger.enqueue_due()
    assert bench.deliveries.attempts("D-1") == (failed,)

    work = bench.begin(1, run=2, worker="w-2")
    running = Attempt(
        outcome="running", worker="w-2", began_at=clock(), ended_at=None, revision=0
    )  # fmt: skip
    assert bench.deliveries.attempts("D-1") == (failed, running)
    clock.advance(seconds=3)
    bench.ledger.succeed(work, "w-2")
    ended = evolve(running, outcome="done", ended_at=clock())
    assert bench.deliveries.attempts("D-1") == (failed, ended)
    assert ended.began_at - began == timedelta(seconds=2)


def test_of_the_evidence_that_of_the_latest_three_failures_is_kept(bench, publish):
    publish()
    publish("R-2", "A-2")
    kept = []
    for run, evidence in enumerate(({"n": 1}, {"n": 2}, None, {"n": 4}, {"n": 5}), start=1):
        if run == 5:
            bench.ledger.fail(
                bench.begin(2), "w-1", Failure(kind="data", cause="no", evidence={"n": 0}), {}
            )
        work = bench.begin(1, run=run)
        bench.ledger.fail(work, "w-1", Failure(kind="data", cause="no", evidence=evidence), {})
        bench.deliveries.retry("D-1")
        kept = [each.evidence for each in bench.deliveries.attempts("D-1")]

    assert kept == [None, {"n": 2}, None, {"n": 4}, {"n": 5}]
    assert [each.evidence for each in bench.deliveries.attempts("D-2")] == [{"n": 0}]


def test_the_backlog_counts_what_nobody_has_to_decide(store, policy, publish, put, clock):
    read = Deliveries(store, policy, DeliverySettings(backlog=3))
    assert read.backlog() == Backlog(count=0, oldest=None, long=False)
    oldest = clock() + timedelta(minutes=1)
    for number in range(6):
        publish(f"R-{number}", f"A-{number}")
        clock.advance(minutes=1)

    for number, state in enumerate(("dead", "queued", "running", "done", "done", "done"), start=1):
        put(number, state=state)
    assert read.backlog() == Backlog(count=2, oldest=oldest, long=False)
    put(4, state="waiting")
    put(5, state="behind")
    assert read.backlog() == Backlog(count=4, oldest=oldest, long=True)
    assert read.counts() == {
        "dead": 1, "queued": 1, "running": 1, "waiting": 1, "behind": 1, "done": 1,
    }  # fmt: skip
    put(5, state="done")
    assert read.backlog().long


def test_the_history_of_one_is_told_oldest_first_and_of_many_lines_the_latest(bench, publish):
    publish()
    publish("R-2", "A-2")
    for number in (1, 2, 3):
        bench.deliveries.note("D-1", f"call {number}", actor="user:U-kim")
    bench.deliveries.note("D-2", "of another", actor="user:U-kim")

    assert [each.detail["note"] for each in bench.deliveries.history("d-1")] == [
        "call 1", "call 2", "call 3",
    ]  # fmt: skip
    assert [each.detail["note"] for each in bench.deliveries.history("D-1", limit=2)] == [
        "call 2", "call 3",
    ]  # fmt: skip
