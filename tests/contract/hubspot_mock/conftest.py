"""A HubSpot portal with the companies of a small data set, in process and on a socket."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from crossdock_mocks.datasets import DataSet, generate
from crossdock_mocks.dialects.hubspot import dialect
from crossdock_mocks.dialects.hubspot.apps import CONTACTS_ONLY, PRIVATE_APP, READER
from crossdock_mocks.engine import App, MockTransport, World

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_names = itertools.count(1)


@pytest.fixture(scope="session")
def app() -> App:
    return App(dialect())


@pytest.fixture(scope="session")
def dataset() -> DataSet:
    return generate(seed=1, scale=0.05)


@pytest.fixture(scope="session")
def seeded(app: App, dataset: DataSet) -> World:
    """The world that all tests begin with; not to be changed."""
    return app.open_world(dataset, now=NOW)


@pytest.fixture
def world(seeded: World) -> Iterator[World]:
    made = seeded.fork(f"test-{next(_names)}")
    yield made
    made.close()


@pytest.fixture
def open_client(app: App, world: World) -> Iterator[Callable[..., httpx.Client]]:
    """Opens a client with a token; by default the one of the private app that may do everything."""
    opened: list[httpx.Client] = []

    def give(token: str | None = PRIVATE_APP.token) -> httpx.Client:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        made = httpx.Client(
            transport=MockTransport(app, world), base_url="http://hubspot.test", headers=headers
        )
        opened.append(made)
        return made

    yield give
    for each in opened:
        each.close()


@pytest.fixture
def hubspot(open_client: Callable[..., httpx.Client]) -> httpx.Client:
    return open_client()


@pytest.fixture
def reader(open_client: Callable[..., httpx.Client]) -> httpx.Client:
    """A private app that may only read."""
    return open_client(READER.token)


@pytest.fixture
def contacts_only(open_client: Callable[..., httpx.Client]) -> httpx.Client:
    """A private app that knows contacts only."""
    return open_client(CONTACTS_ONLY.token)


@pytest.fixture
def create(hubspot: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Makes a record."""

    def make(kind: str, /, **properties: Any) -> dict[str, Any]:
        answer = hubspot.post(f"/crm/v3/objects/{kind}", json={"properties": properties})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return make


@pytest.fixture
def state(world: World) -> Callable[[], dict[str, Any]]:
    """Everything that the world holds, to be compared before and after."""

    def dump() -> dict[str, Any]:
        return {
            name: [json.loads(text) for text in world.table(name).find_raw()]
            for name in world.tables
        }

    return dump
