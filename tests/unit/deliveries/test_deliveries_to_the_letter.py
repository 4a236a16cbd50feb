"""Whole rows, attempts, lines of the audit trail: what is kept of each state, to the letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import (
    DeadlineExceeded,
    DeliveryChanged,
    EditRefused,
    FieldError,
    NotAway,
    NotRetriable,
    PluginPaused,
    PossiblyCreated,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnavailable,
    UnknownDelivery,
)
from crossdock.host.deliveries.circuits import Circuit, CircuitPolicy, Circuits, Held
from crossdock.host.deliveries.failure import Failure, failure_of
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.work import Work
from crossdock.host.store.schema import events

_BUSINESS = Failure(kind="business", cause="over the limit", system="main")
_AWAY = Failure(kind="transient", cause="refused", system="main", away=True)


def _with(bench, store, policy, **more):
    """Let another ledger, of other rules, have the store's deliveries."""
    bench.ledger = bench.deliveries.ledger = Ledger(
        store, lambda _connection, number, run, _lane: bench.queued.append((number, run)), policy,
        **more,
    )  # fmt: skip


def test_a_first_run_and_a_later_one_are_told_all_that_they_need(bench, store, clock, publish):
    publish()
    published = clock()
    clock.advance(seconds=7)
    with store.reading() as connection:
        event = connection.execute(sa.select(events)).one()

    first = bench.begin(1)

    of_event = {
        "number": 1, "event_id": event.id, "event_type": "order_promoted", "subject": "R-1",
        "plugin_id": "straight-through", "lane": "straight-through|crm/A-1",
        "payload": event.payload, "created_at": published, "trace": event.trace,
    }  # fmt: skip
    assert evolve(first, lane="") == evolve(
        Work(**of_event, run=1, attempts=1, began_at=clock()), lane=""
    )
    bench.ledger.fail(first, "w-1", _AWAY, {"a": "1", "b": "2"})
    clock.advance(seconds=1)
    bench.ledger.enqueue_due()
    again = bench.begin(1, run=2)
    assert again == evolve(first, run=2, attempts=2, began_at=clock(), known={"a": "1", "b": "2"})
    taken = bench.begin(1, run=2, worker="w-2")
    assert taken == evolve(again, began_at=clock())
    assert bench.begin(1, run=2, worker="w-3") == evolve(taken, worn_out=True)


def test_the_row_of_one_that_is_begun(bench, clock, publish, row):
    publish()
    began = clock()
    bench.begin(1)
    clock.advance(seconds=5)
    bench.begin(1, worker="w-2")

    found = row()
    assert (found.state, found.worker, found.starts, found.attempts) == ("running", "w-2", 2, 1)
    assert (found.started_at, found.began_at) == (began, clock())
    assert found.key_fate == "maybe"
    (died,) = (each for each in bench.deliveries.attempts("D-1") if each.outcome == "died")
    assert (died.worker, died.began_at, died.ended_at, died.revision) == ("w-1", began, clock(), 0)
    assert (died.failure, died.system, died.evidence) == (None, "", None)
    assert died.cause == "the worker died with it, or lost it"


def test_the_version_is_that_of_the_plugin_that_begins_it(bench, publish, row):
    publish()
    bench.ledger.begin(1, 1, "w-1", lambda plugin_id: f"{plugin_id} 2")
    assert row().plugin_version == "straight-through 2"
    bench.ledger.begin(1, 1, "w-2", lambda _: "3")
    assert row().plugin_version == "straight-through 2"

    publish("R-2", "A-2")
    bench.begin(2)
    assert row(2).plugin_version == "1"


def test_the_row_of_one_that_went_well_holds_nothing_of_what_went_wrong(bench, clock, publish, row):
    publish()
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, away=False, traceback="x"), {})
    clock.advance(seconds=1)
    bench.ledger.enqueue_due()
    bench.ledger.succeed(bench.begin(1, run=2), "w-1")

    found = row()
    assert (found.state, found.finished_at, found.due_at) == ("done", clock(), None)
    assert (found.failure, found.cause, found.traceback, found.system) == (None, "", "", "")


def test_the_row_and_the_attempt_of_one_that_waits(bench, clock, publish, row, store):
    publish()
    began = clock()
    work = bench.begin(1)
    clock.advance(seconds=3)
    failure = evolve(
        _AWAY, away=False, traceback="frames", evidence={"said": "größer"}, fate="maybe"
    )

    assert bench.ledger.fail(work, "w-1", failure, {}) == clock() + timedelta(seconds=1)

    found = row()
    assert (found.state, found.attempts, found.held_by) == ("waiting", 1, "")
    assert (found.due_at, found.finished_at) == (clock() + timedelta(seconds=1), None)
    assert (found.failure, found.cause, found.system) == ("transient", "refused", "main")
    assert (found.traceback, found.key_fate) == ("frames", "maybe")
    (attempt,) = bench.deliveries.attempts("D-1")
    assert (attempt.outcome, attempt.worker, attempt.failure) == ("waiting", "w-1", "transient")
    assert (attempt.began_at, attempt.ended_at, attempt.seconds) == (began, clock(), 3)
    assert (attempt.revision, attempt.system, attempt.cause) == (0, "main", "refused")
    assert attempt.evidence == {"said": "größer"}
    assert store.audit.entries(subject="D-1") == ()
    # What an attempt says nothing of stays as it was.
    clock.advance(seconds=1)
    bench.ledger.enqueue_due()
    assert (row().state, row().worker, row().due_at, row().starts) == ("queued", "", None, 0)
    bench.ledger.fail(bench.begin(1, run=2), "w-1", evolve(_AWAY, away=False), {})
    assert row().key_fate == "maybe"


def test_the_row_the_attempt_and_the_trail_of_one_that_is_dead(bench, clock, publish, row, store):
    publish()
    clock.advance(seconds=3)
    bench.ledger.fail(bench.begin(1), "w-1", _BUSINESS, {})

    found = row()
    assert (found.state, found.attempts, found.due_at, found.finished_at) == (
        "dead", 1, None, clock(),
    )  # fmt: skip
    assert found.held_by == ""
    (attempt,) = bench.deliveries.attempts("D-1")
    assert (attempt.outcome, attempt.failure, attempt.evidence) == ("dead", "business", None)
    (entry,) = store.audit.entries(subject="D-1")
    assert (entry.actor, entry.action) == ("worker:w-1", "delivery.dead")
    assert entry.detail == {
        "event": found.event_id, "plugin": "straight-through", "failure": "business",
        "system": "main", "cause": "over the limit", "attempts": 1,
    }  # fmt: skip


def test_a_system_that_is_away_costs_no_attempt_and_says_so(bench, publish, row, clock):
    publish()
    asks = evolve(_AWAY, retry_after=60.0)

    assert bench.ledger.fail(bench.begin(1), "w-1", asks, {}) is None

    assert (row().state, row().attempts, row().held_by) == ("waiting", 0, "main")
    assert row().due_at is None
    assert bench.deliveries.attempts("D-1")[0].outcome == "held"
    assert bench.ledger.enqueue_due() == 0


def test_what_is_due_is_queued_longest_due_first_and_so_many_at_a_time(bench, publish, clock):
    for number, wait in ((1, 9.0), (2, 3.0), (3, 6.0)):
        publish(f"R-{number}", f"A-{number}")
        asked = evolve(_AWAY, away=False, retry_after=wait)
        bench.ledger.fail(bench.begin(number), "w-1", asked, {})
    clock.advance(seconds=8)
    assert bench.ledger.enqueue_due(limit=1) == 1
    assert bench.queued[3:] == [(2, 2)]
    clock.advance(seconds=1)
    assert bench.ledger.enqueue_due() == 2
    assert bench.queued[4:] == [(3, 2), (1, 2)]
    assert bench.ledger.enqueue_due() == 0


def test_a_run_is_handed_back_once_and_only_if_nobody_has_it(bench, publish, row, clock):
    publish()
    assert not bench.ledger.hand_back(1, 2)
    assert not bench.ledger.hand_back(2, 1)
    assert bench.ledger.hand_back(1, 1)
    assert (row().state, row().due_at) == ("waiting", clock())
    assert not bench.ledger.hand_back(1, 1)


def test_who_stays_behind_is_told_behind_which(bench, publish, row):
    for order in ("R-1", "R-2", "R-3"):
        publish(order)
    bench.begin(1)
    bench.begin(3)

    assert (row(3).state, row(3).worker) == ("behind", "")
    assert row(3).cause == "it stays behind D-1, an earlier one of the same account"


def test_a_dead_one_lets_the_first_behind_it_go_on(bench, publish, row):
    for order in ("R-1", "R-2", "R-3"):
        publish(order)
    work = bench.begin(1)
    bench.begin(2)
    bench.begin(3)

    bench.ledger.fail(work, "w-1", _BUSINESS, {})

    assert bench.queued[3:] == [(2, 2)]
    assert (row(2).state, row(2).run, row(3).state) == ("queued", 2, "behind")


def test_one_that_needs_a_system_that_is_away_waits_with_the_reason(bench, publish, row, store):
    publish()
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=60.0), {})
    publish("R-2", "A-2")
    publish("R-3", "A-3", erp="uk")

    assert bench.begin(2) is None
    assert bench.begin(3) is not None

    found = row(2)
    assert (found.state, found.held_by, found.system) == ("waiting", "main", "main")
    assert (found.due_at, found.worker, found.failure) == (None, "", "transient")
    assert found.cause == "main is away: refused"
    assert found.attempts == 0


def test_one_whose_worker_died_goes_on_though_its_system_is_away(bench, publish):
    publish()
    publish("R-2", "A-2")
    bench.begin(2)
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=60.0), {})

    assert bench.begin(2, worker="w-2").probing == ()


def test_a_circuit_is_told_with_all_that_is_known_of_it(bench, publish, clock, store):
    publish()
    opened = clock()
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=60.0), {})
    circuits = bench.ledger.circuits
    known = Circuit(
        system="main", state="open", cause="refused", opened_at=opened,
        probe_at=opened + timedelta(seconds=60), probes=0, held=1,
    )  # fmt: skip
    assert circuits.list() == (known,)
    assert circuits.queue_probes(bench.ledger.requeue) == 0

    clock.advance(seconds=60)
    assert circuits.queue_probes(bench.ledger.requeue) == 1
    probing = evolve(
        known, state="half_open", probe_at=clock() + timedelta(minutes=3), held=0
    )  # fmt: skip
    assert circuits.list() == (probing,)
    assert circuits.queue_probes(bench.ledger.requeue) == 0
    assert bench.begin(1, run=2).probing == ("main",)

    circuits.probed(7, ["main"], {"main": True})  # no probe of it
    assert circuits.list() == (probing,)
    circuits.probed(1, ["uk", "main"], {"main": False})
    later = evolve(known, probes=1, probe_at=clock() + timedelta(seconds=10), held=0)
    assert circuits.list() == (later,)

    clock.advance(seconds=10)
    assert circuits.queue_probes(bench.ledger.requeue) == 0  # nothing waits for it
    assert circuits.list() == ()
    told = [(each.actor, each.action, each.subject, each.detail)
            for each in store.audit.entries(action="circuit.")]  # fmt: skip
    assert told == [
        ("host", "circuit.opened", "main", {"cause": "refused"}),
        ("host", "circuit.closed", "main", {"away_seconds": 70.0, "waited": 0}),
    ]


def test_what_waited_goes_on_at_once_when_the_probe_was_answered(bench, publish, clock, row, store):
    for number in (1, 2, 3):
        publish(f"R-{number}", f"A-{number}")
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=60.0), {})
    bench.begin(2)
    bench.begin(3)
    clock.advance(seconds=60)
    bench.ledger.circuits.queue_probes(bench.ledger.requeue)
    bench.begin(1, run=2)

    bench.ledger.circuits.probed(1, ["main"], {"main": True})

    assert [(row(n).held_by, row(n).due_at) for n in (2, 3)] == [("", clock())] * 2
    assert store.audit.entries(action="circuit.closed")[0].detail["waited"] == 2
    assert bench.ledger.enqueue_due() == 2


def test_a_probe_that_did_not_ask_leaves_the_next_to_do_it_unless_it_was_asked_to_wait(
    bench, publish, clock, store
):
    circuits = bench.ledger.circuits
    publish()
    publish("R-2", "A-2")
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=60.0), {})
    bench.begin(2)
    clock.advance(seconds=60)
    circuits.queue_probes(bench.ledger.requeue)

    circuits.probed(1, ["main"], {})

    (left,) = circuits.list()
    assert (left.state, left.probes, left.probe_at) == ("open", 0, clock())
    assert circuits.queue_probes(bench.ledger.requeue) == 1
    with store.writing() as connection:
        assert circuits.failed(connection, "main", "busy", 100.0)
    circuits.probed(2, ["main"], {"main": False})
    assert circuits.list()[0].probe_at == clock() + timedelta(seconds=100)


def test_of_two_times_that_a_system_asked_for_the_later_counts(bench, clock, store):
    circuits = bench.ledger.circuits
    with store.writing() as connection:
        for asked in (60.0, 100.0, 30.0, None):
            assert circuits.failed(connection, "main", "busy", asked)
    assert circuits.list()[0].probe_at == clock() + timedelta(seconds=100)
    assert circuits.list()[0].cause == "busy"


@pytest.mark.parametrize(
    ("failures", "asked", "opens"),
    [(2, None, [False, True, True]), (2, 4.9, [False, True]), (9, 5.0, [True]), (1, None, [True])],
)
def test_a_circuit_opens_after_so_many_failures_or_when_it_is_asked_to(
    store, failures, asked, opens
):
    circuits = Circuits(store, CircuitPolicy(failures=failures))
    with store.writing() as connection:
        assert [circuits.failed(connection, "main", "x", asked) for _ in opens] == opens


def test_failures_are_counted_by_system_and_anew_after_an_answer(store):
    circuits = Circuits(store, CircuitPolicy(failures=2))
    with store.writing() as connection:
        assert not circuits.failed(connection, "main", "x", None)
        assert not circuits.failed(connection, "uk", "x", None)
        circuits.answered(["main", "other"])
        assert not circuits.failed(connection, "main", "x", None)
        assert circuits.failed(connection, "uk", "x", None)
    assert [each.system for each in circuits.list()] == ["uk"]


def test_which_circuit_holds_a_delivery_and_whose_probe_it_is(store, clock):
    circuits = Circuits(store, CircuitPolicy(failures=1))
    with store.writing() as connection:
        circuits.failed(connection, "main", "refused", 60.0)
        circuits.failed(connection, "uk", "gone", 10.0)
        assert circuits.holding(connection, 1, ["crm"]) == ()
        assert circuits.holding(connection, 1, ["uk", "main"]) == Held(
            "main", "main is away: refused"
        )
        clock.advance(seconds=10)
        assert circuits.holding(connection, 1, ["uk"]) == ("uk",)
        assert circuits.holding(connection, 2, ["uk"]) == Held("uk", "uk is away: gone")
        assert circuits.holding(connection, 1, ["uk"]) == ("uk",)
        clock.advance(minutes=3)  # the probe has vanished
        assert circuits.holding(connection, 2, ["uk"]) == ("uk",)
        assert circuits.holding(connection, 1, ["uk"]) == Held("uk", "uk is away: gone")
        assert circuits.holding(connection, 1, ["main", "uk"]) == Held("uk", "uk is away: gone")


def test_a_person_has_a_system_tried_at_once(bench, store, clock, publish):
    circuits = bench.ledger.circuits
    publish()
    bench.ledger.fail(bench.begin(1), "w-1", evolve(_AWAY, retry_after=3600.0), {})
    clock.advance(minutes=1)

    tried = circuits.try_now("main", actor="user:U-kim")

    assert (tried.probe_at, tried.held, tried.state) == (clock(), 1, "open")
    entry = store.audit.entries(action="circuit.tried")[0]
    assert (entry.actor, entry.subject, entry.detail) == (
        "user:U-kim",
        "main",
        {"cause": "refused"},
    )
    assert circuits.queue_probes(bench.ledger.requeue) == 1
    probing = circuits.try_now("main", actor="user:U-kim")
    assert (probing.state, probing.probe_at) == ("half_open", clock() + timedelta(minutes=3))
    circuits.probed(1, ["main"], {"main": False})
    assert circuits.list()[0].probe_at == clock() + timedelta(seconds=10)  # and not an hour
    with pytest.raises(NotAway, match=r"^uk is not away, as far as is known$"):
        circuits.try_now("uk", actor="user:U-kim")


def test_what_people_do_is_in_the_trail_with_what_was_there_before(bench, publish, row, store):
    publish()
    bench.ledger.fail(bench.begin(1), "w-1", _BUSINESS, {})
    bench.deliveries.assign("D-1", "user:U-kim", actor="user:U-ada")
    bench.deliveries.assign("D-1", "user:U-kim", actor="user:U-ada")
    bench.deliveries.note("D-1", f"  {'x' * 3000}  ", actor="user:U-kim")
    bench.deliveries.retry("D-1", actor="user:U-kim")
    bench.ledger.fail(bench.begin(1, run=2), "w-1", _BUSINESS, {})
    bench.deliveries.give_up("D-1", reason=" ordered by phone ", actor="user:U-kim")

    told = {each.action: each for each in store.audit.entries(subject="D-1")}
    of = {"event": row().event_id, "plugin": "straight-through"}
    assert {action: each.detail for action, each in told.items() if "dead" not in action} == {
        "delivery.assigned": {**of, "from": "", "to": "user:U-kim"},
        "delivery.noted": {**of, "note": "x" * 2000},
        "delivery.retried": {
            **of, "was": "dead", "failure": "business", "cause": "over the limit",
        },
        "delivery.given_up": {
            **of, "reason": "ordered by phone", "was": "dead", "failure": "business",
            "cause": "over the limit",
        },
    }  # fmt: skip
    assert told["delivery.assigned"].actor == "user:U-ada"
    assert told["delivery.given_up"].actor == "user:U-kim"
    assert len(store.audit.entries(subject="D-1")) == 6


def test_what_is_refused_to_people_says_why(bench, publish, clock):
    publish()
    change = bench.deliveries

    with pytest.raises(NotRetriable) as refused:
        change.retry("D-1")
    assert str(refused.value) == "D-1 is queued; only what is dead or waiting can be retried"
    with pytest.raises(NotRetriable) as refused:
        change.give_up("D-1", reason="no", actor="user:U-kim")
    assert str(refused.value) == "D-1 is queued; only what is dead or waits can be given up"
    bench.ledger.fail(bench.begin(1), "w-1", _BUSINESS, {})
    before = change.get("D-1").version
    change.give_up("D-1", reason="no", actor="user:U-kim", version=before)
    with pytest.raises(DeliveryChanged, match="since it was looked at; look at it again"):
        change.retry("D-1", version=before)
    with pytest.raises(NotRetriable, match=r"^D-1 is given up; only"):
        change.retry("D-1")
    with pytest.raises(UnknownDelivery, match=r"^there is no delivery D-9$"):
        change.note("D-9", "x", actor="user:U-kim")
    for does, field, words in [
        (
            lambda: change.give_up("D-1", reason=" ", actor="x"), "reason",
            "say why, for whoever reads it later",
        ),
        (lambda: change.note("D-1", " ", actor="x"), "note", "a note needs a text"),
        (
            lambda: change.assign("D-1", "kim", actor="x"), "assignee",
            "write user:U-kim or role:accounting, or leave it empty",
        ),
    ]:  # fmt: skip
        with pytest.raises(EditRefused) as wrong:
            does()
        assert wrong.value.fields == (FieldError(field, words),)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (
            RemoteUnavailable("away", system="main", retry_after=7.0),
            Failure(kind="transient", cause="away", system="main", retry_after=7.0),
        ),
        (
            PluginPaused("paused", plugin_id="p", point="x"),
            Failure(kind="transient", cause="paused"),
        ),
        (
            DeadlineExceeded("", plugin_id="p", point="x"),
            Failure(kind="transient", cause="DeadlineExceeded"),
        ),
        (ConnectionError(" "), Failure(kind="transient", cause="ConnectionError")),
        (
            RemoteRefused(
                "no: a", system="main",
                fields=[FieldError("f", "a"), FieldError("g", "b"), FieldError("h", "c")],
            ),
            Failure(kind="business", cause="no: a (g: b; h: c)", system="main"),
        ),
    ],
)  # fmt: skip
def test_a_failure_holds_what_the_error_says_and_no_more(error, failure):
    assert failure_of(error) == failure


def test_a_bug_of_ours_says_what_it_is_and_one_without_frames_has_no_place():
    assert failure_of(RemoteMisbehaved("no currency ", system="main")).cause == "no currency"
    assert failure_of(RemoteMisbehaved("", system="main")).system == "main"
    assert failure_of(RemoteMisbehaved("", system="main")).cause == "RemoteMisbehaved"
    assert failure_of(KeyError("lines")).cause == "the plugin failed with KeyError: 'lines'"


def test_what_was_told_of_an_order_that_may_be_there_is_its_evidence():
    found = PossiblyCreated("perhaps", system="main", reference="R-1", evidence=("a", "b"))

    assert failure_of(found).evidence == {"told": ["a", "b"]}
    assert failure_of(found).kind == "possibly_created"
    assert failure_of(PossiblyCreated("x", system="main", reference="R-1")).evidence is None


def test_the_schedule_of_tries_is_the_one_that_is_written_down():
    policy = RetryPolicy()

    # The jitter is the delivery's own, the same on every machine and in every version.
    assert [round(policy.wait(17, n).total_seconds(), 3) for n in (1, 2, 3)] == [0.914, 1.817, 3.81]
    assert policy.wait(17, 1, asked=60.0) == timedelta(minutes=1)
    assert RetryPolicy(jitter=0).wait(1, 1, asked=0.5) == timedelta(seconds=1)
    assert RetryPolicy(jitter=0, factor=3.0).wait(1, 3) == timedelta(seconds=9)
    circuit = CircuitPolicy()
    assert [circuit.wait(n, None).total_seconds() for n in (0, 1, 5, 6, 99)] == [
        5, 10, 160, 300, 300,
    ]  # fmt: skip
    assert circuit.wait(0, 7.0) == timedelta(seconds=7)
    assert circuit.wait(0, 1e9) == timedelta(hours=24)
