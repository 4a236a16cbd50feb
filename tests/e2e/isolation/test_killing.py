"""Plugins that are killed again and again, and hosts that are killed over their plugins."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from crossdock.host.isolation.remote import status_of
from crossdock.host.isolation.settings import BreakerSettings

DEEDS = ("exits", "hangs", "kills-itself", "eats-memory", "closes-descriptors", "aborts", "spins")
NEVER = BreakerSettings(faults=1_000_000, minimum_calls=1_000_000)


@pytest.mark.kill
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.full)])
def test_killing_one_plugin_costs_the_others_no_answer(kills, open_host, bystanders, called, kim):
    host = open_host(guard_seconds=3, breaker=NEVER, restart_seconds=0)
    (hostile,) = (each for each in host.plugins if each.id == "hostile")
    seen: set[int] = set()
    died = faults = 0

    with bystanders(host, threads=3) as others:
        while died < kills:
            before = set(status_of(hostile).pids)
            seen |= before
            verdict = host.before_quote_save(called(DEEDS[died % len(DEEDS)]), user=kim)
            faults += any(each.plugin_id == "hostile" for each in verdict.faults)
            died += bool(before - set(status_of(hostile).pids))
            host.before_quote_save(called("behaves"), user=kim)

    assert not others.wrong
    assert others.answers > kills
    assert faults >= kills
    assert len(seen) >= kills
    assert not [
        pid for pid in seen if psutil.pid_exists(pid) and pid not in status_of(hostile).pids
    ]


@pytest.mark.kill
@pytest.mark.parametrize("kernel", ["auto", "off"])
def test_no_process_of_a_plugin_outlives_its_host(kernel, wait_for):
    command = [
        sys.executable,
        str(Path(__file__).with_name("doomed_host.py")),
        kernel,
        "spins",
        "spins-in-c",
        "hangs",
        "prints-without-end",
    ]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert host.stdout is not None
        pids = json.loads(host.stdout.readline())
        assert len(pids) == 4
        assert all(psutil.pid_exists(pid) for pid in pids)
    finally:
        host.send_signal(signal.SIGKILL)
        host.wait()
        host.stdout.close()

    wait_for(lambda: not [pid for pid in pids if _runs(pid)])


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
