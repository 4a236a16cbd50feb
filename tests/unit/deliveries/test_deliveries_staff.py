"""Which feeds a host's worker reads, and who is told of what they say."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from crossdock.errors import ConfigError, NotFound, SetupError
from crossdock.host.asking.jobs import JobHandle, JobList
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.deliveries.staff import secrets_of, worker_of
from crossdock.host.deliveries.worker import WorkerSettings, new_worker_id
from crossdock.ports import Changes
from crossdock.records import Change, Order, QuoteWritten
from crossdock.secret import Secret
from crossdock.views import Job

_NEVER = threading.Event()
_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class System:
    """A system with one page of news; each order is as it was promoted."""

    def __init__(self, name, *news):
        self.system = name
        self.news = [
            Change(cursor="1", system=name, entity=entity, id=identifier, action="updated", at=_AT)
            for entity, identifier in news
        ]

    def changes(self, cursor, *, limit):
        return Changes(changes=() if cursor else tuple(self.news), cursor="1")

    def order(self, order_id):
        return Order(id=order_id, system=self.system, currency="EUR", quote_id="Q-1")

    def __getattr__(self, _document):
        return self._gone

    def _gone(self, document_id):
        raise NotFound(document_id, system=self.system)


class Host:
    """What a worker needs of a host."""

    def __init__(self, deliveries):
        self.deliveries = deliveries
        self.seen = []
        self.crm = System("crm", ("account", "A-1"), ("quote", "Q-1"), ("order", "R-1"))
        self.crm.feed_seconds = 30
        self.erp = SimpleNamespace(systems=("main", "uk"), using=self._erp)
        self.approvals = SimpleNamespace(tick=lambda: self.seen.append("tick"))
        self.config = SimpleNamespace(secrets=list)
        self.plugins = ()

    def deliver(self, *_what, **_how):
        raise AssertionError("nothing is delivered here")

    def _erp(self, system):
        return System(system, ("order", f"SO-{system}"), ("item", f"I-{system}"))

    def subscriptions(self, event):
        return [(f"for {type(event).__name__}", "1")]

    def order_seen(self, order):
        self.seen.append(("order", order.system, order.id))

    def record_seen(self, change):
        self.seen.append((change.entity, change.system, change.id))

    def quote_written(self, change):
        return QuoteWritten(change=change)

    def jobs(self):
        job = Job(id="nightly", cron="0 * * * *", run=lambda _ctx: None)
        return JobList(jobs=(JobHandle(plugin_id="watch", plugin_version="1", job=job),))


@pytest.fixture
def host(bench):
    return Host(bench.deliveries)


def test_a_worker_reads_every_system_the_approvals_and_the_jobs(host, clock):
    news = []
    worker = worker_of(
        host,
        worker_id="w-1",
        settings=WorkerSettings(),
        report=lambda kind, text, **_detail: news.append((kind, text)),
    )
    assert worker.id == "w-1"
    assert [feed.system for feed in worker.feeds] == [
        "main", "uk", "crm", "approvals clock", "scheduled jobs",
    ]  # fmt: skip

    for feed in worker.feeds:
        assert feed.read(_NEVER) is None
    clock.advance(hours=1)
    worker.feeds[-1].read(_NEVER)

    assert host.seen == [
        ("order", "main", "SO-main"), ("item", "main", "I-main"),
        ("order", "uk", "SO-uk"), ("item", "uk", "I-uk"),
        ("account", "crm", "A-1"), "tick",
    ]  # fmt: skip
    told = [(each.plugin_id, each.subject) for each in reversed(host.deliveries.list())]
    assert told == [
        ("for DocumentChanged", "SO-main"), ("for RecordChanged", "I-main"),
        ("for DocumentChanged", "SO-uk"), ("for RecordChanged", "I-uk"),
        ("for OrderPromoted", "R-1"), ("for RecordChanged", "A-1"), ("for QuoteWritten", "Q-1"),
        ("watch", "watch/nightly"),
    ]  # fmt: skip
    assert [text for kind, text in news if kind == "published"] == [
        "feed main: 2 changes to deliver",
        "feed uk: 2 changes to deliver",
        "feed crm: 1 quotes to check",
        "feed crm: 1 changes to deliver",
        "feed crm: 1 orders that nobody had published",
        "job watch/nightly is due (2026-11-21 10:00 UTC)",
    ]


def test_a_worker_whose_name_is_taken_does_not_begin(host):
    worker = worker_of(
        host, worker_id="w-1", settings=WorkerSettings(), report=lambda *_what, **_detail: None
    )
    locks = locks_of(host.deliveries.store)
    assert locks.acquire("w-1") is not None

    with pytest.raises(SetupError, match=r"^the name w-1 is taken; start the worker again$"):
        worker.run(threading.Event())

    locks.close()


def test_every_secret_that_can_be_read_is_known_to_the_worker():
    def missing():
        raise ConfigError("there is no such variable")

    known = (Secret("first"), Secret(missing), Secret("last"))
    assert secrets_of(SimpleNamespace(secrets=lambda: known)) == ["first", "last"]


def test_no_two_workers_have_one_name():
    names = {new_worker_id() for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("w-") for name in names)  # by which it is counted as alive
