"""Answers that are lost, late or bad, and people who press a button twice (D1, D2)."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crossdock.errors import RemoteUnavailable
from crossdock.host import Host

pytestmark = pytest.mark.kill

# What goes wrong, as (system, operation, kind, further settings of the fault). The connector tries
# three times within one call; faults that strike more often are for the delivery to sit out. Where
# the ERP committed, the next attempt finds the order by its reference and sends nothing.
_TROUBLES = {
    "the ERP's answer is lost": [("erp", "createSalesOrder", "drop_after_commit", {"times": 1})],
    "the ERP's answer is lost, again and again": [
        ("erp", "createSalesOrder", "drop_after_commit", {"times": 3})
    ],
    "the ERP's answer is cut in half": [("erp", "createSalesOrder", "half_body", {"times": 1})],
    "the ERP commits and says 500": [
        ("erp", "createSalesOrder", "status_after_commit", {"status": 500, "times": 3})
    ],
    "the ERP is away for a while": [("erp", None, "status", {"status": 503, "times": 8})],
    "the ERP asks to wait": [
        ("erp", "createSalesOrder", "status", {"status": 429, "retry_after": 1, "times": 2})
    ],
    "the connection to the ERP breaks": [("erp", "createSalesOrder", "drop_before", {"times": 4})],
    "the CRM's answers are lost": [
        # Only once: the next attempt sees that the order is as it should be, and asks for nothing.
        ("crm", "changeOrder", "drop_after_commit", {"times": 1}),
        ("crm", "addTimelineEntry", "drop_after_commit", {"times": 4}),
    ],
    "the CRM is away for a while": [
        ("crm", "changeOrder", "status", {"status": 502, "times": 4}),
        ("crm", "addTimelineEntry", "status", {"status": 503, "retry_after": 1, "times": 4}),
    ],
}


@pytest.fixture(scope="module")
def lasting(tmp_path_factory, stage_on_own_mocks) -> Iterator:
    """A stage with a worker that serves one test after the other."""
    with stage_on_own_mocks(tmp_path_factory.mktemp("lasting")) as stage:
        stage.start_worker()
        yield stage


@pytest.fixture
def working(lasting) -> Iterator:
    lasting.mocks.mend()
    yield lasting
    lasting.mocks.mend()


# One of each kind runs always; these are further forms of it.
_FURTHER = {
    "the ERP's answer is lost, again and again",
    "the ERP's answer is cut in half",
    "the connection to the ERP breaks",
    "the CRM is away for a while",
}


@pytest.mark.parametrize(
    "trouble",
    [pytest.param(each, marks=pytest.mark.full if each in _FURTHER else ()) for each in _TROUBLES],
)
@pytest.mark.xdist_group("one lasting worker")
def test_what_was_lost_or_away_heals_and_leaves_one_order(working, trouble):
    quote = working.save()
    # The guards ask the ERP as well; only what the worker asks is to meet the trouble.
    for system, operation, kind, settings in _TROUBLES[trouble]:
        if operation is not None:
            working.mocks.break_(system, operation, kind, **settings)
    order = working.host.promote_quote(quote.id, user="kim").order
    for system, operation, kind, settings in _TROUBLES[trouble]:
        if operation is None:
            working.mocks.break_(system, None, kind, **settings)
    for system, wanted in _strikes(trouble).items():
        working.until_struck(system, wanted)
    working.until_told()

    assert working.dead() == []
    working.prove_placed_once(order)
    keys = [event.key for event in working.host.crm.order_events(order.id)]
    assert keys[-1].startswith("status:confirmed:")


def _strikes(trouble: str) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for system, _, _, settings in _TROUBLES[trouble]:
        wanted[system] = wanted.get(system, 0) + settings["times"]
    return wanted


@pytest.mark.xdist_group("one lasting worker")
def test_the_journal_tells_that_the_plugin_in_the_worker_placed_the_order(working):
    order = working.promote()
    working.until_told()
    (call,) = working.mocks.placements(order.id)

    (worker,) = working.workers
    assert working.callers([call]) == [(worker.pid, "straight-through")]
    assert Path(f"/proc/{worker.pid}/cmdline").read_bytes().split(b"\0")[1:4] == [
        b"-m", b"crossdock", b"worker",
    ]  # fmt: skip
    # The CRM's own program asked for prices, as the guard in it; it placed nothing.
    asked = {
        entry["request_headers"]["user-agent"]
        for entry in working.mocks.journal("erp", "simulatePrices")
    }
    assert all(agent.startswith("crossdock/0.1.0 (crm; pid ") for agent in asked), asked


@pytest.mark.xdist_group("one lasting worker")
def test_two_programs_that_promote_one_quote_at_once_make_one_order(working):
    quote = working.save()
    start = threading.Barrier(4)

    def promote(host: Host):
        start.wait()
        return host.promote_quote(quote.id, user="kim")

    with Host.open(working.config, role="second crm") as second, ThreadPoolExecutor(4) as pool:
        promotions = list(pool.map(promote, [working.host, second, working.host, second]))
    working.until_told()

    (order_id,) = {promotion.order.id for promotion in promotions}
    (event_id,) = {promotion.event_id for promotion in promotions}
    deliveries = working.host.deliveries.list(event_id=event_id)
    assert [each.state for each in deliveries] == ["done"]
    working.prove_placed_once(next(p.order for p in promotions if p.order.id == order_id))
    assert len(working.mocks.placements(order_id)) == 1


@pytest.mark.xdist_group("one lasting worker")
@pytest.mark.parametrize("lost", [1, 3])
def test_a_promotion_whose_answer_is_lost_may_be_pressed_again(working, lost):
    quote = working.save()
    before = working.mocks.count("crm", "crm_orders")
    working.mocks.break_("crm", "orderQuote", "drop_after_commit", times=lost)
    with contextlib.suppress(RemoteUnavailable):  # the connector tries again by itself as well
        working.host.promote_quote(quote.id, user="kim")
    promotion = working.host.promote_quote(quote.id, user="kim")
    working.until_told()

    assert working.mocks.count("crm", "crm_orders") == before + 1
    working.prove_placed_once(promotion.order)


@pytest.mark.xdist_group("one lasting worker")
def test_the_way_to_paid_is_told_once_though_answers_are_lost(working):
    order = working.promote()
    working.until_told()
    for operation in ("changeOrder", "addTimelineEntry"):
        working.mocks.break_("crm", operation, "drop_after_commit", every=2, times=6)
    for act in ("ship_part", "ship", "invoice", "pay"):
        working.play(order, act)
        working.until_told()

    working.prove_placed_once(order)
    paid = working.host.crm.order(order.id)
    assert paid.status == "paid"
    assert all(line.shipped == line.invoiced == line.quantity for line in paid.lines)
    keys = [event.key for event in working.host.crm.order_events(order.id)]
    told = Counter(key.partition(":")[0] for key in keys if not key.startswith("status:"))
    assert told == {"acknowledged": 1, "shipped": 2, "invoiced": 1, "paid": 1}
    reached = [":".join(key.split(":")[:2]) for key in keys if key.startswith("status:")]
    assert len(reached) == len(set(reached))
    assert {"status:confirmed", "status:shipped", "status:invoiced", "status:paid"} <= set(reached)


def test_a_living_worker_takes_over_all_that_a_killed_one_had_begun(stage):
    first, second = stage.start_worker(), stage.start_worker()
    stage.mocks.break_("erp", "createSalesOrder", "latency_after_commit", seconds=1.5)
    accounts = ["A-1001", "A-1006", "A-1007", "A-1009", "A-1010", "A-1013"]
    orders = [stage.promote(account) for account in accounts]

    def begun_by(worker) -> set[str]:
        return {
            each.subject
            for each in stage.host.deliveries.list(states=["running"])
            if each.worker.split("-")[1] == str(worker.pid)
        }

    def committed_for(worker) -> bool:
        calls = stage.mocks.journal("erp", "createSalesOrder", committed="true")
        return any(pid == worker.pid for pid, _ in stage.callers(calls))

    # Which of the two is quicker is not known; the one that dies has to have something in hand.
    victim = stage.until(lambda: next((w for w in (first, second) if committed_for(w)), None))
    lost = begun_by(victim)
    victim.kill()
    stage.mocks.mend()
    stage.until_told()

    assert lost
    assert stage.dead() == []
    for order in orders:
        stage.prove_placed_once(order)
    stage.prove_nothing_else_was_ordered(len(orders))
    survivor = second if victim is first else first
    workers = {each.subject: each.worker for each in stage.host.deliveries.list(limit=1000)}
    assert {workers[subject].split("-")[1] for subject in lost} == {str(survivor.pid)}


def test_orders_that_nobody_delivered_yet_wait_in_the_store_for_the_first_worker(stage):
    orders = [stage.promote(account) for account in ("A-1001", "A-1001", "A-1009")]
    stage.host.close()  # the CRM's program ends too: only the store remembers
    stage.host = Host.open(stage.config, role="crm")
    assert stage.mocks.journal("erp", "createSalesOrder") == []

    stage.start_worker()
    stage.until_told()
    for order in orders:
        stage.prove_placed_once(order)
    stage.prove_nothing_else_was_ordered(3)
