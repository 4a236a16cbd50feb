"""What is counted of each plugin, and whom the log warns of."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from crossdock.host.asking.verdict import Fault, Finding
from crossdock.host.watching.telemetry import BUCKETS, Telemetry


def the_only(telemetry: Telemetry):
    (point,) = telemetry.snapshot().points
    return point


def test_each_plugin_is_counted_at_each_point_with_its_outcomes():
    telemetry = Telemetry()
    for outcome in ("ok", "ok", "veto", "fault", "away"):
        telemetry.observe("quote_saved", "mine", 0.2, outcome)
    telemetry.observe("order_promoted", "mine", 0.1)
    points = {each.point: each for each in telemetry.snapshot().points}
    saved = points["quote_saved"]
    assert (saved.calls, saved.vetoes, saved.faults, saved.away) == (5, 1, 1, 1)
    assert saved.total_seconds == pytest.approx(1.0)
    assert points["order_promoted"].calls == 1


def test_a_verdict_says_who_failed_who_refused_and_who_was_kept_from_answering():
    telemetry = Telemetry()
    telemetry.guards(
        "before_quote_save",
        [("a", 0.001), ("b", 0.002), ("c", 0.003), ("d", 0.004)],
        faults=(
            Fault(plugin_id="a", message="broken", closes=True),
            Fault(plugin_id="b", message="ERP away", closes=False, remote=True),
        ),
        vetoes=(Finding(plugin_id="c", message="no"),),
        seconds=0.01,
        allowed=5.0,
    )
    seen = {
        each.plugin_id: (each.calls, each.faults, each.away, each.vetoes)
        for each in telemetry.snapshot().points
    }
    assert seen == {"a": (1, 1, 0, 0), "b": (1, 0, 1, 0), "c": (1, 0, 0, 1), "d": (1, 0, 0, 0)}


def test_percentiles_are_of_the_latest_calls_and_totals_of_all():
    telemetry = Telemetry()
    for number in range(1, 1001):
        telemetry.observe("quote_saved", "mine", number / 1000)
    point = the_only(telemetry)
    assert point.calls == 1000
    assert point.longest_seconds == 1.0
    assert point.median_seconds == pytest.approx(0.744)  # of 0.489 to 1.0
    assert point.p99_seconds == pytest.approx(0.995)
    assert point.buckets[BUCKETS.index(0.5)] == 500
    assert point.buckets[-1] == 1000


def test_a_duration_beyond_the_last_bound_is_counted_only_in_infinity():
    telemetry = Telemetry()
    telemetry.observe("quote_saved", "mine", 1000.0)
    assert the_only(telemetry).buckets == (*([0] * len(BUCKETS)), 1)


def test_nothing_is_lost_when_many_threads_count_at_once():
    telemetry = Telemetry()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work() -> None:
        for _ in range(2000):
            telemetry.guards(
                "before_quote_save",
                [("a", 0.0), ("b", 0.0)],
                faults=(),
                vetoes=(),
                seconds=0.0,
                allowed=5.0,
            )

    threads = [threading.Thread(target=work) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert [each.calls for each in telemetry.snapshot().points] == [16_000, 16_000]


def test_the_slowest_plugin_comes_first():
    telemetry = Telemetry()
    telemetry.observe("quote_saved", "quick", 0.1)
    telemetry.observe("quote_saved", "slow", 0.9)
    assert [each.plugin_id for each in telemetry.snapshot().points] == ["slow", "quick"]


def test_a_plugin_that_is_slow_again_and_again_is_warned_of(caplog):
    telemetry = Telemetry(slow_share=0.5, slow_calls=3)
    caplog.set_level(logging.WARNING, "crossdock.telemetry")
    for seconds in (3.0, 3.0, 1.0, 3.0, 3.0):
        telemetry.observe("before_quote_save", "mine", seconds, allowed=5.0)
    assert not caplog.records
    telemetry.observe("before_quote_save", "mine", 4.0, allowed=5.0)
    (record,) = caplog.records
    assert "the plugin mine is slow: 4 s of the 5 s that before_quote_save may take" in (
        record.getMessage()
    )
    assert (record.plugin, record.point, record.seconds) == ("mine", "before_quote_save", 4.0)
    assert the_only(telemetry).slow == 5


def test_a_plugin_that_stays_slow_is_told_each_time_that_it_has_doubled_and_not_each_time(caplog):
    telemetry = Telemetry(slow_calls=3)
    caplog.set_level(logging.WARNING, "crossdock.telemetry")
    for _ in range(24):
        telemetry.observe("quote_saved", "mine", 3.0, allowed=5.0)
    assert [record.getMessage().split(" times")[0].split()[-1] for record in caplog.records] == [
        "3", "6", "12", "24",
    ]  # fmt: skip


def test_calls_of_ports_are_counted_by_plugin_and_operation():
    telemetry = Telemetry()
    telemetry.port("mine", "erp.open_invoices", 0.5)
    telemetry.port("mine", "erp.open_invoices", 0.5, failed=True)
    (port,) = telemetry.snapshot().ports
    assert (port.calls, port.faults, port.total_seconds) == (2, 1, 1.0)
