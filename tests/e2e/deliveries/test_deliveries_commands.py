"""`crossdock deliveries` and `crossdock worker`."""

from __future__ import annotations

import json
import re
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
    assert re.match(r"D-1 is (queued|running|done)", crossdock("retry", "D-1"))
    scene.until_all("done")
    assert scene.count("a", "R-1") == 1  # the step before the refusal was not done again
    assert json.loads(crossdock("show", "D-1", "--json"))["state"] == "done"

    complaint = crossdock("retry", "D-1", exit_code=1)
    assert "D-1 is done; only what is dead or waiting can be retried" in complaint
    assert "no delivery D-99" in crossdock("show", "D-99", exit_code=1)


def test_a_worker_comes_up_with_every_system_away_and_ends_well_when_asked(sqlite_scene, tmp_path):
    config = tmp_path / "crossdock.toml"
    config.write_text(_CONFIG.format(url=sqlite_scene.url) + "\n[plugins]\nenabled = []\n")
    command = [sys.executable, "-c", "from crossdock.cli import main; main()", "worker", "--json"]
    with subprocess.Popen(
        [*command, "--config", str(config)], stdout=subprocess.PIPE, text=True
    ) as worker:
        told = [json.loads(worker.stdout.readline()) for _ in range(3)]
        assert {each["kind"] for each in told} == {"ready", "feed_away"}
        worker.terminate()
        told += [json.loads(line) for line in worker.stdout]
        assert worker.wait(timeout=60) == 0
    assert told[-1]["kind"] == "stopped"
    away = [each["system"] for each in told if each["kind"] == "feed_away"]
    assert sorted(away) == ["crm", "main"], "each system that is away is told once"


def test_a_refused_order_is_changed_assigned_noted_and_given_up_from_the_command_line(
    sqlite_scene, crossdock
):
    scene = sqlite_scene
    for order in ("R-1", "R-2"):
        scene.promote(order, account=f"A-{order}", script="refuse:b", lines=("BRG-1001",))
    scene.start_worker()
    scene.until_all("dead")

    assert "lines.0.quantity=1" in crossdock("edit", "D-1")
    wrong = crossdock("edit", "D-1", "--set", "lines.0.quantity=x", "--because", "y", exit_code=1)
    assert "lines.0.quantity: a quantity is a number above zero" in wrong
    assert "say why" in crossdock("edit", "D-1", "--set", "lines.0.quantity=3", exit_code=2)
    assert "D-1 is for role:accounting" in crossdock("assign", "D-1", "role:accounting")
    crossdock("note", "D-1", "asked the customer")
    listed = json.loads(
        crossdock(
            "list", "--assignee", "role:accounting", "--failure", "business", "--system", "main",
            "--json",
        )
    )  # fmt: skip
    assert [each["id"] for each in listed["deliveries"]] == ["D-1"]
    assert "no such deliveries" in crossdock("list", "--older-than", "1")

    scene.say("agreed")
    changed = crossdock("edit", "D-1", "--set", "lines.0.quantity=3", "--because", "a typo")
    assert re.match(r"D-1 is (queued|running|done) as revision 1", changed)
    scene.until(lambda: scene.deliveries.get("D-1").state == "done")
    assert scene.deliveries.event("D-1").order.lines[0].quantity == 3

    assert "D-2 is given up" in crossdock("give-up", "D-2", "--because", "ordered by phone")
    shown = json.loads(crossdock("show", "D-1", "--json"))
    assert [each["outcome"] for each in shown["attempts"]] == ["dead", "done"]
    assert [each["action"] for each in shown["history"]] == [
        "delivery.dead", "delivery.assigned", "delivery.noted", "delivery.edited",
    ]  # fmt: skip
    text = crossdock("show", "D-2")
    assert "given_up" in text
    assert "delivery.given_up  ordered by phone" in text


def test_what_is_over_is_moved_into_the_archive_and_taken_out_as_a_file(
    sqlite_scene, crossdock, tmp_path
):
    scene = sqlite_scene
    for order in ("R-1", "R-2"):
        scene.promote(order, account=order)
    for each in scene.deliveries.list():
        work = scene.deliveries.ledger.begin(each.number, 1, "w-1", lambda _: "")
        scene.deliveries.ledger.succeed(work, "w-1")
    assert "name --older-than DAYS" in crossdock("archive", exit_code=2)
    assert "0 deliveries were moved" in crossdock("archive", "--older-than", "1")
    file = tmp_path / "archive.jsonl"
    told = crossdock("archive", "--older-than", "0", "--export", str(file))
    assert "2 deliveries were moved into the archive; it holds 0." in told
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ["D-1", "D-2"]
    assert "is there already" in crossdock("archive", "--export", str(file), exit_code=2)
    assert crossdock("circuits") == "No system is away.\n"
