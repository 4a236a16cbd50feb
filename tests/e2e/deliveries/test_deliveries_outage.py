"""An ERP that is away for a day: what waits are rows, and all of it drains in order after."""

from __future__ import annotations

import resource
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import stamina

from crossdock.connectors import erp
from crossdock.host.deliveries import Deliveries
from crossdock.host.deliveries.worker import Worker, WorkerSettings
from crossdock.host.store import Store
from crossdock.records import Order, OrderPromoted

_START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Outage:
    """A worker of this process, an ERP that is away until it is told to be back, and a clock."""

    def __init__(self, url):
        self.now = _START
        self.store = Store.open(url, clock=lambda: self.now)
        self.deliveries = Deliveries.open(self.store)
        self.back = False
        self.asked = 0
        self.order = []
        self.guard = threading.Lock()
        self.port = erp.connect(
            "main",
            {"url": "http://erp.test", "api_key": "key"},
            transport=httpx.MockTransport(self.answer),
        )
        self.worker = Worker(
            self.deliveries,
            self.deliver,
            settings=WorkerSettings(poll_seconds=0.02, probe_seconds=0.02, concurrency=16),
        )
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.worker.run, args=(self.stop,))

    def answer(self, request):
        with self.guard:
            self.asked += 1
        if not self.back:
            raise httpx.ConnectError("connection refused", request=request)
        return httpx.Response(404, json={"title": "no such customer"})

    def deliver(self, _plugin_id, event, *, step, idempotency_key):
        from crossdock.errors import NotFound

        try:
            self.port.customer("C-1")
        except NotFound:
            with self.guard:
                self.order.append(event.order.id)

    def promote(self, count, accounts):
        for number in range(count):
            order = Order(
                id=f"R-{number}",
                system="crm",
                currency="EUR",
                account_id=f"A-{number % accounts}",
                trading_account="main:C-1",
            )
            self.deliveries.publish(OrderPromoted(order=order), [("scripted", "1")])

    def until(self, holds, seconds):
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, (self.deliveries.counts(), self.asked)
            time.sleep(0.01)

    def close(self):
        self.stop.set()
        if self.thread.ident:
            self.thread.join()
        self.port.close()
        self.deliveries.close()
        self.store.close()


@pytest.fixture
def outage(store_url):
    with stamina.set_testing(True, attempts=1):
        made = Outage(store_url)
        yield made
        made.close()


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("count", "accounts", "patience"),
    [(60, 20, 120), pytest.param(10_000, 500, 1200, marks=pytest.mark.full)],
)
def test_a_day_without_the_erp_loses_nothing_and_everything_drains_in_order(
    outage, count, accounts, patience
):
    outage.promote(count, accounts)
    outage.thread.start()
    # All are looked at once, and then none is on its way any more.
    outage.until(
        lambda: outage.deliveries.counts().keys() == {"waiting", "behind"}, seconds=patience
    )
    (circuit,) = outage.deliveries.circuits.list()
    assert circuit.system == "main"
    # Those that failed in the very moment that it opened wait by their own back-off first.
    assert accounts - 16 <= circuit.held <= accounts
    before = threading.active_count(), _megabytes()

    asked = outage.asked
    for hour in range(24):
        outage.now += timedelta(hours=1)
        probes = outage.deliveries.circuits.list()[0].probes
        outage.until(lambda: outage.deliveries.circuits.list()[0].probes > probes, seconds=60)  # noqa: B023
        assert outage.asked - asked <= 3 * (hour + 1) + 16
    assert threading.active_count() <= before[0] + 2
    assert _megabytes() - before[1] < 50

    outage.back = True
    outage.now += timedelta(hours=1)
    outage.until(lambda: outage.deliveries.counts() == {"done": count}, seconds=patience)
    for account in range(accounts):
        of_lane = [each for each in outage.order if int(each[2:]) % accounts == account]
        assert of_lane == [f"R-{number}" for number in range(account, count, accounts)]
    assert outage.deliveries.circuits.list() == ()
    assert max(each.attempts for each in outage.deliveries.list(limit=count)) <= 3


def _megabytes():
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
