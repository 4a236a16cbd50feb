"""A small contract that everything of the engine can be tried on, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock_mocks.engine import App, MockTransport, World
from crossdock_mocks.sdata import (
    Collection,
    Contract,
    Field,
    Filling,
    Reference,
    Resource,
    Stamps,
    dialect,
)
from crossdock_mocks.sdata.document import text

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BASE = "http://sdata.example:8080/sdata/app/trade/-"
_STAMPS = Stamps("Made", "Changed")
_KEPT = (Field("Made", "datetime", read_only=True), Field("Changed", "datetime", read_only=True))


def _key(world: World, resource: Resource) -> str | int:
    number = int(world.sequence(resource.name))
    return number if resource.key_kind == "integer" else f"{resource.letter}{number:03d}"


CONTRACT = Contract(
    name="trade",
    title="Trade",
    description="A contract to try the engine on.",
    application="app",
    contract="trade",
    namespace="urn:trade",
    make_key=_key,
    page_size=10,
    most=50,
    resources=(
        Resource(
            "firms", "Firm", title="{Name}", letter="F", stamps=_STAMPS, properties=(
                Field("Name", length=30, required=True, indexed=True), Field("City"),
                Field("Size", "integer"), Field("Worth", "decimal"),
                Field("Active", "boolean", default=True), Field("Since", "datetime"),
                Field("Kind", values=("A", "B")), Field("Note", precedence=3),
                Reference("Parent", "firms"), Reference("Place", "places", nested=True, owned=True),
                Collection("Deals", "deals", "Firm", owned=True),
                Collection("Daughters", "firms", "Parent"), *_KEPT,
            ),
        ),
        Resource(
            "places", "Place", title="{Town}", letter="P",
            properties=(Field("Town"), Field("Zip")),
        ),
        Resource(
            "deals", "Deal", title="{key} {What}", key_name="Number", shows_key=True,
            key_kind="integer", properties=(
                Field("What", required=True), Field("Amount", "decimal"),
                Reference("Firm", "firms", required=True),
            ),
        ),
    ),
)  # fmt: skip


def _seed(world: World, source: Any) -> None:
    to = Filling(world, CONTRACT)
    for row in source or ():
        made = to.made("firms", row, row.get("Made"))
        to.put("firms", [made])


def _open(call: Any) -> str | None:
    return "U1" if call.credentials["basic"] == "kim:secret" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process: one mock is compiled and seeded for all of them."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("sdata_engine"))


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    document = tmp_path_factory.mktemp("trade") / "trade.openapi.yaml"
    document.write_text(text(CONTRACT), encoding="utf-8")
    return App(dialect(CONTRACT, document=document, seed=_seed, authenticate=_open))


@pytest.fixture
def world(app: App) -> Iterator[World]:
    made = app.open_world(now=NOW)
    yield made
    made.close()


@pytest.fixture(scope="package")
def client_of(app: App) -> Callable[[World], httpx.Client]:
    """A client of a world that asks for JSON."""

    def make(world: World) -> httpx.Client:
        return httpx.Client(
            transport=MockTransport(app, world), base_url=BASE, auth=("kim", "secret"),
            params={"format": "json"},
        )  # fmt: skip

    return make


@pytest.fixture
def client(world: World, client_of: Callable[[World], httpx.Client]) -> httpx.Client:
    return client_of(world)
