"""Whose fault it is that a plugin cannot be taken over, and where."""

from __future__ import annotations

import textwrap
import threading
from pathlib import Path

import pytest

from crossdock.dev.reloading import Reloaded, Reloader
from crossdock.dev.trouble import trouble_of
from crossdock.testing import Dock
from crossdock.testing.pytest_plugin import OpenDock

MANIFEST = """
id = "mine"
name = "Mine"
sdk = ">=0.1"
points = ["before_quote_save"]

[config]
type = "object"
additionalProperties = false

[config.properties.most]
type = "integer"
default = 5
"""
CODE = """
from crossdock import Warn, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return Warn("first")
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    return folder


@pytest.fixture
def dock(open_dock: OpenDock, plugin: Path) -> Dock:
    return open_dock(plugin, inline=False, deadlines={"guard": 20})


@pytest.fixture
def saved(dock, plugin):
    """Save a file of the plugin, and give what is told of it."""
    news = []
    reloader = Reloader(dock.host, [plugin], news.append)

    def save(name, text):
        (plugin / name).write_text(text)
        reloader.take_over(plugin)
        return news[-1]

    save.reloader = reloader
    return save


def _warned(dock) -> list[str]:
    quote = dock.host.crm.quote(dock.story["quote"])
    return [each.message for each in dock.judge(quote).warnings]


def test_saved_code_is_what_is_asked_from_then_on(dock, saved):
    assert _warned(dock) == ["first"]
    assert isinstance(saved("plugin.py", CODE.replace("first", "second")), Reloaded)
    assert _warned(dock) == ["second"]


@pytest.mark.parametrize(
    ("name", "text", "fault", "place", "says"),
    [
        ("plugin.py", CODE + "\ndef (", "code", "plugin.py:8", "SyntaxError"),
        ("plugin.py", "import json\n\njson.loads('{')\n", "code", "plugin.py:3", "JSONDecodeError"),
        ("plugin.py", "import no_such_package\n", "code", "plugin.py:1", "no_such_package"),
        ("plugin.py", CODE.replace("quote_save", "quote_sve"), "code", "plugin.py:5", "quote_sve"),
        ("plugin.toml", "\nid = [", "manifest", "plugin.toml:2", "TOML"),
        (
            "plugin.toml",
            MANIFEST.replace("quote_save", "lunch"),
            "manifest",
            "plugin.toml:5",
            "before_lunch",
        ),
        ("plugin.toml", MANIFEST.replace(">=0.1", ">=99"), "manifest", "plugin.toml:4", "99"),
    ],
)
def test_what_is_wrong_is_told_with_fault_and_line_and_the_old_one_goes_on(
    dock, saved, name, text, fault, place, says
):
    trouble = saved(name, text)
    assert (trouble.fault, trouble.place) == (fault, place), trouble
    assert says in trouble.message
    assert trouble.goes_on
    assert "goes on" in " ".join(trouble.lines())
    assert saved.reloader.troubles
    assert _warned(dock) == ["first"]


def test_a_setting_that_does_not_fit_is_the_settings_fault(dock, saved):
    wanting = MANIFEST.replace('type = "object"\nadd', 'type = "object"\nrequired = ["limit"]\nadd')
    trouble = saved("plugin.toml", wanting + '\n[config.properties.limit]\ntype = "integer"\n')
    assert trouble.fault == "config"
    assert "limit" in trouble.message


def test_what_was_mended_is_no_trouble_any_more(saved):
    saved("plugin.py", "def (")
    assert saved.reloader.troubles
    saved("plugin.py", CODE)
    assert not saved.reloader.troubles


def test_what_is_none_of_the_plugins_doing_is_crossdocks_own_fault(plugin):
    trouble = trouble_of("mine", plugin, RuntimeError("a bug"), goes_on=True)
    assert trouble.fault == "server"
    assert "not your plugin" in trouble.hint
    assert trouble.lines()[-1] == "The version from before goes on."


def test_a_save_is_noticed(dock, plugin):
    news, came, stop = [], threading.Event(), threading.Event()

    def tell(what):
        news.append(what)
        came.set()

    watching = threading.Thread(target=Reloader(dock.host, [plugin], tell).watch, args=(stop,))
    watching.start()
    try:
        for number in range(200):  # the watching may not have begun
            (plugin / "plugin.py").write_text(CODE.replace("first", f"save {number}"))
            if came.wait(0.3):
                break
        assert isinstance(news[0], Reloaded)
    finally:
        stop.set()
        watching.join()


def test_a_plugin_that_never_loaded_is_told_from_the_start(open_dock, plugin):
    dock = open_dock(plugin, inline=False)
    (plugin / "plugin.py").write_text(textwrap.dedent("raise ValueError('not yet')"))
    dock.host.disable("mine")
    told = []
    reloader = Reloader(dock.host, [plugin], told.append)
    reloader.take_over(plugin)
    assert told[0].fault == "code"
    assert not told[0].goes_on
