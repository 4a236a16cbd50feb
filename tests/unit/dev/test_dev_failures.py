"""What a plugin raises when it is asked is told with its line, and shown where it happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.dev.failures import Failures
from crossdock.dev.trouble import trouble_at_work
from crossdock.errors import AccessDenied, RemoteUnavailable
from crossdock.host.watching.faults import hearing
from crossdock.testing.pytest_plugin import OpenDock

MANIFEST = """
id = "mine"
name = "Mine"
sdk = ">=0.1"
points = ["before_quote_save", "account_tabs"]
"""
CODE = """
from crossdock import Notice, Tab, View, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return ctx.crm.account(quote.account_id) and None

@hookimpl
def account_tabs():
    return [Tab(id="broken", title="Broken", render=broken)]

def broken(ctx, account, params):
    return View([Notice(text=str(1 / 0))])
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    return folder


def test_the_terminal_tells_it_once_and_each_page_that_it_spoils_shows_it(open_dock, plugin):
    told, refreshed = [], []
    dock = open_dock(plugin, inline=False, deadlines={"guard": 20, "view": 20})
    failures = Failures(dock.host, {"mine": plugin}, told.append, lambda: refreshed.append(True))
    with hearing(failures.hear):
        for _ in range(2):
            dock.open_tab("broken", dock.story["account"])
            (shown,) = failures.to_show()
            assert (shown.fault, shown.place) == ("code", "plugin.py:13")
            assert "ZeroDivisionError" in shown.message
            assert "tab mine/broken" in shown.message
            assert "/crossdock/host/" not in shown.detail
            assert not failures.to_show()
        assert told == [shown]
        failures.forget("mine")
        dock.judge(dock.host.crm.quote(dock.story["quote"]))
    assert (told[1].fault, told[1].place) == ("manifest", "plugin.toml:1")
    assert told[1].hint == 'Add "crm.accounts:read" to scopes, or leave the call out.'
    failures.forget("mine")
    assert not failures.to_show()
    assert not refreshed  # each was met while a page was made


def test_what_a_worker_met_lets_open_pages_load_anew(open_dock: OpenDock, plugin):
    refreshed = []
    dock = open_dock(plugin)
    failures = Failures(dock.host, {"mine": plugin}, lambda _: None, lambda: refreshed.append(True))
    for _ in range(2):
        assert failures.hear("mine", "quote_saved", ValueError("no"))
    assert refreshed == [True]
    assert not failures.hear("another", "quote_saved", ValueError("no"))


def test_a_system_that_fails_is_not_the_codes_fault_and_a_users_rights_are_nobodys(plugin):
    def judged(raised, scopes=frozenset()):
        return trouble_at_work("mine", plugin, "before_quote_save", raised, scopes=scopes)

    away = judged(RemoteUnavailable("the ERP does not answer", system="erp"))
    assert (away.fault, "inspector" in away.hint) == ("server", True)
    denied = AccessDenied("kim may not", scope="crm.accounts:read")
    assert judged(denied, frozenset({"crm.accounts:read"})) is None
    wrong = judged(TypeError("before_quote_save answered True"))
    assert wrong.place == "plugin.py:5"  # the hook that answered
