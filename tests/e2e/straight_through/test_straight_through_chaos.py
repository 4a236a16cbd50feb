"""Workers killed at random moments under load, with answers lost at random; and then the count."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

pytestmark = pytest.mark.kill

_ACCOUNTS = (
    "A-1001", "A-1005", "A-1006", "A-1007", "A-1009", "A-1010", "A-1011", "A-1013", "A-1014",
    "A-1016",
)  # fmt: skip
_ITEMS = ("BRG-1001", "BRG-1004", "FST-1003", "HYD-1001", "HYD-1003")
_WORKERS = 2


@dataclass
class _Plan:
    """How much is done; the seed makes one run like another as far as clocks allow."""

    quotes: int
    kills: int
    seed: int
    between_seconds: tuple[float, float]


@dataclass
class _Tally:
    seconds: float = 0.0
    kills: int = 0
    hit: Counter[str] = field(default_factory=Counter)
    placements: list[dict[str, Any]] = field(default_factory=list)

    def read(self, stage) -> None:
        """Take what is new in the journal, before it lets go of it."""
        since = self.placements[-1]["number"] if self.placements else 0
        self.placements += stage.mocks.journal("erp", "createSalesOrder", since=since)

    def __str__(self) -> str:
        created = sum(call["committed"] for call in self.placements)
        replayed = sum(
            call["response_headers"].get("idempotency-replayed") == "true"
            for call in self.placements
        )
        faults = Counter(call["fault"] for call in self.placements if call["fault"])
        return (
            f"{created} orders placed by {len(self.placements)} calls ({replayed} of them answered "
            f"again by key; {dict(faults)}), {self.kills} workers killed in {self.seconds:.0f} s, "
            f"with under way: {dict(self.hit) or 'nothing'}"
        )


@pytest.mark.full  # the crash test beside it is its smaller and stricter form
@pytest.mark.timeout(900)
def test_workers_killed_at_random_place_every_order_once(stage, chaos, capsys):
    plan = (
        _Plan(quotes=100, kills=25, seed=20261121, between_seconds=(0.0, 0.5))
        if chaos
        else _Plan(quotes=12, kills=2, seed=7, between_seconds=(0.0, 0.3))
    )
    drawn = random.Random(plan.seed)
    mocks = stage.mocks
    mocks.break_("erp", "createSalesOrder", "drop_after_commit", every=7)
    mocks.break_("erp", "createSalesOrder", "status", status=503, every=11)
    mocks.break_("erp", "createSalesOrder", "latency_after_commit", seconds=0.3, every=3)
    mocks.break_("crm", "changeOrder", "latency_after_commit", seconds=0.2, every=4)
    mocks.break_("crm", "changeOrder", "drop_after_commit", every=9)
    mocks.break_("crm", "addTimelineEntry", "latency_before", seconds=0.2, every=5)
    tally = _Tally()
    started = time.monotonic()

    orders = []
    alive = [stage.start_worker() for _ in range(_WORKERS)]
    accounts = itertools.cycle(_ACCOUNTS)
    burst = plan.quotes // plan.kills
    for number in range(plan.quotes):
        lines = drawn.sample(_ITEMS, drawn.randint(1, 3))
        orders.append(stage.promote(next(accounts), *((item, "1") for item in lines)))
        if tally.kills < plan.kills and (number + 1) % burst == 0:
            time.sleep(drawn.uniform(*plan.between_seconds))  # when it dies is the point
            victim = alive.pop(drawn.randrange(len(alive)))
            tally.hit.update(
                each.event_type
                for each in stage.host.deliveries.list(states=["running"], limit=1000)
                if each.worker.split("-")[1] == str(victim.pid)
            )
            victim.kill()
            tally.kills += 1
            alive.append(stage.start_worker())
        tally.read(stage)
    mocks.mend()
    stage.until_told()
    tally.read(stage)
    tally.seconds = time.monotonic() - started

    assert stage.dead() == []
    for order in orders:
        stage.prove_placed_once(order)
    stage.prove_nothing_else_was_ordered(plan.quotes)
    created = [call for call in tally.placements if call["committed"]]
    assert len(created) == plan.quotes
    assert len({call["request_headers"]["idempotency-key"] for call in created}) == plan.quotes
    with capsys.disabled():
        print(f"\n  {tally}")
