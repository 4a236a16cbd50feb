"""The exceptions queue from the command line, and publishers that race."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from crossdock.cli import main

pytestmark = pytest.mark.kill

_CONFIG = """
[crm]
system = "crm"
url = "http://127.0.0.1:1"
client_id = "crossdock"
client_secret = "secret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:1"
api_key = "key"

[store]
url = "{url}"
"""


@pytest.fixture
def crossdock(sqlite_scene, tmp_path):
    """Run `crossdock deliveries ...` on the scene's store."""
    config = tmp_path / "crossdock.toml"
    config.write_text(_CONFIG.format(url=sqlite_scene.url))

    def run(*arguments, exit_code=0):
        done = CliRunner().invoke(main, ["deliveries", *arguments, "--config", str(config)])
        assert done.exit_code == exit_code, done.output
        return done.output

    return run


def test_a_dead_delivery_is_listed_shown_and_retried(sqlite_scene, crossdock):
    scene = sqlite_scene
    scene.promote("R-1", script="refuse:b")
    scene.start_worker()
    scene.until_all("dead")

    listed = json.loads(crossdock("list", "--state", "dead", "--json"))
    assert [(each["id"], each["failure"]) for each in listed["deliveries"]] == [("D-1", "business")]
    assert listed["counts"] == {"dead": 1}
    table = crossdock("list")
    assert "D-1  dead   order_promoted  R-1" in table
    assert "(business) the customer is on hold" in table
    shown = crossdock("show", "D-1")
    assert "cause      the customer is on hold" in shown
    assert "crossdock deliveries retry D-1" in shown

    scene.say("agreed")
    assert "D-1 is queued" in crossdock("retry", "D-1")
    scene.until_all("done")
    assert scene.count("a", "R-1") == 1  # the step before the refusal was not done again
    assert json.loads(crossdock("show", "D-1", "--json"))["state"] == "done"

    complaint = crossdock("retry", "D-1", exit_code=1)
    assert "D-1 is done; only what is dead or waiting can be retried" in complaint
    assert "no delivery D-99" in crossdock("show", "D-99", exit_code=1)


_PUBLISHER = """
import sys
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.records import Order, OrderPromoted

with Store.open(sys.argv[1]) as store, Deliveries.open(store) as deliveries:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(20):
        order = Order(id=f"R-{number}", system="crm", currency="EUR", account_id=f"A-{number % 4}")
        deliveries.publish(OrderPromoted(order=order), [("scripted", "1.0.0")])
"""


def test_publishers_that_race_with_the_same_events_make_one_delivery_of_each(scene):
    publishers = [
        subprocess.Popen(
            [sys.executable, "-c", _PUBLISHER, scene.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [each.stdout.readline() for each in publishers] == ["ready\n"] * 2
    for each in publishers:
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in publishers:
        each.communicate(timeout=60)
        assert each.returncode == 0
    scene.start_worker()
    scene.until_all("done")
    ended = sorted(line[1] for line in scene.lines() if line[0] == "end")
    assert ended == sorted(f"R-{number}" for number in range(20))
