"""Orders a second on their way from a promoted quote into the ERP, through real processes.

The mocks and one worker run as processes, the store is SQLite. The events are published here, as a
CRM would; the clock runs from the first `publish` until the last order was placed and the CRM told.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import httpx
import sqlalchemy as sa
from tests.bench.measure import Row

from crossdock.demo.processes import Process, Processes
from crossdock.demo.setting import ERP_KEY, write_configuration
from crossdock.host import Host
from crossdock.host.store.schema import deliveries, events
from crossdock.records import Order, OrderPromoted, Quote, QuoteLine

_ORDERS: Final = 300
_KILLED_ORDERS: Final = 150
_GOAL: Final = 50
_PATIENCE_SECONDS: Final = 60.0
_OPEN: Final = ("queued", "running", "waiting", "behind")


def measure() -> list[Row]:
    """Measure the rate, then once more with the worker killed on the way."""
    with tempfile.TemporaryDirectory() as name, Processes(Path(name)) as parts:
        mocks = parts.start("mocks", "mock", "crm", "erp", "--json", "--scale", "0.3")
        erp_url = mocks.ready["mocks"]["erp"]
        config = write_configuration(
            Path(name),
            crm_url=mocks.ready["mocks"]["crm"],
            erp_url=erp_url,
            now=datetime.fromisoformat(mocks.ready["now"]),
        )
        with Host.open(config, role="bench") as host:
            promotable = _orders(host)
            orders = [next(promotable) for _ in range(_ORDERS)]
            more = [next(promotable) for _ in range(_KILLED_ORDERS)]
            host.deliveries.warm_up()
            worker = _start_worker(parts, config, "worker 1")
            started = time.perf_counter()
            _publish(host, orders)
            publishing = time.perf_counter() - started
            _wait(host)
            seconds = time.perf_counter() - started
            _wait(host, promotions_only=False)
            all_told = time.perf_counter() - started
            _publish(host, more)
            _wait(host, until_open=_KILLED_ORDERS * 2 // 3)
            worker.kill()
            left = _open(host, promotions_only=True)
            _start_worker(parts, config, "worker 2")
            _wait(host)
            accounts = len({order.account_id for order in orders})
            dead = host.deliveries.counts().get("dead", 0)
        found = _in_erp(erp_url, [*orders, *more])
    rate = len(orders) / seconds
    once = sum(found[order.id] == 1 for order in orders)
    once_after = sum(found[order.id] == 1 for order in more)
    return [
        Row(
            what="promoted orders into the ERP, one worker, SQLite",
            goal=f">= {_GOAL}/s",
            measured=f"{rate:.0f}/s",
            met=rate >= _GOAL and once == len(orders),
            detail=f"{len(orders)} of {accounts} accounts in {seconds:.1f} s, published within "
            f"{publishing:.1f} s, the CRM told of all after {all_told:.1f} s; {once} are in the "
            "ERP exactly once",
        ),
        Row(
            what="the same, the worker killed on the way",
            goal="each once",
            measured=f"{once_after} of {len(more)} once",
            met=once_after == len(more) and not dead,
            detail=f"{left} were open when it was killed; {dead} dead letters",
        ),
    ]


def _start_worker(parts: Processes, config: Path, name: str) -> Process:
    return parts.start(name, "worker", "--config", str(config), "--json")


def _orders(host: Host) -> Iterator[Order]:
    """Orders in the CRM that no ERP has heard of yet, taken in turn from all who may buy."""
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
            yield host.crm.order_from_quote(host.crm.save_quote(quote).id)


def _publish(host: Host, orders: list[Order]) -> None:
    for order in orders:
        host.publish(OrderPromoted(order=order))


def _open(host: Host, *, promotions_only: bool) -> int:
    """How many deliveries are open, with or without those that tell the CRM what the ERP did."""
    statement = (
        sa.select(sa.func.count())
        .select_from(deliveries.join(events, events.c.id == deliveries.c.event_id))
        .where(deliveries.c.state.in_(_OPEN))
    )
    if promotions_only:
        statement = statement.where(events.c.type == "order_promoted")
    with host.store.reading() as connection:
        return connection.scalar(statement) or 0


def _wait(host: Host, *, until_open: int = 0, promotions_only: bool = True) -> None:
    """Wait until no more than so many deliveries are open."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (left := _open(host, promotions_only=promotions_only)) > until_open:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{left} deliveries are still open")
        time.sleep(0.02)


def _in_erp(erp_url: str, orders: list[Order]) -> Counter[str]:
    """How often each order is in the ERP, by the reference that it carries there."""
    found: Counter[str] = Counter()
    headers = {"X-Api-Key": ERP_KEY}
    with httpx.Client(base_url=erp_url, headers=headers, trust_env=False) as client:
        for order in orders:
            query = {"externalReference": order.id}
            answer = client.get("/sales-orders", params=query).raise_for_status().json()
            found[order.id] += len(answer["items"])
    return found
