"""The quota of a remote system: when a delivery may begin, and what its calls cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.limits import Limit, Limits
from crossdock.host.deliveries.settings import DeliverySettings
from crossdock.host.store.schema import deliveries, usage
from crossdock.records import Order, OrderPromoted


def row(number=1, run=1, slot_at=None):
    return SimpleNamespace(id=number, run=run, slot_at=slot_at)


@pytest.fixture
def admit(store):
    def admit_(limits, given=None, systems=("main",)):
        with store.writing() as connection:
            return limits.admit(connection, given or row(), systems)

    return admit_


@pytest.fixture
def used(store):
    def used_(system="main"):
        with store.reading() as connection:
            found = connection.execute(sa.select(usage).where(usage.c.system == system)).one()
        return found.day, found.used_today, found.free_at

    return used_


def test_only_systems_with_a_limit_are_looked_at(store):
    limits = Limits(store, {"main": Limit(daily=1), "crm": Limit(daily=1)})

    assert limits.some
    assert limits.on(["other", "main", "crm"]) == ("crm", "main")
    assert not Limits(store).some
    assert Limits(store).on(["main"]) == ()


def test_deliveries_follow_each_other_as_fast_as_the_system_takes_their_calls(store, clock, admit):
    # Before any was seen, a delivery is taken to make four calls.
    limits = Limits(store, {"main": Limit(per_second=2.0)})
    began = clock()

    assert admit(limits) is None
    second, third = admit(limits, row(2)), admit(limits, row(3))

    assert (second.due_at, third.due_at) == (
        began + timedelta(seconds=2),
        began + timedelta(seconds=4),
    )
    assert second.cause == "main takes 2 calls a second"
    assert second.reserved
    # Its slot is its own: once it has come nothing is reserved again.
    clock.advance(seconds=2)
    assert admit(limits, row(2, slot_at=second.due_at)) is None
    assert admit(limits, row(4)).due_at == began + timedelta(seconds=6)
    # One that comes before its slot gets another.
    assert admit(limits, row(3, slot_at=third.due_at)).due_at == began + timedelta(seconds=8)


def test_a_wait_of_a_moment_is_none(store, clock, admit):
    limits = Limits(store, {"main": Limit(per_second=200.0)})

    assert admit(limits) is None
    assert admit(limits, row(2)) is None
    assert admit(limits, row(3)).due_at == clock() + timedelta(milliseconds=40)


def test_a_pause_saves_nothing_up(store, clock, admit, used):
    limits = Limits(store, {"main": Limit(per_second=1.0)})
    admit(limits)
    clock.advance(hours=1)

    assert admit(limits) is None
    assert used() == ("2026-11-21", 0, clock() + timedelta(seconds=4))


def test_the_slowest_of_several_systems_counts(store, clock, admit):
    limits = Limits(store, {"a": Limit(per_second=1.0), "b": Limit(per_second=4.0)})
    admit(limits, systems=("a", "b"))

    turn = admit(limits, row(2), systems=("a", "b"))

    assert (turn.due_at, turn.cause) == (
        clock() + timedelta(seconds=4),
        "a takes 1 calls a second",
    )
    assert admit(limits, row(3), systems=("b",)).cause == "b takes 4 calls a second"


def test_what_a_delivery_really_asked_is_charged_and_learnt_from(store, clock, admit, used):
    limits = Limits(store, {"main": Limit(per_second=1.0), "crm": Limit(daily=9)})
    began = clock()
    admit(limits)

    limits.charge({"main": 12, "crm": 2, "other": 5})

    # Twelve calls and not the four that were thought of; the next is taken to make five.
    assert used() == ("2026-11-21", 12, began + timedelta(seconds=12))
    assert used("crm")[1] == 2
    assert admit(limits, row(2)).due_at == began + timedelta(seconds=12)
    assert used()[2] == began + timedelta(seconds=17)
    limits.charge({"main": 5})
    assert used() == ("2026-11-21", 17, began + timedelta(seconds=17))
    limits.charge({"main": 13})
    assert admit(limits, row(3)).due_at == began + timedelta(seconds=25)
    assert used()[2] == began + timedelta(seconds=31)


def test_a_fast_system_is_free_again_the_sooner(store, clock, admit, used):
    limits = Limits(store, {"main": Limit(per_second=4.0)})
    admit(limits)

    limits.charge({"main": 12})

    assert used()[2] == clock() + timedelta(seconds=3)
    assert admit(limits, row(2)).due_at == clock() + timedelta(seconds=3)
    assert used()[2] == clock() + timedelta(seconds=4.25)


def test_a_new_day_begins_with_nothing_used_and_with_the_queue_as_it_stood(
    store, clock, admit, used
):
    limits = Limits(store, {"main": Limit(daily=9, per_second=1.0)})
    admit(limits)
    limits.charge({"main": 4})
    stood = used()[2]
    clock.advance(days=1)

    limits.charge({"main": 5})

    assert used() == ("2026-11-22", 5, stood + timedelta(seconds=1))


def test_one_that_finds_its_system_busy_keeps_the_slot_that_it_had(bench, publish, clock, admit):
    publish()
    limits = Limits(bench.deliveries.store, {"main": Limit(per_second=1.0, concurrency=1)})
    with bench.deliveries.store.writing() as connection:
        connection.execute(sa.update(deliveries).values(state="running", uses=" main "))

    busy = [admit(limits, row(2, slot_at=slot_at)) for slot_at in (None, clock())]

    assert [turn.reserved for turn in busy] == [False, True]
    assert {turn.cause for turn in busy} == {"main is used by 1 deliveries at a time"}


def test_calls_of_systems_without_a_limit_cost_nothing(store):
    limits = Limits(store, {"main": Limit(daily=1)})

    limits.charge({"other": 5})
    limits.charge({})

    with store.reading() as connection:
        assert connection.execute(sa.select(usage)).all() == []


def test_what_a_day_allows_is_gone_on_with_the_next_day_spread_over_a_minute(
    store, clock, admit, used
):
    limits = Limits(store, {"main": Limit(daily=10)})
    limits.charge({"main": 9})
    assert admit(limits) is None
    limits.charge({"main": 1})

    turns = [admit(limits, row(number)) for number in (1, 2, 3)]

    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert all(midnight <= turn.due_at < midnight + timedelta(minutes=1) for turn in turns)
    assert len({turn.due_at for turn in turns}) == 3
    assert max(turn.due_at for turn in turns) > midnight + timedelta(seconds=30)
    assert admit(limits, row(1)) == turns[0]
    assert {turn.cause for turn in turns} == {"the 10 calls a day that main allows are used up"}
    assert not any(turn.reserved for turn in turns)
    # A slot that was reserved is of no use on a day that is used up.
    assert admit(limits, row(1, slot_at=clock())) == turns[0]
    clock.advance(hours=15)
    assert admit(limits) is None
    assert used()[:2] == ("2026-11-22", 0)


@pytest.fixture
def limited(store, policy):
    """A ledger with limits, its queue, and a way to publish deliveries."""

    class Limited:
        def __init__(self, **limits):
            self.queued = []
            self.limits = Limits(store, {name: Limit(**of) for name, of in limits.items()})
            self.ledger = Ledger(
                store,
                lambda _connection, number, run, _lane: self.queued.append((number, run)),
                policy,
                limits=self.limits,
            )

        def publish(self, bench, order, account):
            bench.deliveries.ledger = self.ledger
            given = Order(
                id=order, system="crm", currency="EUR", account_id=account,
                trading_account="main:C-1",
            )  # fmt: skip
            bench.deliveries.publish(OrderPromoted(order=given), [("straight-through", "1")])
            return self.queued[-1][0]

        def begin(self, number, run=1, worker="w-1"):
            return self.ledger.begin(number, run, worker, lambda _plugin_id: "")

    return Limited


def _row(store, number):
    with store.reading() as connection:
        return connection.execute(sa.select(deliveries).where(deliveries.c.id == number)).one()


def test_so_many_deliveries_use_a_system_side_by_side_and_the_next_waits_its_turn(
    store, bench, clock, limited
):
    office = limited(main={"concurrency": 2})
    numbers = [office.publish(bench, f"R-{n}", f"A-{n}") for n in (1, 2, 3)]
    first, second = office.begin(numbers[0]), office.begin(numbers[1])

    assert office.begin(numbers[2]) is None

    waiting = _row(store, numbers[2])
    assert (waiting.state, waiting.worker, waiting.failure) == ("waiting", "", None)
    assert waiting.cause == "it waits for its turn: main is used by 2 deliveries at a time"
    assert timedelta(seconds=0.5) <= waiting.due_at - clock() <= timedelta(seconds=1.5)
    assert waiting.slot_at is None
    assert _row(store, numbers[0]).uses.split() == ["main"]
    office.ledger.succeed(first, "w-1")
    clock.advance(seconds=2)
    office.ledger.enqueue_due()
    assert office.begin(numbers[2], run=2) is not None
    assert office.begin(numbers[1]) is not None  # its worker died: it has its turn already
    assert second.attempts == 1


def test_deliveries_that_wait_for_a_turn_come_at_instants_of_their_own(store, bench, limited):
    office = limited(main={"concurrency": 1})
    numbers = [office.publish(bench, f"R-{n}", f"A-{n}") for n in range(5)]
    office.begin(numbers[0])

    for number in numbers[1:]:
        assert office.begin(number) is None

    assert len({_row(store, number).due_at for number in numbers[1:]}) == 4


def test_a_system_whose_name_holds_anothers_is_another(store, bench, limited):
    office = limited(main={"concurrency": 1}, ma_n={"concurrency": 1})
    office.begin(office.publish(bench, "R-1", "A-1"))

    with store.writing() as connection:
        assert office.limits.admit(connection, row(9), ("ma_n",)) is None
        assert office.limits.admit(connection, row(1), ("main",)) is None  # itself
        assert office.limits.admit(connection, row(9), ("main",)) is not None


def test_a_slot_is_kept_while_it_waits_and_given_up_when_it_begins(store, bench, clock, limited):
    office = limited(main={"per_second": 1.0})
    one, two = (office.publish(bench, f"R-{n}", f"A-{n}") for n in (1, 2))
    office.begin(one)
    assert office.begin(two) is None
    slot = _row(store, two).slot_at
    assert slot == _row(store, two).due_at == clock() + timedelta(seconds=4)

    clock.advance(seconds=4)
    assert office.ledger.enqueue_due() == 1
    work = office.begin(two, run=2)

    assert work.attempts == 1  # waiting for a turn was no attempt
    assert (_row(store, two).slot_at, _row(store, two).uses) == (None, " main ")


def test_a_failed_one_needs_its_turn_like_any_other(store, bench, clock, limited):
    office = limited(main={"daily": 3})
    number = office.publish(bench, "R-1", "A-1")
    away = Failure(kind="transient", cause="main does not answer", system="main")
    office.ledger.fail(office.begin(number), "w-1", away, {})
    office.limits.charge({"main": 3})
    clock.advance(seconds=1)
    office.ledger.enqueue_due()

    assert office.begin(number, run=2) is None
    assert _row(store, number).due_at.date() == (clock() + timedelta(days=1)).date()


def test_what_is_configured_of_deliveries_is_read_with_the_quotas_and_the_days():
    read = DeliverySettings.of(
        {"after_dead": "hold", "backlog": 5}, {"main": {"daily": 9}, "crm": {"per_second": 2.0}}, 30
    )
    assert read == DeliverySettings(
        after_dead="hold", backlog=5, keep_days=30,
        limits={"main": Limit(daily=9), "crm": Limit(per_second=2.0)},
    )  # fmt: skip
    assert DeliverySettings.of({}, {}, None) == DeliverySettings()
