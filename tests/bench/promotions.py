"""Orders on their way from a published promotion into the ERP, through real processes.

The mocks run in one process and each worker in one of its own. The CRM's orders are made and their
events published here, as a CRM would; the rate counts from the first `publish` until every order
was placed and its delivery done. How long one order takes is measured apart, at a pace that leaves
no queue: from its event's `published_at` to the instant at which its acknowledgement was stored.
The processor's time is told for workers and mocks by themselves, as they share the same cores.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
import psutil
import sqlalchemy as sa
from tests.bench.measure import Row, not_measured
from tests.bench.postgres import new_database, postgres_server

from crossdock.demo.processes import Process, Processes
from crossdock.demo.setting import ERP_KEY, write_configuration
from crossdock.host import Host
from crossdock.host.store.schema import deliveries, events, placements
from crossdock.records import Order, OrderPromoted, Quote, QuoteLine

_ORDERS: Final = 150
_WARM_ORDERS: Final = 20
_PACED_ORDERS: Final = 15
_PACE_SECONDS: Final = 0.5
_GOAL: Final = 50
_PATIENCE_SECONDS: Final = 120.0
_OPEN: Final = ("queued", "running", "waiting", "behind")
_WORKERS: Final = (1, 4)


def measure() -> list[Row]:
    """Measure on both databases with one worker and with four; then with a worker killed."""
    rows: list[Row] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        rows += [_through("SQLite", workers, None) for workers in _WORKERS]
        for workers in _WORKERS:
            if server is None:
                what = _what("PostgreSQL", workers)
                rows.append(not_measured(what, "", "it is not installed"))
            else:
                url = new_database(server, f"promotions_{workers}")
                rows.append(_through("PostgreSQL", workers, url))
    rows.append(_killed())
    return rows


def _what(database: str, workers: int) -> str:
    return f"promoted orders into the ERP, {workers} worker{'s'[: workers > 1]}, {database}"


class _Course:
    """Mocks, a host that publishes, and the workers."""

    def __init__(self, folder: Path, parts: Processes) -> None:
        self._parts = parts
        self._mocks = parts.start("mocks", "mock", "crm", "erp", "--json", "--scale", "0.3")
        self._erp_url = self._mocks.ready["mocks"]["erp"]
        self._config = write_configuration(
            folder,
            crm_url=self._mocks.ready["mocks"]["crm"],
            erp_url=self._erp_url,
            now=datetime.fromisoformat(self._mocks.ready["now"]),
        )
        self.workers: list[Process] = []
        self.host = Host.open(self._config, role="bench")
        self.host.deliveries.warm_up()
        self._quotes = _quotes(self.host)

    def start_worker(self) -> Process:
        name = f"worker {len(self.workers) + 1}"
        worker = self._parts.start(name, "worker", "--config", str(self._config), "--json")
        self.workers.append(worker)
        return worker

    def quotes(self, number: int) -> list[str]:
        """Quotes whose orders are still to be made: a worker publishes what it finds made."""
        return list(islice(self._quotes, number))

    def publish(self, quote_ids: Sequence[str]) -> list[Order]:
        orders = []
        for quote_id in quote_ids:
            orders.append(self.host.crm.order_from_quote(quote_id))
            self.host.publish(OrderPromoted(order=orders[-1]))
        return orders

    def open(self, *, promotions_only: bool) -> int:
        """How many deliveries are open, with or without those of the ERP's news."""
        statement = (
            sa.select(sa.func.count())
            .select_from(deliveries.join(events, events.c.id == deliveries.c.event_id))
            .where(deliveries.c.state.in_(_OPEN))
        )
        if promotions_only:
            statement = statement.where(events.c.type == "order_promoted")
        with self.host.store.reading() as connection:
            return connection.scalar(statement) or 0

    def wait(self, *, until_open: int = 0, promotions_only: bool = True) -> None:
        """Wait until no more than so many deliveries are open."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (left := self.open(promotions_only=promotions_only)) > until_open:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{left} deliveries are still open")
            time.sleep(0.05)

    def processor(self) -> tuple[float, float]:
        """Seconds of the processor that the workers had, and the mocks."""
        return sum(map(_processor, self.workers)), _processor(self._mocks)

    def seconds_to_acknowledge(self, orders: Sequence[Order]) -> list[float]:
        """From each order's `publish` until its acknowledgement was in the store."""
        published = {f"order_promoted:{order.system}:{order.id}": order.id for order in orders}
        with self.host.store.reading() as connection:
            began = {
                published[row.id]: row.published_at
                for row in connection.execute(
                    sa.select(events).where(events.c.id.in_(list(published)))
                )
            }
            ended = {
                row.reference: row.changed_at
                for row in connection.execute(
                    sa.select(placements).where(
                        placements.c.reference.in_(list(began)),
                        placements.c.state == "acknowledged",
                    )
                )
            }
        return [(ended[order_id] - at).total_seconds() for order_id, at in began.items()]

    def once(self, orders: Sequence[Order]) -> int:
        """How many orders are in the ERP exactly once, by the reference that they carry there."""
        found: Counter[str] = Counter()
        headers = {"X-Api-Key": ERP_KEY}
        with httpx.Client(base_url=self._erp_url, headers=headers, trust_env=False) as client:
            for order in orders:
                query = {"externalReference": order.id}
                answer = client.get("/sales-orders", params=query).raise_for_status().json()
                found[order.id] += len(answer["items"])
        return sum(found[order.id] == 1 for order in orders)


@contextmanager
def _course(store_url: str | None, workers: int) -> Iterator[_Course]:
    """Everything up and warm."""
    before = os.environ.get("CROSSDOCK_STORE__URL")
    if store_url is not None:
        os.environ["CROSSDOCK_STORE__URL"] = store_url
    try:
        with tempfile.TemporaryDirectory() as name, Processes(Path(name)) as parts:
            course = _Course(Path(name), parts)
            with course.host:
                for _ in range(workers):
                    course.start_worker()
                course.publish(course.quotes(_WARM_ORDERS))
                course.wait(promotions_only=False)
                yield course
    finally:
        if before is None:
            os.environ.pop("CROSSDOCK_STORE__URL", None)
        else:
            os.environ["CROSSDOCK_STORE__URL"] = before


def _through(database: str, workers: int, store_url: str | None) -> Row:
    with _course(store_url, workers) as course:
        quotes = course.quotes(_ORDERS)
        paced_quotes = course.quotes(_PACED_ORDERS)
        before = course.processor()
        started = time.perf_counter()
        orders = course.publish(quotes)
        course.wait()
        seconds = time.perf_counter() - started
        course.wait(promotions_only=False)
        all_told = time.perf_counter() - started
        of_workers, of_mocks = (
            (after - earlier) / len(orders) * 1e3
            for after, earlier in zip(course.processor(), before, strict=True)
        )
        paced: list[Order] = []
        for quote_id in paced_quotes:
            paced += course.publish([quote_id])
            time.sleep(_PACE_SECONDS)
        course.wait()
        alone = statistics.median(course.seconds_to_acknowledge(paced))
        queued = statistics.median(course.seconds_to_acknowledge(orders))
        once = course.once(orders)
    rate = len(orders) / seconds
    return Row(
        what=_what(database, workers),
        goal=f">= {_GOAL}/s" if database == "SQLite" else "",
        measured=f"{rate:.0f}/s",
        met=rate >= _GOAL and once == len(orders) if database == "SQLite" else None,
        detail=f"{len(orders)} in {seconds:.1f} s, {once} of them in the ERP exactly once, the "
        f"CRM told of all after {all_told:.1f} s; median from publish to acknowledged "
        f"{alone * 1e3:.0f} ms alone, {queued:.1f} s in this queue; an order costs "
        f"{of_workers:.0f} ms of the workers' processor and {of_mocks:.0f} of the mocks'",
    )


def _killed() -> Row:
    with _course(None, 1) as course:
        orders = course.publish(course.quotes(_ORDERS))
        course.wait(until_open=_ORDERS * 2 // 3)
        course.workers[0].kill()
        left = course.open(promotions_only=True)
        course.start_worker()
        course.wait()
        dead = course.host.deliveries.counts().get("dead", 0)
        once = course.once(orders)
    return Row(
        what="the same, the worker killed on the way",
        goal="each once",
        measured=f"{once} of {len(orders)} once",
        met=once == len(orders) and not dead,
        detail=f"{left} were open when it was killed; {dead} dead letters",
    )


def _processor(process: Process) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


def _quotes(host: Host) -> Iterator[str]:
    """Quotes that nobody has ordered yet, of all accounts that may buy in turn."""
    item = next(each for each in host.erp.items(limit=100).items if each.kind == "goods")
    buyers = []
    for account in host.crm.accounts(limit=200).items:
        customers = host.trading_accounts(account)
        if customers and not host.erp.credit(customers[0]).on_hold:
            buyers.append((account, customers[0]))
    while True:
        for account, customer in buyers:
            quote = Quote(
                id="",
                account_id=account.id,
                currency=customer.currency,
                lines=(QuoteLine(number=1, item_id=item.id, quantity=Decimal(1)),),
                owner_id=account.owner_id,
            )
            yield host.crm.save_quote(quote).id
