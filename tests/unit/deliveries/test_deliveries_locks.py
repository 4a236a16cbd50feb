"""Locks that say who is alive."""

from __future__ import annotations

import subprocess
import sys

from crossdock.host.deliveries.locks import locks_of


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
    locks.close()
    assert list(folder.iterdir()) == []
