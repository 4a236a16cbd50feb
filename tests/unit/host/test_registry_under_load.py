"""A plugin is replaced again and again while several threads ask it without a pause."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Quote, QuoteLine, User

ASKING = 4
LATE_MODULES = 12

MANIFEST = """
id = "{id}"
name = "{id}"
sdk = ">=0.1"
version = "{version}.0"
points = ["before_quote_save"]
"""

# Tells its version in two places: its own module, and one of many that are imported only when a
# call happens to need them, which may be long after other code was put in their place.
CHANGING = """
import importlib
import itertools
import time

from crossdock import Warn, hookimpl

VERSION = {version}
calls = itertools.count()


@hookimpl
def before_quote_save(ctx, quote):
    number = next(calls)
    if number % 7 == 0:
        time.sleep(0.005)  # long enough that a replacement comes in between
    late = importlib.import_module(f".late_{{number % {late}}}", __package__)
    return Warn(f"{{VERSION}} {{late.VERSION}} {{ctx.config['said']}}")
"""

STEADY = """
from crossdock import Warn, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return Warn("steady")
"""


def write(folder: Path, version: int) -> None:
    """Put a version of the plugin where the one before lies."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(LATE_MODULES):
        (folder / f"late_{number}.py").write_text(f"VERSION = {version}\n")
    (folder / "plugin.py").write_text(CHANGING.format(version=version, late=LATE_MODULES))
    (folder / "plugin.toml").write_text(
        MANIFEST.format(id="mutable", version=version)
        + f"[config.properties.said]\ndefault = {version}\n"
    )


@pytest.fixture
def open_host(tmp_path: Path):
    """Open a host whose plugin `mutable` runs inline or in processes; `steady` runs inline."""
    opened: list[Host] = []

    def open_(*inline: str) -> Host:
        opened.append(_open(tmp_path, (*inline, "steady")))
        return opened[-1]

    yield open_
    for host in opened:
        host.close()


def _open(tmp_path: Path, inline: tuple[str, ...]) -> Host:
    plugins = tmp_path / "plugins"
    write(plugins / "mutable", 0)
    (plugins / "steady").mkdir()
    (plugins / "steady" / "plugin.toml").write_text(MANIFEST.format(id="steady", version=1))
    (plugins / "steady" / "plugin.py").write_text(STEADY)
    nobody: Any = _Nobody()
    opened = Host(
        HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            enabled=("mutable", "steady"),
            plugin_paths=(plugins,),
            roles={"sales": RoleConfig()},
            inline=inline,
        ),
        crm=nobody,
        erp=Router({}),
        store=Store.open(f"sqlite:///{tmp_path}/host.db"),
        deliveries=nobody,
        identity="test",
        now=lambda: datetime(2026, 11, 20, tzinfo=UTC),
    )
    assert opened.quarantined == ()
    return opened


class _Nobody:
    """A system that nobody calls here."""

    system = "crm"

    def close(self) -> None:
        pass


class _Asking(threading.Thread):
    """Asks the guards without a pause, and notes every answer that is not as it should be."""

    def __init__(self, host: Host, replaced: list[int], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.host, self.replaced, self.stop = host, replaced, stop
        self.asked = 0
        self.seen: set[int] = set()
        self.wrong: list[str] = []

    def run(self) -> None:
        line = QuoteLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
        quote = Quote(id="", account_id="A-1", currency="EUR", lines=(line,))
        user = User(id="U-kim", name="Kim", roles=("sales",))
        newest = 0
        while not self.stop.is_set():
            at_least = max(newest, self.replaced[-1])
            try:
                verdict = self.host.before_quote_save(quote, user=user)
                said = [finding.message for finding in verdict.warnings]
                code, late, settings = map(int, said[0].split())
            except Exception as lost:  # noqa: BLE001 - whatever it is, it is an answer lost
                self.wrong.append(f"lost: {lost!r}")
                continue
            self.asked += 1
            if verdict.faults or said[1:] != ["steady"]:
                self.wrong.append(f"others: {verdict.faults} {said}")
            if not code == late == settings:
                self.wrong.append(f"mixed: {said[0]}")
            if code < at_least:
                self.wrong.append(f"went back: {code} after {at_least}")
            newest = code
            self.seen.add(code)


@pytest.fixture
def prove(plugin_processes, tmp_path):
    """Replace the plugin while it is asked, and judge every answer."""

    def prove_(host: Host, replacements: int) -> None:
        _prove(host, tmp_path / "plugins" / "mutable", replacements, plugin_processes)

    return prove_


def _prove(host: Host, folder: Path, replacements: int, processes: Callable[[], set[int]]) -> None:
    threads_before = threading.active_count()
    replaced, stop = [0], threading.Event()
    asking = [_Asking(host, replaced, stop) for _ in range(ASKING)]
    for thread in asking:
        thread.start()
    for version in range(1, replacements + 1):
        write(folder, version)
        host.replace("mutable")
        replaced.append(version)
        asked = [thread.asked for thread in asking]  # of the next two, one began after that
        while any(now.asked < was + 2 for now, was in zip(asking, asked, strict=True)):
            if not all(thread.is_alive() for thread in asking):
                break
            stop.wait(0.001)
    stop.set()
    for thread in asking:
        thread.join(30)

    assert [wrong for thread in asking for wrong in thread.wrong] == []
    assert set.union(*(thread.seen for thread in asking)) >= set(range(1, replacements + 1))
    assert all(thread.asked >= 2 * replacements for thread in asking)
    gc.collect()
    assert len(generations()) <= 1  # none of code that runs in another process
    assert len(processes()) <= 4
    host.close()
    assert generations() == set()
    assert not processes()
    assert threading.active_count() <= threads_before


def generations() -> set[str]:
    return {name.split(".")[0] for name in sys.modules if "_plugin_mutable_" in name}


def test_no_answer_is_wrong_or_lost_while_a_plugin_is_replaced_a_hundred_times(open_host, prove):
    prove(open_host("mutable"), replacements=100)


def test_no_answer_is_wrong_or_lost_while_a_plugin_in_processes_is_replaced(open_host, prove):
    prove(open_host(), replacements=5)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("inline", "replacements"), [(("mutable",), 500), ((), 100)])
def test_no_answer_is_wrong_or_lost_in_hundreds_of_replacements(
    open_host, prove, inline, replacements
):
    prove(open_host(*inline), replacements=replacements)
