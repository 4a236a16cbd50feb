"""A live Tryton: installed from the package index, prepared once, copied, served on loopback."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from tests.parity.houses import opened, without_history
from tests.parity.page import play

from crossdock.connectors import tryton as tryton_connector
from crossdock.connectors.tryton.session import Session
from crossdock.demo.tryton.books import OFFICE, PASSWORD
from crossdock.demo.tryton.packages import TrytonMissing, cache_folder, installed
from crossdock.demo.tryton.preparing import prepared
from crossdock.demo.tryton.server import DATABASE, TrytonServer, settings
from crossdock.host.settings.config import SystemConfig
from crossdock.server.desk.offices.tryton import TrytonOffice
from crossdock_mocks.datasets import generate

# Taken while tests are collected: some of other rooms look for their caches elsewhere.
_CACHE = cache_folder()


def pytest_collection_modifyitems(items):
    """Keep these tests in one process, so that one server is started; give them the time."""
    for item in items:
        if item.path.parent.name == "tryton":
            item.add_marker(pytest.mark.xdist_group("tryton"))
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def dataset():
    return generate(seed=20, scale=0.05)


@pytest.fixture(scope="session")
def tryton_database(dataset):
    """Where Tryton is installed, and the file of a prepared database."""
    try:
        environment = installed(print, _CACHE)
        return environment, prepared(environment, dataset, print, today=datetime.now(UTC).date())
    except TrytonMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def server(tryton_database, tmp_path_factory) -> Iterator[TrytonServer]:
    """A server on a fresh copy of the database, for all tests: starting one costs seconds."""
    environment, database = tryton_database
    with TrytonServer(environment, tmp_path_factory.mktemp("tryton"), database) as started:
        yield started


class Tampered:
    """What stands between a caller and the server, and breaks calls on purpose."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.calls: Counter[str] = Counter()
        self.struck: list[str] = []
        self.sessions: list[str] = []
        self._rules: list[list] = []
        self._lock = threading.Lock()
        self._client = httpx.Client(timeout=60, trust_env=False)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.carry(self, body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def breaks(self, method: str, kind: str, *, times: int = 1, doing=None) -> None:
        """Let the next calls of a method go wrong.

        Kinds: `drop_before`, `drop_after_commit`, `status` (503), `status_after_commit`, `late`
        (the answer comes a while later), `doing` (does something, then drops the call).
        """
        with self._lock:
            self._rules.append([method, kind, times, doing])

    def carry(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        method = _method(body)
        kind, doing = self._struck(method)
        if kind in ("drop_before", "doing"):
            if doing:
                doing()
            return self._hang_up(handler)
        if kind == "status":
            return self._answer(handler, 503, b"busy", {})
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in ("host", "content-length", "accept-encoding", "connection")
        }
        try:
            answer = self._client.post(self.target + handler.path, content=body, headers=headers)
        except httpx.HTTPError:
            return self._hang_up(handler)
        with self._lock:
            self.calls[method] += 1
            self.sessions.append(headers.get("Authorization", ""))
        if kind == "drop_after_commit":
            return self._hang_up(handler)
        if kind == "status_after_commit":
            return self._answer(handler, 502, b"bad gateway", {})
        if kind == "late":
            time.sleep(0.3)
        kept = {"Date": answer.headers["Date"], "Content-Type": answer.headers["Content-Type"]}
        return self._answer(handler, answer.status_code, answer.content, kept)

    def _struck(self, method: str):
        with self._lock:
            for rule in self._rules:
                if method.endswith(rule[0]) and rule[2] > 0:
                    rule[2] -= 1
                    self.struck.append(f"{rule[1]} {method}")
                    return rule[1], rule[3]
        return "", None

    def _answer(self, handler, status, content, headers):
        try:
            handler.send_response_only(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:
            pass  # whoever asked did not wait

    def _hang_up(self, handler):
        handler.close_connection = True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


def _method(body: bytes) -> str:
    import json

    return json.loads(body)["method"]


# What goes wrong once each on the way of a quote to cash.
_FAULTS = (
    ("sale.sale.create", "drop_after_commit"),
    ("sale.sale.quote", "late"),
    ("sale.sale.confirm", "status_after_commit"),
    ("sale.line.search_read", "status"),
    ("account.invoice.line.search_read", "drop_before"),
    ("account.move.line.search_read", "late"),
)


@pytest.fixture(scope="session")
def walked(dataset, tryton_database):
    """The stories of the parity page, played once on a server of their own that calls get lost to.

    Gives the house as it is then, the figures, and what stood between.
    """
    proxies = []

    def through(url):
        proxies.append(Tampered(url))
        return proxies[0].url

    figures = {}
    company = without_history(dataset)
    try:
        with opened("tryton", company, tryton_database, through=through) as house:
            for method, kind in _FAULTS:
                proxies[0].breaks(method, kind)
            play(house, figures)
            yield house, figures, proxies[0]
    finally:
        for each in proxies:
            each.close()


@pytest.fixture
def between(server) -> Iterator[Tampered]:
    """A proxy before the server that can break calls."""
    made = Tampered(server.url)
    yield made
    made.close()


@pytest.fixture
def connect(server):
    """Make connectors to the server, as several processes would."""
    opened = []

    def make(url=None, **over):
        port = tryton_connector.connect(
            "main", settings(url or server.url) | {"timeout": 60} | over
        )
        opened.append(port)
        return port

    yield make
    for port in opened:
        port.close()


@pytest.fixture
def port(connect):
    return connect()


@pytest.fixture
def people(server):
    """A session of the people who work in Tryton's own screens."""
    with Session(server.url, DATABASE, OFFICE, PASSWORD) as session:
        session.sign_in()
        yield session


@pytest.fixture
def office(server):
    """Play the warehouse and the bookkeeper."""
    system = SystemConfig(name="main", connector="tryton", settings=settings(server.url))
    made = TrytonOffice(system)

    def play(act, order_id):
        said = made.play(act, order_id, key="", actor="test")
        assert said.done, said.text
        return said.text

    yield play
    made.close()
