"""A shop that keeps notes: lists with offsets, tokens that expire, and a change feed of its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crossdock_mocks.engine import (
    App,
    Dialect,
    DuplicateKey,
    Problem,
    RawJson,
    Reply,
    TableSpec,
    instant,
    serve_in_thread,
)

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def token(call):
    name = call.world.sequence("tokens", "T-")
    until = call.now + timedelta(hours=1)
    call.world.table("tokens").insert({"id": name, "until": instant(until)})
    return Reply(body={"access_token": name})


def authenticate(call):
    found = call.world.table("tokens").get(call.credentials["bearer"])
    return "shop" if found and found["until"] > instant(call.now) else None


def listed(call):
    rows = call.world.table("notes").find_raw(
        limit=call.query["limit"], offset=call.query["offset"]
    )
    return Reply(body=RawJson.object(items=RawJson.array(rows)))


def write(call):
    note = {**call.body, "written_at": instant(call.now)}
    try:
        call.world.table("notes").insert(note)
    except DuplicateKey as taken:
        raise Problem(409, "taken") from taken
    return Reply(201, note)


def read(call):
    text = call.world.table("notes").raw(call.path["id"])
    if text is None:
        raise Problem(404, "not_found")
    return Reply(body=RawJson(text))


def change(call):
    return Reply(body=call.world.table("notes").update(call.path["id"], **call.body))


@pytest.fixture(scope="session")
def shop_app(own_cache):
    with own_cache():
        return App(
            Dialect(
                name="shop",
                document=Path(__file__).with_name("shop.openapi.yaml"),
                behaviours={
                    "token": token,
                    "list": listed,
                    "write": write,
                    "read": read,
                    "change": change,
                },
                tables=[TableSpec("notes"), TableSpec("tokens")],
                seed=lambda world, notes: world.table("notes").insert_many(notes or ()),
                authenticate=authenticate,
            )
        )


@pytest.fixture
def shop(shop_app):
    """A world of the shop with five notes."""
    notes = [
        {"id": f"N-{n}", "written_at": instant(AT), "text": "old", "amount": "12.50"}
        for n in range(1, 6)
    ]
    world = shop_app.open_world(notes, now=AT)
    yield world
    world.close()


def log_in(client):
    """Get a token, and use it from now on."""
    made = client.post("/token", json={"client": "test"})
    client.headers["Authorization"] = f"Bearer {made.raise_for_status().json()['access_token']}"


@pytest.fixture
def buyer(shop_app, shop):
    """A client of the shop over a real socket, logged in."""
    with (
        serve_in_thread((shop_app, shop)) as (address,),
        httpx.Client(base_url=address.base_url) as client,
    ):
        log_in(client)
        yield client
