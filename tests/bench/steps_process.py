"""One side of `steps`, in a process of its own, as the durable engine is one per process.

    python -m tests.bench.steps_process ours|bare STORE_URL WORKFLOWS STEPS

A few workflows go first, so that connections are open and statements prepared. Then as many as run
side by side wait with their steps done, and the measured ones are enqueued behind them. It says
`ready` then and waits for a line; the clock runs from when the way is free until all are over. So
what is measured is whole workflows, from the queue to the end. Prints JSON: seconds of the
processor and of the clock, for all workflows.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from typing import Any, Final

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from crossdock.host.deliveries import Deliveries
from crossdock.host.deliveries.durable import make_tables
from crossdock.host.deliveries.serializer import JsonSerializer
from crossdock.host.deliveries.worker import Worker, WorkerSettings
from crossdock.host.store import Store
from crossdock.host.store.database import make_durable_engine, parse_url
from crossdock.records import Order, OrderPromoted

_LANES: Final = 32
_CONCURRENCY: Final = 16
_POLL_SECONDS: Final = 0.05
_WARM: Final = 48
_PATIENCE_SECONDS: Final = 300.0

#: Puts so many workflows into the queue, numbered on from the last one.
Enqueue = Callable[[int], None]


class _Gate:
    """Where the workflows that go before the measured ones wait for the clock."""

    def __init__(self) -> None:
        self._waiting = threading.Semaphore(0)
        self._free = threading.Event()

    def passed_by(self, number: int) -> None:
        """Wait here, if it is one of those that wait."""
        if _WARM <= number < _WARM + _CONCURRENCY:
            self._waiting.release()
            self._free.wait(_PATIENCE_SECONDS)

    def wait_for_all(self) -> None:
        """Wait until all of those have come, so that nothing else can begin."""
        for _ in range(_CONCURRENCY):
            if not self._waiting.acquire(timeout=_PATIENCE_SECONDS):
                raise RuntimeError("not all of the workflows that wait have begun")

    def open(self) -> None:
        """Let them go."""
        self._free.set()


def _step() -> str:
    return '{"id":"SO-100001"}'


@contextmanager
def _ours(url: str, steps: int, gate: _Gate) -> Iterator[Enqueue]:
    """Deliveries of a handler that does nothing but its steps."""

    def deliver(_plugin: str, event: Any, *, step: Callable[..., Any], **_key: Any) -> None:
        for number in range(steps):
            step(f"step {number}", _step)
        gate.passed_by(int(event.order.id.removeprefix("R-")))

    numbers = count()

    def enqueue(how_many: int) -> None:
        for number in islice(numbers, how_many):
            order = Order(
                id=f"R-{number}", system="crm", currency="EUR", account_id=f"A-{number % _LANES}"
            )
            deliveries.publish(OrderPromoted(order=order), [("bench", "1.0.0")])

    with Store.open(url) as store, Deliveries.open(store) as deliveries:
        settings = WorkerSettings(poll_seconds=_POLL_SECONDS, concurrency=_CONCURRENCY)
        worker, stop = Worker(deliveries, deliver, settings=settings), threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            yield enqueue
        finally:
            stop.set()
            thread.join()


@contextmanager
def _bare(url: str, steps: int, gate: _Gate) -> Iterator[Enqueue]:
    """Workflows that do nothing but their steps, as the engine's own manual has them."""
    make_tables(parse_url(url))
    engine = make_durable_engine(parse_url(url))
    client = DBOSClient(
        system_database_engine=engine, serializer=JsonSerializer(), application_name="bare"
    )
    client.register_queue(
        "bare",
        partition_concurrency=1,
        worker_concurrency=_CONCURRENCY,
        polling_interval_sec=_POLL_SECONDS,
        on_conflict="always_update",
    )
    numbers = count()

    def enqueue(how_many: int) -> None:
        for number in islice(numbers, how_many):
            with engine.begin() as connection:
                client.enqueue_in_transaction(
                    connection,
                    {
                        "workflow_name": "bare",
                        "queue_name": "bare",
                        "workflow_id": f"W-{number:012d}",
                        "queue_partition_key": f"A-{number % _LANES}",
                        "app_version": "1",
                    },
                    number,
                    1,
                )

    DBOS(
        config={
            "name": "bare",
            "system_database_engine": engine,
            "executor_id": "bare",
            "application_version": "1",
            "serializer": JsonSerializer(),
            "log_level": "CRITICAL",
            "run_migrations": False,
        }
    )

    @DBOS.workflow(name="bare")
    def bare(number: int, _run: int) -> None:
        for step in range(steps):
            DBOS.run_step({"name": f"step {step}"}, _step)
        gate.passed_by(number)

    DBOS.listen_queues(["bare"])
    DBOS.launch()
    try:
        yield enqueue
    finally:
        DBOS.destroy(destroy_registry=True)
        client.destroy()
        engine.dispose()


@contextmanager
def _waiting(url: str) -> Iterator[Callable[[], None]]:
    """Give what waits until every workflow is over; each must have ended well."""
    parsed = parse_url(url)
    schema = "" if parsed.get_backend_name() == "sqlite" else "dbos."
    left = sa.text(f"SELECT status FROM {schema}workflow_status WHERE status <> 'SUCCESS' LIMIT 1")
    engine = make_durable_engine(parsed)

    def wait() -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with engine.connect() as connection:
                status = connection.scalar(left)
            if status is None:
                return
            if status == "ERROR" or time.monotonic() > deadline:
                raise RuntimeError("not all of the workflows ended well")
            time.sleep(0.02)

    try:
        yield wait
    finally:
        engine.dispose()


def main(side: str, url: str, workflows: int, steps: int) -> None:
    """Measure one side."""
    gate = _Gate()
    make = {"ours": _ours, "bare": _bare}[side]
    with make(url, steps, gate) as enqueue, _waiting(url) as wait:
        enqueue(_WARM)
        wait()
        enqueue(_CONCURRENCY)
        gate.wait_for_all()
        enqueue(workflows)
        print("ready", flush=True)
        sys.stdin.readline()
        processor, clock = time.process_time(), time.perf_counter()
        gate.open()
        wait()
        processor, clock = time.process_time() - processor, time.perf_counter() - clock
    print(json.dumps({"processor": processor, "clock": clock}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
