"""An installation of SalesLogix, in process: nothing listens, nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.saleslogix import PASSWORD, USER, connect_back_office, dialect
from crossdock_mocks.engine import App, MockTransport, World

BASE = "http://slx.example:8080/sdata/slx/dynamic/-"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process: one mock is compiled and seeded for all of them."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("saleslogix"))


@pytest.fixture(scope="session")
def app() -> App:
    return App(dialect())


@pytest.fixture(scope="session")
def seeded(app: App) -> World:
    dataset = generate(seed=1, scale=0.05)
    return app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9, 30), UTC))


@pytest.fixture
def world(seeded: World) -> Iterator[World]:
    yield seeded
    connect_back_office(seeded, None)
    seeded.reset()


@pytest.fixture(scope="session")
def reader(app: App, seeded: World) -> httpx.Client:
    """Reads what was seeded; who writes takes `client`."""
    return httpx.Client(
        transport=MockTransport(app, seeded), base_url=BASE, auth=(USER, PASSWORD),
        params={"format": "json"},
    )  # fmt: skip


@pytest.fixture
def client(app: App, world: World) -> httpx.Client:
    return httpx.Client(
        transport=MockTransport(app, world), base_url=BASE, auth=(USER, PASSWORD),
        params={"format": "json"},
    )  # fmt: skip


@pytest.fixture
def first(client: httpx.Client) -> Callable[..., dict[str, Any]]:
    """The first entry of a kind that meets a condition."""

    def find(kind: str, where: str = "") -> dict[str, Any]:
        answer = client.get(f"/{kind}", params={"count": 1, **({"where": where} if where else {})})
        found: dict[str, Any] = answer.json()["$resources"][0]
        return found

    return find
