"""The example hosts of the cookbook, as their READMEs run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

KEY = "cdk_" + "e" * 40
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_FEWER_THAN = 40


@contextmanager
def _running(folder, port, *command, **environment):
    """Run an example until the block is over, and wait until it answers."""
    log = folder / "example.log"
    with log.open("wb") as written:
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert program.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-User": "kim"}) as client:
            yield client
    finally:
        program.terminate()
        try:
            program.wait(20)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("name", ["host-fastapi", "host-django"])
def test_the_example_embeds_the_host_in_under_forty_lines(cookbook, name):
    assert len((cookbook / name / "app.py").read_text("utf-8").splitlines()) < _FEWER_THAN


def test_a_fastapi_crm_shows_tabs_and_asks_the_guards(stage, cookbook, free_port, tmp_path):
    app = cookbook / "host-fastapi"
    command = [
        sys.executable, "-m", "uvicorn", "app:app", "--port", str(free_port),
        "--app-dir", str(app), "--log-level", "warning",
    ]  # fmt: skip
    with _running(tmp_path, free_port, *command, CROSSDOCK_CONFIG=str(stage.config)) as crm:
        page = crm.get("/accounts/A-1001", params={"tab": "erp-tabs/aging"})
        assert page.status_code == 200
        assert '<a href="?tab=erp-tabs/orders">' in page.text
        assert '<div class="cd-view"' in page.text

        stopped = crm.post("/accounts/A-1001/quotes", json={"item": "BRG-9999", "quantity": 2})
        assert stopped.status_code == 422
        assert stopped.json()["detail"]
        saved = crm.post("/accounts/A-1001/quotes", json={"item": "BRG-1001", "quantity": 2})
        assert saved.status_code == 201
        assert stage.host.crm.quote(saved.json()["id"]).pricing_status == "priced"


def test_a_django_crm_shows_tabs_and_asks_the_guards(stage, cookbook, free_port, tmp_path):
    command = [
        sys.executable, str(cookbook / "host-django" / "app.py"), "runserver", "--noreload",
        f"127.0.0.1:{free_port}",
    ]  # fmt: skip
    environment = {"CROSSDOCK_CONFIG": str(stage.config), "SECRET_KEY": "s" * 50}
    with _running(tmp_path, free_port, *command, **environment) as crm:
        page = crm.get("/accounts/A-1001", params={"tab": "erp-tabs/aging"})
        assert page.status_code == 200
        assert '<a href="?tab=erp-tabs/orders">' in page.text
        assert '<div class="cd-view"' in page.text
        forged = crm.post("/accounts/A-1001", data={"item": "BRG-1001", "quantity": "2"})
        assert forged.status_code == 403

        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        form = {"csrfmiddlewaretoken": token, "item": "BRG-9999", "quantity": "2"}
        assert 'role="alert"' in crm.post("/accounts/A-1001", data=form).text
        saved = crm.post("/accounts/A-1001", data={**form, "item": "BRG-1001"})
        quote_id = re.search(r"Saved as ([\w-]+):", saved.text)[1]
        assert stage.host.crm.quote(quote_id).pricing_status == "priced"


@pytest.fixture(scope="session")
def node_host(npm_packages, cookbook):
    """The Node example with its packages."""
    folder = cookbook / "host-node"
    where = npm_packages(folder)
    # Modules are looked up from where the program lies.
    program = Path(shutil.copy(folder / "host.mjs", where / f"host-{os.getpid()}.mjs"))
    yield program
    program.unlink()


def test_a_node_crm_uses_the_side_car_by_its_document(served, node_host, require_tool):
    worker = served.stage.start_worker()
    environment = {
        **os.environ, "SIDECAR_URL": served.url, "SIDECAR_KEY": KEY, "WEBHOOK_SECRET": WHSEC,
        "ACCOUNT": "A-1001",
    }  # fmt: skip
    ran = subprocess.run(
        [require_tool("node"), node_host],
        env=environment, capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:] + served.log()[-2000:]
    saw = json.loads(ran.stdout)

    assert "erp-tabs/aging" in saw["tabs"]
    assert saw["html"].startswith('<div class="cd-view"')
    assert not saw["stopped"]["allowed"]
    reasons = saw["stopped"]["vetoes"] + saw["stopped"]["approvals"]
    assert reasons[0]["message"]
    assert saw["passed"]["allowed"]
    assert saw["refused"]["errors"][0]["pointer"] == "/lines/0/quantity"
    assert saw["saved"]["quote"]["pricing_status"] == "priced"
    assert saw["accepted"]["event_id"] == saw["promoted"]["event_id"]
    assert saw["accepted"]["repeated"]  # the host had published it when it promoted
    assert saw["delivery"]["state"] == "done", worker.log.read_text()[-2000:]
    served.stage.prove_placed_once(served.stage.host.crm.order(saw["promoted"]["order"]["id"]))
