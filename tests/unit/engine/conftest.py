"""A bakery: a small made-up system to drive the engine with."""

from datetime import UTC, datetime

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

DOCUMENT = """
openapi: 3.1.0
info: { title: Bakery, version: "1" }
security: [ { bearer: [] } ]
paths:
  /loaves:
    get:
      operationId: listLoaves
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100, default: 2 } }
        - { name: after, in: query, schema: { type: string } }
        - { name: baked_since, in: query, schema: { type: string, format: date } }
        - { name: seen_at, in: query, schema: { type: string, format: date-time } }
        - { name: sliced, in: query, schema: { type: boolean } }
        - { name: weight, in: query, schema: { type: number } }
        - { name: kind, in: query, explode: false, schema: { type: array, items: { type: string, enum: [rye, "no"] } } }
        - { name: tag, in: query, schema: { type: array, items: { type: string } } }
        - { name: size, in: query, style: deepObject, schema: { type: object, properties: { min: { type: integer } } } }
        - { name: X-Trace, in: header, schema: { type: integer } }
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [items, next]
                properties:
                  items: { type: array, items: { $ref: "#/components/schemas/Loaf" } }
                  next: { type: [string, "null"] }
        "400": { $ref: "#/components/responses/Problem" }
    post:
      operationId: bake
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/NewLoaf" } } }
      responses:
        "201": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Loaf" } } } }
        "409": { $ref: "#/components/responses/Problem" }
        "422": { $ref: "#/components/responses/Problem" }
  /loaves/latest:
    get:
      operationId: latest
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Loaf" } } } }, "404": { $ref: "#/components/responses/Problem" } }
  /loaves/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string, pattern: "^L-" } }
    get:
      operationId: getLoaf
      responses:
        "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Loaf" } } } }
        "404": { $ref: "#/components/responses/Problem" }
    patch:
      operationId: changeLoaf
      parameters:
        - { name: If-Match, in: header, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { type: object, additionalProperties: false, properties: { weight: { type: integer } } } } }
      responses:
        "200": { description: ok, headers: { ETag: { required: true, schema: { type: string } } }, content: { application/json: { schema: { $ref: "#/components/schemas/Loaf" } } } }
    delete:
      operationId: eat
      responses: { "204": { description: gone }, "404": { $ref: "#/components/responses/Problem" } }
  /oven:
    get:
      operationId: oven
      security: [ { key: [] }, { till: [] } ]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
  /window:
    get:
      operationId: window
      security: []
      parameters: [ { name: misbehave, in: query, schema: { type: string } } ]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, required: [open], properties: { open: { type: boolean } } } } } } }
  /token:
    post:
      operationId: token
      security: []
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, required: [grant_type, client_id], properties: { grant_type: { const: client_credentials }, client_id: { type: string }, client_secret: { type: string }, lifetime: { type: integer } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
components:
  securitySchemes:
    bearer: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: {} } } }
    key: { type: apiKey, in: header, name: X-Api-Key }
    till: { type: http, scheme: basic }
  responses:
    Problem:
      description: refused
      content: { application/problem+json: { schema: { type: object, required: [status, code] } } }
  schemas:
    Loaf:
      type: object
      required: [id, kind, weight]
      additionalProperties: false
      properties:
        id: { type: string }
        kind: { type: string }
        weight: { type: integer }
        price: { type: string, pattern: '^\\d+\\.\\d\\d$' }
        baked_on: { type: string, format: date }
        sliced: { type: boolean }
        note: { type: [string, "null"] }
    NewLoaf:
      type: object
      required: [kind, weight]
      additionalProperties: false
      properties:
        kind: { type: string, enum: [rye, wheat] }
        weight: { type: integer, minimum: 1, maximum: 5000 }
        price: { type: string, pattern: '^\\d+\\.\\d\\d$' }
        baked_on: { type: string, format: date }
        seeds: { type: array, maxItems: 2, items: { type: object, required: [name], properties: { name: { type: string, minLength: 1 } } } }
"""

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


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory):
    """Keep the user's own cache out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def dialect(tmp_path_factory):
    path = tmp_path_factory.mktemp("specs") / "bakery.openapi.yaml"
    path.write_text(DOCUMENT)
    return Dialect(
        name="bakery",
        document=path,
        behaviours=BEHAVIOURS,
        tables=[TableSpec("loaves", indexes=("baked_on", "kind"), numeric={"price"})],
        seed=seed,
        authenticate=authenticate,
        max_body=10_000,
    )


@pytest.fixture(scope="session")
def app(dialect, cache):
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
