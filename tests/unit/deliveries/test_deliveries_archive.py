"""What was over long ago is moved into the archive whole, and is in one place only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries.archive import Archive
from crossdock.host.deliveries.failure import Failure
from crossdock.host.store.schema import archive as table
from crossdock.host.store.schema import attempts, deliveries, events, revisions, steps
from crossdock.records import Order, OrderLine, OrderPromoted

_REFUSED = Failure(
    kind="business", cause="größer als das Limit", system="main", fate="refused",
    evidence={"exchange": {"status": 422}},
)  # fmt: skip
_MONTH = timedelta(days=30)


@pytest.fixture
def forgotten():
    return []


@pytest.fixture
def archive(store, forgotten):
    return Archive(store, forgotten.extend)


@pytest.fixture
def promote(bench):
    def promote_(order_id, *plugins):
        line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
        order = Order(
            id=order_id, system="crm", currency="EUR", account_id=f"A-{order_id}", lines=(line,)
        )
        bench.deliveries.publish(OrderPromoted(order=order), [(each, "1") for each in plugins])

    return promote_


@pytest.fixture
def done(bench, promote):
    def done_(order_id):
        promote(order_id, "notify")
        number, run = bench.queued[-1]
        bench.ledger.succeed(bench.begin(number, run), "w-1")
        return number

    return done_


def _rows(store, of):
    with store.reading() as connection:
        return connection.execute(sa.select(of)).all()


def test_a_delivery_is_archived_with_its_event_its_attempts_and_its_revisions(
    bench, archive, promote, store, clock, forgotten
):
    promote("R-1", "notify", "straight-through")
    bench.ledger.fail(bench.begin(2), "w-1", _REFUSED, {})
    clock.advance(seconds=5)
    bench.deliveries.edit("D-2", {"lines.0.quantity": "3"}, actor="user:U-kim", reason="a typo")
    clock.advance(seconds=5)
    work = bench.begin(2, run=2, worker="w-2")
    with store.writing() as connection:
        bench.ledger.keep(connection, 2, {"order": '"SO-1"'})
    clock.advance(seconds=5)
    bench.ledger.succeed(work, "w-2")
    payload = _rows(store, events.c.payload)[0].payload
    clock.advance(days=31)

    assert archive.move(_MONTH) == 1

    assert forgotten == [(2, 2)]
    assert [each.id for each in _rows(store, deliveries)] == [1]
    assert [_rows(store, of) for of in (attempts, revisions, steps)] == [[], [], []]
    (kept,) = _rows(store, table)
    assert (kept.delivery_id, kept.subject, kept.archived_at) == (2, "R-1", clock())
    assert kept.finished_at == clock() - timedelta(days=31)
    assert '"cause":"größer als das Limit"' in kept.document
    (document,) = archive.documents()
    order = document["event"].pop("payload")["$OrderPromoted"]["order"]
    assert (order["id"], order["lines"][0]["quantity"]) == ("R-1", "2")
    (revision,) = document.pop("revisions")
    assert '"quantity":"3"' in revision.pop("payload")
    assert revision == {
        "delivery_id": 2, "revision": 1, "actor": "user:U-kim", "reason": "a typo",
        "at": "2026-11-21T09:00:05+00:00",
    }  # fmt: skip
    assert document == {
        "id": "D-2", "event_id": "order_promoted:crm:R-1", "plugin_id": "straight-through",
        "plugin_version": "1", "lane": "straight-through|account:A-R-1", "state": "done", "run": 2,
        "attempts": [{
            "id": 1, "delivery_id": 2, "run": 1, "revision": 0, "worker": "w-1",
            "began_at": "2026-11-21T09:00:00+00:00", "ended_at": "2026-11-21T09:00:00+00:00",
            "outcome": "dead", "failure": "business", "system": "main",
            "cause": "größer als das Limit", "evidence": '{"exchange": {"status": 422}}',
        }],
        "starts": 1, "worker": "w-2", "created_at": "2026-11-21T09:00:00+00:00",
        "started_at": "2026-11-21T09:00:00+00:00", "finished_at": "2026-11-21T09:00:15+00:00",
        "began_at": "2026-11-21T09:00:10+00:00", "revision": 1, "key_revision": 1,
        "event": {
            "id": "order_promoted:crm:R-1", "type": "order_promoted", "subject": "R-1",
            "lane": "account:A-R-1", "published_at": "2026-11-21T09:00:00+00:00",
        },
    }  # fmt: skip
    # The other plugin still needs what was published; only when it is done as well it goes.
    assert bench.begin(1).payload == payload


def test_only_what_is_over_for_long_enough_is_moved_oldest_first_and_some_at_a_time(
    bench, archive, promote, done, clock, store, forgotten
):
    promote("R-1", "notify")
    bench.ledger.succeed(bench.begin(1), "w-1", rehearsed=True)
    promote("R-2", "notify")
    bench.ledger.fail(bench.begin(2), "w-1", _REFUSED, {})
    promote("R-3", "notify")
    bench.ledger.fail(bench.begin(3), "w-1", _REFUSED, {})
    bench.deliveries.give_up("D-3", actor="user:U-kim", reason="cancelled")
    done("R-4")
    clock.advance(seconds=1)
    done("R-5")
    clock.advance(days=30)

    assert archive.move(_MONTH, limit=2) == 2
    assert forgotten == [(1, 1), (3, 1)]
    assert archive.move(_MONTH, limit=2) == 1
    assert archive.move(_MONTH) == 0
    assert archive.count() == 3

    assert {each.id: each.state for each in _rows(store, deliveries)} == {2: "dead", 5: "done"}
    assert [each.delivery_id for each in _rows(store, attempts)] == [2]
    assert [each["id"] for each in archive.documents()] == ["D-1", "D-3", "D-4"]
    assert [len(each["attempts"]) for each in archive.documents()] == [0, 1, 0]
    assert [each["id"] for each in archive.documents(subject="R-3")] == ["D-3"]
    archive.drop([1, 4])
    assert [each["id"] for each in archive.documents()] == ["D-3"]


def test_what_was_archived_is_not_delivered_again_when_it_is_published_again(
    bench, archive, promote, done, clock, store
):
    done("R-1")
    promote("R-2", "notify")
    clock.advance(seconds=1)

    assert archive.move(timedelta()) == 1
    promote("R-1", "notify")

    assert [each.id for each in bench.deliveries.list()] == ["D-2"]
    assert [bool(each.payload) for each in _rows(store, events)] == [False, True]


def test_an_archive_in_which_nothing_is_says_so(archive):
    assert (archive.move(timedelta()), archive.count(), list(archive.documents())) == (0, 0, [])
