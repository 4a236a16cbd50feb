"""The crash test: orders by the hundred while everything fails and everybody is killed (D1).

Small in each run, in full with --chaos: 1,000 quotes on each database, forty kills, twelve of them
between the ERP's commit and its acknowledgement.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.kill

_ACCOUNTS = (
    "A-1001", "A-1005", "A-1006", "A-1007", "A-1009", "A-1010", "A-1011", "A-1013", "A-1014",
    "A-1016",
)  # fmt: skip
_ITEMS = ("BRG-1001", "BRG-1004", "FST-1003", "HYD-1001", "HYD-1003")
_HOST = Path(__file__).with_name("promoting_host.py")
_MORE = 4
_FINISHED = frozenset({"done", "dead", "given_up"})

# On PostgreSQL as well, in the full form; the deliveries' own kill tests run on both always.
_DATABASES = pytest.mark.parametrize(
    "store_url",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
)


@dataclass(frozen=True)
class Plan:
    """How much is done; the seed makes one run like another as far as clocks allow.

    `pace` shortens all waits alike: of the connector, of who looks for a lost order, of the faults.
    """

    quotes: int
    kills: int
    in_window: int
    pace: float = 1.0
    seed: int = 20261122


@dataclass
class Tally:
    """What was done to the processes, and what it came to."""

    workers: int = 0
    hosts: int = 0
    in_window: int = 0
    strikes: int = 0
    seconds: float = 0.0
    orders: int = 0
    held: int = 0
    attempts: Counter[int] = field(default_factory=Counter)

    @property
    def kills(self) -> int:
        return self.workers + self.hosts

    def __str__(self) -> str:
        return (
            f"{self.orders} orders, none missing, none twice; {self.kills} kills "
            f"({self.workers} workers, {self.hosts} hosts), {self.in_window} of them between the "
            f"ERP's commit and the acknowledgement; {self.strikes} faults struck; "
            f"{self.held} held as possibly created; {self.seconds:.0f} s"
        )


class Crash:
    """A stage whose workers and promoting host are killed over and over."""

    def __init__(self, stage, plan: Plan, folder: Path) -> None:
        self.stage = stage
        self.plan = plan
        self.tally = Tally()
        self.drawn = random.Random(plan.seed)
        self.alive: list = []
        self.quotes: list[str] = []
        self._accounts = itertools.cycle(_ACCOUNTS)
        self._quotes, self._done = folder / "quotes.txt", folder / "promoted.txt"
        self._host: subprocess.Popen[bytes] | None = None
        self._log = (folder / "promoting-host.log").open("ab")

    def close(self) -> None:
        if self._host is not None and self._host.poll() is None:
            self._host.kill()
            self._host.wait()
        self._log.close()

    # What is to be done.

    def save_quotes(self) -> None:
        for account_id in _ACCOUNTS:  # a hundred orders of each would pass its credit limit
            for customer in self.stage.host.trading_accounts(
                self.stage.host.crm.account(account_id)
            ):
                self.stage.mocks.lift_credit_limit(customer.id)
        self._save(self.plan.quotes)

    def _save(self, number: int) -> None:
        for _ in range(number):
            items = self.drawn.sample(_ITEMS, self.drawn.randint(1, 3))
            lines = ((item, "1") for item in items)
            self.quotes.append(self.stage.save(next(self._accounts), *lines).id)
        self._quotes.write_text("\n".join(self.quotes))

    def open_the_window(self) -> None:
        """Hold the next acknowledgements back, so that a kill on a busy machine is before them."""
        self.stage.mocks.break_(
            "erp", "createSalesOrder", "latency_after_commit", seconds=3.0 * self.plan.pace, times=4
        )  # fmt: skip

    def start_host(self) -> None:
        self._host = subprocess.Popen(
            [
                sys.executable,
                str(_HOST),
                str(self.stage.config),
                str(self._quotes),
                str(self._done),
            ],
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )

    @property
    def promoted(self) -> int:
        return len(self._done.read_text().split()) if self._done.exists() else 0

    # Who dies.

    def play(self) -> None:
        """Promote everything while workers and host are killed, then let it come to rest."""
        started = time.monotonic()
        self.alive = [self.stage.start_worker() for _ in range(2)]
        self.start_host()
        turns = itertools.cycle(("host", "window", "worker", "window", "window"))
        deadline = started + 240 + self.plan.quotes * 1.5  # a busy machine starts slowly
        while not self.stage.host.placements.list(limit=1):  # until it has begun
            assert time.monotonic() < deadline, self.stage.state()
            time.sleep(0.02)
        while not self._enough():
            assert time.monotonic() < deadline, (str(self.tally), self.stage.state())
            lacking = self.tally.in_window < self.plan.in_window
            if lacking and not self._under_way():  # the ERP's feed was quicker each time
                self._save(_MORE)
                self.open_the_window()
            self._see_to_host()
            # First of all the window, as it is the first answers that are held back.
            first = not self.tally.in_window or self.tally.kills >= self.plan.kills
            turn = "window" if first and lacking else next(turns)
            getattr(self, f"_kill_{turn}")()
        while self._see_to_host() or self.promoted < len(self.quotes):
            assert time.monotonic() < deadline, (self.promoted, self.stage.state())
            time.sleep(0.1)
        self.tally.strikes = sum(map(self.stage.mocks.strikes, ("crm", "erp")))
        self.stage.mocks.mend()
        self._come_to_rest(deadline)
        self.tally.seconds = time.monotonic() - started

    def _enough(self) -> bool:
        tally = self.tally
        return tally.kills >= self.plan.kills and tally.in_window >= self.plan.in_window

    def _under_way(self) -> bool:
        if self.promoted < len(self.quotes):
            return True
        return bool(set(self.stage.host.deliveries.counts()) - _FINISHED)

    def _see_to_host(self) -> bool:
        """Start the host again where it died; says whether it has something left to do."""
        assert self._host is not None
        code = self._host.poll()
        if code is None:
            return True
        assert code <= 0, (code, Path(self._log.name).read_text()[-2000:])
        if self.promoted < len(self.quotes):
            self.start_host()
            return True
        return False

    def _kill_host(self) -> None:
        time.sleep(self.drawn.uniform(0.2, 1.0))
        if self._host is not None and self._host.poll() is None:
            self._host.kill()
            self._host.wait()
            self.tally.hosts += 1

    def _kill_worker(self) -> None:
        time.sleep(self.drawn.uniform(0.0, 0.6))
        victim = self.drawn.choice(self.alive)
        victim.kill()
        self._replace(victim)

    def _kill_window(self) -> None:
        """Kill a worker whose order the ERP has committed and not acknowledged."""
        patience = time.monotonic() + 6
        while time.monotonic() < patience:
            for reference, victim in self._sending():
                if not self._there(reference):
                    continue
                # At once: the ERP's feed tells of the order within a second, answered or not. The
                # worker may have sent others, whose answers are held back, too.
                had = [each for each, by in self._sending() if by is victim and self._there(each)]
                victim.kill()
                # They were in the window if the acknowledgement did not get through before.
                self.tally.in_window += any(
                    self.stage.host.placements.get(each).state == "sent" for each in had
                )
                self._replace(victim)
                return
            if not self._under_way():
                return
            time.sleep(0.01)

    def _there(self, reference: str) -> bool:
        return bool(self.stage.mocks.erp_orders(reference))

    def _sending(self) -> Iterator[tuple[str, object]]:
        running = {
            each.subject: int(each.worker.split("-")[1])
            for each in self.stage.host.deliveries.list(states=["running"], limit=200)
            if each.event_type == "order_promoted"
        }
        by_pid = {worker.pid: worker for worker in self.alive}
        for placement in self.stage.host.placements.list(states=["sent"], limit=200):
            victim = by_pid.get(running.get(placement.reference, 0))
            if victim is not None:
                yield placement.reference, victim

    def _replace(self, victim) -> None:
        self.tally.workers += 1
        self.alive.remove(victim)
        self.alive.append(self.stage.start_worker())

    def _come_to_rest(self, deadline: float) -> None:
        while True:
            cursor = self.stage.host.store.watermarks.cursor("main", "changes") or "0"
            news = self.stage.mocks.get("erp", "/changes", since=cursor, limit=1)["items"]
            if not news and not set(self.stage.host.deliveries.counts()) - _FINISHED:
                return
            assert time.monotonic() < deadline, self.stage.state()
            time.sleep(0.1)

    def is_settled(self) -> bool:
        """Whether nothing is under way, and nothing held that the ERP has told of."""
        host = self.stage.host
        held = host.deliveries.list(states=["dead"], limit=5000)
        return not set(host.deliveries.counts()) - _FINISHED and all(
            host.placements.get(each.subject).state == "possibly_created" for each in held
        )

    # What it came to.

    def orders(self) -> list:
        return [
            self.stage.host.crm.order(self.stage.host.crm.quote(quote_id).order_id)
            for quote_id in self.quotes
        ]

    def prove(self, order) -> bool:
        """Prove that an order is in the ERP once with every line right, or held as unknown."""
        stage = self.stage
        found = stage.mocks.erp_orders(order.id)
        assert len(found) <= 1, (order.id, [each["id"] for each in found])
        placement = stage.host.placements.get(order.id)
        if not found:
            assert placement.state == "possibly_created", (order.id, placement)
            return False
        there = stage.host.erp.order(found[0]["id"])
        assert placement.state == "acknowledged", (order.id, placement)
        assert placement.erp_order_id == there.id == order.erp_order_id
        assert [(x.number, x.item_id, x.quantity, x.net) for x in order.lines] == [
            (x.number, x.item_id, x.quantity, x.net) for x in there.lines
        ]
        quote = stage.host.crm.quote(order.quote_id)
        assert [(x.item_id, x.quantity) for x in quote.lines] == [
            (x.item_id, x.quantity) for x in there.lines
        ]
        assert (order.net, order.tax, order.gross) == (there.net, there.tax, there.gross)
        keys = [event.key for event in stage.host.crm.order_events(order.id)]
        assert len(keys) == len(set(keys))
        return True


@pytest.fixture
def crash(mocks, store_url, tmp_path, monkeypatch, chaos, stage_with):
    """Make a crash test on each database; its ERP keeps idempotency keys, or not."""
    made: list[Crash] = []

    def make(*, keys: bool, small: Plan, full: Plan) -> Crash:
        monkeypatch.setenv("CROSSDOCK_STORE__URL", store_url)
        plan = full if chaos else small
        monkeypatch.setenv("CROSSDOCK_ERP__MAIN__TIMEOUT", str(2 * plan.pace))
        if not keys:
            monkeypatch.setenv("CROSSDOCK_ERP__MAIN__IDEMPOTENCY", "false")
            monkeypatch.setenv("CROSSDOCK_PLACEMENTS__SETTLE_SECONDS", str(3 * plan.pace))
        crash = Crash(stage_with(), plan, tmp_path)
        made.append(crash)
        crash.save_quotes()
        return crash

    yield make
    for each in made:
        each.close()


@pytest.mark.timeout(3600)
@_DATABASES
def test_every_order_is_placed_once_whatever_fails_and_whoever_dies(crash, capsys):
    play = crash(
        keys=True,
        small=Plan(quotes=10, kills=2, in_window=1),
        full=Plan(quotes=1000, kills=40, in_window=12),
    )
    mocks = play.stage.mocks
    play.open_the_window()
    mocks.break_("erp", "createSalesOrder", "drop_after_commit", every=7)
    mocks.break_("erp", "createSalesOrder", "status", status=429, retry_after=1, every=19)
    mocks.break_("erp", "createSalesOrder", "status", status=503, every=11)
    mocks.break_("erp", "createSalesOrder", "drop_before", every=13)
    mocks.break_("erp", "createSalesOrder", "timeout_after_commit", seconds=3, every=29)
    mocks.break_("erp", "createSalesOrder", "latency_after_commit", seconds=0.6, every=2)
    mocks.break_("crm", "changeOrder", "drop_after_commit", every=9)
    mocks.break_("crm", "changeOrder", "latency_after_commit", seconds=0.1, every=4)
    mocks.break_("crm", "addTimelineEntry", "status_after_commit", status=502, every=10)
    mocks.break_("crm", "orderQuote", "drop_after_commit", every=8)
    mocks.break_("erp", "listChanges", "status", status=500, every=6)

    play.play()

    orders = play.orders()
    assert all(play.prove(order) for order in orders)
    assert play.stage.dead() == []
    play.tally.orders = len(orders)
    assert play.tally.kills >= play.plan.kills
    assert play.tally.in_window >= play.plan.in_window
    play.stage.prove_nothing_else_was_ordered(len(play.quotes))
    with capsys.disabled():
        print(f"\n  {play.tally}")


@pytest.mark.timeout(3600)
@_DATABASES
def test_an_erp_without_keys_gets_no_order_twice_and_what_cannot_be_known_is_held(crash, capsys):
    play = crash(
        keys=False,
        small=Plan(quotes=10, kills=1, in_window=1, pace=0.6),
        full=Plan(quotes=1000, kills=40, in_window=12),
    )
    mocks, pace = play.stage.mocks, play.plan.pace
    play.open_the_window()
    mocks.break_("erp", "createSalesOrder", "drop_after_commit", every=7)
    mocks.break_("erp", "createSalesOrder", "status", status=503, every=11)
    mocks.break_("erp", "createSalesOrder", "drop_before", every=17)
    # Answered by nobody, done all the same: after the first look-up, and after the last one.
    mocks.break_("erp", "createSalesOrder", "latency_before", seconds=3.5 * pace, every=6)
    mocks.break_("erp", "createSalesOrder", "latency_before", seconds=9 * pace, every=15)
    mocks.break_("erp", "createSalesOrder", "latency_after_commit", seconds=0.6, every=2)
    mocks.break_("crm", "changeOrder", "drop_after_commit", every=9)

    play.play()

    stage = play.stage
    # What shows late settles itself; what is held then is what nobody knows.
    stage.until(play.is_settled)
    orders = play.orders()
    unknown = {order.id for order in orders if not play.prove(order)}
    dead = stage.host.deliveries.list(states=["dead"], limit=5000)
    assert {each.subject for each in dead} == unknown
    assert {each.failure for each in dead} <= {"possibly_created"}
    stage.prove_nothing_else_was_ordered(len(play.quotes) - len(unknown))
    play.tally.orders, play.tally.held = len(orders) - len(unknown), len(unknown)
    assert play.tally.in_window >= play.plan.in_window

    # A person has looked, and says that they are not there: then they are sent, once.
    for delivery in dead:
        stage.host.placements.deny(delivery.subject, actor="user:U-kim", reason="looked, not there")
        stage.host.deliveries.retry(delivery.id, actor="user:U-kim")
    stage.until(lambda: not set(stage.host.deliveries.counts()) - _FINISHED)
    assert all(play.prove(order) for order in play.orders())
    stage.prove_nothing_else_was_ordered(len(play.quotes))
    with capsys.disabled():
        print(f"\n  {play.tally}")
