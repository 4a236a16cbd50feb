"""Jobs on a schedule: each due occurrence becomes one delivery, and none overlaps another."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from crossdock.host.asking.jobs import JobHandle, JobList, cron_fault, latest_occurrence
from crossdock.host.asking.offers import Missing
from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.jobs import JobFeed
from crossdock.host.store.schema import deliveries
from crossdock.records import JobDue
from crossdock.views import Job

NEVER = threading.Event()


def handle(cron="0 * * * *", job_id="nightly"):
    job = Job(id=job_id, cron=cron, run=lambda _ctx: None)
    return JobHandle(plugin_id="watch", plugin_version="1", job=job)


class Told(list):
    def __call__(self, kind, text, **_detail):
        self.append((kind, text))


@pytest.fixture
def jobs():
    """The jobs that the host names; a test puts others in."""
    return [handle()]


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def feed(bench, jobs, told):
    return JobFeed(bench.deliveries, lambda: JobList(jobs=tuple(jobs)), report=told)


def due(bench):
    """When the occurrences that were published are due, the oldest first."""
    events = [bench.deliveries.event(each.id) for each in reversed(bench.deliveries.list())]
    assert all(isinstance(event, JobDue) for event in events)
    return [f"{event.due_at:%d %H:%M}" for event in events]


def finish(bench, number):
    work = bench.begin(number)
    assert bench.ledger.succeed(work, "w-1")


def test_a_job_that_is_new_waits_for_its_next_occurrence(bench, clock, feed):
    feed.read(NEVER)
    assert due(bench) == []
    clock.advance(minutes=59, seconds=59)
    feed.read(NEVER)
    assert due(bench) == []
    clock.advance(seconds=1)
    feed.read(NEVER)
    assert due(bench) == ["21 10:00"]


def test_an_occurrence_comes_once_however_many_workers_read(bench, clock, jobs, told, feed):
    feed.read(NEVER)
    clock.advance(hours=1)
    others = [
        JobFeed(bench.deliveries, lambda: JobList(jobs=tuple(jobs)), report=told) for _ in range(3)
    ]
    for each in (feed, *others, feed):
        each.read(NEVER)
    (delivery,) = bench.deliveries.list()
    assert delivery.event_id == "job:watch:nightly:2026-11-21T10:00Z"
    assert (delivery.event_type, delivery.subject) == ("scheduled_jobs", "watch/nightly")
    assert (delivery.plugin_id, delivery.plugin_version) == ("watch", "1")
    assert told == [("published", "job watch/nightly is due (2026-11-21 10:00 UTC)")]


def test_of_those_that_nobody_was_there_to_do_the_latest_is_done_once(bench, clock, feed):
    feed.read(NEVER)
    clock.advance(days=3, minutes=20)
    feed.read(NEVER)
    feed.read(NEVER)
    assert due(bench) == ["24 09:00"]


def test_one_that_comes_due_while_another_is_under_way_waits_for_it(bench, clock, feed):
    feed.read(NEVER)
    clock.advance(hours=1)
    feed.read(NEVER)
    work = bench.begin(1)
    for _ in range(3):
        clock.advance(hours=1)
        feed.read(NEVER)
    assert due(bench) == ["21 10:00"]
    assert bench.ledger.succeed(work, "w-1")
    feed.read(NEVER)
    assert due(bench) == ["21 10:00", "21 13:00"]


def test_one_that_is_tried_again_holds_the_next_and_a_dead_one_does_not(bench, clock, feed):
    feed.read(NEVER)
    clock.advance(hours=1)
    feed.read(NEVER)
    bench.ledger.fail(bench.begin(1), "w-1", Failure(kind="transient", cause="away"), {})
    clock.advance(hours=1)
    feed.read(NEVER)
    assert due(bench) == ["21 10:00"]
    bench.ledger.enqueue_due()
    bench.ledger.fail(bench.begin(1, run=2), "w-1", Failure(kind="bug", cause="broken"), {})
    feed.read(NEVER)
    assert due(bench) == ["21 10:00", "21 11:00"]


def test_jobs_do_not_hold_each_other(bench, clock, jobs, feed):
    jobs.append(handle(job_id="other"))
    feed.read(NEVER)
    clock.advance(hours=1)
    feed.read(NEVER)
    assert {each.subject for each in bench.deliveries.list()} == {"watch/nightly", "watch/other"}
    assert [bench.begin(number).plugin_id for number in (1, 2)] == ["watch", "watch"]


def test_another_schedule_begins_from_now(bench, clock, jobs, told):
    def feed():
        return JobFeed(bench.deliveries, lambda: JobList(jobs=tuple(jobs)), report=told)

    feed().read(NEVER)
    clock.advance(minutes=50)
    jobs[:] = [handle("15 * * * *")]
    feed().read(NEVER)
    assert due(bench) == []  # 09:15 is nothing that was missed
    clock.advance(minutes=25)
    feed().read(NEVER)
    assert due(bench) == ["21 10:15"]


def test_a_cron_line_that_cannot_be_read_is_told_once(bench, told):
    wrong = Missing(plugin_id="watch", plugin_name="Watch", reason="five fields")
    feed = JobFeed(
        bench.deliveries, lambda: JobList(missing=(wrong,)), refresh_seconds=0, report=told
    )
    feed.read(NEVER)
    feed.read(NEVER)
    assert told == [("trouble", "jobs of watch: five fields")]


def test_a_store_that_does_not_answer_is_waited_for(bench, told):
    def busy():
        raise sa.exc.OperationalError("select", {}, Exception("database is locked"))

    feed = JobFeed(bench.deliveries, busy, report=told)
    assert feed.read(NEVER) > 0
    assert [kind for kind, _ in told] == ["feed_blocked"]


@pytest.mark.parametrize(
    ("line", "now", "last"),
    [
        ("0 2 * * *", "2026-11-22T02:00:00", "2026-11-22T02:00"),
        ("0 2 * * *", "2026-11-22T01:59:59", "2026-11-21T02:00"),
        ("*/15 9-17 * * mon-fri", "2026-11-22T12:00:00", "2026-11-20T17:45"),
        ("0 0 29 2 *", "2026-11-22T00:00:00", "2024-02-29T00:00"),
    ],
)
def test_a_cron_line_is_read_in_utc(line, now, last):
    found = latest_occurrence(line, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("* * * *", "it has 4 of five fields"),
        ("0 0 * * * *", "it has 6 of five fields"),
        ("@daily", "it has 1 of five fields"),
        ("61 * * * *", "out of range"),
        ("0 0 31 2 *", "failed to find"),
        ("0 0 * * *", ""),
    ],
)
def test_what_is_wrong_with_a_cron_line_is_said(line, said):
    assert said in cron_fault(line)
    assert bool(cron_fault(line)) == bool(said)


def test_what_is_said_of_jobs_names_plugin_job_and_instant(bench, clock, jobs):
    news = []
    missing = [Missing(plugin_id="watch", plugin_name="Watch", reason="five fields")]
    feed = JobFeed(
        bench.deliveries,
        lambda: JobList(jobs=tuple(jobs), missing=tuple(missing)),
        refresh_seconds=0,
        report=lambda kind, text, **detail: news.append((kind, text, detail)),
    )

    def heard():
        told, news[:] = list(news), []
        return told

    feed.read(NEVER)
    assert heard() == [("trouble", "jobs of watch: five fields", {"plugin": "watch"})]
    clock.advance(hours=1)
    missing[0] = Missing(plugin_id="watch", plugin_name="Watch", reason="no such month")
    feed.read(NEVER)
    assert heard() == [
        ("trouble", "jobs of watch: no such month", {"plugin": "watch"}),
        (
            "published", "job watch/nightly is due (2026-11-21 10:00 UTC)",
            {"plugin": "watch", "job": "nightly", "due_at": "2026-11-21T10:00:00+00:00"},
        ),
    ]  # fmt: skip
    fault = missing.pop()
    feed.read(NEVER)
    missing.append(fault)
    feed.read(NEVER)
    assert [kind for kind, _, _ in heard()] == ["trouble"]  # it was put right meanwhile


def test_plugins_are_asked_for_their_jobs_anew_after_half_a_minute(bench, clock, jobs, monkeypatch):
    asked, passed = [], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    feed = JobFeed(bench.deliveries, lambda: asked.append(passed[0]) or JobList(jobs=tuple(jobs)))

    for seconds in (0.0, 29.9, 30.0, 59.9, 60.0):
        passed[0] = seconds
        feed.read(NEVER)

    assert asked == [0.0, 30.0, 60.0]


def test_an_occurrence_holds_the_next_until_it_is_finished(bench, store, clock, feed):
    def comes_due_while_the_last_one_is(state):
        before = len(due(bench))
        with store.writing() as connection:
            connection.execute(sa.update(deliveries).values(state=state))
        clock.advance(hours=1)
        feed.read(NEVER)
        return len(due(bench)) > before

    feed.read(NEVER)
    clock.advance(hours=1)
    feed.read(NEVER)
    for state in ("queued", "running", "waiting", "behind"):
        assert not comes_due_while_the_last_one_is(state)
    for state in ("done", "dead", "given_up", "rehearsed"):
        assert comes_due_while_the_last_one_is(state)
