"""A mock beside a test's own routes."""

import anyio
import httpx
import pytest
import respx

from crossdock_mocks.engine import Fault
from crossdock_mocks.engine.beside_respx import mount

BAKER = {"Authorization": "Bearer flour"}


async def fetch(url, **options):
    async with httpx.AsyncClient(headers=BAKER) as client:
        return await client.get(url, **options)


def test_a_mock_takes_what_the_routes_before_it_leave(app, world):
    with respx.mock as router:
        own = router.get("https://bakery.test/window").respond(503)
        route = mount(router, app, world, host="bakery.test")

        assert httpx.get("https://bakery.test/window", headers=BAKER).status_code == 503
        assert httpx.get("https://bakery.test/loaves", headers=BAKER).status_code == 200
        assert httpx.get("https://bakery.test/loaves/L-9", headers=BAKER).status_code == 404

    assert (own.call_count, route.call_count) == (1, 2)
    assert [entry.status for entry in world.journal] == [200, 404]


def test_another_host_is_not_taken(app, world):
    with respx.mock(assert_all_called=False) as router:
        mount(router, app, world, host="bakery.test")
        with pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get("https://other.test/loaves")


def test_more_of_a_request_may_have_to_fit(app, world):
    with respx.mock as router:
        mount(router, app, world, host="bakery.test", path__startswith="/loaves")
        router.route(host="bakery.test").respond(418)
        assert httpx.get("https://bakery.test/loaves", headers=BAKER).status_code == 200
        assert httpx.get("https://bakery.test/window", headers=BAKER).status_code == 418


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_asynchronous_client_is_answered(app, world, asynchronous):
    with respx.mock as router:
        mount(router, app, world, host="bakery.test", asynchronous=asynchronous)
        assert anyio.run(fetch, "https://bakery.test/loaves/L-1").json()["id"] == "L-1"


def test_a_wait_does_not_hold_up_other_tasks_of_asynchronous_clients(app, world, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("crossdock_mocks.engine.transport.anyio.sleep", sleep)
    world.faults.add(Fault("latency_before", seconds=2))
    with respx.mock as router:
        mount(router, app, world, host="bakery.test", asynchronous=True)
        assert anyio.run(fetch, "https://bakery.test/loaves/L-1").status_code == 200
    assert waited == [2]


def test_a_cut_connection_is_cut_beside_respx_too(app, world):
    world.faults.add(Fault("drop_after_commit", operation="bake"))
    loaf = {"kind": "rye", "weight": 1}
    with respx.mock as router:
        mount(router, app, world, host="bakery.test")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post("https://bakery.test/loaves", json=loaf, headers=BAKER)
    assert world.journal.last.committed
