"""One side of `steps`, in a process of its own, as the durable engine is one per process.

    python -m tests.bench.steps_process ours|bare STORE_URL WORKFLOWS STEPS

Everything is enqueued first. The clock runs from when the first workflow has begun, which waits for
it, until all are over. Prints JSON: seconds of the
processor and seconds of the clock, both for all workflows.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
_PATIENCE_SECONDS: Final = 300.0


_up = threading.Event()
_go = threading.Event()


def _begin() -> None:
    """Wait, in the first workflows, until the clock runs."""
    _up.set()
    _go.wait(_PATIENCE_SECONDS)


def _step() -> str:
    return '{"id":"SO-100001"}'


@contextmanager
def _ours(url: str, workflows: int, steps: int) -> Iterator[None]:
    """Deliveries of a handler that does nothing but its steps."""

    def deliver(_plugin: str, _event: Any, *, step: Callable[..., Any], **_key: Any) -> None:
        _begin()
        for number in range(steps):
            step(f"step {number}", _step)

    with Store.open(url) as store, Deliveries.open(store) as deliveries:
        for number in range(workflows):
            order = Order(
                id=f"R-{number}", system="crm", currency="EUR", account_id=f"A-{number % _LANES}"
            )
            deliveries.publish(OrderPromoted(order=order), [("bench", "1.0.0")])
        settings = WorkerSettings(poll_seconds=_POLL_SECONDS, concurrency=_CONCURRENCY)
        worker, stop = Worker(deliveries, deliver, settings=settings), threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def _bare(url: str, workflows: int, steps: int) -> Iterator[None]:
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
    for number in range(workflows):
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
    def bare(_number: int, _run: int) -> None:
        _begin()
        for number in range(steps):
            DBOS.run_step({"name": f"step {number}"}, _step)

    DBOS.listen_queues(["bare"])
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy(destroy_registry=True)
        client.destroy()
        engine.dispose()


def _wait(url: str, workflows: int) -> None:
    parsed = parse_url(url)
    schema = "" if parsed.get_backend_name() == "sqlite" else "dbos."
    done = sa.text(f"SELECT count(*) FROM {schema}workflow_status WHERE status = 'SUCCESS'")
    engine = make_durable_engine(parsed)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with engine.connect() as connection:
            if connection.scalar(done) == workflows:
                break
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all of {workflows} workflows ended well")
        time.sleep(0.05)
    engine.dispose()


def main(side: str, url: str, workflows: int, steps: int) -> None:
    """Measure one side."""
    make = {"ours": _ours, "bare": _bare}[side]
    with make(url, workflows, steps):
        _up.wait(_PATIENCE_SECONDS)
        processor, clock = time.process_time(), time.perf_counter()
        _go.set()
        _wait(url, workflows)
        processor, clock = time.process_time() - processor, time.perf_counter() - clock
    print(json.dumps({"processor": processor, "clock": clock}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
