"""Whoever asks sees how many workers are alive, on every database."""

from __future__ import annotations

import time

from crossdock.host.deliveries.liveness import workers_alive
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.store import Store


def _settles(count, expected):
    """PostgreSQL lets go of a lock when it notices that the connection has gone."""
    deadline = time.monotonic() + 30
    while count() != expected:
        assert time.monotonic() < deadline, f"{count()} are alive, not {expected}"
        time.sleep(0.01)


def test_workers_are_counted_while_they_hold_their_locks(store_url):
    with Store.open(store_url) as store, Store.open(store_url) as other:
        assert workers_alive(store) == 0
        first, second = locks_of(store), locks_of(other)
        assert first.acquire("w-1-a") is not None
        assert first.acquire("feed-main") is not None  # what a worker holds besides is no worker
        assert second.acquire("w-2-b") is not None
        assert workers_alive(store) == 2
        first.close()
        _settles(lambda: workers_alive(other), 1)
        second.close()
        _settles(lambda: workers_alive(store), 0)
        third = locks_of(store)
        assert third.acquire("w-1-a") is not None  # looking takes nothing away
        third.close()
