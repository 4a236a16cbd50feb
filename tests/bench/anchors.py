"""A mock of the small API that mock servers are compared on: read one, list 50, create an order.

The document and the bodies lie outside the project, in the folder named by CROSSDOCK_BENCH_DATA.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.bench.measure import ROOT

from crossdock_mocks.engine import (
    App,
    Call,
    Dialect,
    Problem,
    RawJson,
    Reply,
    TableSpec,
    Violation,
    World,
)

FOLDER = Path(os.environ.get("CROSSDOCK_BENCH_DATA", ROOT.parent / "shared" / "bench"))
MISSING = f"{FOLDER.name}/openapi.json is not here; name its folder in CROSSDOCK_BENCH_DATA"


def available() -> bool:
    """Whether the document is here."""
    return (FOLDER / "openapi.json").is_file()


def order_body() -> bytes:
    """Give the body of an order that is right."""
    return json.dumps(json.loads((FOLDER / "good.json").read_bytes())).encode()


def _customer(call: Call) -> Reply:
    text = call.world.table("customers").raw(call.path["id"])
    if text is None:
        raise Problem(404, "not_found")
    return Reply(200, RawJson(text))


def _customers(call: Call) -> Reply:
    rows = call.world.table("customers").find_raw(limit=call.query.get("limit", 50))
    return Reply(200, RawJson.array(rows))


def _order(call: Call) -> Reply:
    if call.world.table("customers").raw(call.body["customerId"]) is None:
        wrong = Violation("/customerId", "There is no such customer.", "", call.body["customerId"])
        raise Problem(422, "unknown_customer", errors=(wrong,))
    order_id = call.world.sequence("orders", "O-")
    call.world.table("orders").insert({**call.body, "id": order_id})
    return Reply(201, {"id": order_id, "status": "open"})


def _refusal(problem: Problem) -> Reply:
    """Say no in the document's words, which are one text."""
    return Reply(problem.status, {"error": str(problem)}, problem.headers)


def _seed(world: World, _dataset: Any) -> None:
    world.table("customers").insert_many(
        {
            "id": f"C{number:04}",
            "name": f"Customer {number:04} GmbH",
            "email": f"ap{number:04}@example.test",
            "currency": "EUR",
            "creditLimit": 1000 + number,
            "active": number % 7 != 0,
            "createdAt": "2026-01-02T03:04:05Z",
        }
        for number in range(1, 1001)
    )


def dialect() -> Dialect:
    """Give the behaviour behind the document."""
    return Dialect(
        name="anchors",
        document=FOLDER / "openapi.json",
        behaviours={
            "getCustomer": _customer,
            "listCustomers": _customers,
            "createOrder": _order,
        },
        tables=(TableSpec("customers"), TableSpec("orders", indexes=("customerId",))),
        seed=_seed,
        problem_reply=_refusal,
    )


def open_anchors() -> tuple[App, World]:
    """Open the mock on a world of 1,000 customers."""
    app = App(dialect())
    return app, app.open_world(object())
