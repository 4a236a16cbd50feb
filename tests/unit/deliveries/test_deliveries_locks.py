"""Locks that say who is alive."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
import sqlalchemy as sa

from crossdock.errors import SetupError
from crossdock.host.deliveries.liveness import workers_alive
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.deliveries.migration import migrate


def test_a_lock_has_one_holder_and_is_free_again_when_it_is_released(store):
    mine, theirs = locks_of(store), locks_of(store)
    lock = mine.acquire("w-1")
    assert lock.held()
    assert theirs.acquire("w-1") is None
    assert theirs.acquire("w-2") is not None
    lock.release()
    assert not lock.held()
    assert theirs.acquire("w-1") is not None
    mine.close()
    theirs.close()
    assert mine.acquire("w-2") is not None
    mine.close()


_HOLDER = """
import sys
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.store import Store

locks = locks_of(Store.open(sys.argv[1]))
lock = locks.acquire("w-1")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_dies_with_its_process(store):
    locks = locks_of(store)
    command = [sys.executable, "-c", _HOLDER, store.url.render_as_string()]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert locks.acquire("w-1") is None
        holder.kill()
        holder.wait()
        assert locks.acquire("w-1") is not None
    locks.close()


def test_released_locks_leave_no_files_behind(store, tmp_path):
    locks = locks_of(store)
    for number in range(5):
        locks.acquire(f"w-{number}")
    folder = tmp_path / "host.db.locks"
    assert len(list(folder.iterdir())) == 5
    (folder / "w-0.lock").unlink()  # somebody swept the folder
    locks.close()
    assert list(folder.iterdir()) == []


def test_a_lock_that_is_let_go_just_as_it_is_asked_for_has_one_holder(store, monkeypatch):
    mine, theirs, others = locks_of(store), locks_of(store), locks_of(store)
    flock, lock = fcntl.flock, mine.acquire("w-1")

    def between(do):
        def flock_after(descriptor, how):
            monkeypatch.setattr(fcntl, "flock", flock)
            do()
            flock(descriptor, how)

        monkeypatch.setattr(fcntl, "flock", flock_after)

    # Its file has lost its name by the time that they have it: nobody else would look there.
    between(lock.release)
    taken = theirs.acquire("w-1")
    assert taken.held()
    assert mine.acquire("w-1") is None
    # Another one makes the next file: theirs is not the one of today.
    between(lambda: (taken.release(), others.acquire("w-1")))
    assert mine.acquire("w-1") is None
    for each in (mine, theirs, others):
        each.close()


def _next_descriptor():
    """Give the lowest that is free: whoever leaves a file open takes it."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_a_lock_is_nobody_else_s_to_read_and_takes_no_descriptors_with_it(store, tmp_path):
    locks, theirs = locks_of(store), locks_of(store)
    lock = locks.acquire("w-1")
    (file,) = (tmp_path / "host.db.locks").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("w-1.lock", 0o600)
    free = _next_descriptor()

    assert [theirs.acquire("w-1") for _ in range(3)] == [None] * 3
    assert _next_descriptor() == free
    lock.release()
    assert _next_descriptor() < free
    lock.release()
    locks.close()


def test_workers_are_counted_by_the_files_that_they_have_locked(store, tmp_path):
    assert workers_alive(store) == 0  # there is no folder yet
    locks = locks_of(store)
    for name in ("w-1-a", "w-2-b", "feed-main", "migration"):
        assert locks.acquire(name) is not None
    folder = tmp_path / "host.db.locks"
    (folder / "w-3-c.lock").touch()  # its worker was killed
    (folder / "w-4-d.lock").symlink_to(folder / "ended just now")
    free = _next_descriptor()

    assert workers_alive(store) == 2

    assert _next_descriptor() == free
    with (folder / "w-3-c.lock").open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)  # somebody else looks just now
        assert workers_alive(store) == 2
    locks.close()
    assert workers_alive(store) == 0


def _engine_tables(store):
    with store.reading() as connection:
        return {each for each in sa.inspect(connection).get_table_names() if "workflow" in each}


def test_the_engine_s_tables_are_made_once_by_whoever_comes_first(store, tmp_path):
    migrate(store)

    assert _engine_tables(store)
    assert store.remembered("dbos") == version("dbos")
    assert list((tmp_path / "host.db.locks").iterdir()) == []
    locks = locks_of(store)
    assert locks.acquire("migration") is not None
    migrate(store)  # nothing to do, and nobody to wait for
    store.remember("dbos", "an older one")
    locks.close()
    migrate(store)
    assert store.remembered("dbos") == version("dbos")


def test_who_waits_for_the_one_that_makes_the_tables_finds_them_made(store, monkeypatch):
    locks = locks_of(store)
    lock = locks.acquire("migration")
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            store.remember("dbos", version("dbos"))
            lock.release()

    monkeypatch.setattr(time, "sleep", sleep)
    migrate(store)

    assert waited == [0.05] * 3
    assert not _engine_tables(store)
    locks.close()


def test_one_that_does_not_get_done_with_the_tables_is_told_of_in_the_end(store, monkeypatch):
    locks = locks_of(store)
    locks.acquire("migration")
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda _seconds: now.append(now.pop() + 20.0))

    with pytest.raises(SetupError) as told:
        migrate(store)

    assert str(told.value) == (
        f"another process has been preparing {store.url.render_as_string()} for 60 s; look "
        "whether it hangs, end it, and try again"
    )
    assert now == [1080.0]
    locks.close()
    store.remember("dbos", version("dbos"))
    migrate(store)
