"""`crossdock mock` with a plan of faults, a recording, and a world that outlives the process."""

import json
import signal
import subprocess
import sys

import httpx
import pytest

from crossdock_mocks.dialects.erp import API_KEYS

PLAN = """
name = "a bad Friday"
[[faults]]
kind = "status"
operation = "getItem"
status = 429
retry_after = 9
nth = 1
"""
KEY = {"X-Api-Key": next(iter(API_KEYS))}


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "crossdock", "mock", "erp", "--scale", "0.05", "--json",
         *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_run_is_recorded_saved_and_told_when_it_is_terminated(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    har, saved = tmp_path / "run.har", tmp_path / "erp.db"
    with start("--faults", tmp_path / "plan.toml", "--record", har, "--persist", saved) as process:
        try:
            url = json.loads(process.stdout.readline())["mocks"]["erp"]
            with httpx.Client(base_url=url, headers=KEY) as client:
                item = client.get("/items?limit=1").json()["items"][0]["id"]
                answers = [client.get(f"/items/{item}") for _ in range(2)]
                client.post("/_mock/worlds", json={"name": "w1"})
                inside = client.get(f"/items/{item}", headers={"X-Mock-World": "w1"})
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert [each.status_code for each in (*answers, inside)] == [429, 200, 429]
    log = json.loads(har.read_text())["log"]
    assert [(each["_world"], each["response"]["status"]) for each in log["entries"]] == [
        ("w1", 429), ("erp", 200), ("erp", 429), ("erp", 200),
    ], "in the order of the worlds' clocks, and the fork's began anew"  # fmt: skip
    assert KEY["X-Api-Key"] not in har.read_text()
    assert "4 exchanges recorded in" in told
    assert "a bad Friday: 2 calls were struck:" in told
    assert told.count("was answered 429") == 2
    assert saved.read_bytes().startswith(b"SQLite format 3")
    with start("--persist", saved) as again:
        try:
            url = json.loads(again.stdout.readline())["mocks"]["erp"]
            assert httpx.get(f"{url}/items/{item}", headers=KEY).status_code == 200
        finally:
            again.kill()


def test_mocks_that_are_started_together_stand_on_one_clock():
    with start("crm", "--frozen") as process:
        try:
            at = json.loads(process.stdout.readline())["mocks"]
            moved = httpx.put(f"{at['erp']}/_mock/clock", json={"advance_seconds": 3600}).json()
            assert httpx.get(f"{at['crm']}/_mock/clock").json() == moved
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        ('[[faults]]\nkind = "half_bdy"\n', "did you mean half_body?"),
        ('[[faults]]\nkind = "status"\nnht = 3\n', "did you mean nth?"),
        (
            '[[faults]]\nkind = "status"\noperation = "getItems"\n',
            "faults[0].operation: there is no operation getItems; did you mean getItem?",
        ),
        ("faults = 7", "faults: should be array"),
        ("[[faults]", "is not a plan of faults"),
    ],
)
def test_a_plan_that_is_wrong_is_told_in_words(tmp_path, plan, complaint):
    from crossdock_mocks.engine.faults import FaultPlan, PlanError

    file = tmp_path / "plan.toml"
    file.write_text(plan)
    with pytest.raises(PlanError) as refused:
        FaultPlan.load(file).check(["getItem", "listItems"], "plan.toml")
    assert complaint in str(refused.value)
