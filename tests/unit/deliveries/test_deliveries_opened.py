"""Deliveries as a process opens them, with the durable engine's own queue in the store."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from crossdock.errors import RemoteUnavailable, SetupError
from crossdock.host.deliveries.circuits import CircuitPolicy
from crossdock.host.deliveries.deliveries import Deliveries
from crossdock.host.deliveries.durable import (
    Client,
    Engine,
    LostRun,
    RecordedSteps,
    make_tables,
    workflow_id,
)
from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.limits import Limit
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.recording import StepsChanged
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.records import Order, OrderPromoted

_BUSINESS = Failure(kind="business", cause="over the limit", system="main")
_AWAY = Failure(kind="transient", cause="refused", system="main", away=True)


@pytest.fixture
def engine(store):
    """The durable engine, as somebody sees it who comes from outside."""
    client = DBOSClient(system_database_url=f"sqlite:///{store.url.database}")
    yield client
    client.destroy()


@pytest.fixture
def client(store):
    opened = Client(store.url)
    yield opened
    opened.close()


def _promote(deliveries, order_id, account="A-1"):
    order = Order(
        id=order_id, system="crm", currency="EUR", account_id=account, trading_account="main:C-1"
    )
    return deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])


def _begin(deliveries, number, run=1):
    return deliveries.ledger.begin(number, run, "w-1", lambda _plugin_id: "")


def _runs(engine):
    return [each.workflow_id for each in engine.list_workflows()]


def test_what_is_published_is_in_the_durable_queue_when_it_returns(store, engine):
    with Deliveries.open(store) as deliveries:
        deliveries.warm_up()
        _promote(deliveries, "R-1")
        _promote(deliveries, "R-1")
        assert deliveries.policy == RetryPolicy()

    (queued,) = engine.list_workflows()
    assert (queued.workflow_id, queued.name) == ("D-000000000001.0001", "crossdock.deliver")
    assert (queued.status, queued.queue_name) == ("ENQUEUED", "crossdock.deliveries")
    assert queued.queue_partition_key == "straight-through|account:A-1"
    assert (queued.app_version, queued.application_name) == ("crossdock-1", "crossdock")
    assert json.loads(queued.input)["args"] == [1, 1]

    # Whoever has closed it may go on with it: it is connected anew.
    deliveries.close()
    _promote(deliveries, "R-2")
    deliveries.close()
    assert len(_runs(engine)) == 2


def test_an_event_and_its_runs_are_kept_together_or_not_at_all(store, engine):
    def publish_and_fail(deliveries):
        event = OrderPromoted(order=Order(id="R-1", system="crm", currency="EUR"))
        with store.writing() as connection:
            deliveries.publish_within(connection, event, [("straight-through", "1")])
            raise RemoteUnavailable("the caller's own part failed", system="main")

    with Deliveries.open(store) as deliveries:
        with pytest.raises(RemoteUnavailable):
            publish_and_fail(deliveries)
        assert deliveries.list() == ()
    assert _runs(engine) == []


def test_limits_circuits_and_lanes_are_as_configured(store, clock):
    settings = DeliverySettings(after_dead="hold", limits={"main": Limit(concurrency=1)})
    once = CircuitPolicy(failures=1, first=timedelta(seconds=30))
    with Deliveries.open(store, settings=settings, circuit_policy=once) as deliveries:
        for number, account in enumerate(("A-1", "A-1", "A-2", "A-3"), 1):
            _promote(deliveries, f"R-{number}", account)
        work = _begin(deliveries, 1)
        assert _begin(deliveries, 3) is None
        assert "main is used by 1 deliveries at a time" in deliveries.get("D-3").cause
        assert deliveries.limits.some
        deliveries.ledger.fail(work, "w-1", _BUSINESS, {})
        assert _begin(deliveries, 2) is None
        assert "it stays behind D-1" in deliveries.get("D-2").cause

        deliveries.ledger.fail(_begin(deliveries, 4), "w-1", _AWAY, {})
        (away,) = deliveries.circuits.list()
        assert (away.system, away.probe_at) == ("main", clock() + timedelta(seconds=30))

    patient = RetryPolicy(jitter=0, first=timedelta(minutes=1))
    with Deliveries.open(store, policy=patient) as deliveries:
        assert deliveries.policy is patient
        assert not deliveries.limits.some


def test_the_circuits_that_people_see_are_those_that_workers_open(store):
    with Deliveries.open(store, circuit_policy=CircuitPolicy(failures=2)) as deliveries:
        for number in (1, 2, 3):
            _promote(deliveries, f"R-{number}", f"A-{number}")
            work = _begin(deliveries, number)
            deliveries.ledger.fail(work, "w-1", _AWAY, {})
            if number == 1:
                deliveries.circuits.answered(["main"])
            assert len(deliveries.circuits.list()) == (number == 3)


def test_what_is_archived_is_forgotten_by_the_durable_engine_in_all_its_runs(store, engine, clock):
    with Deliveries.open(store) as deliveries:
        _promote(deliveries, "R-1")
        _promote(deliveries, "R-2", "A-2")
        deliveries.ledger.fail(_begin(deliveries, 1), "w-1", _BUSINESS, {})
        deliveries.retry("D-1")
        deliveries.ledger.succeed(_begin(deliveries, 1, 2), "w-1")
        assert {each.workflow_id: each.queue_partition_key for each in engine.list_workflows()} == {
            workflow_id(1, 1): "straight-through|account:A-1",
            workflow_id(1, 2): "straight-through|account:A-1",
            workflow_id(2, 1): "straight-through|account:A-2",
        }
        clock.advance(seconds=1)

        assert deliveries.archive.move(timedelta()) == 1
        assert _runs(engine) == [workflow_id(2, 1)]


def test_runs_that_the_durable_engine_ended_by_itself_are_lost_ones(store, engine, client):
    with Deliveries.open(store) as deliveries:
        for number in (1, 2, 3):
            _promote(deliveries, f"R-{number}")
        engine.cancel_workflow(workflow_id(2, 1))

        assert client.lost_runs() == [LostRun(2, 1, "the durable engine gave it up")]
        assert client.recorded_steps(2, 1) == {}
        client.forget_run(2, 1)
        assert client.lost_runs() == []
        assert _runs(engine) == [workflow_id(1, 1), workflow_id(3, 1)]
        assert client.executors() == set()  # nobody has begun any
        assert client.resume_work_of("w-1") == 0


def test_of_a_lane_one_is_done_at_a_time_and_so_many_lanes_side_by_side(store, engine, client):
    Deliveries.open(store).close()
    for poll_seconds, concurrency in ((1.0, 2), (0.25, 7)):  # the latest worker's word counts
        client.register_queue(poll_seconds=poll_seconds, concurrency=concurrency)

    queue = engine.retrieve_queue("crossdock.deliveries")
    assert (queue.partition_concurrency, queue.worker_concurrency) == (1, 7)
    assert queue.polling_interval_sec == 0.25


@pytest.mark.parametrize(
    ("asked", "level"),
    [(logging.NOTSET, "CRITICAL"), (logging.WARNING, "CRITICAL"), (logging.INFO, "INFO")],
)
def test_the_durable_engine_is_silent_unless_its_log_was_asked_for(store, asked, level):
    Deliveries.open(store).close()
    logger = logging.getLogger("dbos")
    before = logger.level
    logger.setLevel(asked)
    Engine(store.url, "w-1", lambda _number, _run: None).close()
    told = logging.getLevelName(logger.level)
    logger.setLevel(before)
    assert told == level


def test_a_database_that_cannot_be_written_is_named_with_the_reason(tmp_path):
    with pytest.raises(SetupError) as refused:
        make_tables(sa.make_url(f"sqlite:///{tmp_path}/nowhere/host.db"))
    assert str(refused.value) == (
        f"the tables for deliveries cannot be made in sqlite:///{tmp_path}/nowhere/host.db: "
        "unable to open database file"
    )


def test_what_a_worker_began_is_known_to_be_its_and_is_taken_up_when_it_has_gone(
    store, engine, client
):
    begun, go_on = threading.Event(), threading.Event()

    def run(number, _run):
        steps = RecordedSteps()
        steps.do("find customer", lambda: f'"C-{number}"')
        beside = threading.Thread(target=steps.do, args=("place", lambda: f'"SO-{number}"'))
        beside.start()
        beside.join()
        with contextlib.suppress(ConnectionError):
            steps.do("print", _no_printer)
        if number == 1:
            raise RuntimeError("the outcome could not be written")
        begun.set()
        go_on.wait(30)

    with Deliveries.open(store) as deliveries:
        for number in (1, 2, 3):
            _promote(deliveries, f"R-{number}", f"A-{min(number, 2)}")
        client.register_queue(poll_seconds=0.01, concurrency=4)
        working = Engine(store.url, "w-1", run)
        working.launch()
        assert begun.wait(30)
        _wait_until(client.lost_runs)
        assert client.lost_runs() == [
            LostRun(1, 1, "RuntimeError: the outcome could not be written")
        ]
        assert client.recorded_steps(1, 1) == {"find customer": '"C-1"', "place": '"SO-1"'}
        assert client.executors() == {"w-1"}
        working.close()

        # What was begun stays its own, whoever asks, until it is known to be dead.
        assert client.executors() == {"w-1"}
        assert client.resume_work_of("w-2") == 0
        assert client.resume_work_of("w-1") == 1
    assert {each.workflow_id: each.status for each in engine.list_workflows()} == {
        workflow_id(1, 1): "ERROR", workflow_id(2, 1): "ENQUEUED", workflow_id(3, 1): "ENQUEUED",
    }  # fmt: skip
    assert {each.queue_name for each in engine.list_workflows()} == {"crossdock.deliveries"}
    assert client.executors() == set()
    go_on.set()

    refused = []

    def run_otherwise(number, _run):
        """As after an upgrade of the plugin, whose steps have other names."""
        try:
            RecordedSteps().do("look customer up", lambda: "null")
        except StepsChanged as error:
            refused.append((number, str(error)))

    following = Engine(store.url, "w-2", run_otherwise)
    following.launch()
    _wait_until(lambda: {each.status for each in engine.list_workflows()} == {"ERROR", "SUCCESS"})
    following.close()
    assert refused == [(2, "look customer up")]
    assert client.recorded_steps(2, 1) == {"find customer": '"C-2"', "place": '"SO-2"'}
    assert client.recorded_steps(3, 1) == {"look customer up": "null"}


def _no_printer():
    raise ConnectionError("no printer")


def _wait_until(holds):
    waited = threading.Event()
    for _ in range(3000):
        if holds():
            return
        waited.wait(0.01)
    raise AssertionError("waited in vain")
