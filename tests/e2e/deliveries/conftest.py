"""Stores on both databases, and worker processes that are started and killed."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from tests.e2e.deliveries import scripted_worker

from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.records import Order, OrderLine, OrderPromoted

_OLD_STORES = Path(__file__).parents[2] / "unit" / "store"
_PATIENCE_SECONDS = 30.0

# A worker takes a second to import what it needs; a copy of a process that did takes none.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([scripted_worker.__name__])


@pytest.fixture
def old_store_url(empty_store_url: str) -> str:
    """The URL of a store that version 1 of the tables wrote, on each database in turn."""
    backend = empty_store_url.partition(":")[0]
    script = (_OLD_STORES / f"store_v1.{backend}.sql").read_text()
    if backend == "sqlite":
        import sqlite3

        with closing(sqlite3.connect(empty_store_url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        import psycopg

        with psycopg.connect(empty_store_url, autocommit=True) as connection:
            connection.execute(script.encode())
    return empty_store_url


class Scene:
    """A store, the folder that the scripted plugin writes to, and the workers."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.store = Store.open(url)
        self.deliveries = Deliveries.open(self.store)
        self.workers: list[ForkServerProcess] = []

    def promote(
        self, order: str, account: str = "A-1", script: str = "", lines: Sequence[str] = ()
    ) -> str:
        """Publish that an order of one each of some items was promoted, with its script."""
        event = OrderPromoted(
            order=Order(
                id=order,
                system="crm",
                currency="EUR",
                account_id=account,
                reference=script,
                lines=tuple(
                    OrderLine(number=number, item_id=item, quantity=Decimal(1))
                    for number, item in enumerate(lines, 1)
                ),
            )
        )
        return self.deliveries.publish(event, [("scripted", "1.0.0")])

    def start_worker(self, *, poll_seconds: float = 0.02) -> ForkServerProcess:
        """Start a worker and wait until it says that it is ready."""
        ready = self.count("#ready")
        worker = _PROCESSES.Process(
            target=scripted_worker.run, args=(self.url, self.folder, poll_seconds)
        )
        worker.start()
        self.workers.append(worker)
        self.until(lambda: self.count("#ready") > ready or not worker.is_alive())
        assert worker.exitcode in (None, -signal.SIGKILL), "the worker ended by itself"
        return worker

    def say(self, word: str) -> None:
        """Put the file `word` there, which scripts wait for."""
        (self.folder / word).touch()

    def lines(self) -> list[list[str]]:
        """What the plugin and the workers did, in order."""
        ledger = self.folder / "ledger"
        if not ledger.exists():
            return []
        return [line.split() for line in ledger.read_text().splitlines()]

    def count(self, word: str, order: str | None = None) -> int:
        return sum(line[0] == word and (order is None or line[1] == order) for line in self.lines())

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; patience ends in a failure that shows where things stand."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                states = [(each.id, each.state, each.cause) for each in self.deliveries.list()]
                pytest.fail(f"waited in vain; {states}; {self.lines()[-20:]}")
            time.sleep(0.01)

    def until_all(self, state: str) -> None:
        """Wait until every delivery is in one state."""
        self.until(lambda: set(self.deliveries.counts()) == {state})

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.join()
        self.deliveries.close()
        self.store.close()


@pytest.fixture
def scene(store_url: str, tmp_path: Path) -> Iterator[Scene]:
    """An empty store on each database in turn, and no worker yet."""
    made = Scene(store_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def sqlite_scene(tmp_path: Path) -> Iterator[Scene]:
    """The same on SQLite only."""
    made = Scene(f"sqlite:///{tmp_path / 'host.db'}", tmp_path)
    yield made
    made.close()
