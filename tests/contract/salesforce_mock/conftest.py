"""An organization behind `simple-salesforce`, in process: nothing listens, nothing waits."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from requests.adapters import BaseAdapter
from simple_salesforce import Salesforce

from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.salesforce import dialect
from crossdock_mocks.dialects.salesforce.login import INTEGRATION, PASSWORD, TOKEN
from crossdock_mocks.engine import App, MockTransport, Request, World


class InProcess(BaseAdapter):
    """Hands what a `requests` session sends to a mock, whatever host it was meant for."""

    def __init__(self, app: App, world: World) -> None:
        super().__init__()
        self._app, self._world = app, world

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        body = request.body or b""
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers["host"] = url.netloc
        answer = self._app.exchange(
            self._world,
            Request(
                request.method or "GET",
                url.path,
                url.query,
                headers,
                body.encode() if isinstance(body, str) else body,
            ),
        )
        made = requests.Response()
        made.status_code, made.url, made.request = answer.status, request.url or "", request
        made.headers.update(answer.headers)
        made.raw = io.BytesIO(answer.body)
        made.encoding = "utf-8"
        return made

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="session")
def app() -> App:
    return App(dialect())


@pytest.fixture(scope="session")
def origin(app: App) -> World:
    data = generate(seed=1, scale=0.05)
    return app.open_world(data, now=datetime.combine(data.as_of, time(9), UTC))


@pytest.fixture
def world(origin: World) -> Iterator[World]:
    made = origin.fork("salesforce")
    yield made
    made.close()


@pytest.fixture
def session(app: App, world: World) -> requests.Session:
    made = requests.Session()
    made.mount("https://", InProcess(app, world))
    return made


@pytest.fixture
def login(session: requests.Session) -> Callable[..., Salesforce]:
    """Log in over SOAP, by default as the integration user."""

    def make(username: str = INTEGRATION, **more: Any) -> Salesforce:
        given = {"password": PASSWORD, "security_token": TOKEN, **more}
        return Salesforce(username=username, session=session, **given)

    return make


@pytest.fixture
def sf(login: Callable[..., Salesforce]) -> Salesforce:
    return login()


@pytest.fixture
def http(app: App, world: World, sf: Salesforce) -> Iterator[httpx.Client]:
    """A plain client with a session, for what no client library sends."""
    with httpx.Client(
        transport=MockTransport(app, world),
        base_url="https://crossdock.my.salesforce.com/services/data/v59.0",
        headers={"Authorization": f"Bearer {sf.session_id}"},
    ) as client:
        yield client


@pytest.fixture
def refused() -> Callable[[httpx.Response], tuple[int, str]]:
    """Give status and error code of a refusal."""

    def read(answer: httpx.Response) -> tuple[int, str]:
        (error,) = answer.json()
        return answer.status_code, error["errorCode"]

    return read
