"""A host's plugins are changed while it is open, by its own methods and by its crossdock.toml."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from crossdock.errors import ConfigError, PluginNotLoaded
from crossdock.host import Host
from crossdock.host.loading.following import Follower, following
from crossdock.host.loading.registry import Change
from crossdock.records import QuoteSaved

GUARD = """
from crossdock import Warn, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return Warn("{said}")
"""


@pytest.fixture
def said(quote):
    """What the guards of a host say of a quote."""

    def ask(host: Host) -> list[str]:
        verdict = host.before_quote_save(quote, user="kim")
        assert verdict.faults == ()
        return [finding.message for finding in verdict.warnings]

    return ask


@pytest.fixture
def change(tmp_path: Path):
    def write(plugin_id: str, code: str) -> None:
        (tmp_path / "plugins" / plugin_id / "plugin.py").write_text(code)

    return write


def test_a_host_installs_replaces_disables_enables_and_unloads(
    write_plugin, open_host, said, change
):
    write_plugin("first", GUARD.format(said="1"))
    home = write_plugin("second", GUARD.format(said="2"))
    host = open_host("first")
    told = [said(host)]

    host.enable("second")
    told.append(said(host))
    change("first", GUARD.format(said="one"))
    host.replace("first")
    told.append(said(host))
    host.disable("first")
    told.append(said(host))
    host.unload("second")
    told.append(said(host))
    host.install(home / "second")
    told.append(said(host))

    assert told == [["1"], ["1", "2"], ["one", "2"], ["2"], [], ["2"]]
    assert [plugin.id for plugin in host.plugins] == ["second"]


def test_a_bad_replacement_changes_nothing_for_anybody(write_plugin, open_host, said, change):
    write_plugin("first", GUARD.format(said="1"))
    host = open_host("first")
    before = host.plan

    change("first", "def broken(:")
    with pytest.raises(PluginNotLoaded, match="first cannot be replaced, and 0 goes on"):
        host.replace("first")

    assert host.plan is before
    assert said(host) == ["1"]


def test_events_go_to_those_that_are_loaded_when_they_are_published(write_plugin, open_host, quote):
    code = GUARD.replace("before_quote_save", "quote_saved")
    write_plugin("first", code, points=["quote_saved"])
    write_plugin("second", code, points=["quote_saved"], manifest='version = "2.0"\n')
    host = open_host("first")
    event = QuoteSaved(quote=quote)

    before = host.subscriptions(event)
    host.enable("second")

    assert before == [("first", "0")]
    assert host.subscriptions(event) == [("first", "0"), ("second", "2.0")]


def test_a_host_that_was_not_opened_from_a_file_has_nothing_to_reload(open_host):
    with pytest.raises(ConfigError, match="not opened from a crossdock"):
        open_host().reload()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crossdock.toml"


@pytest.fixture
def configure(file: Path):
    def write(*enabled: str, more: str = "") -> None:
        file.write_text(
            '[crm]\nsystem = "crm"\nurl = "http://127.0.0.1:9"\nclient_id = "a"\n'
            'client_secret = "b"\n[erp.main]\nsystem = "erp"\nurl = "http://127.0.0.1:9"\n'
            f'api_key = "c"\n[plugins]\npaths = ["plugins"]\nenabled = {list(enabled)}\n'
            f'inline = "*"\n{more}'
        )

    return write


def test_a_reload_follows_the_file(write_plugin, configure, file, change):
    write_plugin("first", GUARD.format(said="1"))
    write_plugin("second", GUARD.format(said="2"))
    configure("first")
    with Host.open(file) as host:
        configure("second", "first")
        change("first", GUARD.format(said="one"))

        told = host.reload()

        assert str(told) == "added second; replaced first"
        assert host.explain("before_quote_save") == ("second", "first")
        configure(more="colour = 'red'\n")
        with pytest.raises(ConfigError, match="colour"):
            host.reload()
        assert host.explain("before_quote_save") == ("second", "first")


def test_a_file_that_was_written_anew_is_noticed_once(file):
    file.write_text("1")
    reloaded: list[str] = []
    told: list[str] = []

    def reload() -> Change:
        reloaded.append(file.read_text())
        if file.read_text() == "bad":
            raise ConfigError("it is bad")
        return Change(added=("x",))

    follower = Follower(file, reload, lambda kind, text: told.append(f"{kind}: {text}"))
    follower.look()
    for text in ("22", "bad", "4444"):
        file.write_text(text)
        follower.look()
        follower.look()
    away = file.replace(f"{file}.away")
    follower.look()
    away.replace(file)
    follower.look()

    assert reloaded == ["22", "bad", "4444"]
    assert told[0] == f"reloaded: {file} was changed; plugins: added x"
    assert told[1] == f"trouble: {file} was changed and cannot be taken over: it is bad"
    assert len(told) == 3


@pytest.mark.parametrize("watch", [True, False])
def test_a_command_that_runs_on_follows_its_file_if_it_is_told_to(
    write_plugin, configure, file, watch
):
    write_plugin("first", GUARD.format(said="1"))
    write_plugin("second", GUARD.format(said="2"))
    more = f"watch = {str(watch).lower()}\n"
    configure("first", more=more)
    reloaded = threading.Event()
    threads = threading.active_count()
    with (
        Host.open(file) as host,
        following(host, lambda *_: reloaded.set(), every_seconds=0.005),
    ):
        assert (threading.active_count() > threads) is watch
        configure("first", "second", more=more)
        if watch:
            assert reloaded.wait(30)
            assert host.explain("before_quote_save") == ("first", "second")
    assert threading.active_count() == threads
