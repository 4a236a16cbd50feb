"""While a remote system is away its deliveries wait as rows, and drain in order when it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.errors import NotAway
from crossdock.host.deliveries import CircuitPolicy, Failure
from crossdock.records import Change, DocumentChanged, Order, OrderPromoted, Quote, QuoteSaved

_ANSWERS = {"main": True}
_SILENT = {"main": False}


@pytest.fixture
def promote(bench):
    def publish(order_id, account, trading_account="main:C-1"):
        order = Order(
            id=order_id,
            system="crm",
            currency="EUR",
            account_id=account,
            trading_account=trading_account,
        )
        bench.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
        return bench.queued[-1][0]

    return publish


class Shift:
    """A worker played by hand: it does what is queued, with an ERP that is away or not."""

    def __init__(self, bench):
        self.bench = bench
        self.away = True
        self.retry_after = None
        self.asked = 0
        self.done = []

    @property
    def circuits(self):
        return self.bench.ledger.circuits

    def work(self):
        """Do all that is queued now."""
        while self.bench.queued:
            number, run = self.bench.queued.pop(0)
            work = self.bench.begin(number, run)
            if work is None:
                continue
            self.asked += 1
            answered = {"main": not self.away}
            self.circuits.answered(each for each, good in answered.items() if good)
            if work.probing:
                self.circuits.probed(number, work.probing, answered)
            if self.away:
                failure = Failure(
                    kind="transient",
                    cause="connection refused",
                    system="main",
                    away=True,
                    retry_after=self.retry_after,
                )
                self.bench.ledger.fail(work, "w-1", failure, {})
            else:
                self.bench.ledger.succeed(work, "w-1")
                self.done.append(work.subject)

    def tend(self):
        self.circuits.queue_probes(self.bench.ledger.requeue)
        self.bench.ledger.enqueue_due()
        self.work()


@pytest.fixture
def shift(bench):
    return Shift(bench)


def test_after_some_failures_in_a_row_nothing_is_asked_any_more_and_no_attempt_is_lost(
    shift, promote, bench
):
    numbers = [promote(f"R-{n}", f"A-{n}") for n in range(40)]
    shift.work()
    assert shift.asked == 5
    (circuit,) = shift.circuits.list()
    assert (circuit.system, circuit.state, circuit.held) == ("main", "open", 40)
    assert circuit.cause == "connection refused"
    for number in numbers:
        delivery = bench.deliveries.get(f"D-{number}")
        assert (delivery.state, delivery.held_by, delivery.system) == ("waiting", "main", "main")
        assert delivery.attempts <= 1
    assert bench.deliveries.get(f"D-{numbers[-1]}").cause == "main is away: connection refused"


def test_one_probe_at_a_time_finds_out_and_then_all_go_on_in_order(
    shift, promote, clock, bench, store
):
    for n in range(20):
        promote(f"R-{n}", f"A-{n % 6}")
    shift.work()
    asked = shift.asked
    shift.tend()
    assert shift.asked == asked, "nobody tries before its time"
    for probe in range(1, 4):
        clock.advance(seconds=400)
        shift.tend()
        assert shift.asked == asked + probe
        assert shift.circuits.list()[0].probes == probe
    shift.away = False
    clock.advance(seconds=400)
    for _ in range(30):
        shift.tend()
    assert shift.circuits.list() == ()
    assert bench.deliveries.counts() == {"done": 20}
    for account in range(6):
        of_lane = [each for each in shift.done if int(each[2:]) % 6 == account]
        assert of_lane == [f"R-{n}" for n in range(account, 20, 6)]
    told = store.audit.entries(action="circuit.")
    assert [each.action for each in told] == ["circuit.opened", "circuit.closed"]
    assert told[1].detail["away_seconds"] == 1600


def test_a_day_away_costs_few_probes_and_exhausts_nobody(shift, promote, clock, bench):
    for n in range(300):
        promote(f"R-{n}", f"A-{n % 50}")
    shift.work()
    for _ in range(24 * 60):
        clock.advance(minutes=1)
        shift.tend()
    # Doubling from 5 seconds to 5 minutes, then every 5 minutes.
    assert 280 <= shift.asked <= 310
    assert bench.deliveries.counts().keys() <= {"waiting", "behind"}
    shift.away = False
    clock.advance(minutes=6)
    for _ in range(20):
        shift.tend()
    assert bench.deliveries.counts() == {"done": 300}
    attempts = [each.attempts for each in bench.deliveries.list(limit=1000)]
    assert max(attempts) <= 2


def test_a_system_that_asks_to_wait_is_left_alone_until_then(shift, promote, clock):
    shift.retry_after = 3600.0
    promote("R-1", "A-1")
    promote("R-2", "A-2")
    shift.work()
    assert shift.asked == 1
    clock.advance(minutes=59)
    shift.tend()
    assert shift.asked == 1
    shift.away = False
    clock.advance(minutes=2)
    shift.tend()
    shift.tend()
    assert shift.done == ["R-1", "R-2"]


def test_a_short_wait_is_the_delivery_s_own(shift, promote, bench):
    shift.retry_after = 1.0
    promote("R-1", "A-1")
    shift.work()
    assert shift.circuits.list() == ()
    assert bench.deliveries.get("D-1").due_at is not None


def test_an_answer_in_between_begins_the_count_anew(shift, promote):
    for n in range(4):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    shift.away = False
    promote("R-5", "A-5")
    shift.work()
    shift.away = True
    for n in range(6, 10):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    assert shift.circuits.list() == ()


def test_what_waited_by_its_own_back_off_waits_for_the_probe_too(shift, promote, bench):
    for n in range(5):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    assert [each.held_by for each in bench.deliveries.list()] == ["main"] * 5
    assert [each.due_at for each in bench.deliveries.list()] == [None] * 5


def test_what_needs_another_system_goes_on(shift, promote, bench):
    for n in range(5):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    shift.away = False
    promote("R-uk", "A-9", "uk:C-1")
    bench.deliveries.publish(
        QuoteSaved(quote=Quote(id="Q-1", account_id="A-8", currency="EUR"), before=None),
        [("straight-through", "1")],
    )
    shift.work()
    assert shift.done == ["R-uk", "Q-1"]


def test_news_of_a_document_need_the_erp_that_it_is_in(shift, promote, bench, clock):
    for n in range(5):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    change = Change(
        system="main", entity="order", id="SO-1", action="updated", at=clock(), cursor="1"
    )
    order = Order(id="SO-1", system="main", currency="EUR", customer_id="C-7")
    bench.deliveries.publish(
        DocumentChanged(change=change, document=order, before=None), [("straight-through", "1")]
    )
    shift.work()
    assert bench.deliveries.list(limit=1)[0].held_by == "main"


def test_a_probe_whose_worker_vanished_is_replaced_after_a_while(shift, promote, clock, bench):
    for n in range(6):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    clock.advance(seconds=10)
    shift.circuits.queue_probes(bench.ledger.requeue)
    assert shift.circuits.list()[0].state == "half_open"
    number, run = bench.queued.pop()
    assert bench.begin(number, run, worker="w-dead").probing == ("main",)
    shift.away = False
    shift.tend()
    assert shift.done == []
    clock.advance(minutes=4)
    shift.tend()
    shift.tend()
    assert len(shift.done) == 5


def test_a_probe_that_never_asked_the_system_leaves_it_to_the_next_one(
    shift, promote, clock, bench
):
    for n in range(6):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    clock.advance(seconds=10)
    shift.circuits.queue_probes(bench.ledger.requeue)
    number, run = bench.queued.pop()
    work = bench.begin(number, run)
    shift.circuits.probed(number, work.probing, {"crm": True})
    bench.ledger.fail(work, "w-1", Failure(kind="bug", cause="oops"), {})
    assert shift.circuits.list()[0].probes == 0
    shift.away = False
    shift.tend()
    shift.tend()
    assert len(shift.done) == 5


def test_a_circuit_that_nothing_waits_for_closes(shift, promote, clock, bench):
    for n in range(5):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    for each in bench.deliveries.list():
        bench.deliveries.give_up(each.id, actor="user:U-kim", reason="not wanted")
    clock.advance(minutes=10)
    shift.tend()
    assert shift.circuits.list() == ()


def test_a_retry_by_hand_waits_again_without_asking(shift, promote, bench):
    for n in range(5):
        promote(f"R-{n}", f"A-{n}")
    shift.work()
    asked = shift.asked
    bench.deliveries.retry("D-1", actor="user:U-kim")
    shift.work()
    assert shift.asked == asked
    assert bench.deliveries.get("D-1").held_by == "main"


def test_waits_between_probes_grow_to_a_limit_and_respect_what_was_asked():
    policy = CircuitPolicy()
    assert [policy.wait(n, None).total_seconds() for n in (0, 1, 2, 10, 5000)] == [
        5, 10, 20, 300, 300,
    ]  # fmt: skip
    assert policy.wait(0, 90.0) == timedelta(seconds=90)
    assert policy.wait(0, 1e9) == timedelta(hours=24)


def test_a_person_who_knows_that_it_is_back_has_it_tried_at_once(bench, store):
    circuits = bench.ledger.circuits
    with store.writing() as connection:
        circuits.failed(connection, "main", "it asked to wait", 86_000.0)
    (away,) = circuits.list()
    tried = circuits.try_now("main", actor="user:U-kim")
    assert (tried.probe_at, tried.state) == (store.clock(), "open")
    assert tried.probe_at < away.probe_at
    # Nothing waits for it, so the next look at it closes the circuit.
    circuits.queue_probes(bench.ledger.requeue)
    assert circuits.list() == ()
    (line,) = store.audit.entries(action="circuit.tried")
    assert (line.actor, line.subject) == ("user:U-kim", "main")


def test_a_system_that_answers_is_not_tried(bench):
    with pytest.raises(NotAway, match="main is not away"):
        bench.ledger.circuits.try_now("main", actor="user:U-kim")
