import json
import re
import tomllib
from pathlib import Path

import httpx
import pytest
import yaml

HERE = Path(__file__).parent
WORKFLOW = yaml.safe_load((HERE / "workflow.yaml").read_text(encoding="utf-8"))
SCRIPT = "\n".join(each.get("run", "") for each in WORKFLOW["jobs"]["faults"]["steps"])


@pytest.fixture
def erp(open_mock):
    return open_mock("erp")


@pytest.fixture
def broken(erp):
    """The mock with the plan in force, as `--faults` sets it."""
    plan = tomllib.loads((HERE / "bad-day.toml").read_text(encoding="utf-8"))
    with erp.client() as client:
        client.post("/_mock/faults", json=plan).raise_for_status()
        yield client


def enter(client, key):
    """What the workflow's curl does: the body and headers that stand there, tried six times."""
    body = json.loads(re.search(r"--json '(.+?)'", SCRIPT)[1])
    headers = dict(each.split(": ") for each in re.findall(r'--header "(.+?)"', SCRIPT))
    headers["Idempotency-Key"] = key
    for _ in range(6):
        try:
            answer = client.post("/sales-orders", json=body, headers=headers)
        except httpx.TransportError:
            continue
        if answer.status_code == 201:
            return
    raise AssertionError(f"{key} was not entered in six tries")


def test_four_orders_are_there_once_each_and_the_story_says_what_struck(broken):
    (orders,) = re.findall(r"for order in (.+?); do", SCRIPT)
    for key in orders.split():
        enter(broken, key)
    (address,) = re.findall(r"http://127.0.0.1:8602(/_mock/journal\?[^']+)", SCRIPT)
    assert len(broken.get(address).json()["entries"]) == len(orders.split()) == 4
    assert "drop_after_commit" in broken.get("/_mock/faults/story").text


def test_the_same_plan_strikes_the_same_calls_again(broken, erp):
    def story():
        erp.reset()
        erp.faults.clear()
        plan = tomllib.loads((HERE / "bad-day.toml").read_text(encoding="utf-8"))
        broken.post("/_mock/faults", json=plan).raise_for_status()
        for number in range(4):
            enter(broken, f"PO-{number}")
        return [(each.method, each.status, each.fault) for each in erp.journal]

    assert story() == story()
