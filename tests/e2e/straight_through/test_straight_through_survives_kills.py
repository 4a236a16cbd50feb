"""An order is placed once, wherever the worker that places it is killed (D1)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

pytestmark = pytest.mark.kill

# Where the worker is when it dies: the call that it waits for, and which end of it is slow. What
# comes late is answered, or done, when nobody waits for it any more.
_DEATHS = {
    "intent stored, the customer looked for": ("erp", "getCustomer", "latency_before"),
    "intent stored, the order on its way to the ERP": ("erp", "createSalesOrder", "latency_before"),
    "ERP committed": ("erp", "createSalesOrder", "latency_after_commit"),
    "acknowledged, the CRM being told": ("crm", "changeOrder", "latency_before"),
    "CRM updated": ("crm", "changeOrder", "latency_after_commit"),
    "CRM's timeline told": ("crm", "addTimelineEntry", "latency_after_commit"),
}


# The window itself and its two sides run always.
_FURTHER = ("intent stored, the customer looked for", "CRM updated", "CRM's timeline told")


@pytest.mark.parametrize(
    "deaths",
    [
        pytest.param([each for each in _DEATHS if each not in _FURTHER], id="around the window"),
        pytest.param(list(_FURTHER), marks=pytest.mark.full, id="further"),
    ],
)
def test_a_worker_killed_on_the_way_leaves_one_order(stage, deaths):
    worker = None
    for number, death in enumerate(deaths, 1):
        system, operation, kind = _DEATHS[death]
        stage.mocks.mend()
        stage.mocks.break_(system, operation, kind, seconds=2.5, times=1)
        calls = len(stage.mocks.journal(system, operation))
        order = stage.promote()
        worker = worker or stage.start_worker()
        stage.until_struck(system)
        worker.kill()
        worker = stage.start_worker()
        stage.until_told()

        # What the dead worker left behind has been carried out by now, or it is awaited here.
        stage.until(
            lambda: any(call["fault"] for call in stage.mocks.journal(system, operation)[calls:])  # noqa: B023
        )
        stage.until_told()
        assert stage.dead() == [], death
        stage.prove_placed_once(order)
        stage.prove_nothing_else_was_ordered(number)
        assert stage.host.crm.order(order.id).status == "confirmed"
        assert len(stage.host.crm.order_events(order.id)) == 2  # acknowledged, confirmed
        (told,) = stage.host.deliveries.list(subject=order.id)
        assert told.worker.split("-")[1] == str(worker.pid)


def test_workers_killed_on_the_way_back_tell_the_crm_everything_once(stage):
    order = stage.promote()
    worker = stage.start_worker()
    stage.until_told()

    for act, operation, kind in (
        ("ship_part", "changeOrder", "latency_before"),
        ("ship", "changeOrder", "latency_after_commit"),
        ("invoice", "addTimelineEntry", "latency_after_commit"),
    ):
        stage.mocks.mend()
        stage.mocks.break_("crm", operation, kind, seconds=2, times=1)
        stage.play(order, act)
        stage.until_struck("crm")
        worker.kill()
        worker = stage.start_worker()
        stage.until_told()
    stage.play(order, "pay")
    stage.until_told()

    assert stage.dead() == []
    stage.prove_placed_once(order)
    paid = stage.host.crm.order(order.id)
    assert paid.status == "paid"
    assert all(line.shipped == line.invoiced == line.quantity for line in paid.lines)
    keys = [event.key for event in stage.host.crm.order_events(order.id)]
    told = Counter(key.partition(":")[0] for key in keys if not key.startswith("status:"))
    assert told == {"acknowledged": 1, "shipped": 2, "invoiced": 1, "paid": 1}


_PROMOTE = """
import sys
from crossdock.host import Host

with Host.open(sys.argv[1], role="crm") as host:
    host.promote_quote(sys.argv[2], user="kim")
"""


def test_a_program_killed_before_the_event_was_stored_is_made_good_by_the_worker(stage):
    quote = stage.save()
    stage.mocks.break_("crm", "orderQuote", "latency_after_commit", seconds=5, times=1)
    program = subprocess.Popen([sys.executable, "-c", _PROMOTE, str(stage.config), quote.id])
    try:
        stage.until_struck("crm")
    finally:
        program.kill()
        program.wait()
    # The CRM has its order, but the only one who would have told the host is dead.
    half_done = stage.host.crm.quote(quote.id)
    assert half_done.status == "ordered"
    assert stage.host.deliveries.list() == ()

    stage.start_worker()
    stage.until(stage.host.deliveries.list)
    stage.until_told()
    promotion = stage.host.promote_quote(quote.id, user="kim")
    stage.until_told()

    assert promotion.repeated
    assert promotion.order.id == half_done.order_id
    assert len(stage.host.deliveries.list(event_id=promotion.event_id)) == 1
    stage.prove_placed_once(promotion.order)
    stage.prove_nothing_else_was_ordered(1)
