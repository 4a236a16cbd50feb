"""A QuickBooks company, in process and on a socket, and the clients that others wrote."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

import attrs
import httpx
import pytest
import requests
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from crossdock_mocks.datasets import DataSet, generate
from crossdock_mocks.dialects.quickbooks import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM_ID,
    REFRESH_TOKEN,
    dialect,
)
from crossdock_mocks.engine import App, MockTransport, Request, World, serve_in_thread

REDIRECT = "http://localhost:8000/callback"


@pytest.fixture(scope="session")
def dataset() -> DataSet:
    return generate(seed=1, scale=0.05)


@pytest.fixture(scope="session")
def app() -> App:
    return App(dialect())


@pytest.fixture(scope="session")
def company(app: App, dataset: DataSet) -> World:
    """The company as it is seeded; tests work on forks of it."""
    return app.open_world(dataset, now=datetime.combine(dataset.as_of, time(17), UTC))


_forks = itertools.count(1)


@pytest.fixture
def world(company: World) -> World:
    """A company of the test's own."""
    return company.fork(f"quickbooks-{next(_forks)}")


class Refused(AssertionError):  # noqa: N818 - it names what it is
    """The books said no."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body
        fault = body.get("Fault", {"Error": [{"code": ""}], "type": ""})
        self.kind = fault["type"]
        self.code = fault["Error"][0]["code"]
        self.element = fault["Error"][0].get("element", "")


@attrs.define
class Books:
    """The books over their own wire.

    Attributes:
        client: Carries the token, and asks below the company.
        world: What lies behind.
    """

    client: httpx.Client
    world: World

    def take(self, answer: httpx.Response) -> Any:
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.json())
        return answer.json()

    def write(self, entity: str, body: Mapping[str, Any] | None = None, **given: Any) -> Any:
        """Write one record; names with an underscore in front are parameters of the query."""
        asked = {key[1:]: value for key, value in given.items() if key.startswith("_")}
        sent = {key: value for key, value in given.items() if not key.startswith("_")}
        answer = self.client.post(f"/{entity.lower()}", json={**(body or {}), **sent}, params=asked)
        return self.take(answer)[entity]

    def read(self, entity: str, key: str) -> Any:
        return self.take(self.client.get(f"/{entity.lower()}/{key}"))[entity]

    def again(self, entity: str, row: Mapping[str, Any]) -> Any:
        """The record as it stands now."""
        return self.read(entity, row["Id"])

    def ask(self, query: str) -> Any:
        return self.take(self.client.get("/query", params={"query": query}))["QueryResponse"]

    def rows(self, query: str) -> list[Any]:
        found = self.ask(query)
        return next((each for each in found.values() if isinstance(each, list)), [])

    def one(self, query: str) -> Any:
        (row,) = self.rows(query)
        return row

    # Things to work with

    @property
    def tax(self) -> str:
        """The id of the tax code of 20 %."""
        return str(self.one("SELECT * FROM TaxCode WHERE Name = 'STD'")["Id"])

    def item(self, name: str = "Advice", price: float = 10, **more: Any) -> Any:
        income = self.one("SELECT * FROM Account WHERE Name = 'Services'")["Id"]
        return self.write(
            "Item", Name=name, Type="Service", UnitPrice=price, IncomeAccountRef={"value": income},
            **more,
        )  # fmt: skip

    def customer(self, name: str = "Story Ltd", **more: Any) -> Any:
        return self.write("Customer", DisplayName=name, **more)

    def line(self, item: Mapping[str, Any], quantity: float, price: float, **more: Any) -> Any:
        detail = {
            "ItemRef": {"value": item["Id"]},
            "Qty": quantity,
            "UnitPrice": price,
            "TaxCodeRef": {"value": self.tax},
            **more,
        }
        return {
            "DetailType": "SalesItemLineDetail",
            "Amount": round(quantity * price, 2),
            "SalesItemLineDetail": detail,
        }

    def sale(
        self, entity: str, customer: Mapping[str, Any], *lines: Mapping[str, Any], **more: Any
    ) -> Any:
        reference = {"value": customer["Id"]}
        return self.write(entity, CustomerRef=reference, Line=list(lines), **more)

    def pay(
        self, customer: Mapping[str, Any], total: float, *applied: tuple[str, Any, float],
        **more: Any,
    ) -> Any:  # fmt: skip
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]}
            for kind, row, amount in applied
        ]
        reference = {"value": customer["Id"]}
        return self.write("Payment", CustomerRef=reference, TotalAmt=total, Line=lines, **more)


def token_of(client: httpx.Client) -> str:
    asked = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    answer = client.post("/oauth2/v1/tokens/bearer", data=asked, auth=(CLIENT_ID, CLIENT_SECRET))
    return str(answer.raise_for_status().json()["access_token"])


@pytest.fixture
def wire(app: App, world: World) -> Iterator[httpx.Client]:
    """The whole mock in process, without credentials."""
    with httpx.Client(transport=MockTransport(app, world), base_url="http://books") as client:
        yield client


def _books(client: httpx.Client, world: World) -> Books:
    token = token_of(client)
    client.base_url = httpx.URL(f"http://books/v3/company/{REALM_ID}")
    client.headers["Authorization"] = f"Bearer {token}"
    return Books(client, world)


@pytest.fixture
def books(wire: httpx.Client, world: World) -> Books:
    """The books in process, with a token."""
    return _books(wire, world)


@pytest.fixture
def empty_books(app: App) -> Iterator[Books]:
    """Books of a company that has only just begun."""
    world = app.open_world()
    with httpx.Client(transport=MockTransport(app, world), base_url="http://books") as client:
        yield _books(client, world)


@pytest.fixture(scope="module")
def shared_books(app: App, company: World) -> Iterator[Books]:
    """Books that the tests of a module share: they fill them once, and then only read."""
    world = company.fork(f"quickbooks-{next(_forks)}")
    with httpx.Client(transport=MockTransport(app, world), base_url="http://books") as client:
        yield _books(client, world)


@pytest.fixture
def refused() -> type[Refused]:
    return Refused


# Clients that others wrote


@attrs.define
class Live:
    """The mock on a socket."""

    url: str
    world: World

    @property
    def discovery(self) -> str:
        return f"{self.url}/.well-known/openid_configuration"

    def application(self, **more: Any) -> AuthClient:
        """An unmodified intuit-oauth client: any string but two is where it asks for discovery."""
        given = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": REDIRECT,
            "environment": self.discovery,
        }
        return AuthClient(**{**given, **more})


@pytest.fixture(scope="module")
def _server(app: App, company: World) -> Iterator[Live]:
    world = company.fork(f"quickbooks-live-{next(_forks)}")
    with serve_in_thread((app, world)) as (address,):
        yield Live(address.base_url, world)


@pytest.fixture
def live(_server: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The mock on a socket, as it was at the beginning."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    _server.world.reset()
    return _server


def _connected(application: AuthClient, base: str, monkeypatch: pytest.MonkeyPatch) -> QuickBooks:
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{base}/v3")
    monkeypatch.setattr(QuickBooks, "sandbox_api_url_v3", f"{base}/v3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return QuickBooks(
            auth_client=application, refresh_token=REFRESH_TOKEN, company_id=REALM_ID,
            minorversion=75,
        )  # fmt: skip


@pytest.fixture
def qb(live: Live, monkeypatch: pytest.MonkeyPatch) -> QuickBooks:
    """An unmodified python-quickbooks client over a socket."""
    return _connected(live.application(), live.url, monkeypatch)


class InProcess(requests.adapters.BaseAdapter):
    """Carries requests into a mock of this process."""

    def __init__(self, app: App, world: World) -> None:
        super().__init__()
        self._app, self._world = app, world

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        path, _, query = (request.path_url).partition("?")
        body = request.body or b""
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = body.encode() if isinstance(body, str) else body
        came = self._app.exchange(
            self._world, Request(request.method or "", path, query, headers, sent)
        )
        answer = requests.Response()
        answer.status_code, answer._content = came.status, came.body
        answer.headers.update(came.headers)
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def qb_in_process(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], QuickBooks]:
    """An unmodified python-quickbooks client in process, and its application."""

    def connect() -> QuickBooks:
        door = InProcess(app, world)
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: door)
        application = AuthClient(
            CLIENT_ID, CLIENT_SECRET, REDIRECT, "http://books/.well-known/openid_configuration"
        )
        return _connected(application, "http://books", monkeypatch)

    return connect
