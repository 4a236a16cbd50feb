"""The engine behind real sockets, called by a real client."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from crossdock_mocks.engine import (
    App,
    Dialect,
    Fault,
    PortInUse,
    Problem,
    RawJson,
    Reply,
    TableSpec,
    serve_in_thread,
)

DOCUMENT = Path(__file__).with_name("notes.openapi.yaml")


def write(call):
    call.world.table("notes").insert(call.body)
    return Reply(201, call.body)


def read(call):
    text = call.world.table("notes").raw(call.path["id"])
    if text is None:
        raise Problem(404, "not_found")
    return Reply(body=RawJson(text))


@pytest.fixture(scope="module")
def app(own_cache):
    with own_cache():
        return App(
            Dialect(
                name="notes",
                document=DOCUMENT,
                behaviours={"write": write, "read": read},
                tables=[TableSpec("notes")],
                max_body=100_000,
            )
        )


@pytest.fixture
def world(app):
    return app.open_world()


@pytest.fixture
def client(app, world):
    with serve_in_thread((app, world)) as (address,), httpx.Client(base_url=address.base_url) as c:
        yield c


def test_what_was_written_is_read_back(client):
    assert client.post("/notes", json={"id": "a/b", "text": "ä"}).status_code == 201
    response = client.get("/notes/a%2Fb")
    assert response.json() == {"id": "a/b", "text": "ä"}
    assert response.headers["content-type"] == "application/json"


def test_a_connection_dropped_before_the_work_leaves_nothing(client, world):
    world.faults.add(Fault("drop_before", operation="write", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        client.post("/notes", json={"id": "1"})
    assert client.get("/notes/1").status_code == 404


def test_a_connection_dropped_after_the_commit_leaves_the_work_done(client, world):
    world.faults.add(Fault("drop_after_commit", operation="write", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        client.post("/notes", json={"id": "1"})
    assert client.get("/notes/1").json() == {"id": "1"}
    assert [(e.status, e.committed, e.fault) for e in world.journal.find(operation="write")] == [
        (201, True, "drop_after_commit")
    ]


@pytest.mark.parametrize("size", [20, 50_000])
def test_half_a_body_is_told_from_a_whole_one(client, world, size):
    world.faults.add(Fault("half_body", operation="write", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.post("/notes", json={"id": "1", "text": "x" * size})
    assert client.get("/notes/1").status_code == 200


def test_a_status_comes_with_retry_after(client, world):
    world.faults.add(Fault("status", status=429, retry_after=30, times=1))
    response = client.post("/notes", json={"id": "1"})
    assert (response.status_code, response.headers["retry-after"]) == (429, "30")
    assert client.post("/notes", json={"id": "1"}).status_code == 201


def test_a_client_that_times_out_may_have_been_served(client, world):
    world.faults.add(Fault("latency_after_commit", operation="write", seconds=30, times=1))
    with pytest.raises(httpx.ReadTimeout):
        client.post("/notes", json={"id": "1"}, timeout=0.05)
    assert client.get("/notes/1").status_code == 200


@pytest.mark.parametrize("kind", ["latency_before", "latency_after_commit"])
def test_a_waiting_request_does_not_hold_up_another(client, world, kind):
    world.faults.add(Fault(kind, operation="write", seconds=60, times=1))
    with socket.create_connection((client.base_url.host, client.base_url.port)) as slow:
        slow.sendall(
            b"POST /notes HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\n"
            b'Content-Length: 10\r\n\r\n{"id":"1"}'
        )
        while not world.faults.tally()[0][2]:
            time.sleep(0.001)
        assert client.get("/notes/none").status_code == 404
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(1)


def test_a_body_too_large_is_refused_without_reading_all_of_it(client):
    response = client.post(
        "/notes", content=b"[" * 5_000_000, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert client.get("/notes/none").status_code == 404


def test_headers_sent_twice_are_joined(client, world):
    client.get("/notes/x", headers=[("X-Tag", "a"), ("X-Tag", "b")])
    assert world.journal.last.raw_request_headers["x-tag"] == "a, b"


def test_two_mocks_have_a_port_each(app):
    one, two = app.open_world(name="one"), app.open_world(name="two")
    with serve_in_thread((app, one), (app, two)) as (first, second):
        httpx.post(f"{first.base_url}/notes", json={"id": "1"}).raise_for_status()
        assert httpx.get(f"{first.base_url}/notes/1").status_code == 200
        assert httpx.get(f"{second.base_url}/notes/1").status_code == 404
        assert (first.host, first.port != second.port) == ("127.0.0.1", True)


def test_a_port_in_use_is_told_and_nothing_is_left_open(app, world):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(PortInUse, match=f"port {port} on 127.0.0.1 is in use: stop the program"),
            serve_in_thread((app, world), (app, world), ports=[0, port]),
        ):
            pass
    with serve_in_thread((app, world), ports=[port]) as (address,):
        assert httpx.get(f"{address.base_url}/_mock/health").status_code == 200


SERVE = """
import sys
from crossdock_mocks.engine import App, Dialect, Reply, serve
behaviours = {"write": lambda call: Reply(201, {}), "read": lambda call: Reply(200, {})}
app = App(Dialect(name="n", document=sys.argv[1], behaviours=behaviours))
serve(
    [(app, app.open_world()), (app, app.open_world())],
    ready=lambda addresses: print(*[each.base_url for each in addresses], flush=True),
)
print("ended", flush=True)
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_is_ready_and_ends_on_a_signal(app, tmp_path, stop):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(app.dialect.document)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "XDG_CACHE_HOME": str(tmp_path)},
    )
    try:
        for url in process.stdout.readline().split():
            assert httpx.get(f"{url}/notes/1").status_code == 200
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err) == (0, "ended\n", "")
