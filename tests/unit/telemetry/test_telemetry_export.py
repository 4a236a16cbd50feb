"""`[telemetry]` sends spans and metrics to a collector, over a real socket."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

PROGRAM = """
import sys
from crossdock import tracing
from crossdock.host.settings.config import HostConfig
from crossdock.host.watching.observation import set_up_observation
from crossdock.host.watching.telemetry import Telemetry

assert tracing.tracer() is None
set_up_observation(HostConfig.read(sys.argv[1]))
with tracing.span(tracing.tracer(), "a-span-of-ours"):
    Telemetry().observe("quote_saved", "mine", 0.1)
"""


@pytest.fixture
def collector():
    """Give the address of a collector, and what it was sent: path, headers and body."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def run(tmp_path, telemetry: str, **environ: str) -> subprocess.CompletedProcess[str]:
    config = tmp_path / "crossdock.toml"
    config.write_text(
        '[crm]\nsystem = "crm"\n[erp.main]\nsystem = "erp"\n[telemetry]\n' + telemetry
    )
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environ},
    )


def test_spans_and_metrics_reach_the_collector_with_its_key(tmp_path, collector):
    url, received = collector
    ran = run(
        tmp_path,
        f'exporter = "otlp"\nendpoint = "{url}"\nservice_name = "crossdock-test"\n'
        'headers = { x-api-key = { env = "COLLECTOR_KEY" } }\n',
        COLLECTOR_KEY="c0llector-key",
    )
    assert ran.returncode == 0, ran.stderr
    by_path = {path: (headers, body) for path, headers, body in received}
    assert set(by_path) == {"/v1/traces", "/v1/metrics"}
    headers, body = by_path["/v1/traces"]
    assert {key.lower(): value for key, value in headers.items()}["x-api-key"] == "c0llector-key"
    _, metrics = by_path["/v1/metrics"]
    assert b"crossdock.plugin.duration" in metrics
    if "gzip" not in headers.get("Content-Encoding", ""):
        assert b"a-span-of-ours" in body
        assert b"crossdock-test" in body
    assert "c0llector-key" not in ran.stdout + ran.stderr
