"""One reader for each change feed."""

from __future__ import annotations

import threading

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
