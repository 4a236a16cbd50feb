"""The recipe "add a system", played as it is written: its mock, its connector, its tabs."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from crossdock.demo.setting import write_configuration
from crossdock.host import Host
from crossdock.render.text import render_text

_RECIPE = Path(__file__).parents[2] / "cookbook" / "add-a-system"
_TOKEN = {"X-Ledgerbox-Token": "ledgerbox-demo-token"}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """What `pip install -e .` makes of the recipe: its entry points, and its folder on the path."""
    project = tomllib.loads((_RECIPE / "pyproject.toml").read_text("utf-8"))["project"]
    info = tmp_path / "site" / f"crossdock_ledgerbox-{project['version']}.dist-info"
    info.mkdir(parents=True)
    name, version = project["name"], project["version"]
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(
        "\n".join(
            f"[{group}]\n" + "\n".join(f"{name} = {value}" for name, value in entries.items())
            for group, entries in project["entry-points"].items()
        )
    )
    for folder in (_RECIPE, tmp_path / "site"):
        monkeypatch.syspath_prepend(str(folder))
    path = os.pathsep.join(map(str, (_RECIPE, tmp_path / "site")))
    monkeypatch.setenv("PYTHONPATH", path)


def test_its_own_tests_pass(installed, tmp_path):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(_RECIPE)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)

    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "5 passed" in ran.stdout


def test_it_is_a_command_a_healthy_system_and_an_account_s_tab(
    installed, processes, crossdock, tmp_path
):
    mocks = processes.start("mocks", "mock", "crm", "ledgerbox", "--json", "--scale", "0.05")
    crm, ledgerbox = mocks.ready["mocks"]["crm"], mocks.ready["mocks"]["ledgerbox"]
    refused = httpx.get(f"{ledgerbox}/clients", params={"size": 1000}, headers=_TOKEN)
    assert (refused.status_code, refused.json()) == (
        400,
        {"reason": "invalid_request", "say": "/size should be at most 100"},
    )
    assert httpx.get(f"{ledgerbox}/clients").status_code == 401

    now = datetime.fromisoformat(mocks.ready["now"])
    config = write_configuration(tmp_path, crm_url=crm, erp_url=ledgerbox, now=now)
    config.write_text(
        config.read_text("utf-8")
        .replace('system = "erp"', 'system = "ledgerbox"')
        .replace('api_key = "erp-demo-key"', 'token = "ledgerbox-demo-token"')
    )
    told = crossdock("doctor", "--config", config)
    assert told.returncode == 0, told.stdout
    assert "0 wrong" in told.stdout
    assert "orders_by_reference" in told.stdout  # among what it cannot do

    with closing(Host.open(config)) as host:
        (customer,) = host.trading_accounts(host.crm.account(mocks.ready["story"]["account"]))
        newest = max(host.erp.invoices(customer), key=lambda bill: (bill.issued_on, bill.id))

        def tab(name: str) -> str:
            shown = host.render_tab(f"erp-tabs/{name}", "A-1001", user="kim").view
            return " ".join(render_text(shown).split())

        assert newest.id in tab("invoices")
        assert f"{newest.gross.amount:,.2f}" in tab("invoices")
        assert "Ledgerbox (main) keeps no orders" in tab("orders")
        assert "Ledgerbox (main) keeps no credit notes" in tab("aging")
