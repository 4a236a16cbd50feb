"""Sage CRM with the companies of a small data set, in process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import Any

import httpx
import pytest

from crossdock_mocks.datasets import DataSet, generate
from crossdock_mocks.dialects import sage_crm
from crossdock_mocks.engine import App, MockTransport, World

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def app() -> App:
    return App(sage_crm.dialect())


@pytest.fixture(scope="session")
def dataset() -> DataSet:
    return generate(seed=1, scale=0.05)


@pytest.fixture(scope="session")
def seeded(app: App, dataset: DataSet) -> World:
    """The world that all tests begin with; not to be changed."""
    return app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))


@pytest.fixture
def world(seeded: World) -> Iterator[World]:
    made = seeded.fork(f"sage-{next(_numbers)}")
    yield made
    made.close()


@pytest.fixture
def sage(app: App, world: World) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=MockTransport(app, world),
        base_url="http://sage.test/sdata/crmj/sagecrm2/-",
        auth=(sage_crm.USER, sage_crm.PASSWORD),
    ) as client:
        yield client


@pytest.fixture
def rows(world: World) -> Callable[..., list[dict[str, Any]]]:
    """Rows of an entity in the mock's own tables."""

    def give(entity: str, **having: Any) -> list[dict[str, Any]]:
        return world.table(f"sdata_{entity}").find(having)

    return give


@pytest.fixture
def made(sage: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Makes a record."""

    def make(entity: str, **values: Any) -> dict[str, Any]:
        answer = sage.post(f"/{entity}", json=values)
        assert answer.status_code == 201, answer.text
        entry: dict[str, Any] = answer.json()
        return entry

    return make


@pytest.fixture
def changed(sage: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Changes a record."""

    def change(entity: str, key: int, **values: Any) -> dict[str, Any]:
        answer = sage.put(f"/{entity}('{key}')", json=values)
        assert answer.status_code == 200, answer.text
        entry: dict[str, Any] = answer.json()
        return entry

    return change


@pytest.fixture
def read(sage: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Reads a record."""

    def give(entity: str, key: int, **query: Any) -> dict[str, Any]:
        answer = sage.get(f"/{entity}('{key}')", params=query)
        assert answer.status_code == 200, answer.text
        entry: dict[str, Any] = answer.json()
        return entry

    return give


@pytest.fixture
def refused(sage: httpx.Client) -> Callable[..., tuple[int, str]]:
    """Status and first message of a call that has to be refused."""

    def ask(method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        sent = {} if body is None else {"json": body}
        answer = sage.request(method, path, **sent, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()[0]["message"]

    return ask
