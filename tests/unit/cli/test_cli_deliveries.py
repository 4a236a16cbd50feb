"""`crossdock deliveries`: what was rehearsed stands apart, and a system is tried at once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.records import Order, OrderPromoted

_CONFIG = """
[crm]
system = "crm"
[erp.main]
system = "erp"
[store]
url = "{url}"
"""


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path}/host.db"
    (tmp_path / "crossdock.toml").write_text(_CONFIG.format(url=url), encoding="utf-8")
    with Store.open(url) as store:
        yield store


@pytest.fixture
def run(tmp_path):
    def run(*arguments, code=0):
        config = ["--config", str(tmp_path / "crossdock.toml")]
        done = CliRunner().invoke(main, ["deliveries", *arguments, *config])
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def rehearsed(store):
    with Deliveries.open(store) as deliveries:
        order = Order(id="R-1", system="crm", currency="EUR", account_id="A-1")
        deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
        work = deliveries.ledger.begin(1, 1, "w-1", lambda _: "")
        deliveries.ledger.succeed(work, "w-1", rehearsed=True)
        yield deliveries


def test_what_was_rehearsed_is_counted_apart_listed_and_done_for_good(run, rehearsed):
    told = json.loads(run("list", "--state", "rehearsed", "--json"))
    assert [each["state"] for each in told["deliveries"]] == ["rehearsed"]
    assert told["counts"] == {"rehearsed": 1}
    assert "1 rehearsed" in run("list")
    assert "None yet" not in run("list", "--state", "done")
    assert "rehearsed" in run("show", "D-1")
    assert "D-1 is queued" in run("retry", "D-1")


def test_a_system_that_is_away_is_tried_at_once(run, rehearsed, store):
    with store.writing() as connection:
        rehearsed.circuits.failed(connection, "main", "it asked to wait", 86_000.0)
    assert "main is away" in run("circuits")
    (told,) = json.loads(run("circuits", "--try-now", "main", "--json"))
    (circuit,) = rehearsed.circuits.list()
    assert told["probe_at"] == circuit.probe_at.isoformat()
    assert circuit.probe_at - store.clock() < timedelta(seconds=1)
    assert "other is not away" in run("circuits", "--try-now", "other", code=1)
