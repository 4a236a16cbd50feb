"""Areas are examined side by side; whatever one of them does, the others are told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from crossdock.errors import ConfigError
from crossdock.host.diagnosis import configuration, machine
from crossdock.host.diagnosis.examination import examine
from crossdock.host.diagnosis.findings import Area, Findings
from crossdock.host.diagnosis.reach import _clock

find = Findings("x")


def well():
    yield find.ok("fine")


def breaks():
    yield find.ok("began")
    raise KeyError("a mistake of ours")


def exits():
    raise SystemExit(7)
    yield find.ok("never")


def misconfigured():
    raise ConfigError("[store] url is wrong")
    yield find.ok("never")


def test_a_check_that_breaks_is_told_and_hides_nothing():
    first, second, third = examine([Area("a", breaks), Area("b", well)])
    assert (first.status, second.status, third.status) == ("ok", "fail", "ok")
    assert "the examination itself broke: KeyError" in second.text
    assert "breaks, line" in second.text
    assert "fault of crossdock doctor" in second.advice


def test_a_check_that_wants_to_end_the_program_is_told():
    (found,) = examine([Area("a", exits)])
    assert "SystemExit" in found.text


def test_what_the_configuration_makes_impossible_is_the_configurations_fault():
    (found,) = examine([Area("a", misconfigured)])
    assert (found.fault, found.text) == ("config", "[store] url is wrong")


def test_a_check_that_hangs_is_told_with_what_it_found_before_and_holds_nobody_up():
    forever = threading.Event()

    def hangs():
        yield find.ok("got so far")
        forever.wait()

    asked: list[list[str]] = []
    found = examine(
        [Area("slow", hangs, 0.3), Area("quick", well)],
        progress=lambda areas: asked.append(list(areas)),
    )
    forever.set()
    assert found[0].text == "got so far"
    assert "was not over after 0.3 s" in found[1].text
    assert found[2].text == "fine"
    assert ["slow"] in asked


def test_findings_stand_in_the_order_of_the_areas_whichever_is_quicker():
    gate = threading.Event()

    def waits():
        gate.wait(10)
        yield Findings("first").ok("late")

    def opens():
        yield Findings("second").ok("early")
        gate.set()

    assert [each.area for each in examine([Area("first", waits), Area("second", opens)])] == [
        "first", "second",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ahead", "says"), [(0, ""), (20, ""), (300, "ahead of"), (-300, "behind")]
)
def test_a_clock_that_is_off_by_more_than_half_a_minute_is_told(ahead, says):
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    found = list(_clock(find, httpx.Headers({"date": told})))
    assert bool(found) is bool(says)
    assert not found or says in found[0].text


def test_a_date_of_rubbish_says_nothing_of_the_clock():
    assert list(_clock(find, httpx.Headers({"date": "soon"}))) == []


def test_a_package_that_is_missing_or_too_old_is_told(monkeypatch):
    monkeypatch.setattr(
        machine, "requires", lambda _: ["no-such-package>=1", "attrs>=999", 'rich; extra == "docs"']
    )
    missing, old = [each for each in machine.examine_machine() if each.status == "fail"]
    assert "no-such-package is not installed" in missing.text
    assert "attrs is" in old.text
    assert "Crossdock needs >=999" in old.text


def test_a_python_that_is_too_old_is_told(monkeypatch):
    monkeypatch.setattr(machine, "_LEAST", (99, 0))
    assert "is too old" in next(machine.examine_machine()).text


def test_secrets_of_a_configuration_without_any_are_none(tmp_path):
    file = tmp_path / "crossdock.toml"
    file.write_text('[crm]\nsystem = "x"\n[erp.main]\nsystem = "y"\n')
    config = configuration.HostConfig.read(file, environ={})
    assert [each.text for each in configuration.examine_secrets(config)] == ["none is configured"]
