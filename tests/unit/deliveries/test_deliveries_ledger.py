"""How one state of a delivery follows from another."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import NotRetriable, UnknownDelivery
from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.store.schema import deliveries
from crossdock.records import Order, OrderPromoted, Quote, QuoteSaved

_AWAY = Failure(kind="transient", cause="main does not answer")
_REFUSED = Failure(kind="business", cause="the customer is on hold")


def _promoted(order="R-1", account="A-1"):
    return OrderPromoted(order=Order(id=order, system="crm", currency="EUR", account_id=account))


def test_an_event_is_delivered_once_to_each_subscriber(bench):
    bench.deliveries.publish(_promoted(), [("straight-through", "1.0"), ("notify", "2.1")])
    assert bench.queued == [(1, 1), (2, 1)]
    newest, oldest = bench.deliveries.list()
    assert (newest.plugin_id, newest.plugin_version) == ("notify", "2.1")
    assert oldest.id == "D-1"
    assert oldest.event_type == "order_promoted"
    assert oldest.subject == "R-1"
    assert bench.deliveries.event("D-1") == _promoted()


def test_the_same_event_again_changes_nothing(bench):
    first = bench.deliveries.publish(_promoted(), [("notify", "1")])
    again = bench.deliveries.publish(_promoted(), [("notify", "1")])
    assert first == again == "order_promoted:crm:R-1"
    assert bench.queued == [(1, 1)]


def test_a_later_version_of_a_quote_is_another_event(bench):
    quote = Quote(id="Q-1", account_id="A-1", currency="EUR", version="1")
    bench.deliveries.publish(QuoteSaved(quote=quote), [("notify", "1")])
    bench.deliveries.publish(QuoteSaved(quote=evolve(quote, version="2")), [("notify", "1")])
    assert len(bench.queued) == 2


def test_quotes_of_a_crm_without_versions_are_told_apart_by_their_content(bench):
    quote = Quote(id="Q-1", account_id="A-1", currency="EUR")
    for status in ("draft", "sent", "sent"):
        bench.deliveries.publish(QuoteSaved(quote=evolve(quote, status=status)), [("notify", "1")])
    assert len(bench.queued) == 2


def test_an_event_that_nobody_wants_leaves_no_trace(bench):
    assert bench.deliveries.publish(_promoted(), []) == "order_promoted:crm:R-1"
    assert bench.deliveries.counts() == {}


def test_nothing_is_stored_when_the_transaction_fails(bench, store):
    def publish_and_fail():
        with store.writing() as connection:
            bench.deliveries.publish_within(connection, _promoted(), [("notify", "1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert bench.deliveries.list() == ()


def test_each_run_is_queued_in_its_lane_by_the_transaction_that_decides_it(
    store, policy, bench, clock
):
    queued = []
    ledger = Ledger(store, lambda *what: queued.append(what), policy)
    bench.ledger = bench.deliveries.ledger = ledger
    lane = "notify|account:A-1"
    with store.writing() as connection:
        bench.deliveries.publish_within(connection, _promoted("R-1"), [("notify", "1")])
        bench.deliveries.publish_within(connection, _promoted("R-2"), [("notify", "1")])
        assert queued == [(connection, 1, 1, lane), (connection, 2, 1, lane)]
        ledger.requeue(connection, 1, 1, lane)
        assert queued[2:] == [(connection, 1, 2, lane)]
    waits = bench.begin(1, run=2)
    assert bench.begin(2) is None
    ledger.fail(waits, "w-1", _AWAY, {})
    clock.advance(seconds=1)
    assert ledger.enqueue_due() == 1
    refused = bench.begin(1, run=3)
    ledger.fail(refused, "w-1", _REFUSED, {})

    assert [what[1:] for what in queued[3:]] == [(1, 3, lane), (2, 2, lane)]
    assert all(isinstance(connection, sa.Connection) for connection, *_ in queued)


def test_of_all_that_fell_due_at_once_a_hundred_are_queued_at_a_time(bench, store, row, clock):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    copied = {**row()._asdict(), "state": "waiting", "due_at": clock()}
    del copied["id"]
    with store.writing() as connection:
        connection.execute(
            sa.insert(deliveries), [{**copied, "plugin_id": f"p-{n}"} for n in range(101)]
        )

    assert [bench.ledger.enqueue_due() for _ in range(3)] == [100, 1, 0]


def test_nobody_ends_a_run_that_is_not_his_and_none_but_that_run(bench, store, row):
    for order in ("R-1", "R-2"):
        bench.deliveries.publish(_promoted(order, account=order), [("notify", "1")])
    mine = bench.begin(1)
    bench.begin(2)

    for other in (evolve(mine, number=9), evolve(mine, run=2)):
        assert bench.ledger.fail(other, "w-1", _AWAY, {"a": "1"}) is None
    assert bench.ledger.fail(mine, "w-2", _AWAY, {"a": "1"}) is None
    with store.writing() as connection:
        connection.execute(sa.update(deliveries).where(deliveries.c.id == 1).values(state="dead"))
    assert bench.ledger.fail(mine, "w-1", _REFUSED, {"a": "1"}) is None

    assert (row(1).state, row(1).cause, row(2).state) == ("dead", "", "running")
    assert [each.outcome for each in bench.deliveries.attempts("D-1")] == []
    assert store.audit.entries(subject="D-1") == ()


def test_a_delivery_that_goes_well_is_done(bench, clock):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    work = bench.begin(1)
    assert bench.state(1) == "running"
    clock.advance(seconds=2)
    assert bench.ledger.succeed(work, "w-1")
    done = bench.deliveries.get("D-1")
    assert (done.state, done.attempts, done.worker) == ("done", 1, "w-1")
    assert done.finished_at - done.started_at == timedelta(seconds=2)


def test_a_run_that_was_finished_is_not_begun_again(bench):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    bench.ledger.succeed(bench.begin(1), "w-1")
    assert bench.begin(1) is None
    assert bench.begin(1, run=2) is None
    assert bench.begin(99) is None


def test_a_delivery_remembers_the_version_of_the_plugin_that_it_began_with(bench):
    bench.deliveries.publish(_promoted(), [("notify", "1.0")])
    assert bench.deliveries.get("D-1").plugin_version == "1.0"
    work = bench.ledger.begin(1, 1, "w-1", lambda _plugin_id: "1.1")
    assert bench.deliveries.get("D-1").plugin_version == "1.1"
    bench.ledger.fail(work, "w-1", _REFUSED, {})
    bench.deliveries.retry("D-1")
    bench.ledger.begin(1, 2, "w-2", lambda _plugin_id: "2.0")
    assert bench.deliveries.get("D-1").plugin_version == "1.1"


def test_a_transient_failure_waits_and_is_queued_again_when_it_is_due(bench, clock):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    due = bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {"a": '"done"'})
    assert due == clock() + timedelta(seconds=1)
    assert bench.state(1) == "waiting"
    assert bench.ledger.enqueue_due() == 0
    clock.advance(seconds=1)
    assert bench.ledger.enqueue_due() == 1
    assert bench.queued == [(1, 1), (1, 2)]
    again = bench.begin(1, run=2)
    assert again.attempts == 2
    assert again.known == {"a": '"done"'}


def test_each_delivery_waits_a_time_of_its_own(bench, store, policy, clock):
    spread = evolve(policy, jitter=0.2)
    bench.ledger = Ledger(store, lambda *_what: None, spread)
    bench.deliveries.publish(_promoted(), [("notify", "1"), ("straight-through", "1")])

    due = [bench.ledger.fail(bench.begin(number), "w-1", _AWAY, {}) for number in (1, 2)]

    assert due == [clock() + spread.wait(number, 1) for number in (1, 2)]
    assert due[0] != due[1]


def test_the_wait_is_what_the_remote_system_asked_for_where_that_is_longer(bench, clock):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    asked = evolve(_AWAY, retry_after=120.0)
    assert bench.ledger.fail(bench.begin(1), "w-1", asked, {}) == clock() + timedelta(minutes=2)


def test_a_failure_that_does_not_pass_by_itself_is_dead_and_stands_in_the_audit(bench, store):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    assert bench.ledger.fail(bench.begin(1), "w-1", _REFUSED, {}) is None
    (dead,) = bench.deliveries.list(states=["dead"])
    assert (dead.failure, dead.cause) == ("business", "the customer is on hold")
    (entry,) = store.audit.entries(subject="D-1")
    assert entry.action == "delivery.dead"
    assert entry.detail["cause"] == "the customer is on hold"


def test_too_many_transient_failures_are_dead(bench, clock):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    for run in (1, 2, 3):
        bench.ledger.fail(bench.begin(1, run=run), "w-1", _AWAY, {})
        clock.advance(hours=1)
        bench.ledger.enqueue_due()
    dead = bench.deliveries.get("D-1")
    assert (dead.state, dead.attempts, dead.failure) == ("dead", 3, "transient")


def test_a_retried_one_is_queued_with_its_steps_kept_and_its_attempts_counted_afresh(bench, store):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _REFUSED, {"a": "1"})
    retried = bench.deliveries.retry("D-1", actor="user:U-kim")
    assert (retried.state, retried.attempts, retried.finished_at) == ("queued", 0, None)
    work = bench.begin(1, run=2)
    assert (work.attempts, work.known) == (1, {"a": "1"})
    assert store.audit.entries(subject="D-1")[-1].actor == "user:U-kim"


def test_what_is_held_for_a_system_is_held_no_more_when_a_person_retries_it(bench, row):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    away = evolve(_AWAY, system="main", away=True, retry_after=60.0)
    bench.ledger.fail(bench.begin(1), "w-1", away, {})
    assert row().held_by == "main"

    assert bench.deliveries.retry("D-1").held_by == ""


def test_only_what_is_dead_or_waiting_can_be_retried(bench):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    with pytest.raises(NotRetriable, match="D-1 is queued"):
        bench.deliveries.retry("D-1")
    with pytest.raises(UnknownDelivery, match="no delivery D-7"):
        bench.deliveries.retry("D-7")
    with pytest.raises(UnknownDelivery, match="look like D-17"):
        bench.deliveries.retry("R-1001x")


def test_a_run_goes_on_under_another_worker_and_the_dead_one_can_no_longer_end_it(bench):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    lost = bench.begin(1, worker="w-1")
    taken = bench.begin(1, worker="w-2")
    assert taken.attempts == 1
    assert not bench.ledger.succeed(lost, "w-1")
    assert bench.ledger.fail(lost, "w-1", _REFUSED, {}) is None
    assert bench.state(1) == "running"
    assert bench.ledger.succeed(taken, "w-2")


def test_a_run_that_workers_died_with_too_often_is_worn_out(bench):
    bench.deliveries.publish(_promoted(), [("notify", "1")])
    assert not bench.begin(1, worker="w-1").worn_out
    assert not bench.begin(1, worker="w-2").worn_out
    assert bench.begin(1, worker="w-3").worn_out


def test_a_later_delivery_of_the_account_stays_behind_one_that_waits(bench, clock):
    for order in ("R-1", "R-2", "R-3"):
        bench.deliveries.publish(_promoted(order), [("notify", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {})
    assert bench.begin(2) is None
    assert bench.begin(3) is None
    assert [bench.state(number) for number in (1, 2, 3)] == ["waiting", "behind", "behind"]
    clock.advance(seconds=1)
    bench.ledger.enqueue_due()
    bench.ledger.succeed(bench.begin(1, run=2), "w-1")
    assert bench.queued[3:] == [(1, 2), (2, 2)]  # released one by one, in their order
    bench.ledger.succeed(bench.begin(2, run=2), "w-1")
    assert bench.queued[-1] == (3, 2)
    assert bench.begin(3, run=2) is not None


def test_other_accounts_and_other_plugins_go_on(bench):
    bench.deliveries.publish(_promoted("R-1"), [("notify", "1"), ("straight-through", "1")])
    bench.deliveries.publish(_promoted("R-2", account="A-2"), [("notify", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {})
    assert bench.begin(2) is not None
    assert bench.begin(3) is not None


def test_one_that_was_begun_is_gone_on_with_though_an_earlier_one_is_retried_meanwhile(bench):
    bench.deliveries.publish(_promoted("R-1"), [("notify", "1")])
    bench.deliveries.publish(_promoted("R-2"), [("notify", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _REFUSED, {})
    bench.begin(2, worker="w-1")
    bench.deliveries.retry("D-1")
    assert bench.begin(2, worker="w-2") is not None  # its recorded steps belong to this run


def test_a_dead_one_lets_its_account_pass_or_holds_it_by_policy(store, policy, bench):
    bench.deliveries.publish(_promoted("R-1"), [("notify", "1")])
    bench.deliveries.publish(_promoted("R-2"), [("notify", "1")])
    bench.ledger.fail(bench.begin(1), "w-1", _REFUSED, {})
    holding = type(bench)(store, evolve(policy, after_dead="hold"))
    assert holding.begin(2) is None
    assert holding.state(2) == "behind"
    assert holding.begin(2) is None
    holding.deliveries.retry("D-1")
    holding.ledger.succeed(holding.begin(1, run=2), "w-1")
    assert holding.queued == [(1, 2), (2, 2)]


def test_a_closing_worker_hands_back_what_it_has_not_begun_and_nothing_else(bench):
    bench.deliveries.publish(_promoted("R-1"), [("notify", "1")])
    bench.deliveries.publish(_promoted("R-2", account="A-2"), [("notify", "1")])
    bench.begin(2)
    assert bench.ledger.hand_back(1, 1)
    assert not bench.ledger.hand_back(2, 1)
    assert bench.ledger.enqueue_due() == 1
    assert bench.queued[-1] == (1, 2)


def test_deliveries_are_found_by_state_plugin_and_record(bench):
    bench.deliveries.publish(_promoted("R-1"), [("notify", "1"), ("straight-through", "1")])
    bench.deliveries.publish(_promoted("R-2", account="A-2"), [("notify", "1")])
    bench.ledger.succeed(bench.begin(3), "w-1")

    def found(**by):
        return [each.number for each in bench.deliveries.list(**by)]

    assert found() == [3, 2, 1]
    assert found(limit=1) == [3]
    assert found(before=3) == [2, 1]
    assert found(states=["queued"]) == [2, 1]
    assert found(plugin_id="notify") == [3, 1]
    assert found(subject="R-1") == [2, 1]
    assert found(event_id="order_promoted:crm:R-2") == [3]
    assert bench.deliveries.counts() == {"queued": 2, "done": 1}
