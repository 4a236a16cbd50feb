"""What a handler may do with `step`, in a worker of this process."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
import sqlalchemy as sa

from crossdock.connectors import erp
from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.host.asking.jobs import JobList
from crossdock.host.deliveries import Deliveries, DeliverySettings, RetryPolicy
from crossdock.host.deliveries.staff import worker_of
from crossdock.host.deliveries.worker import WorkerSettings, new_worker_id
from crossdock.host.store import Store
from crossdock.host.store.schema import deliveries
from crossdock.ports import Changes
from crossdock.records import Money, Order, OrderPromoted
from crossdock.secret import Secret

_PATIENCE_SECONDS = 30.0


class System:
    """A CRM or an ERP without news, that counts how often it is asked for some."""

    order = shipment = invoice = credit_note = payment = goods_return = None  # nobody reads one

    def __init__(self, name, feed_seconds=0.0):
        self.system = name
        self.feed_seconds = feed_seconds
        self.reads = 0

    def changes(self, cursor, *, limit):
        self.reads += 1
        return Changes(changes=(), cursor=cursor or "0")


class Workshop:
    """A worker in this process, whose plugins are functions of the test.

    There is one durable engine in a process, so all tests of this module share it.
    """

    def __init__(self, url):
        policy = RetryPolicy(first=timedelta(milliseconds=20), max_attempts=3)
        self.store = Store.open(url)
        self.deliveries = Deliveries.open(
            self.store, policy=policy, settings=DeliverySettings(keep_days=30)
        )
        self.handlers = {}
        self.reports = []
        self.quick, self.slow = System("quick"), System("slow", 3600.0)
        self._stop = threading.Event()
        self.worker = worker_of(
            self._host(),
            worker_id=new_worker_id(),
            settings=WorkerSettings(poll_seconds=0.02, feed_seconds=0.02, archive_seconds=0.1),
            report=lambda kind, text, **detail: self.reports.append((kind, text, detail)),
        )
        self._thread = threading.Thread(target=self.worker.run, args=(self._stop,))
        self._thread.start()

    def _host(self):
        """What a worker needs of a host; the plugin `newer` is of a newer version by now."""

        def nobody(*_about):
            return ()

        newer = SimpleNamespace(id="newer", manifest=SimpleNamespace(version="2.0.0"))
        return SimpleNamespace(
            deliveries=self.deliveries, deliver=self._deliver, plugins=[newer],
            subscriptions=nobody, order_seen=nobody, record_seen=nobody, quote_written=nobody,
            crm=self.slow, erp=SimpleNamespace(systems=["quick"], using=lambda _name: self.quick),
            approvals=SimpleNamespace(tick=nobody), jobs=JobList,
            config=SimpleNamespace(secrets=lambda: [Secret("hush")]),
        )  # fmt: skip

    def _deliver(self, plugin_id, event, *, step, idempotency_key):
        self.handlers[plugin_id](event, step, idempotency_key)

    def deliver(self, name, handler):
        """Publish an event to a handler and wait for what becomes of it."""
        self.handlers[name] = handler
        order = Order(id=f"R-{name}", system="crm", currency="EUR", account_id=name)
        event_id = self.deliveries.publish(OrderPromoted(order=order), [(name, "1.0.0")])
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            (delivery,) = self.deliveries.list(event_id=event_id)
            if delivery.state in ("done", "dead"):
                return delivery
            assert time.monotonic() < deadline, delivery
            time.sleep(0.01)

    def close(self):
        self._stop.set()
        self._thread.join()
        self.deliveries.close()
        self.store.close()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    opened = Workshop(f"sqlite:///{tmp_path_factory.mktemp('workshop') / 'host.db'}")
    yield opened
    opened.close()
    name = opened.worker.id
    assert opened.reports[-1] == ("stopped", f"worker {name} stopped", {"worker": name})


def _until(holds):
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_handler_gets_the_event_and_a_key_of_its_own(workshop):
    seen = []
    workshop.deliver("first", lambda event, _step, key: seen.append((event, key)))
    workshop.deliver("second", lambda event, _step, key: seen.append((event, key)))
    assert seen[0][0].order.id == "R-first"
    assert seen[0][1] != seen[1][1]
    assert all(len(key) <= 36 for _, key in seen)  # the shortest that ERPs allow is a UUID's


def test_a_delivery_is_of_the_version_that_did_it(workshop):
    assert workshop.deliver("newer", lambda *_given: None).plugin_version == "2.0.0"
    assert workshop.deliver("gone", lambda *_given: None).plugin_version == "1.0.0"


def test_a_step_gives_what_the_function_gave(workshop):
    given = []

    def handle(event, step, _key):
        given.append(step("price", lambda amount: Money(amount, "EUR"), "1.50"))
        given.append(step("order", lambda: (event.order, [event.order])))
        given.append(step("nothing", lambda: None))

    assert workshop.deliver("gives", handle).state == "done"
    price, (order, orders), nothing = given
    assert price == Money("1.50", "EUR")
    assert [order] == orders
    assert nothing is None


def test_a_step_is_recorded_from_whichever_thread_it_is_called(workshop):
    done = []

    def handle(_event, step, _key):
        def in_thread():
            step("in a thread", lambda: done.append("thread"))

        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
        step("after it", lambda: done.append("after"))
        if len(done) < 4 and done.count("again") < 1:
            done.append("again")
            raise RemoteUnavailable("away", system="main")

    assert workshop.deliver("threads", handle).state == "done"
    assert done == ["thread", "after", "again"]


def test_a_handler_may_go_on_after_a_step_that_failed(workshop):
    found = []

    def look_up():
        raise NotFound("there is no such order", system="main")

    def handle(_event, step, _key):
        try:
            step("look up", look_up)
        except NotFound:
            found.append(step("place", lambda: "SO-1"))

    assert workshop.deliver("goes-on", handle).state == "done"
    assert found == ["SO-1"]


def test_a_step_that_failed_is_done_again_by_the_next_attempt(workshop):
    calls = []

    def away_once():
        calls.append("called")
        if len(calls) == 1:
            raise RemoteUnavailable("away", system="main", retry_after=0.05)
        return "here"

    assert workshop.deliver("again", lambda _e, step, _k: step("ask", away_once)).state == "done"
    assert len(calls) == 2


def test_two_steps_of_one_name_are_told_to_the_plugin_s_author(workshop):
    def handle(_event, step, _key):
        step("ask", lambda: 1)
        step("ask", lambda: 2)

    dead = workshop.deliver("twice", handle)
    assert (dead.state, dead.failure) == ("dead", "bug")
    assert "two steps are called 'ask'" in dead.cause


def test_a_result_that_cannot_be_stored_is_told_to_the_plugin_s_author(workshop):
    dead = workshop.deliver("object", lambda _e, step, _k: step("make", lambda: object()))
    assert dead.failure == "bug"
    assert "builtins.object cannot be stored" in dead.cause
    assert "Traceback" in dead.traceback


def test_a_remote_system_that_stays_away_is_given_up_in_the_end(workshop):
    def handle(_event, _step, _key):
        raise RemoteUnavailable("main does not answer", system="main")

    dead = workshop.deliver("gives-up", handle)
    assert (dead.failure, dead.attempts) == ("transient", 3)
    kinds = [kind for kind, _, detail in workshop.reports if detail.get("plugin") == "gives-up"]
    assert kinds == ["waiting", "waiting", "dead"]


def test_what_a_worker_does_is_said_in_words(workshop):
    name = workshop.worker.id
    _until(lambda: ("ready", f"worker {name} ready", {"worker": name}) in workshop.reports)
    workshop.deliver("said", lambda _e, _s, _k: None)
    # The row is done a moment before the worker says so.
    _until(lambda: any("to said" in text for _, text, _ in workshop.reports))
    (text,) = (text for _, text, _ in workshop.reports if "to said" in text)
    assert text.startswith("delivered order_promoted R-said to said in 0.")


def test_what_is_kept_of_a_failure_shows_no_secret(workshop):
    port = erp.connect(
        "main",
        {"url": "http://erp.test", "api_key": "key"},
        transport=httpx.MockTransport(lambda _request: httpx.Response(400, text="hush, hush")),
    )
    dead = workshop.deliver("hushed", lambda _event, _step, _key: port.customer("C-hush-1"))

    (attempt,) = workshop.deliveries.attempts(dead.id)
    exchange = attempt.evidence["exchange"]
    assert exchange["answer"]["status"] == 400
    assert "hush" not in f"{exchange}"


def test_a_feed_of_a_system_that_counts_calls_is_read_less_often_or_when_it_is_told_to(workshop):
    begun = workshop.quick.reads
    _until(lambda: workshop.quick.reads > begun + 3)
    assert workshop.slow.reads == 1

    workshop.store.watermarks.hint("slow")

    _until(lambda: workshop.slow.reads == 2)


def test_what_was_over_long_ago_goes_into_the_archive(workshop):
    kept = workshop.deliver("kept", lambda _event, _step, _key: None)
    archive = workshop.deliveries.archive
    for name in ("old", "older"):  # one after the other: each batch is looked at again soon
        done = workshop.deliver(name, lambda _event, _step, _key: None)
        old = sa.update(deliveries).where(deliveries.c.id == done.number)
        with workshop.store.writing() as connection:
            connection.execute(old.values(finished_at=done.finished_at - timedelta(days=31)))
        _until(lambda subject=done.subject: list(archive.documents(subject=subject)))

    assert workshop.deliveries.get(kept.id).state == "done"


def test_a_store_that_does_not_answer_is_said_once_and_waited_for(workshop, monkeypatch):
    enqueue_due, refused = workshop.deliveries.ledger.enqueue_due, []

    def away():
        if len(refused) % 4 != 3:
            refused.append("away")
            raise sa.exc.OperationalError("select", {}, Exception("database is locked"))
        refused.append("back")
        return enqueue_due()

    monkeypatch.setattr(workshop.deliveries.ledger, "enqueue_due", away)
    _until(lambda: refused.count("back") == 2)
    monkeypatch.undo()

    told = [text for kind, text, _ in workshop.reports if kind == "trouble"]
    assert told.count("the store does not answer: database is locked") in (2, 3)
    assert workshop.deliver("after it", lambda _event, _step, _key: None).state == "done"


def test_a_run_whose_outcome_could_not_be_written_is_taken_up_again_with_its_steps_kept(
    workshop, monkeypatch
):
    done = []
    succeed, refused = workshop.deliveries.ledger.succeed, []

    def away_once(work, worker, **how):
        if not refused:
            refused.append(work.run)
            raise OSError("the database went away")
        return succeed(work, worker, **how)

    monkeypatch.setattr(workshop.deliveries.ledger, "succeed", away_once)
    delivery = workshop.deliver("lost", lambda _event, step, _key: step("a", done.append, "a"))
    assert (delivery.state, delivery.run) == ("done", 2)
    assert done == ["a"]
    (lost, _) = workshop.deliveries.attempts(delivery.id)
    assert (lost.outcome, lost.failure) == ("waiting", "transient")
    assert "the database went away" in lost.cause
    said = "1 runs had ended without an outcome; they are tried again"
    assert ("trouble", said, {"deliveries": 1}) in workshop.reports
    assert workshop.deliveries.counts().get("running", 0) == 0
