"""The slow-plugin report crosses processes by the store."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

from crossdock.host.diagnosis.storing import examine_speed
from crossdock.host.store import Store
from crossdock.host.watching.slow import remember_slow, slow_plugins
from crossdock.host.watching.telemetry import Telemetry

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def written() -> None:
    for thread in threading.enumerate():
        if thread.name == "slow plugin":
            thread.join()


def test_what_one_process_notices_is_read_in_another_and_told_by_the_doctor(tmp_path):
    url = f"sqlite:///{tmp_path}/host.db"
    with closing(Store.open(url, clock=lambda: NOW)) as store:
        telemetry = Telemetry(
            slow_calls=2, report=lambda *noticed: remember_slow(store, "worker w-1", NOW, *noticed)
        )
        for _ in range(2):
            telemetry.observe("quote_saved", "mine", 45.0, allowed=60.0)
        written()
    with closing(Store.open(url, clock=lambda: NOW + timedelta(hours=3))) as other:
        (slow,) = slow_plugins(other, since=timedelta(days=1))
        (finding,) = examine_speed(other)
    assert (slow.plugin_id, slow.point, slow.seconds, slow.in_a_row) == (
        "mine",
        "quote_saved",
        45.0,
        2,
    )
    assert (finding.status, finding.fault) == ("warn", "code")
    assert "mine took 45 s of the 60 s that quote_saved may take, 2 times in a row, 3 h ago" in (
        finding.text
    )


def test_what_was_noticed_long_ago_is_not_told_any_more(tmp_path):
    with closing(Store.open(f"sqlite:///{tmp_path}/host.db", clock=lambda: NOW)) as store:
        remember_slow(store, "desk", NOW - timedelta(days=2), "mine", "tab mine/one", 9.0, 10.0, 3)
        written()
        assert slow_plugins(store, since=timedelta(days=1)) == ()
        (finding,) = examine_speed(store)
    assert finding.status == "ok"
