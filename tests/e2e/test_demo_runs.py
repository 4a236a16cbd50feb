"""`crossdock demo` as a person starts it, and what is left of it afterwards."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.kill

_PATIENCE_SECONDS = 60.0


class Demo:
    """A demo that was started; its words arrive in a file."""

    def __init__(self, folder: Path, arguments: tuple[object, ...]) -> None:
        self._words = folder / "words.txt"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        with self._words.open("wb") as words:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "crossdock", "demo", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": str(self.temporary), "PYTHONUNBUFFERED": "1"},
            )
        self._seen: dict[int, psutil.Process] = {}

    @property
    def words(self) -> str:
        return self._words.read_text(encoding="utf-8")

    def fact(self, label: str) -> str:
        """What it said behind a label."""
        found = re.search(rf"^{label} +(.+)$", self.words, re.MULTILINE)
        assert found is not None, self.words
        return found[1]

    def look(self) -> None:
        """Remember its processes."""
        try:
            family = psutil.Process(self.popen.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return
        self._seen |= {child.pid: child for child in family}

    def until(self, holds: Callable[[str], Any]) -> None:
        """Wait until what it said is enough; it may end before."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not holds(self.words):
            self.look()
            assert time.monotonic() < deadline, self.words
            if self.popen.poll() is not None:
                assert holds(self.words), self.words
                return
            time.sleep(0.1)

    def end(self, *, seconds: float = _PATIENCE_SECONDS) -> int:
        """Wait until it has ended; gives its exit code."""
        deadline = time.monotonic() + seconds
        while self.popen.poll() is None:
            self.look()
            assert time.monotonic() < deadline, self.words
            time.sleep(0.1)
        return self.popen.returncode

    def prove_nothing_is_left(self, *, processes: int) -> None:
        """Prove that it had so many processes at least, and that all are gone with their ports."""
        assert len(self._seen) >= processes
        assert [child for child in self._seen.values() if child.is_running()] == []
        for port in re.findall(r"http://127\.0\.0\.1:(\d+)", self.words):
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", int(port))) != 0, port
        assert list(self.temporary.iterdir()) == []

    def close(self) -> None:
        if self.popen.poll() is None:
            self.look()
            self.popen.kill()
            self.popen.wait()
        for child in self._seen.values():
            if child.is_running():
                child.kill()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Start a demo."""
    started: list[Demo] = []

    def start(*arguments: object) -> Demo:
        started.append(Demo(tmp_path, arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


def _prove_one_order_to_paid(demo: Demo) -> None:
    """Ask the mock systems themselves, while the demo stays up."""
    crm_order, erp_order = re.fullmatch(
        r"(\S+) in the CRM, (\S+) in the ERP", demo.fact("Order")
    ).groups()
    with httpx.Client(base_url=demo.fact("Mock ERP"), headers={"X-Api-Key": "erp-demo-key"}) as erp:
        (found,) = erp.get("/sales-orders", params={"externalReference": crm_order}).json()["items"]
        assert found["id"] == erp_order
        whole = erp.get(f"/sales-orders/{erp_order}").json()
        assert whole["status"] == "paid"
        for line in whole["lines"]:
            quantities = line["quantities"]
            assert quantities["shipped"] == quantities["invoiced"] == quantities["ordered"]
        entries = erp.get("/_mock/journal", params={"operation": "createSalesOrder"}).json()
        (placed,) = (each for each in entries["entries"] if crm_order in each["request_body"])
        agent = placed["request_headers"]["user-agent"]
        worker = demo.fact("Worker").removeprefix("process ")
        assert re.fullmatch(
            rf"crossdock/\S+ \(worker w-{worker}-\w+; pid {worker}; plugin straight-through\)",
            agent,
        )
        assert agent == demo.fact("Placed by")
    with httpx.Client(base_url=demo.fact("Mock CRM")) as crm:
        token = crm.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("crossdock", "crossdock-secret"),
        ).json()["access_token"]
        crm.headers["Authorization"] = f"Bearer {token}"
        order = crm.get(f"/orders/{crm_order}").json()
        assert (order["status"], order["erp_order_id"]) == ("paid", erp_order)
        told = crm.get(f"/orders/{crm_order}/timeline", params={"sort": "at"}).json()["data"]
        keys = [entry["key"] for entry in told]
        assert len(keys) == len(set(keys))
        for kind in ("acknowledged:", "shipped:", "invoiced:", "paid:", "status:paid"):
            assert any(key.startswith(kind) for key in keys), keys
        assert keys[0].startswith("acknowledged:"), keys
        assert demo.fact("Timeline") == " > ".join(entry["title"] for entry in told)


def test_the_demo_plays_one_order_to_paid_and_leaves_nothing_behind(demo):
    started = demo("--once", "--port", "0")
    assert started.end() == 0, started.words

    assert started.words.rstrip().endswith("One order, placed once, shipped, invoiced and paid.")
    assert re.fullmatch(r"R-\d+ in the CRM, SO-\d+ in the ERP", started.fact("Order"))
    assert started.fact("Status") == "paid"
    assert "stopped" in started.words  # the other quote, over its credit limit
    started.prove_nothing_is_left(processes=3)


@pytest.mark.full
def test_the_demo_plays_on_hubspot_and_quickbooks_with_the_same_plugins(demo):
    started = demo(
        "--once", "--port", "0", "--scale", "0.05", "--crm", "hubspot", "--erp", "quickbooks"
    )
    assert started.end(seconds=150) == 0, started.words

    assert started.fact("Systems") == "HubSpot and QuickBooks Online"
    assert "A colleague changes it inside HubSpot, which asks nobody" in started.words
    assert "QuickBooks invoiced it" in started.words
    assert started.fact("Status") == "paid"
    assert re.fullmatch(
        r"crossdock/\S+ \(worker .*; plugin straight-through\)", started.fact("Placed by")
    )
    started.prove_nothing_is_left(processes=3)


@pytest.mark.full
def test_the_demo_plays_on_salesforce(demo):
    started = demo("--once", "--port", "0", "--scale", "0.05", "--crm", "salesforce")
    assert started.end(seconds=150) == 0, started.words

    assert started.fact("Systems") == "Salesforce and Reference ERP"
    assert "A colleague changes it inside Salesforce, which asks nobody" in started.words
    assert started.fact("Status") == "paid"
    started.prove_nothing_is_left(processes=3)


@pytest.mark.full
@pytest.mark.parametrize("crm", ["crm", "salesforce"])
def test_the_demo_plays_on_business_central(demo, crm):
    started = demo(
        "--once", "--port", "0", "--scale", "0.05", "--crm", crm, "--erp", "business-central"
    )
    assert started.end(seconds=150) == 0, started.words

    assert "Business Central" in started.fact("Systems")
    assert "orders more than its credit allows: stopped" in started.words
    assert "Business Central shipped and invoiced it" in started.words
    assert re.fullmatch(r"\S+ in the CRM, SO-\d+ in the ERP", started.fact("Order"))
    assert started.fact("Status") == "paid"
    started.prove_nothing_is_left(processes=3)


def test_the_order_that_the_demo_prints_is_in_the_erp_once_and_ctrl_c_stops_everything(
    demo, tmp_path
):
    kept = tmp_path / "kept"
    started = demo("--port", "0", "--scale", "0.1", "--keep", kept)
    started.until(lambda words: "Ctrl-C stops everything" in words)
    _prove_one_order_to_paid(started)
    assert httpx.get(started.fact("Desk"), follow_redirects=True).status_code == 200

    started.popen.send_signal(signal.SIGINT)
    started.popen.send_signal(signal.SIGINT)  # a person who presses twice stops it no less well
    assert started.end() == 0, started.words
    assert "Traceback" not in started.words
    started.prove_nothing_is_left(processes=3)
    assert {"crossdock.toml", "host.db", "mocks.log", "worker.log", "desk.log"} <= {
        each.name for each in kept.iterdir()
    }


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGTERM, "Mock ERP"),
        pytest.param(signal.SIGTERM, " 3. Promoted", marks=pytest.mark.full),
        (signal.SIGINT, ""),
        pytest.param(signal.SIGHUP, "Worker", marks=pytest.mark.full),
    ],
)
def test_a_demo_stopped_on_the_way_stops_its_parts_and_is_no_success(demo, number, moment):
    started = demo("--once", "--port", "0", "--scale", "0.1")
    started.until(lambda words: moment in words and started._seen)
    started.popen.send_signal(number)
    assert started.end() == 130, started.words

    assert "Stopped before its end." in started.words
    assert "Traceback" not in started.words
    started.prove_nothing_is_left(processes=1)


@pytest.mark.timeout(600)
def test_a_demo_stopped_at_any_moment_leaves_no_process(demo, chaos, tmp_path):
    drawn = random.Random(11)
    for number in range(20 if chaos else 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        started = Demo(folder, ("--once", "--port", "0", "--scale", "0.1"))
        try:
            ends = time.monotonic() + drawn.uniform(0.3, 6)  # when it is stopped is the point
            while time.monotonic() < ends and started.popen.poll() is None:
                started.look()
                time.sleep(0.02)
            started.popen.send_signal(signal.SIGTERM)
            assert started.end() in (0, 130, -signal.SIGTERM), started.words
            started.prove_nothing_is_left(processes=0)
        finally:
            started.close()


@pytest.mark.full  # Northwind is a folder, too
def test_the_demo_runs_on_a_folder_of_one_s_own(demo, crossdock, tmp_path):
    folder = tmp_path / "company"
    made = crossdock("data", "generate", folder, "--seed", 5, "--scale", 0.1, "--years", 1)
    assert made.returncode == 0, made.stderr
    started = demo("--once", "--port", "0", "--data", folder)
    assert started.end() == 0, started.words

    assert "seed 5" in started.fact("Company")
    assert started.fact("Status") == "paid"
    started.prove_nothing_is_left(processes=3)


@pytest.mark.full
@pytest.mark.realdata
def test_the_demo_runs_on_northwind(demo, crossdock, real_data, tmp_path):
    _import(crossdock, "northwind", real_data, tmp_path / "northwind")
    started = demo("--port", "0", "--data", tmp_path / "northwind")
    started.until(lambda words: "Ctrl-C stops everything" in words)
    _prove_one_order_to_paid(started)
    started.popen.send_signal(signal.SIGTERM)
    assert started.end() == 0, started.words
    started.prove_nothing_is_left(processes=3)


@pytest.mark.full  # half a million lines take two minutes
@pytest.mark.realdata
@pytest.mark.timeout(600)
def test_the_demo_runs_on_online_retail(demo, crossdock, real_data, tmp_path):
    _import(crossdock, "online-retail", real_data, tmp_path / "online-retail")
    started = demo("--once", "--port", "0", "--data", tmp_path / "online-retail")
    assert started.end() == 0, started.words
    assert started.fact("Status") == "paid"
    # The ERP took much longer to fill than the CRM; their clocks agree all the same.
    assert started.fact("Timeline").startswith("Acknowledged")
    started.prove_nothing_is_left(processes=3)


def _import(crossdock: Callable[..., Any], name: str, real_data: Path, out: Path) -> None:
    recipe = Path(__file__).parents[2] / "cookbook" / f"import-{name}"
    source = real_data / ("northwind" if name == "northwind" else "online-retail.csv.xz")
    done = crossdock("data", "import", "--map", recipe / "map.toml", source, out, seconds=300)
    assert done.returncode == 0, done.stderr
