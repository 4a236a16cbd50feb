"""Plugins whose code runs in processes of their own come, go and are replaced like others."""

from __future__ import annotations

import importlib.metadata
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crossdock.errors import PluginNotLoaded
from crossdock.host import HostConfig, SystemConfig
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.loading.registry import Registry

CODE = """
from crossdock import Warn, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return Warn("{said}")
"""


@pytest.fixture
def write(tmp_path: Path):
    def write_(name: str, code: str, *, where: str = "plugins", version="1.0", more="") -> Path:
        folder = tmp_path / where / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plugin.py").write_text(code)
        (folder / "plugin.toml").write_text(
            f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\nversion = "{version}"\n'
            f'points = ["before_quote_save"]\n{more}'
        )
        return folder

    return write_


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> HostConfig:
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [])
    (tmp_path / "plugins").mkdir()
    return HostConfig(
        crm=SystemConfig(name="crm", connector="none"),
        erps=(),
        plugin_paths=(tmp_path / "plugins",),
        inline=(),
    )


@pytest.fixture
def open_registry(plugin_processes):
    opened: list[Registry] = []

    def open_(config: HostConfig) -> Registry:
        opened.append(Registry(config))
        return opened[-1]

    yield open_
    for registry in opened:
        registry.close()
    assert not plugin_processes()


class Ctx:
    """As much of a call's context as these plugins use."""

    user = None
    deadline = 30.0
    now = datetime(2026, 11, 20, tzinfo=UTC)

    def __getattr__(self, name: str) -> Any:
        return None


def said(registry: Registry) -> list[str]:
    with registry.lease() as snapshot:
        return [impl.plugin.manifest.version for impl in snapshot.plan.of("before_quote_save")]


def test_no_code_of_a_plugin_in_a_process_is_imported_here(write, config, open_registry):
    write("apart", "import colorsys\n" + CODE.format(said="x"))
    sys.modules.pop("colorsys", None)

    registry = open_registry(config)

    (plugin,) = registry.snapshot.plugins
    assert plugin.isolation == "process"
    assert set(plugin.hooks["before_quote_save"].argument_names) == {"ctx", "quote"}
    assert "colorsys" not in sys.modules
    assert not [name for name in sys.modules if "_plugin_apart_" in name]


def test_what_a_process_said_before_it_died_is_told_however_late_it_is_heard(
    write, config, open_registry
):
    write("a-slow", "import time\ntime.sleep(1)\n" + CODE.format(said="x"))
    write("b-broken", "raise RuntimeError('no licence')")

    registry = open_registry(config)  # waits for the slow one while the broken one dies

    (aside,) = registry.snapshot.quarantined
    assert aside.id == "b-broken"
    assert "RuntimeError while it was imported: no licence" in aside.reason


def test_a_replaced_plugin_s_processes_go_when_the_last_call_is_over(
    write, config, open_registry, plugin_processes
):
    write("apart", CODE.format(said="old"))
    registry = open_registry(config)
    old = plugin_processes()

    with registry.lease():
        write("apart", CODE.format(said="new"), version="2.0")
        registry.replace("apart")
        assert old <= plugin_processes()
    left = plugin_processes()

    assert old
    assert left
    assert not old & left
    registry.disable("apart")
    assert not plugin_processes()


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("raise RuntimeError('no licence')", "no licence"),
        ("import os\nos._exit(3)", "3"),
        ("import sys\nsys.exit(4)", "SystemExit"),
        ("while True: pass", "import"),
        ("x = 1", "no such @hookimpl"),
    ],
)
def test_a_replacement_that_does_not_start_leaves_the_old_one_running_and_nothing_behind(
    write, config, open_registry, code, complaint, plugin_processes
):
    write("apart", CODE.format(said="old"))
    registry = open_registry(evolve(config, isolation=IsolationSettings(start_seconds=3)))
    running = plugin_processes()

    write("apart", code, version="2.0")
    with pytest.raises(
        PluginNotLoaded, match=r"apart cannot be replaced, and 1\.0 goes on"
    ) as told:
        registry.replace("apart")

    assert complaint in str(told.value)
    assert plugin_processes() == running
    assert said(registry) == ["1.0"]


def test_one_that_others_could_not_live_with_is_not_left_running(
    write, config, open_registry, plugin_processes
):
    write("prices", CODE.format(said="p"), version="1.2")
    write("margins", CODE.format(said="m"), more='[requires]\nplugins = ["prices>=1.2"]\n')
    registry = open_registry(config)
    running = plugin_processes()

    write("prices", CODE.format(said="older"), version="1.1")
    with pytest.raises(PluginNotLoaded, match="margins could not go on"):
        registry.replace("prices")

    assert plugin_processes() == running


def test_an_installed_plugin_in_a_process_is_replaced_by_its_new_code(
    write, config, open_registry, tmp_path, monkeypatch
):
    site = tmp_path / "site"
    package = write("sold-apart", CODE.format(said="old"), where="site")
    package = package.rename(site / "sold_in_a_process")
    (package / "__init__.py").write_text("")
    entry = importlib.metadata.EntryPoint("x", "sold_in_a_process", "crossdock.plugins")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [entry])
    registry = open_registry(evolve(config, plugin_paths=()))
    assert registry.snapshot.quarantined == ()

    manifest = package / "plugin.toml"
    manifest.write_text(manifest.read_text().replace("1.0", "2.0"))
    registry.replace("sold-apart")

    assert said(registry) == ["2.0"]
    assert "sold_in_a_process" not in sys.modules


def test_an_interrupted_start_leaves_no_process(write, config, plugin_processes):
    write("a-process", CODE.format(said="x"))
    write("z-inline", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        Registry(evolve(config, inline=("z-inline",)))

    assert not plugin_processes()


def test_what_must_run_in_a_process_does_so_where_all_others_run_inline(
    write, config, open_registry
):
    write("careful", CODE.format(said="x"), more="requires_process = true\n")
    write("plain", CODE.format(said="x"))

    registry = open_registry(evolve(config, inline="*"))

    assert {each.id: each.isolation for each in registry.snapshot.plugins} == {
        "careful": "process",
        "plain": "inline",
    }
