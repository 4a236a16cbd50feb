"""Many promotions from four workers at once, on a live Tryton of their own: each is one sale."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from crossdock.demo.processes import Processes
from crossdock.demo.setting import write_configuration
from crossdock.host import Host
from crossdock.records import Money, OrderPromoted, Quote, QuoteLine
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.engine import App, serve_in_thread

D = Decimal


@pytest.mark.parametrize(
    "count", [6, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(3600)])]
)
def test_four_workers_at_once_place_each_order_once(server, people, tmp_path, dataset, count):
    if count > 6:  # the CRM begins its numbers anew, and what has them already is not made again
        server.stop()
        server.renew()
        server.start()
        people.sign_in()
    app = App(crm_dialect())
    world = app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
    with (
        closing(world),
        serve_in_thread((app, world)) as (crm,),
        Processes(tmp_path) as processes,
        ThreadPoolExecutor(4) as at_once,
    ):
        config = write_configuration(
            tmp_path,
            crm_url=crm.base_url,
            erp_url=server.url,
            erp="tryton",
            concurrency=4,
            feed_seconds=60,  # what comes back is not looked at here
        )
        with Host.open(config, role="crm") as host:
            people.call("party.party.write", _parties(people), {"credit_limit_amount": None})
            orders = [_promote(host, number) for number in range(count)]
            started = at_once.map(
                lambda number: processes.start(
                    f"worker-{number}", "worker", "--config", str(config), "--json",
                    "--poll-seconds", "1", seconds=180,
                ),
                range(4),
            )  # fmt: skip
            assert len({worker.pid for worker in started}) == 4
            done = threading.Event()
            for _ in range(200 + 40 * count):
                states = Counter(each.state for each in host.deliveries.list(limit=1000))
                if set(states) <= {"done"}:
                    break
                assert not states["dead"], [
                    each.cause for each in host.deliveries.list(states=["dead"])
                ]
                done.wait(0.5)
            linked = {order: host.crm.order(order) for order in orders}
    sales = people.find(
        "sale.sale", [["reference", "like", "crm:R-%"]], "reference", "number", "state"
    )
    made = Counter(row["reference"].removeprefix("crm:") for row in sales)
    assert {order: made[order] for order in orders} == dict.fromkeys(orders, 1)
    numbers = {row["reference"].removeprefix("crm:"): row["number"] for row in sales}
    assert {order: each.erp_order_id for order, each in linked.items()} == {
        order: numbers[order] for order in orders
    }
    assert {row["state"] for row in sales} <= {"processing", "done"}


def _parties(people):
    return [row["id"] for row in people.find("party.party", [["code", "like", "C-%"]])]


def _promote(host, number):
    """Order a quote as a CRM does that has it priced already; what follows is the workers'."""
    quote = host.crm.save_quote(
        Quote(
            id="",
            account_id=f"A-{1001 + number % 8}",
            currency="EUR",
            lines=(
                QuoteLine(
                    number=1,
                    item_id="BRG-1001",
                    quantity=D(1 + number % 5),
                    unit_price=Money("6.36", "EUR"),
                ),
            ),
            owner_id="U-kim",
        )
    )
    order = host.crm.order_from_quote(quote.id)
    host.publish(OrderPromoted(order=order))
    return order.id
