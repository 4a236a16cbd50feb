"""A hundred thousand accounts and customers brought together by processes that are killed.

Both systems live in a process of their own and outlive all of them. What the load came to is read
off the systems, the cross-reference and the list of what people are asked, against the truth.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from attrs import define, field, frozen
from tests.e2e.initial_load import loader, systems

from crossdock.host.initial_load.report import OUTCOMES
from crossdock.host.initial_load.rows import LoadRows
from crossdock.host.store import Store

pytestmark = pytest.mark.kill

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([loader.__name__, systems.__name__])
_STEPS = 9  # of each record on both sides: read, compared, written, checked
_STOPS = 3
_BYTES = 1_200  # that a company which is compared with may take


@frozen(kw_only=True)
class Lives:
    """The processes that it took."""

    killed: tuple[str, ...]  # in which phase
    stopped: int  # by a system that did not answer in time
    seconds: float
    peak: int  # bytes, of the largest


@define
class Found:
    """What was found of customers that are somebody else as well, against the truth."""

    automatic: list[bool] = field(factory=list)  # whether each was right
    asked: list[bool] = field(factory=list)
    known: int = 0  # customers that are an account, or a customer before
    hit: int = 0  # of these, how many were found, as what they are

    @property
    def precision(self):
        found = self.automatic + self.asked
        return sum(found) / len(found)

    @property
    def recall(self):
        return self.hit / self.known


class Loaded:
    """A load that came to its end, the systems as they are now, and the truth."""

    def __init__(self, folder, *, seed, size, kills):
        self.url = f"sqlite:///{folder}/host-{size}.db"
        mine, theirs = _PROCESSES.Pipe()
        served = _PROCESSES.Process(target=systems.run, args=(theirs, seed, size))
        served.start()
        theirs.close()  # so that its death is noticed
        (self.crm_url, self.erp_url), self.truth = mine.recv()
        try:
            self.lives = self._live(Random(seed), size, kills)
            mine.send("tell")
            self.accounts, self.customers = mine.recv()
        finally:
            mine.send("over")
            served.join()

    def _live(self, rng, size, kills):
        began = time.monotonic()
        killed, stopped, peak = [], [], 0
        while True:
            doomed = len(killed) < kills
            process = _PROCESSES.Process(
                target=loader.run_for,
                args=(
                    self.url,
                    self.crm_url,
                    self.erp_url,
                    rng.randint(0, 2 * _STEPS * size // (kills + 1)),
                    rng.uniform(0, size / 200_000) if doomed else None,
                ),
            )
            process.start()
            while process.exitcode is None:
                peak = max(peak, _peak(process.pid))
                process.join(0.5)
            with Store.open(self.url) as store:
                load = LoadRows(store).latest()
            if process.exitcode == -signal.SIGKILL and load.state != "done":
                killed.append(load.phase)
            elif load.state == "stopped" and len(stopped) < _STOPS:
                stopped.append(load.sentence)  # a busy machine: the mocks did not answer in time
            else:
                break  # it may have died when all was done
        assert load.sentence == ""
        assert process.exitcode in (0, -signal.SIGKILL)
        assert all("answer" in each for each in stopped), stopped
        return Lives(
            killed=tuple(killed), stopped=len(stopped), seconds=time.monotonic() - began, peak=peak
        )

    def all_is_accounted_for(self):
        """Check the sums, and that nothing was made twice; gives what came of each side."""
        with Store.open(self.url) as store:
            rows = LoadRows(store)
            load = rows.latest()
            counts = {side: rows.count(load.id, side) for side in ("crm", "erp")}
            links = store.links.of_crm("crm")
            doubtful = sum(
                1
                for side in counts
                for row in rows.rows(load.id, side)
                if row.reason.startswith("it may have been created")
            )
        lives = len(self.lives.killed) + self.lives.stopped + 1
        assert (load.state, load.runs) == ("done", lives)
        for system, (written, again) in load.findings["checksums"].items():
            assert written == again, system
        for side, there in (("crm", self.accounts), ("erp", self.customers)):
            before = self.truth["accounts" if side == "crm" else "customers"]
            made = counts["erp" if side == "crm" else "crm"]["created"]
            assert sum(counts[side].values()) == len(before)
            assert set(counts[side]) <= set(OUTCOMES)
            assert len(there) == len(before) + made
            # Each that was made carries the key of the one that it was made of.
            keys = Counter(key for _, key in there if key)
            assert set(keys.values()) == {1}
            assert len(keys) == made
        assert len({link.ref for link in links}) == len(links)
        assert doubtful <= len(self.lives.killed)
        return counts

    def found(self):
        """Hold the cross-reference and the list of what is asked against the truth."""
        with Store.open(self.url) as store:
            accounts = {link.customer_id: link.account_id for link in store.links.of_crm("crm")}
            asked = {
                each.customer_id: each.account_id
                for each in store.proposals.list("crm", limit=1_000_000)
            }
        was, customers = self.truth["accounts"], self.truth["customers"]
        # An account that was made of a customer is that company.
        company = dict(was) | {
            account: customers[customer]
            for customer, account in accounts.items()
            if customer in customers and account not in was
        }
        found = Found()
        met = set(was.values())
        # In the order in which they are listed (C-100000 before C-99999): of two that are one
        # company, the first is the one that the second is found as.
        for customer, entity in sorted(customers.items()):
            right = None
            if (account := accounts.get(customer)) in was:
                right = company[account] == entity
                found.automatic.append(right)
            elif customer in asked:
                right = company[asked[customer]] == entity
                found.asked.append(right)
            if entity in met:
                found.known += 1
                found.hit += bool(right)
            met.add(entity)
        return found


def _peak(pid):
    """Give the most memory that a process had so far."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(lines.get("VmHWM", "0 kB").split()[0]) * 1024


def _told(size, loaded, found, counts):
    lives = loaded.lives
    sums = "\n".join(
        f"  {side}: {sum(each.values()):,} read = "
        + " + ".join(f"{each[name]:,} {name}" for name in OUTCOMES if each[name])
        for side, each in counts.items()
    )
    return (
        f"\n{size:,} accounts, {size:,} customers: {lives.seconds:,.0f} s, "
        f"{2 * size / lives.seconds:,.0f} records/s, peak {lives.peak / 1e6:,.0f} MB, killed "
        f"{len(lives.killed)} times while {dict(Counter(lives.killed))}, stopped {lives.stopped}\n"
        f"{sums}\n"
        f"  precision {found.precision:.4f}, recall {found.recall:.4f} of {found.known:,}, "
        f"automatic {len(found.automatic):,} of which wrong {found.automatic.count(False)}, "
        f"asked {len(found.asked):,}"
    )


def test_what_killed_processes_brought_together_is_right(tmp_path):
    loaded = Loaded(tmp_path, seed=1, size=160, kills=2)
    counts, found = loaded.all_is_accounted_for(), loaded.found()

    assert loaded.lives.killed
    assert found.known == 8
    assert found.automatic.count(False) == 0
    assert found.precision >= 0.9, _told(160, loaded, found, counts)  # one of ten is much here
    assert found.recall >= 0.8


@pytest.mark.full
@pytest.mark.timeout(4 * 3_600)
def test_a_hundred_thousand_are_brought_together_in_bounded_memory(tmp_path, capsys):
    peaks = {}
    for size, kills in ((25_000, 4), (100_000, 12)):
        loaded = Loaded(tmp_path, seed=1, size=size, kills=kills)
        counts, found = loaded.all_is_accounted_for(), loaded.found()
        with capsys.disabled():
            print(_told(size, loaded, found, counts))
        peaks[size] = loaded.lives.peak
        assert found.automatic.count(False) == 0
        assert found.precision >= 0.99
        assert found.recall >= 0.95
    # All accounts are compared with, and all customers that are none of them.
    more = 2 * (100_000 - 25_000)
    assert (peaks[100_000] - peaks[25_000]) / more < _BYTES
