"""`crossdock serve` as a process: slow and endless clients, deaths, restarts, wrong settings."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("sidecar-command")]

KEY = "cdk_" + "e" * 40
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_QUOTE = {
    "account_id": "A-1001",
    "currency": "EUR",
    "lines": [{"item_id": "BRG-1001", "quantity": "2"}],
}
_HEAD = (
    f"POST /v1/quotes HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: {KEY}\r\n"
    "X-Crossdock-User: kim\r\nContent-Type: application/json\r\n"
).encode()


def _answer(connection):
    """Everything that comes until the other side hangs up."""
    received = b""
    while True:
        try:
            chunk = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not chunk:
            return received
        received += chunk


def test_it_says_where_it_is_and_that_a_worker_must_run(serve):
    served = serve()
    assert served.process.ready["document"] == f"{served.url}/openapi.json"
    assert "crossdock worker" in served.process.ready["note"]
    ready = served.client.get("/health/ready").json()
    workers = next(each for each in ready["checks"] if each["name"] == "workers")
    assert (workers["status"], workers["count"]) == ("warn", 0)

    worker = served.stage.start_worker()
    served.stage.until(lambda: _workers(served) == 1)
    worker.kill()
    served.stage.until(lambda: _workers(served) == 0)


def _workers(served):
    checks = served.client.get("/health/ready").json()["checks"]
    return next(each["count"] for each in checks if each["name"] == "workers")


def test_ten_megabytes_are_refused_by_their_announcement(standing):
    with standing.connect() as connection:
        connection.sendall(_HEAD + b"Content-Length: 10000000\r\n\r\n" + b" " * 1000)
        answer = _answer(connection)
    assert b" 413 " in answer[:40]
    assert b"too_large" in answer
    # One who sends them all the same sees that, or that nobody listens any more.
    with contextlib.suppress(httpx.TransportError):
        sent = standing.client.post("/v1/quotes", content=b" " * 10_000_000,
                                  headers={"Content-Type": "application/json"})  # fmt: skip
        assert sent.status_code == 413
    assert standing.client.get("/health/live").status_code == 200


def test_a_chunked_body_that_never_ends_is_cut(standing):
    with standing.connect() as connection:
        connection.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 64 * len(chunk):
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 64 * len(chunk) or b" 413 " in _answer(connection)
    assert standing.client.get("/health/live").status_code == 200


def test_slow_clients_are_bounded_by_time(serve):
    served = serve(read_seconds=1)
    with served.connect() as silent, served.connect() as slow, served.connect() as drip:
        slow.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        drip.sendall(_HEAD + b"Content-Length: 100\r\n\r\n{")

        def trickle():
            for _ in range(40):
                try:
                    slow.sendall(b"X-Slow: 1\r\n")
                    drip.sendall(b" ")
                except OSError:
                    return
                time.sleep(0.1)

        thread = threading.Thread(target=trickle)
        thread.start()
        assert _answer(silent) == b""  # hung up on
        assert b"200" not in _answer(slow)
        assert b" 408 " in _answer(drip)
        thread.join()
    assert served.client.get("/health/live").status_code == 200


def test_headers_without_end_are_refused(standing):
    with standing.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 40_000)
        assert b" 400 " in _answer(connection)[:40]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST /v1/quotes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/quotes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /v1/quotes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_answered(standing, rubbish):
    with standing.connect() as connection:
        connection.sendall(rubbish)
        connection.shutdown(socket.SHUT_WR)
        assert b" 200 " not in _answer(connection)[:40]
    assert standing.client.get("/health/live").status_code == 200
    assert "Traceback" not in standing.log()


def test_killed_while_it_saved_it_saves_once_after_the_restart(served):
    """The client does not know whether it was done; nor does the side-car, and it says so."""
    served.stage.mocks.break_("crm", "createQuote", "latency_after_commit", seconds=4, times=1)
    before = served.stage.mocks.count("crm", "crm_quotes")
    headers = {"Idempotency-Key": "once-1"}
    lost = []

    def ask():
        try:
            served.client.post("/v1/quotes", json=_QUOTE, headers=headers)
        except httpx.TransportError as gone:
            lost.append(gone)

    asking = threading.Thread(target=ask)
    asking.start()
    served.stage.until_struck("crm")
    served.process.kill()
    asking.join()
    assert lost
    served.start()
    again = served.client.post("/v1/quotes", json=_QUOTE, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_in_doubt")
    served.stage.until(lambda: served.stage.mocks.count("crm", "crm_quotes") == before + 1)
    new = served.client.post("/v1/quotes", json=_QUOTE, headers={"Idempotency-Key": "once-2"})
    assert new.status_code == 201


def test_an_event_survives_a_kill_and_is_accepted_once(served):
    body = json.dumps(
        {
            "type": "crossdock.record.changed",
            "timestamp": "2026-11-20T08:00:00Z",
            "data": {"system": "crm", "entity": "account", "id": "A-1001", "action": "updated",
                     "at": "2026-11-20T08:00:00Z", "version": "9"},
        }
    )  # fmt: skip

    def send(secret=WHSEC):
        at = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg_1", at, body),
        }
        return served.client.post("/v1/events/node", content=body, headers=headers)

    first = send()
    assert first.status_code == 202
    served.process.kill()
    served.start()
    assert send().json() == {**first.json(), "repeated": True}
    assert send("whsec_" + "C" * 32).status_code == 401


def test_asked_to_stop_it_answers_what_is_under_way_and_ends_well(served):
    served.stage.mocks.break_("crm", "getQuote", "latency_before", seconds=2, times=1)
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(served.client.get("/v1/quotes/Q-1001").status_code)
    )
    asking.start()
    served.stage.until_struck("crm")
    os.kill(served.process.pid, signal.SIGTERM)
    asking.join()
    assert answers[0] in (200, 404)
    served.stage.until(lambda: not served.process.alive())
    assert "Traceback" not in served.log()


def test_a_new_key_is_shown_once_and_its_table_works(crossdock, stage):
    made = crossdock("serve", "--new-key", "crm", "--json")
    key = json.loads(made.stdout)
    assert key["key"].startswith("cdk_")
    with stage.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[server.keys.crm]\nsha256 = "{key["sha256"]}"\nscopes = ["plugins:read"]\n')
    served = stage.processes.start(
        "serve", "serve", "--config", str(stage.config), "--port", "0", "--json"
    )
    url = f"{served.ready['url']}/v1/plugins"
    assert httpx.get(url, headers={"X-Api-Key": key["key"]}).status_code == 200
    assert httpx.get(url, headers={"X-Api-Key": key["sha256"]}).status_code == 401


_KEY = 'secret = "' + "x" * 40 + '"'


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ("", ["lets nobody call", "[server.keys.NAME]", "--new-key"]),
        ('[server.keys.a]\nscopes = ["*"]', ["[server.keys.a] needs either sha256 or secret"]),
        ('[server.keys.a]\nscopes = ["*"]\nsecret = "short"', ["fewer than 32 characters"]),
        (f'[server.keys.a]\nscopes = ["tabs"]\n{_KEY}', ["server.keys.a.scopes", "tabs:read"]),
        (f'[server.keys.a]\nscopes = ["*"]\n{_KEY}\n[server.keys.b]\nscopes = ["*"]\n{_KEY}',
         ["[server.keys.a] and [server.keys.b] are the same key"]),
        ('[server.keys.a]\nscopes = ["*"]\nsecret = { env = "NOT_SET_ANYWHERE" }',
         ["server.keys.a.secret", "NOT_SET_ANYWHERE", "not set"]),
        pytest.param(
            '[server.senders.a]\nsecret = "whsec_!"',
            ["[server.senders.a] secret", "base64"],
            marks=pytest.mark.full,
        ),
        pytest.param(
            '[server.jwt]\nissuer = "i"\naudience = "a"\nalgorithms = ["none"]\njwks_file = "x"',
            ["server.jwt.algorithms", "'none' cannot stand here"],
            marks=pytest.mark.full,
        ),
        pytest.param(
            '[server.jwt]\nissuer = "i"\naudience = "a"\nalgorithms = ["RS256"]',
            ["[server.jwt] needs either jwks_url or jwks_file"],
            marks=pytest.mark.full,
        ),
        pytest.param(
            '[server.jwt]\nissuer = "i"\naudience = "a"\nalgorithms = ["RS256"]\njwks_file = "x"',
            ["[server.jwt] jwks_file", "holds no keys"],
            marks=pytest.mark.full,
        ),
        ("[server]\nthreads = 0", ["server.threads"]),
        ("[server]\nthread = 4", ["server.thread", "did you mean threads?"]),
    ],
)  # fmt: skip
def test_wrong_settings_are_said_with_place_and_remedy(refused, stage, server, says):
    with stage.config.open("a", encoding="utf-8") as file:
        file.write(f"\n{server}\n")
    refused("serve", "--config", stage.config, "--port", "0", says=says)


def test_a_taken_port_is_said_at_once(refused, standing):
    port = standing.address[1]
    refused("serve", "--config", standing.stage.config, "--port", port, says=[f"port {port}"])
