"""An order is placed once, wherever the worker that places it is killed (D1)."""

from __future__ import annotations

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


@pytest.mark.parametrize("death", _DEATHS)
def test_a_worker_killed_on_the_way_leaves_one_order(stage, death):
    system, operation, kind = _DEATHS[death]
    order = stage.promote()
    assert stage.mocks.placements(order.id) == []
    (delivery,) = stage.host.deliveries.list()
    assert (delivery.subject, delivery.state) == (order.id, "queued")

    stage.mocks.break_(system, operation, kind, seconds=4, times=1)
    first = stage.start_worker()
    stage.until_struck(system)
    first.kill()
    second = stage.start_worker()
    stage.until_told()

    # The call that the dead worker left behind has been carried out by now, or it is awaited here.
    stage.until(lambda: any(call["fault"] for call in stage.mocks.journal(system, operation)))
    stage.until_told()
    assert stage.dead() == []
    stage.prove_placed_once(order)
    stage.prove_nothing_else_was_ordered(1)
    assert stage.host.crm.order(order.id).status == "confirmed"
    assert len(stage.host.crm.order_events(order.id)) == 2  # acknowledged, confirmed
    (told,) = stage.host.deliveries.list(subject=order.id)
    assert told.worker.split("-")[1] == str(second.pid)
