"""Processes that serve one set of rights each, plugins that call themselves, circuits that open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crossdock.errors import RemoteUnavailable
from crossdock.host.isolation.remote import status_of
from crossdock.host.isolation.settings import BreakerSettings
from crossdock.ports import Guards
from crossdock.records import User

ADA = User(id="U-ada", name="Ada", roles=("accounting",))
REMEMBERS = """
import os
from crossdock import Warn, hookimpl
seen = []

@hookimpl
def before_quote_save(ctx, quote):
    seen.append(ctx.user.name)
    return Warn(f"{os.getpid()} {','.join(sorted(set(seen)))}")
"""
FAULTY = """
from crossdock import Veto, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    if quote.id == "veto":
        return Veto("no")
    if quote.id == "away":
        ctx.erp.using("main").item("away")
    if quote.id == "denied":
        ctx.crm.quotes("A-1")
    raise ValueError("broken")
"""
SAVES = """
from crossdock import hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    if len(quote.id) < 4:
        ctx.crm.save_quote(quote)
"""


def test_what_a_plugin_remembers_never_meets_a_user_of_other_rights(
    open_host, plugin_folder, called, kim
):
    folder = plugin_folder("remembers", REMEMBERS, scopes=["field:credit"])
    host = open_host("remembers", paths=(folder,), guard_seconds=30, pool=2)

    def ask(user):
        verdict = host.before_quote_save(called("Q-1"), user=user)
        assert not verdict.faults
        return user.name, *verdict.warnings[0].message.split()

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(ask, [kim, ADA, ADA, kim, kim, ADA] * 10))

    assert all(name == names for name, _, names in told)
    (plugin,) = host.plugins
    assert len(status_of(plugin).pids) <= 2


def test_a_plugin_that_leads_to_calls_of_itself_gets_a_process_for_each(
    open_host, plugin_folder, called, kim
):
    class Crm:
        system = "crm"
        guards = Guards()
        asked = 0

        def save_quote(self, quote):
            Crm.asked += 1
            verdict = host.before_quote_save(called(quote.id + "x"), user=kim)
            assert not verdict.faults, verdict.faults
            return quote

    folder = plugin_folder("saves", SAVES, scopes=["crm.quotes:write"])
    host = open_host("saves", paths=(folder,), guard_seconds=60, pool=1, crm=Crm())

    assert not host.before_quote_save(called("x"), user=kim).faults
    assert Crm.asked == 3


@pytest.mark.parametrize("policy", ["open", "closed"])
def test_a_plugin_that_keeps_failing_is_not_asked_and_the_policy_decides(
    policy, open_host, plugin_folder, called, kim
):
    folder = plugin_folder("faulty", FAULTY)
    host = open_host(
        "faulty",
        paths=(folder,),
        policy={"before_quote_save": policy},
        breaker=BreakerSettings(faults=3, cool_off_seconds=600),
    )

    verdicts = [host.before_quote_save(called("Q-1"), user=kim) for _ in range(4)]

    assert ["ValueError" in each.faults[0].message for each in verdicts] == [True] * 3 + [False]
    assert "PluginPaused: faulty is not asked for now" in verdicts[-1].faults[0].message
    assert verdicts[-1].allowed == (policy == "open")
    (plugin,) = host.plugins
    assert status_of(plugin).circuit == "open"


@pytest.mark.parametrize("deed", ["veto", "away", "denied"])
def test_no_veto_no_refusal_and_no_remote_system_opens_the_circuit(
    deed, open_host, plugin_folder, called, kim, monkeypatch
):
    folder = plugin_folder("faulty", FAULTY, scopes=["erp.items:read"])
    host = open_host("faulty", paths=(folder,), breaker=BreakerSettings(faults=2))

    def away(item_id):
        raise RemoteUnavailable("main is away", system="main")

    monkeypatch.setattr(host.erp.using("main"), "item", away)
    for _ in range(6):
        verdict = host.before_quote_save(called(deed), user=kim)
        assert "PluginPaused" not in "".join(each.message for each in verdict.faults)
    if deed == "away":
        assert verdict.unchecked
        assert verdict.faults[0].remote
    (plugin,) = host.plugins
    assert status_of(plugin).circuit == "closed"
