"""One reader for each change feed."""

from __future__ import annotations

import threading

import pytest

from crossdock.host.deliveries.feeds import follow
from crossdock.host.deliveries.locks import locks_of


class Feed:
    """A feed that knows who reads it."""

    def __init__(self, name, log, system="main"):
        self.system = system
        self.name = name
        self._log = log

    def read(self, _stop):
        self._log.append(self.name)
        return


def _wait_until(holds):
    waited = threading.Event()
    for _ in range(3000):
        if holds():
            return
        waited.wait(0.01)
    raise AssertionError("waited in vain")


def test_one_worker_reads_a_feed_and_another_goes_on_when_it_has_gone(store):
    log, stops, threads, locks = [], [], [], []
    for name in ("first", "second"):
        stop, held = threading.Event(), locks_of(store)
        thread = threading.Thread(
            target=follow,
            args=(Feed(name, log), held, stop),
            kwargs={"seconds": 0.005, "lease_seconds": 0.005},
        )
        thread.start()
        _wait_until(lambda: log)
        stops.append(stop)
        threads.append(thread)
        locks.append(held)
    _wait_until(lambda: len(log) > 20)
    assert set(log) == {"first"}

    stops[0].set()
    threads[0].join()
    _wait_until(lambda: "second" in log)
    stops[1].set()
    threads[1].join()
    turn = log.index("second")
    assert set(log[turn:]) == {"second"}
    for held in locks:
        held.close()


def test_feeds_of_other_systems_are_read_side_by_side(store):
    log, stop, locks = [], threading.Event(), locks_of(store)
    threads = [
        threading.Thread(
            target=follow,
            args=(Feed(system, log, system), locks, stop),
            kwargs={"seconds": 0.005, "lease_seconds": 0.005},
        )
        for system in ("main", "uk")
    ]
    for thread in threads:
        thread.start()
    _wait_until(lambda: set(log) == {"main", "uk"})
    stop.set()
    for thread in threads:
        thread.join()
    locks.close()


def _following(feed, store, stop, **how):
    locks = locks_of(store)
    thread = threading.Thread(
        target=follow,
        args=(feed, locks, stop),
        kwargs={"seconds": 3600, "lease_seconds": 0.005, "look_seconds": 0.005, **how},
    )
    thread.start()
    return thread, locks


def test_a_hint_has_a_feed_read_at_once_and_once(store):
    log, stop = [], threading.Event()
    marks = store.watermarks
    thread, locks = _following(Feed("reader", log), store, stop, hint=lambda: marks.hinted("main"))
    _wait_until(lambda: len(log) == 1)

    marks.hint("uk")  # of another system
    marks.hint("main")
    _wait_until(lambda: len(log) == 2)
    looked = threading.Event()
    looked.wait(0.05)

    stop.set()
    thread.join()
    locks.close()
    assert log == ["reader"] * 2


def test_a_hint_that_comes_while_a_feed_is_read_is_not_lost(store):
    log, stop = [], threading.Event()

    class Busy(Feed):
        def read(self, _stop):
            if not log:
                store.watermarks.hint("main")
            super().read(_stop)

    thread, locks = _following(
        Busy("reader", log), store, stop, hint=lambda: store.watermarks.hinted("main")
    )
    _wait_until(lambda: len(log) == 2)

    stop.set()
    thread.join()
    locks.close()


def test_a_hint_does_not_shorten_what_a_system_that_is_away_asked_for(store):
    log, looks, stop = [], [], threading.Event()

    class Away(Feed):
        def read(self, _stop):
            super().read(_stop)
            return 3600.0

    thread, locks = _following(
        Away("reader", log), store, stop, hint=lambda: looks.append(1) or str(len(looks))
    )
    _wait_until(lambda: log)
    stop.wait(0.05)

    stop.set()
    thread.join()
    locks.close()
    assert log == ["reader"]
    assert len(looks) == 1


class Stop(threading.Event):
    """What would be waited for is only written down, and the last of so many waits is the end."""

    def __init__(self, waits):
        super().__init__()
        self._last = waits
        self.waits = []
        self.meanwhile = lambda: None

    def wait(self, timeout=None):
        self.waits.append(timeout)
        self.meanwhile()
        if len(self.waits) >= self._last:
            self.set()
        return self.is_set()


class Scripted:
    """A feed that gives what it is to wait, one read after the other."""

    system = "main"

    def __init__(self, *waits):
        self.reads = 0
        self._waits = list(waits)

    def read(self, stop):
        assert not stop.is_set()
        self.reads += 1
        return self._waits.pop(0) if self._waits else None


@pytest.fixture
def locks(store):
    opened = locks_of(store)
    yield opened
    opened.close()


def test_a_feed_that_is_away_is_read_again_when_it_wants_and_its_lease_ends_with_the_reader(
    store, locks
):
    feed, stop = Scripted(7.0, 14.0), Stop(2)

    follow(feed, locks, stop, seconds=60, lease_seconds=5)

    assert (feed.reads, stop.waits) == (2, [7.0, 14.0])
    other = locks_of(store)
    assert other.acquire("feed-main")
    other.close()


def test_who_does_not_have_the_lease_looks_for_it_now_and_then_and_reads_nothing(store, locks):
    feed, stop, other = Scripted(7.0), Stop(3), locks_of(store)
    held = other.acquire("feed-main")
    stop.meanwhile = lambda: held.release() if len(stop.waits) == 2 else None

    follow(feed, locks, stop, seconds=60, lease_seconds=5)

    assert (feed.reads, stop.waits) == (1, [5, 5, 7.0])
    other.close()


def test_a_reader_that_lost_its_lease_does_not_read_until_it_has_it_again(store, locks):
    feed, stop, other = Scripted(7.0, 8.0), Stop(4), locks_of(store)

    def meanwhile():
        if len(stop.waits) == 1:  # as when the connection that holds it breaks
            locks.close()
            assert other.acquire("feed-main")
        elif len(stop.waits) == 3:
            other.close()

    stop.meanwhile = meanwhile
    follow(feed, locks, stop, seconds=60, lease_seconds=5)

    assert (feed.reads, stop.waits) == (2, [7.0, 5, 5, 8.0])


def test_a_feed_is_looked_at_for_hints_while_all_of_it_is_read(locks):
    marks = iter(["a", "a", "a", "b", "b"])
    feed, stop = Scripted(None, 3.0), Stop(4)

    follow(feed, locks, stop, seconds=60, lease_seconds=5, hint=lambda: next(marks))

    assert (feed.reads, stop.waits) == (2, [0.5, 0.5, 0.5, 3.0])


def test_no_hint_is_asked_for_when_the_time_is_nearly_over(locks):
    asked, stop = [], Stop(2)

    def hint():
        asked.append(1)
        if len(asked) > 5:
            stop.set()

    follow(Scripted(), locks, stop, seconds=0.9, lease_seconds=5, look_seconds=4, hint=hint)

    assert len(asked) == 1  # before the read
    assert [0 < each <= 0.9 for each in stop.waits] == [True, True]


def test_who_is_told_to_stop_before_anything_is_read_reads_nothing(locks):
    feed, stop = Scripted(), Stop(1)
    stop.set()
    follow(feed, locks, stop, seconds=60, lease_seconds=5)
    assert (feed.reads, stop.waits) == (0, [])


def test_a_feed_that_breaks_its_reader_gives_its_lease_back(store, locks):
    class Broken(Scripted):
        def read(self, _stop):
            raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        follow(Broken(), locks, Stop(1), seconds=60, lease_seconds=5)
    other = locks_of(store)
    assert other.acquire("feed-main")
    other.close()
