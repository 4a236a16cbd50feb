"""A store in a temporary file, a clock that stands still, and a queue that only remembers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries.deliveries import Deliveries
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.store import Store
from crossdock.host.store.schema import deliveries
from crossdock.records import Order, OrderPromoted


class Clock:
    """An instant that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'host.db'}", clock=clock) as opened:
        yield opened


class Bench:
    """Deliveries whose durable queue is a list, so that a test plays the worker by hand.

    Attributes:
        queued: number and run of everything that was enqueued, in order.
    """

    def __init__(self, store: Store, policy: RetryPolicy) -> None:
        self.queued: list[tuple[int, int]] = []
        self.deliveries = Deliveries(store, policy)
        self.ledger = Ledger(
            store, lambda _connection, number, run, _lane: self.queued.append((number, run)), policy
        )
        self.deliveries.ledger = self.ledger  # type: ignore[misc]

    def begin(self, number, run=1, worker="w-1"):
        return self.ledger.begin(number, run, worker, lambda _plugin_id: "")

    def state(self, number):
        return self.deliveries.get(f"D-{number}").state


@pytest.fixture
def policy() -> RetryPolicy:
    return RetryPolicy(jitter=0, max_attempts=3, max_starts=2)


@pytest.fixture
def bench(store: Store, policy: RetryPolicy) -> Bench:
    return Bench(store, policy)


@pytest.fixture
def publish(bench):
    """Publish an order for `straight-through`; gives the number of its delivery."""

    def publish_(order="R-1", account="A-1", erp="main"):
        given = Order(
            id=order, system="crm", currency="EUR", account_id=account,
            trading_account=f"{erp}:C-1" if erp else "",
        )  # fmt: skip
        bench.deliveries.publish(OrderPromoted(order=given), [("straight-through", "1")])
        return bench.queued[-1][0]

    return publish_


@pytest.fixture
def row(store):
    """Read a delivery as the database has it."""

    def row_(number=1):
        with store.reading() as connection:
            return connection.execute(sa.select(deliveries).where(deliveries.c.id == number)).one()

    return row_


@pytest.fixture
def put(store):
    """Put rows of deliveries as a test wants them."""

    def put_(*numbers, **values):
        with store.writing() as connection:
            connection.execute(
                sa.update(deliveries).where(deliveries.c.id.in_(numbers)).values(**values)
            )

    return put_
