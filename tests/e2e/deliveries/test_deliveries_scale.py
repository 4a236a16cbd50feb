"""Quotas, archive and back-pressure, on each database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries import Deliveries, DeliverySettings, Failure, Limit
from crossdock.host.store import Store
from crossdock.host.store.schema import deliveries as rows
from crossdock.records import Order, OrderLine, OrderPromoted

_START = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


class Desk:
    """Deliveries of a real store and engine, whose workers are played by hand."""

    def __init__(self, url, **settings):
        self.now = _START
        self.store = Store.open(url, clock=lambda: self.now)
        self.deliveries = Deliveries.open(self.store, settings=DeliverySettings(**settings))
        self.ledger = self.deliveries.ledger
        self.begun = []

    def promote(self, number, trading_account="main:C-1"):
        line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(1))
        order = Order(
            id=f"R-{number}",
            system="crm",
            currency="EUR",
            account_id=f"A-{number}",
            trading_account=trading_account,
            lines=(line,),
        )
        return self.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])

    def begin_all(self, worker="w-1"):
        """Begin what is queued; gives the works that had their turn."""
        self.ledger.enqueue_due(1000)
        works = []
        for each in reversed(self.deliveries.list(states=["queued"], limit=1000)):
            with self.store.reading() as connection:
                run = connection.scalar(sa.select(rows.c.run).where(rows.c.id == each.number))
            work = self.ledger.begin(each.number, run, worker, lambda _: "")
            if work is not None:
                works.append(work)
        return works

    def succeed(self, work, calls=4):
        self.deliveries.limits.charge({"main": calls})
        self.ledger.succeed(work, "w-1")

    def close(self):
        self.deliveries.close()
        self.store.close()


@pytest.fixture
def desk_of(store_url):
    opened = []

    def make(**settings):
        opened.append(Desk(store_url, **settings))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


class TestLimits:
    def test_calls_a_second_are_kept_over_time_and_each_delivery_waits_once(self, desk_of):
        desk = desk_of(limits={"main": Limit(per_second=2.0)})
        for number in range(20):
            desk.promote(number)
        done, calls, began = [], 0, desk.now
        waited = {}
        while len(done) < 20:
            for work in desk.begin_all():
                desk.succeed(work)
                done.append(work.subject)
                calls += 4
                assert calls <= 2 * (desk.now - began).total_seconds() + 2 * 4
            for each in desk.deliveries.list(states=["waiting"], limit=100):
                waited.setdefault(each.id, set()).add(each.due_at)
                assert "main takes 2 calls a second" in each.cause
            desk.now += timedelta(seconds=0.5)
            assert desk.now - began < timedelta(minutes=2)
        assert all(len(dues) == 1 for dues in waited.values())
        assert done == [f"R-{number}" for number in range(20)]
        # 80 calls at two a second, and no longer than that.
        assert 36 <= (desk.now - began).total_seconds() <= 44

    def test_deliveries_that_make_more_calls_than_usual_make_the_next_ones_wait(self, desk_of):
        desk = desk_of(limits={"main": Limit(per_second=1.0)})
        desk.promote(1)
        (work,) = desk.begin_all()
        desk.succeed(work, calls=60)
        desk.promote(2)
        assert desk.begin_all() == []
        (waiting,) = desk.deliveries.list(states=["waiting"])
        assert waiting.due_at - desk.now == timedelta(seconds=60)

    def test_what_is_over_the_day_s_quota_waits_for_the_next_day(self, desk_of):
        desk = desk_of(limits={"main": Limit(daily=10)})
        for number in range(4):
            desk.promote(number)
        works = desk.begin_all()
        assert len(works) == 4
        for work in works[:3]:
            desk.succeed(work)
        desk.promote(9)
        assert desk.begin_all() == []
        (waiting,) = desk.deliveries.list(states=["waiting"])
        assert "the 10 calls a day that main allows are used up" in waiting.cause
        midnight = datetime(2026, 11, 22, tzinfo=UTC)
        assert midnight <= waiting.due_at < midnight + timedelta(minutes=1)
        assert (waiting.failure, waiting.attempts) == (None, 0)
        desk.now = midnight + timedelta(minutes=1)
        assert [work.subject for work in desk.begin_all()] == ["R-9"]

    def test_only_so_many_use_a_system_at_a_time_over_all_workers(self, desk_of):
        one = desk_of(limits={"main": Limit(concurrency=2)})
        two = desk_of(limits={"main": Limit(concurrency=2)})
        for number in range(5):
            one.promote(number)
        (first, second) = one.begin_all("w-1")
        assert two.begin_all("w-2") == []
        one.succeed(first)
        two.now += timedelta(seconds=2)
        (third,) = two.begin_all("w-2")
        assert third.subject == "R-2"
        assert second.subject == "R-1"

    def test_other_systems_are_not_held_up(self, desk_of):
        desk = desk_of(limits={"main": Limit(concurrency=1)})
        for number in range(3):
            desk.promote(number)
        desk.promote(7, "uk:C-1")
        assert [work.subject for work in desk.begin_all()] == ["R-0", "R-7"]

    def test_an_order_without_a_trading_account_uses_the_erp_of_its_account(self, desk_of):
        desk = desk_of(limits={"main": Limit(concurrency=1)})
        for number in (1, 2):
            desk.store.links.link(
                crm_system="crm", account_id=f"A-{number}", erp_system="main",
                customer_id=f"C-{number}", default=True,
            )  # fmt: skip
            desk.promote(number, "")
        assert [work.subject for work in desk.begin_all()] == ["R-1"]


class TestArchive:
    def test_what_is_over_for_long_moves_with_all_that_is_known_of_it(self, desk_of):
        desk = desk_of(keep_days=30)
        events = [desk.promote(number) for number in range(3)]
        first, second, third = desk.begin_all()
        desk.ledger.fail(first, "w-1", Failure(kind="business", cause="no"), {"a": "1"})
        desk.deliveries.edit("D-1", {"lines.0.quantity": "2"}, actor="user:U-kim", reason="a typo")
        (again,) = desk.begin_all()
        desk.ledger.succeed(again, "w-1")
        desk.ledger.fail(second, "w-1", Failure(kind="business", cause="no"), {})
        desk.now += timedelta(days=20)
        desk.ledger.succeed(third, "w-1")
        assert desk.deliveries.archive.move(timedelta(days=30)) == 0
        desk.now += timedelta(days=15)

        assert desk.deliveries.archive.move(timedelta(days=30)) == 1
        (document,) = desk.deliveries.archive.documents()
        assert document["id"] == "D-1"
        assert document["event"]["payload"]["$OrderPromoted"]["order"]["id"] == "R-0"
        assert [each["cause"] for each in document["attempts"]] == ["no"]
        assert json.loads(document["revisions"][0]["payload"])["$OrderPromoted"]
        assert list(desk.deliveries.archive.documents(subject="R-9")) == []
        # What needs a person stays however old it is, and so does what is younger.
        assert [each.id for each in desk.deliveries.list()] == ["D-3", "D-2"]

        assert desk.promote(0) == events[0]
        assert len(desk.deliveries.list()) == 2, "the same event comes to nothing for ever"

    def test_it_moves_in_small_batches_and_the_engine_forgets_as_well(self, desk_of):
        desk = desk_of()
        for number in range(25):
            desk.promote(number)
        for work in desk.begin_all():
            desk.succeed(work)
        desk.now += timedelta(days=2)
        workflows = sa.text(
            "SELECT count(*) FROM "
            + ("dbos.workflow_status" if desk.store.shared else "workflow_status")
        )
        with desk.store.reading() as connection:
            assert connection.scalar(workflows) == 25
        moved = []
        while batch := desk.deliveries.archive.move(timedelta(days=1), limit=10):
            moved.append(batch)
        assert moved == [10, 10, 5]
        assert desk.deliveries.archive.count() == 25
        assert desk.deliveries.counts() == {}
        with desk.store.reading() as connection:
            assert connection.scalar(workflows) == 0


def test_a_long_queue_is_told_of(desk_of):
    desk = desk_of(backlog=3)
    assert desk.deliveries.backlog().count == 0
    assert desk.deliveries.backlog().oldest is None
    for number in range(3):
        desk.promote(number)
        desk.now += timedelta(minutes=1)
    backlog = desk.deliveries.backlog()
    assert (backlog.count, backlog.oldest, backlog.long) == (3, _START, True)
    work = desk.begin_all()[0]
    desk.ledger.fail(work, "w-1", Failure(kind="bug", cause="oops"), {})
    assert not desk.deliveries.backlog().long


def test_by_policy_a_dead_letter_holds_its_account_until_a_person_decides(store_url):
    desk = Desk(store_url, after_dead="hold")
    try:
        desk.promote(1)
        (work,) = desk.begin_all()
        order = Order(id="R-1b", system="crm", currency="EUR", account_id="A-1")
        desk.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
        desk.ledger.fail(work, "w-1", Failure(kind="business", cause="no"), {})
        assert desk.begin_all() == []
        assert desk.deliveries.get("D-2").state == "behind"
        desk.deliveries.give_up("D-1", actor="user:U-kim", reason="not wanted")
        assert [each.subject for each in desk.begin_all()] == ["R-1b"]
    finally:
        desk.close()


def test_deliveries_that_version_1_wrote_go_on_with_their_key(old_store_url):
    desk = Desk(old_store_url)
    try:
        assert [(each.id, each.state) for each in desk.deliveries.list()] == [
            ("D-3", "waiting"), ("D-2", "dead"), ("D-1", "done"),
        ]  # fmt: skip
        # Nobody took note then of whether something was made: so the key stays.
        desk.deliveries.edit("D-2", {"lines.0.quantity": "5"}, actor="user:U-kim", reason="a typo")
        work, waited = sorted(desk.begin_all(), key=lambda each: each.number)
        assert (work.subject, work.revision, work.key_revision) == ("R-2", 1, 0)
        desk.ledger.succeed(work, "w-1")
        assert waited.subject == "R-3"
        assert [each.outcome for each in desk.deliveries.attempts("D-2")] == ["done"]
        assert desk.store.audit.verify().broken is None
    finally:
        desk.close()
