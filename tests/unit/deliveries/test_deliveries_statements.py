"""What each statement begins, finds and finishes in one go, and what it leaves alone.

Those for a database that locks rows are run here as well: SQLite does the same without the locks.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from crossdock.host.deliveries.statements import (
    begin_at_once,
    head_of_lane,
    to_begin,
    to_succeed,
)
from crossdock.host.store.schema import circuits, events

_UNFINISHED = ("queued", "running")


@pytest.fixture
def ask(store):
    def ask_(statement, **values):
        with store.writing() as connection:
            return [each._asdict() for each in connection.execute(statement, values)]

    return ask_


@pytest.fixture
def lanes(publish):
    """Three deliveries of one account, and a fourth of another."""
    for order, account in (("R-1", "A-1"), ("R-2", "A-1"), ("R-3", "A-1"), ("R-4", "A-4")):
        publish(order, account)


@pytest.mark.usefixtures("lanes")
def test_a_first_run_is_begun_at_once_with_its_event(store, ask, row, clock):
    with store.reading() as connection:
        event = connection.execute(sa.select(events).where(events.c.subject == "R-4")).one()
    of_event = {name: getattr(event, name) for name in ("payload", "type", "subject", "trace")}

    begun = ask(begin_at_once(_UNFINISHED), number=4, worker_id="w-1", now=clock())

    assert begun == [
        {
            "event_id": event.id, "plugin_id": "straight-through", "plugin_version": "1",
            "lane": row(4).lane, "attempts": 1, "created_at": clock(), **of_event,
        }
    ]  # fmt: skip
    assert (row(4).state, row(4).worker, row(4).starts) == ("running", "w-1", 1)
    assert (row(4).started_at, row(4).began_at) == (clock(), clock())
    assert {row(number).state for number in (1, 2, 3)} == {"queued"}


@pytest.mark.usefixtures("lanes")
def test_what_keeps_a_first_run_from_being_begun_at_once(bench, store, ask, put, row, clock):
    at_once = begin_at_once(_UNFINISHED)
    asked = {"number": 3, "worker_id": "w-1", "now": clock()}
    first_run = {"run": 1, "state": "queued", "revision": 0, "started_at": None}

    for state in _UNFINISHED:  # one of the same account stands before it
        put(1, state="done")
        put(2, state=state)
        assert ask(at_once, **asked) == []
    put(1, 2, state="done")
    for not_first in (
        {"run": 2}, {"state": "waiting"}, {"revision": 1}, {"started_at": clock()},
    ):  # fmt: skip
        put(3, **{**first_run, **not_first})
        assert ask(at_once, **asked) == []
    put(3, **first_run)
    with store.writing() as connection:
        assert bench.ledger.circuits.failed(connection, "uk", "refused", 60.0)
    assert ask(at_once, **asked) == []  # some system is away; whether this one needs it is seen
    with store.writing() as connection:
        connection.execute(sa.delete(circuits))

    put(2, state="waiting")  # of no state that is said to hold
    assert len(ask(at_once, **asked)) == 1
    states = [row(number).state for number in (1, 2, 3, 4)]
    assert states == [
        "done",
        "waiting",
        "running",
        "queued",
    ]


@pytest.mark.usefixtures("lanes")
def test_the_first_of_its_lane_that_is_not_finished_stands_before_a_delivery(ask, put, row):
    def stands_before(number):
        head = ask(head_of_lane(_UNFINISHED), of_lane=row(number).lane, number=number)
        (seen,) = ask(to_begin(_UNFINISHED, locks=False), number=number)
        assert head == ([] if seen["ahead"] is None else [{"id": seen["ahead"]}])
        return seen["ahead"]

    assert [stands_before(number) for number in (1, 2, 3, 4)] == [None, 1, 1, None]
    put(1, state="running")
    assert stands_before(3) == 1
    put(1, state="dead")
    assert stands_before(3) == 2
    put(2, state="done")
    assert stands_before(3) is None


@pytest.mark.usefixtures("lanes")
def test_a_database_server_is_asked_for_the_rows_with_locks_on_them(ask):
    (seen,) = ask(to_begin(_UNFINISHED, locks=True), number=2)
    assert (seen["subject"], seen["some_away"]) == ("R-2", False)
    assert "ahead" not in seen
    for statement in (to_begin(_UNFINISHED, locks=True), head_of_lane(_UNFINISHED)):
        assert " FOR UPDATE" in str(statement.compile(dialect=postgresql.dialect()))


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("locks", [True, False])
def test_a_run_is_finished_by_who_has_it(ask, put, row, clock, locks):
    def finish(**other):
        asked = {
            "number": 1, "run_number": 1, "worker_id": "w-1", "outcome": "done", "now": clock(),
            **({} if locks else {"of_lane": row(1).lane}), **other,
        }  # fmt: skip
        return ask(to_succeed(locks=locks), **asked)

    put(1, 4, state="running", worker="w-1", failure="bug", cause="c", traceback="t", system="s")
    put(3, state="behind")
    put(4, state="behind")
    for other in ({"number": 2}, {"run_number": 2}, {"worker_id": "w-2"}):
        assert finish(**other) == []
    put(1, state="waiting")
    assert finish() == []
    put(1, state="running")

    assert finish() == ([{"id": 1}] if locks else [{"behind": 3}])

    found = row()
    assert (found.state, found.finished_at) == ("done", clock())
    assert (found.failure, found.cause, found.traceback, found.system) == (None, "", "", "")
    assert row(4).failure == "bug"


@pytest.mark.usefixtures("lanes")
def test_who_has_nobody_behind_him_is_told_so(ask, put, row, clock):
    put(1, state="running", worker="w-1")
    put(4, state="behind")
    asked = {"number": 1, "run_number": 1, "worker_id": "w-1", "outcome": "rehearsed"}

    ended = ask(to_succeed(locks=False), **asked, now=clock(), of_lane=row(1).lane)

    assert ended == [{"behind": None}]
    assert row().state == "rehearsed"
