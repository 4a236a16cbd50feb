"""The door without a socket, and what is asked under /_mock/."""

import anyio
import httpx
import pytest
import respx

from crossdock_mocks.engine import Fault, MockTransport, asgi

FAULTY = {"Authorization": "Bearer flour"}


def bake(client, **options):
    return client.post("/loaves", json={"kind": "rye", "weight": 1}, **options)


def test_one_transport_serves_sync_and_async_clients(app, world):
    transport = MockTransport(app, world)

    async def read():
        async with httpx.AsyncClient(transport=transport, headers=FAULTY) as client:
            return await client.get("http://b/loaves/L-1")

    with httpx.Client(transport=transport, headers=FAULTY) as client:
        assert client.get("http://b/loaves/L-1").json() == anyio.run(read).json()


def test_a_mock_stands_beside_the_routes_of_respx(app, world):
    transport = MockTransport(app, world)

    async def read():
        async with httpx.AsyncClient(headers=FAULTY) as client:
            return await client.get("http://async.test/loaves/L-1")

    with respx.mock as router, httpx.Client(headers=FAULTY) as client:
        router.get("http://bank.test/rate").respond(json={"rate": "1.1"})
        router.route(host="bakery.test").mock(side_effect=transport)
        router.route(host="async.test").mock(side_effect=transport.handle_async_request)
        assert client.get("http://bank.test/rate").json() == {"rate": "1.1"}
        loaf = client.get("http://bakery.test/loaves/L-1").raise_for_status().json()
        assert loaf["id"] == "L-1"
        assert anyio.run(read).json() == loaf


def test_the_asgi_application_answers_the_same(app, world):
    async def read():
        transport = httpx.ASGITransport(asgi(app, world))
        async with httpx.AsyncClient(transport=transport, headers=FAULTY) as client:
            made = await client.post("http://b/loaves", json={"kind": "rye", "weight": 1})
            return made, await client.get("http://b/loaves", params={"limit": 1})

    made, listed = anyio.run(read)
    assert made.status_code == 201
    assert listed.json()["items"][0]["id"] == "L-1"


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("drop_before", "Server disconnected", False),
        ("drop_after_commit", "Server disconnected", True),
        ("half_body", "without sending complete message body", True),
    ],
)
def test_a_cut_connection_is_a_protocol_error(client, world, kind, error, kept):
    world.faults.add(Fault(kind, operation="bake", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match=error):
        bake(client)
    entry = world.journal.last
    assert (entry.fault, entry.committed) == (kind, kept)
    assert (len(world.table("loaves")) == 4) is kept


@pytest.mark.parametrize(("kind", "kept"), [("status", False), ("status_after_commit", True)])
def test_a_status_is_answered_with_retry_after(client, world, kind, kept):
    world.faults.add(Fault(kind, status=429, retry_after=7, times=1))
    response = bake(client)
    assert (response.status_code, response.headers.get("retry-after")) == (429, "7")
    assert (world.journal.last.verdict, world.journal.last.committed) == ("fault", kept)
    assert (len(world.table("loaves")) == 4) is kept


@pytest.mark.parametrize("kind", ["latency_before", "latency_after_commit"])
def test_an_answer_later_than_the_client_waits_is_a_time_out_and_the_work_is_done(
    client, world, kind
):
    world.faults.add(Fault(kind, operation="bake", seconds=3600, times=1))
    with pytest.raises(httpx.ReadTimeout):
        bake(client, timeout=0.01)
    assert len(world.table("loaves")) == 4
    assert bake(client).status_code == 201


def test_a_wait_is_slept_by_threads_and_awaited_by_tasks(app, world, monkeypatch):
    slept, awaited = [], []

    async def sleep(seconds):
        awaited.append(seconds)

    monkeypatch.setattr("crossdock_mocks.engine.transport.time.sleep", slept.append)
    monkeypatch.setattr("crossdock_mocks.engine.transport.anyio.sleep", sleep)
    world.faults.add(Fault("latency_before", seconds=2))
    transport = MockTransport(app, world)
    with httpx.Client(transport=transport, headers=FAULTY) as client:
        client.get("http://b/window")

    async def read():
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get("http://b/window")

    anyio.run(read)
    assert sum(slept) == 2
    assert awaited == [2]


def test_health_and_state_are_told(client, world):
    health = client.get("/_mock/health").json()
    assert (health["status"], health["mock"], health["operations"]) == ("ok", "bakery", 9)
    assert client.get("/_mock/state").json() == {"tables": {"loaves": 3}}
    page = client.get("/_mock/state/loaves?limit=2").json()
    assert [row["id"] for row in page["rows"]] == ["L-1", "L-2"]
    rest = client.get("/_mock/state/loaves", params={"after": page["next"]}).json()
    assert [row["id"] for row in rest["rows"]] == ["L-3"]
    assert client.get("/_mock/state/loaves/L-2").json()["kind"] == "wheat"
    assert len(world.journal) == 0, "asking about the mock is no exchange"


def test_reset_and_snapshots_over_the_wire(client):
    bake(client)
    assert client.post("/_mock/snapshots", json={"name": "four"}).status_code == 201
    bake(client)
    assert client.get("/_mock/snapshots").json() == {"snapshots": ["four"]}
    assert client.post("/_mock/snapshots/four/restore").status_code == 204
    assert client.get("/_mock/state").json()["tables"]["loaves"] == 4
    assert client.post("/_mock/reset").status_code == 204
    assert client.get("/_mock/state").json()["tables"]["loaves"] == 3


def test_faults_over_the_wire(client):
    rules = [
        {"kind": "status", "operation": "bake", "status": 503, "times": 1},
        {"kind": "drop_before", "nth": 9},
    ]
    assert client.post("/_mock/faults", json=rules).status_code == 201
    assert bake(client).status_code == 503
    assert bake(client).status_code == 201
    told = client.get("/_mock/faults").json()["faults"]
    assert [(f["kind"], f["calls"], f["strikes"]) for f in told] == [
        ("status", 2, 1), ("drop_before", 2, 0),
    ]  # fmt: skip
    assert client.delete("/_mock/faults").status_code == 204
    assert client.get("/_mock/faults").json() == {"faults": []}


def test_the_clock_over_the_wire(client, world):
    assert client.get("/_mock/clock").json() == {"now": "2026-03-04T05:06:07Z", "ticking": False}
    moved = client.put(
        "/_mock/clock", json={"now": "2027-01-01T00:00:00+00:00", "advance_seconds": 90}
    )
    assert moved.json()["now"] == "2027-01-01T00:01:30Z"
    assert client.put("/_mock/clock", json={"ticking": True}).json()["ticking"] is True
    assert world.clock.ticking


def test_the_journal_over_the_wire(client):
    bake(client)
    client.get("/loaves/L-9")
    found = client.get("/_mock/journal?operation=bake&committed=true").json()
    assert [(e["number"], e["status"]) for e in found["entries"]] == [(1, 201)]
    assert client.get("/_mock/journal?limit=1").json()["entries"][0]["number"] == 2
    assert client.delete("/_mock/journal").status_code == 204
    assert client.get("/_mock/journal").json() == {"entries": [], "total": 0}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "nothing", None, 404, "unknown_path"),
        ("POST", "health", None, 405, "method_not_allowed"),
        ("GET", "state/cakes", None, 404, "unknown_table"),
        ("GET", "state/loaves/L-9", None, 404, "not_found"),
        ("GET", "state/loaves?limit=x", None, 400, "invalid_limit"),
        ("GET", "state/loaves?after=x", None, 400, "invalid_cursor"),
        ("POST", "snapshots", "{", 400, "malformed_json"),
        ("POST", "snapshots", "{}", 422, "invalid_body"),
        ("POST", "snapshots/none/restore", None, 404, "unknown_snapshot"),
        ("POST", "faults", '{"kind": "explode"}', 422, "invalid_fault"),
        ("POST", "faults", '{"sort": "status"}', 422, "invalid_fault"),
        ("POST", "faults", '{"kind": "status", "operation": "x"}', 422, "unknown_operation"),
        ("POST", "faults", "7", 422, "invalid_fault"),
        ("PUT", "clock", "{}", 422, "invalid_body"),
        ("PUT", "clock", '{"now": "2026-01-01T00:00:00"}', 422, "invalid_instant"),
        ("PUT", "clock", '{"now": 7}', 422, "invalid_instant"),
        ("PUT", "clock", '{"advance_seconds": 1e300}', 422, "invalid_instant"),
        ("PUT", "clock", '{"ticking": 1}', 422, "invalid_body"),
        ("GET", "journal?colour=red", None, 400, "unknown_parameter"),
        ("GET", "journal?status=x", None, 400, "invalid_parameter"),
        ("GET", "journal?committed=x", None, 400, "invalid_parameter"),
    ],
)
def test_a_wrong_request_about_the_mock_is_refused(client, method, path, body, status, code):
    response = client.request(method, f"/_mock/{path}", content=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
