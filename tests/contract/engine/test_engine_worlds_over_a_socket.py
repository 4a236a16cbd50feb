"""One server, many worlds: chosen by header, token or port, and never seeing each other."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from crossdock_mocks.engine import MockTransport, TableSpec, World, serve_in_thread
from crossdock_mocks.engine.saving import SavedWorldError, load, save

IN_W1 = {"X-Mock-World": "w1"}


def ids(client, **options):
    return [row["id"] for row in client.get("/notes?limit=99", **options).json()["items"]]


def test_a_fork_begins_with_the_sealed_state_and_goes_its_own_way(buyer, shop):
    buyer.post("/notes", json={"id": "N-6"})
    assert buyer.post("/_mock/worlds", json={"name": "w1"}).status_code == 201
    key = buyer.post("/token", json={"client": "x"}, headers=IN_W1).json()["access_token"]
    inside = {**IN_W1, "Authorization": f"Bearer {key}"}
    assert ids(buyer, headers=inside) == ["N-1", "N-2", "N-3", "N-4", "N-5"]
    buyer.post("/notes", json={"id": "W-1"}, headers=inside)
    buyer.put("/_mock/clock", json={"advance_seconds": 60}, headers=IN_W1)
    buyer.post("/_mock/faults", json={"kind": "status"}, headers=IN_W1)
    assert ids(buyer) == ["N-1", "N-2", "N-3", "N-4", "N-5", "N-6"]
    told = buyer.get("/_mock/worlds").json()["worlds"]
    assert [each["name"] for each in told] == ["shop", "w1"]
    assert told[0]["now"] != told[1]["now"]
    assert {e["world"] for e in buyer.get("/_mock/journal").json()["entries"]} == {"shop"}
    assert buyer.get("/notes", headers=inside).status_code == 503
    assert buyer.post("/_mock/reset", headers=IN_W1).status_code == 204
    assert shop.worlds.get("w1").table("notes").count() == 5


def test_a_fork_of_a_named_world_begins_with_its_present_state(buyer):
    buyer.post("/notes", json={"id": "N-6"})
    buyer.post("/_mock/worlds", json={"name": "w1", "of": "shop"})
    assert ids(buyer, headers=IN_W1)[-1] == "N-6", "its tokens are good there too"


def test_a_world_is_chosen_by_the_token_that_comes(buyer):
    real = buyer.headers["Authorization"].removeprefix("Bearer ")
    for name in ("w1", "w2"):
        world = {"name": name, "of": "shop", "token": f"key-{name}", "credential": real}
        assert buyer.post("/_mock/worlds", json=world).status_code == 201
    buyer.post("/notes", json={"id": "A"}, headers={"Authorization": "Bearer key-w1"})
    assert ids(buyer, headers={"Authorization": "Bearer key-w1"})[-1] == "A"
    assert ids(buyer, headers={"Authorization": "Bearer key-w2"})[-1] == "N-5"
    assert ids(buyer)[-1] == "N-5"


def test_a_world_that_is_not_there_is_told_and_not_made_up(buyer, shop_app, shop):
    answer = buyer.get("/notes", headers={"X-Mock-World": "w9"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_world")
    with httpx.Client(transport=MockTransport(shop_app, shop)) as inside:
        asked = inside.get("http://s/notes", headers={"X-Mock-World": "w9"})
    assert asked.json() == answer.json()
    buyer.post("/_mock/worlds", json={"name": "w1"})
    assert buyer.delete("/_mock/worlds/w1").status_code == 204
    assert buyer.get("/_mock/health", headers=IN_W1).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "shop"}, 409),
        ({"name": "w1", "of": "nowhere"}, 404),
        ({"name": ""}, 422),
        ({"name": "w1", "colour": "red"}, 422),
        ({"name": "w1", "credential": "x"}, 422),
        ([], 422),
    ],
)
def test_a_world_that_cannot_be_made_is_refused(buyer, body, status):
    assert buyer.post("/_mock/worlds", json=body).status_code == status


def live_in(url, number):
    """Make a world, work in it, and tell what it holds."""
    name = f"world-{number}"
    with httpx.Client(base_url=url, headers={"X-Mock-World": name}, timeout=60) as client:
        client.post("/_mock/worlds", json={"name": name}, headers={"X-Mock-World": "shop"})
        key = client.post("/token", json={"client": name}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {key}"
        client.put("/_mock/clock", json={"advance_seconds": number})
        for note in range(6):
            client.post("/notes", json={"id": f"{name}/{note}"}).raise_for_status()
        entries = client.get("/_mock/journal").json()["entries"]
        return ids(client), {each["world"] for each in entries}, len(entries)


def test_64_worlds_in_threads_on_one_server_never_see_each_other(shop_app, shop):
    with serve_in_thread((shop_app, shop)) as (address,), ThreadPoolExecutor(64) as pool:
        lives = list(pool.map(lambda number: live_in(address.base_url, number), range(64)))
    for number, (seen, worlds, exchanges) in enumerate(lives):
        name = f"world-{number}"
        assert seen == [f"N-{n}" for n in range(1, 6)] + [f"{name}/{n}" for n in range(6)]
        assert (worlds, exchanges) == ({name}, 7)
    assert shop.table("notes").count() == 5
    assert len(shop.journal) == 0


UNDER_XDIST = """
import os
import httpx
import pytest

@pytest.mark.parametrize("number", range(64))
def test_a_world_is_alone(number):
    name = f"{os.environ['PYTEST_XDIST_WORKER']}-{number}"
    inside = {"X-Mock-World": name}
    with httpx.Client(base_url=os.environ["SHOP"], headers=inside, timeout=60) as client:
        made = client.post("/_mock/worlds", json={"name": name}, headers={"X-Mock-World": "shop"})
        assert made.status_code == 201
        key = client.post("/token", json={"client": name}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {key}"
        assert client.post("/notes", json={"id": "same"}).status_code == 201
        assert len(client.get("/notes?limit=99").json()["items"]) == 6
"""


def test_worlds_are_alone_under_xdist_too(shop_app, shop, tmp_path):
    file = tmp_path / "test_worlds.py"
    file.write_text(UNDER_XDIST)
    with serve_in_thread((shop_app, shop)) as (address,):
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "2",
             "-p", "no:cacheprovider", "--rootdir", tmp_path, "-c", "/dev/null", file],
            env={
                "SHOP": address.base_url,
                "PATH": "",
                "PYTHONPATH": ":".join(sys.path),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
    assert "64 passed" in run.stdout, run.stdout + run.stderr
    assert {name.partition("-")[0] for name in shop.worlds.names} == {"shop", "gw0", "gw1"}
    assert shop.table("notes").count() == 5


def test_a_world_is_saved_to_a_file_and_goes_on_from_it(buyer, shop_app, shop, tmp_path):
    buyer.post("/notes", json={"id": "N-6"})
    buyer.put("/_mock/clock", json={"advance_seconds": 60})
    file = tmp_path / "shop.db"
    save(shop, file)
    again = shop_app.open_world()
    load(again, file)
    assert again.table("notes").get("N-6")["id"] == "N-6"
    assert (again.now, again.sequences) == (shop.now, shop.sequences)
    again.table("notes").clear()
    again.reset()
    assert again.table("notes").count() == 6
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]


def test_a_file_of_something_else_is_refused_in_words(shop, tmp_path):
    save(World([TableSpec("notes")]), tmp_path / "notes.db")
    with pytest.raises(SavedWorldError, match="another system, or by another version"):
        load(shop, tmp_path / "notes.db")
    (tmp_path / "text.db").write_text("no database")
    for name in ("text.db", "none.db"):
        with pytest.raises(SavedWorldError, match="does not hold a saved world"):
            load(shop, tmp_path / name)
    with pytest.raises(SavedWorldError, match="cannot be saved"):
        save(shop, tmp_path / "no" / "where.db")
    assert shop.table("notes").count() == 5
