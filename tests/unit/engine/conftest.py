"""A bakery: a small made-up system to drive the engine with."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from crossdock_mocks.engine import (
    App,
    Dialect,
    MockTransport,
    Problem,
    RawJson,
    Reply,
    TableSpec,
    ge,
)

DOCUMENT = Path(__file__).with_name("bakery.openapi.yaml")

TOKEN = "flour"


def list_loaves(call):
    where = {}
    if "baked_since" in call.query:
        where["baked_on"] = ge(call.query["baked_since"])
    if "sliced" in call.query:
        where["sliced"] = call.query["sliced"]
    page = call.world.table("loaves").page_raw(
        where, limit=call.query["limit"], after=call.query.get("after")
    )
    return Reply(body=RawJson.object(items=RawJson.array(page.rows), next=page.next))


def bake(call):
    loaves = call.world.table("loaves")
    loaf = {"id": call.world.sequence("loaves", "L-", start=100), **call.body}
    loaf.pop("seeds", None)
    loaves.insert(loaf)
    if loaf["weight"] > 4000:
        raise Problem(409, "oven_too_small", detail="The oven takes 4000 g.")
    if loaf["weight"] == 3999:
        raise ZeroDivisionError("burnt")
    if loaf["weight"] == 3998:
        loaf["weight"] = "heavy"
    return Reply(201, loaf, {"Location": f"/loaves/{loaf['id']}"})


def get_loaf(call):
    text = call.world.table("loaves").raw(call.path["id"])
    if text is None:
        raise Problem(404, "not_found", detail=f"There is no loaf {call.path['id']}.")
    return Reply(body=RawJson(text))


def latest(call):
    loaf = call.world.table("loaves").first(order="-id")
    if loaf is None:
        raise Problem(404, "not_found")
    return Reply(body=loaf)


def change_loaf(call):
    changed = call.world.table("loaves").update(call.path["id"], **(call.body or {}))
    return Reply(body=changed, headers={"ETag": '"2"'} if call.headers["if-match"] != "no" else {})


def eat(call):
    if not call.world.table("loaves").delete(call.path["id"]):
        raise Problem(418, "undeclared")
    return Reply(204)


def oven(call):
    return Reply(body={"who": call.principal, "credentials": call.credentials})


def window(call):
    how = call.query.get("misbehave")
    if how == "status":
        return Reply(202, {"open": True})
    if how == "body":
        return Reply(200, {"open": "yes"})
    if how == "nothing":
        return Reply(200)
    if how == "type":
        return Reply(200, b"open", {"content-type": "text/plain"})
    return Reply(200, {"open": True})


def token(call):
    return Reply(body={"access_token": TOKEN, "asked": call.body})


def authenticate(call):
    if call.credentials.get("bearer") == "guest":
        raise Problem(403, "forbidden", detail="Guests may look at the window only.")
    if call.credentials.get("bearer") in (TOKEN, None):
        return "baker"
    return None


def seed(world, loaves):
    world.table("loaves").insert_many(loaves or ())


BEHAVIOURS = {
    "listLoaves": list_loaves,
    "bake": bake,
    "getLoaf": get_loaf,
    "latest": latest,
    "changeLoaf": change_loaf,
    "eat": eat,
    "oven": oven,
    "window": window,
    "token": token,
}

LOAVES = [
    {"id": "L-1", "kind": "rye", "weight": 500, "baked_on": "2026-01-01", "sliced": True},
    {"id": "L-2", "kind": "wheat", "weight": 750, "baked_on": "2026-01-02", "sliced": False},
    {"id": "L-3", "kind": "rye", "weight": 1000, "baked_on": "2026-01-03", "sliced": False},
]


@pytest.fixture(autouse=True)
def _without_the_users_cache(own_cache):
    with own_cache():
        yield


@pytest.fixture(scope="session")
def dialect():
    return Dialect(
        name="bakery",
        document=DOCUMENT,
        behaviours=BEHAVIOURS,
        tables=[TableSpec("loaves", indexes=("baked_on", "kind"), numeric={"price"})],
        seed=seed,
        authenticate=authenticate,
        max_body=10_000,
    )


@pytest.fixture(scope="session")
def app(dialect, own_cache):
    with own_cache():
        return App(dialect)


@pytest.fixture
def world(app):
    world = app.open_world(LOAVES, now=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), name="test")
    yield world
    world.close()


@pytest.fixture
def client(app, world):
    with httpx.Client(
        transport=MockTransport(app, world),
        base_url="http://bakery.test",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client
