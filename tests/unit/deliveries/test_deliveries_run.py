"""One run: what a handler is given, which of its steps are done, and what a worker says of it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from attrs import evolve
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crossdock import tracing
from crossdock.connectors import evidence
from crossdock.connectors.evidence import Exchanged
from crossdock.connectors.exchange import Reply, Request
from crossdock.connectors.operations import Operation
from crossdock.errors import (
    PluginFault,
    PossiblyCreated,
    RemoteRefused,
    RemoteUnavailable,
)
from crossdock.host.deliveries.circuits import CircuitPolicy, Circuits
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.limits import Limit, Limits
from crossdock.host.deliveries.recording import StepsChanged
from crossdock.host.deliveries.run import Runner, Steps, idempotency_key
from crossdock.host.store.schema import events, usage
from crossdock.host.watching.faults import hearing
from crossdock.host.watching.spans import DeliveryUnderWay, under_way
from crossdock.records import Money, Order, OrderLine, OrderPromoted

_EVENT = "order_promoted:crm:R-1"
_KEY = idempotency_key(_EVENT, "straight-through")
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_ABOUT = {
    "delivery": "D-1", "event": _EVENT, "event_type": "order_promoted", "subject": "R-1",
    "plugin": "straight-through", "attempts": 1,
}  # fmt: skip
_AWAY = RemoteUnavailable("main does not answer", system="main")


class Recorder:
    """Records as the durable engine does: the same steps in the same order, or none."""

    def __init__(self, **recorded):
        self.recorded = recorded
        self.changed = False

    def do(self, name, fn):
        if self.changed:
            raise StepsChanged(name)
        if name not in self.recorded:
            self.recorded[name] = fn()
        return self.recorded[name]

    def recorded_steps(self, number, run):
        return self.recorded if (number, run) == (1, 1) else {}


class Office:
    """A worker whose plugin is a function of the test."""

    def __init__(self, bench):
        self.bench = bench
        self.recorder = Recorder()
        self.given = []
        self.news = []
        self.handler = lambda _step: None

    def run(self, number=1, run=1, worker="w-1", **how):
        Runner(
            self.bench.deliveries,
            self._deliver,
            lambda plugin_id: f"{plugin_id} 2",
            self.recorder,
            worker,
            lambda kind, text, **detail: self.news.append((kind, text, detail)),
            recorder=lambda: self.recorder,
            **how,
        ).run(number, run)

    def _deliver(self, plugin_id, event, *, step, idempotency_key):
        self.given.append((plugin_id, event, idempotency_key, under_way.get()))
        return self.handler(step)


def _with(bench, store, policy, **more):
    """Let another ledger, of other rules, have the store's deliveries."""
    bench.ledger = bench.deliveries.ledger = Ledger(
        store, lambda _connection, number, run, _lane: bench.queued.append((number, run)), policy,
        **more,
    )  # fmt: skip


@pytest.fixture
def office(bench):
    return Office(bench)


@pytest.fixture
def steps(bench, publish):
    """The steps of a run that had recorded one before, and what records them."""
    publish()
    work = evolve(bench.begin(1), known={"find customer": '"C-1"'})
    recorder = Recorder()
    return Steps(work, recorder), recorder


def _asked(system="main", status=None, headers=(), key="", secret="s3cret"):
    """Have a connector ask a system; without a status there is no answer."""
    given = {"idempotency-key": key} if key else {}
    evidence.witness().saw(
        Exchanged(
            system=system,
            request=Request(
                operation=Operation("placeOrder", "POST", "/orders"),
                url=f"http://erp.test/orders/{secret}",
                query={},
                headers=given,
            ),
            reply=status and Reply(status=status, headers=dict(headers), content=b"tok3n"),
            lost="" if status else "refused",
            seconds=0.25,
            secrets=lambda: (secret,),
        ),
        None if status else _AWAY,
    )


def _failing(error, *exchanges):
    def handle(_step):
        for each in exchanges:
            _asked(**each)
        raise error

    return handle


def test_the_key_of_an_event_and_a_plugin_never_changes():
    # An ERP may remember it for years.
    again = idempotency_key(_EVENT, "straight-through", 2)
    assert (_KEY, again) == (
        "xd-b19b656e402016697bcd09d0937b4e5e",
        "xd-a8e926b5e15cd0bec733a66703227817",
    )


def test_a_step_is_recorded_and_given_as_it_will_be_read_later(steps):
    step, recorder = steps

    assert step("price", lambda *of: Money(*of), "1.50", "EUR") == Money("1.50", "EUR")
    assert step("words", lambda: {"größer": [1, 2]}) == {"größer": [1, 2]}

    assert recorder.recorded["words"] == '{"größer":[1,2]}'
    assert json.loads(recorder.recorded["price"])


def test_a_step_that_an_earlier_run_recorded_is_not_done_again(steps):
    step, recorder = steps

    assert step("find customer", pytest.fail) == "C-1"

    assert recorder.recorded == {}


def test_a_step_is_named_once_unless_it_failed(steps):
    step, _ = steps
    with pytest.raises(ZeroDivisionError):
        step("divide", lambda: 1 / 0)
    assert step("divide", lambda: 2) == 2
    step("find customer", pytest.fail)

    for name in ("divide", "find customer"):
        with pytest.raises(PluginFault) as twice:
            step(name, lambda: 3)
        assert str(twice.value) == (
            f"two steps are called {name!r}: a step is remembered by its name, so each needs one "
            "of its own (put the record's id into it)"
        )
        assert (twice.value.plugin_id, twice.value.point) == ("straight-through", "order_promoted")


def test_a_plugin_that_does_other_steps_after_a_crash_is_told_so(steps):
    step, recorder = steps
    recorder.changed = True

    with pytest.raises(PluginFault) as changed:
        step("place order", lambda: "SO-1")

    assert str(changed.value) == (
        "straight-through was gone on with after a crash and did the step 'place order' where it "
        "had done another one before; was it changed meanwhile? What was recorded is kept by "
        "name: see whether the new steps fit it, then retry"
    )
    assert (changed.value.plugin_id, changed.value.point) == ("straight-through", "order_promoted")
    assert isinstance(changed.value.__cause__, StepsChanged)


def test_a_handler_is_given_the_event_its_key_and_its_steps(office, store, publish, row):
    publish()
    with store.writing() as connection:
        connection.execute(sa.update(events).values(trace=_TRACE))
    office.recorder = Recorder(a='"recorded"')
    office.handler = lambda step: office.given.append(step("a", pytest.fail))
    began = time.monotonic()

    office.run()

    spent = time.monotonic() - began
    (plugin_id, event, key, naming), recorded = office.given
    assert (plugin_id, event) == ("straight-through", office.bench.deliveries.event("D-1"))
    assert (key, recorded) == (_KEY, "recorded")
    assert naming == DeliveryUnderWay("D-1", _EVENT, 1, _TRACE)
    assert (row().state, row().worker) == ("done", "w-1")
    assert row().plugin_version == "straight-through 2"
    ((kind, text, detail),) = office.news
    seconds = detail.pop("seconds")
    assert 0 < seconds == round(seconds, 4) <= spent + 0.0001
    assert (kind, detail) == ("delivered", _ABOUT)
    assert text == (
        f"delivered order_promoted R-1 to straight-through in {seconds:.2f} s"
    )  # fmt: skip


def test_a_run_is_a_span_of_its_event_s_kind_and_its_plugin(office, publish):
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    publish()
    tracing.use(tracers=provider)
    try:
        office.run()
    finally:
        tracing.use()
        provider.shutdown()

    (span,) = exporter.get_finished_spans()
    assert span.name == "process order_promoted"
    assert span.attributes["messaging.consumer.group.name"] == "straight-through"


def test_a_run_that_somebody_else_has_done_is_neither_done_nor_told_of(office, publish):
    publish()
    office.run(run=2)
    assert office.given == office.news == []

    office.handler = lambda _step: office.bench.begin(1, worker="w-2") and None
    office.run()  # another worker takes it over meanwhile
    assert (len(office.given), office.news) == (1, [])


def test_one_that_was_changed_after_a_refusal_goes_under_a_key_of_its_own(office, row):
    line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
    order = Order(id="R-1", system="crm", currency="EUR", account_id="A-1", lines=(line,))
    office.bench.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
    office.handler = _failing(RemoteRefused("no", system="main"), {"status": 422, "key": _KEY})
    office.run()
    assert row().key_fate == "refused"
    office.bench.deliveries.edit(
        "D-1", {"lines.0.quantity": "3"}, actor="user:U-kim", reason="the customer called"
    )

    office.run(run=2)

    _, event, key, _ = office.given[1]
    assert event.order.lines[0].quantity == 3
    assert key == idempotency_key(_EVENT, "straight-through", 1)


def test_a_fault_is_told_to_whoever_listens_and_to_the_queue(office, publish, row):
    publish()
    office.handler = _failing(ZeroDivisionError("by nought"))
    heard = []

    with hearing(lambda *what: bool(heard.append(what))):
        office.run()

    ((plugin_id, asked, raised),) = heard
    assert (plugin_id, asked, str(raised)) == ("straight-through", "order_promoted", "by nought")
    cause = row().cause
    assert "ZeroDivisionError: by nought" in cause
    assert office.news == [
        (
            "dead",
            f"dead      order_promoted R-1 to straight-through (bug): {cause}",
            {**_ABOUT, "failure": "bug", "cause": cause},
        )
    ]
    assert office.bench.deliveries.attempts("D-1")[0].evidence is None


def test_a_failure_is_kept_with_the_exchange_behind_it_and_without_secrets(
    office, publish, row, clock
):
    publish()
    office.recorder = Recorder(a="1")
    office.handler = _failing(_AWAY, {"key": _KEY, "status": 503}, {"system": "uk"})

    office.run(secrets=lambda: ["tok3n"])

    found = row()
    assert (found.state, found.key_fate, found.system) == ("waiting", "maybe", "main")
    assert found.due_at == clock() + timedelta(seconds=1)
    exchange = office.bench.deliveries.attempts("D-1")[0].evidence["exchange"]
    assert (exchange["system"], exchange["answer"]["status"]) == ("main", 503)
    assert "s3cret" not in exchange["request"]["url"]
    assert "tok3n" not in exchange["answer"]["body"]
    assert office.news == [
        (
            "waiting",
            "waiting   order_promoted R-1 to straight-through until 09:00:01 UTC: main does not "
            "answer",
            {**_ABOUT, "due_at": found.due_at.isoformat(), "cause": "main does not answer"},
        )
    ]
    clock.advance(seconds=1)
    office.bench.ledger.enqueue_due()
    assert office.bench.begin(1, run=2).known == {"a": "1"}


@pytest.mark.parametrize(("asked", "seconds"), [(None, 4), (3.0, 3)])
def test_the_wait_that_a_system_asked_for_is_kept_though_the_error_does_not_tell_it(
    office, publish, row, clock, asked, seconds
):
    publish()
    away = RemoteUnavailable("busy", system="main", retry_after=asked)
    office.handler = _failing(away, {"status": 503, "headers": {"retry-after": "4"}})

    office.run()

    assert row().due_at == clock() + timedelta(seconds=seconds)


def test_what_waits_for_a_system_that_is_away_is_told_as_held(office, publish, row):
    publish()
    office.handler = _failing(
        RemoteUnavailable("main is closed", system="main", retry_after=60.0), {}
    )

    office.run()

    assert (row().state, row().held_by, row().attempts) == ("waiting", "main", 0)
    assert office.news == [
        (
            "held",
            "held      order_promoted R-1 to straight-through until main answers: main is closed",
            {**_ABOUT, "system": "main", "cause": "main is closed"},
        )
    ]


def test_one_that_time_does_not_heal_is_told_as_dead_though_its_system_is_away(
    office, publish, row
):
    publish()
    perhaps = PossiblyCreated("perhaps", system="main", reference="R-1", evidence=("sent",))
    office.handler = _failing(perhaps, {"key": _KEY})

    office.run()

    assert [kind for kind, _, _ in office.news] == ["dead"]
    assert (row().state, row().failure) == ("dead", "possibly_created")
    evidence_kept = office.bench.deliveries.attempts("D-1")[0].evidence
    assert evidence_kept["told"] == ["sent"]
    assert evidence_kept["exchange"]["lost"] == "refused"


def test_the_last_of_many_attempts_at_a_system_that_is_away_is_told_as_dead(office, publish, clock):
    publish()
    office.handler = _failing(_AWAY, {})

    for run in (1, 2, 3):
        office.run(run=run)
        clock.advance(minutes=1)
        office.bench.ledger.enqueue_due()

    assert [kind for kind, _, _ in office.news] == ["waiting", "waiting", "dead"]


def test_one_that_its_workers_died_of_is_put_aside_with_what_to_do_about_it(office, publish, row):
    publish()
    office.bench.begin(1, worker="w-1")
    office.bench.begin(1, worker="w-2")

    office.run(worker="w-3")

    assert office.given == []
    assert (row().state, row().failure) == ("dead", "bug")
    assert row().cause == (
        "the worker died 2 times while it delivered this; look for what kills it (memory, a crash "
        "in a library that straight-through uses) before you retry"
    )
    assert [kind for kind, _, _ in office.news] == ["dead"]


@pytest.mark.parametrize(
    ("status", "held"),
    [(200, False), (404, False), (None, True), (503, True)],
    ids=["answered", "answered that there is none", "did not answer", "could not"],
)
def test_an_answer_in_between_says_that_a_system_is_there(
    office, store, policy, publish, row, status, held
):
    circuits = Circuits(store, CircuitPolicy(failures=2))
    _with(office.bench, store, policy, circuits=circuits)
    away = _failing(_AWAY, {})
    for order, handler in (
        ("R-1", away), ("R-2", lambda _step: _asked(status=status)), ("R-3", away),
    ):  # fmt: skip
        number = publish(order, order)
        office.handler = handler
        office.run(number)

    assert row(3).held_by == ("main" if held else "")


def test_the_calls_of_a_run_are_charged_however_it_ends(office, store, policy, publish):
    _with(office.bench, store, policy, limits=Limits(store, {"main": Limit(daily=9)}))
    publish()
    publish("R-2", "A-2")

    office.handler = lambda _step: (_asked(status=200), _asked(status=200))
    office.run()
    office.handler = _failing(_AWAY, {"status": 503})
    office.run(2)

    with store.reading() as connection:
        assert connection.scalar(sa.select(usage.c.used_today)) == 3


@pytest.mark.parametrize(("status", "left"), [(200, ()), (None, ("main",))])
def test_a_probe_closes_the_circuit_when_it_was_answered(office, publish, clock, status, left):
    publish()
    office.handler = _failing(RemoteUnavailable("x", system="main", retry_after=60.0), {})
    office.run()
    clock.advance(seconds=60)
    circuits = office.bench.ledger.circuits
    circuits.queue_probes(office.bench.ledger.requeue)

    office.handler = _failing(_AWAY, {"status": status}) if status is None else (
        lambda _step: _asked(status=status)
    )  # fmt: skip
    office.run(run=2)

    assert tuple(each.system for each in circuits.list()) == left
    assert all(each.state == "open" for each in circuits.list())
