"""What vendors need of the engine: refusals that know where they were made, windows of requests."""

from datetime import timedelta

import attrs
import httpx
import pytest

from crossdock_mocks.engine import App, Fault, MockTransport, Reply


@pytest.fixture
def telling(dialect, world):
    """A client of a system whose refusals tell the path and the time."""

    def refuse(problem, world, request):
        told = {"code": problem.code, "path": request.path, "at": world.now}
        return Reply(problem.status, told, problem.headers)

    app = App(attrs.evolve(dialect, refuse_at=refuse))
    return httpx.Client(transport=MockTransport(app, world), base_url="http://bakery")


def test_a_refusal_may_be_worded_by_world_and_request(telling, world):
    for path, status, code in (
        ("/nowhere", 404, "unknown_path"),
        ("/loaves?limit=none", 401, "authentication_required"),
    ):
        answer = telling.get(path)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (status, code)
        assert told["path"] == path.partition("?")[0]
        assert told["at"].startswith(f"{world.now:%Y-%m-%d}")


def test_a_fault_is_worded_so_too(telling, world):
    world.faults.add(Fault("status", operation="listLoaves", status=503))

    answer = telling.get("/loaves")

    assert (answer.status_code, answer.json()["path"]) == (503, "/loaves")


def test_the_journal_counts_what_was_answered_in_a_window(client, world):
    began = world.now
    for _ in range(3):
        client.get("/loaves")
    client.get("/nowhere")
    assert world.journal.answered_since(began, "/loaves", most=9) == 0  # at the instant itself
    before = began - timedelta(seconds=1)

    assert world.journal.answered_since(before, "/loaves", most=9) == 3
    assert world.journal.answered_since(before, "/", most=9) == 4
    assert world.journal.answered_since(before, "/", "listLoaves", most=9) == 3
    assert world.journal.answered_since(before, "/", most=2) == 2

    world.faults.add(Fault("status", operation="listLoaves", status=429))
    client.get("/loaves")
    assert world.journal.answered_since(before, "/loaves", most=9) == 3  # a 429 does not count
