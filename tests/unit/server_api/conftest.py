"""The side-car over an ASGI transport, its host on real mocks in process, every answer judged."""

from __future__ import annotations

import asyncio
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from crossdock.connectors import crm as crm_connector
from crossdock.connectors import erp as erp_connector
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.server.api import ApiSettings, create_api
from crossdock.server.api.call import Answer
from crossdock.server.api.contract import Contract, Operation, wrongs
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import crm as crm_dialect
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.engine import App, MockTransport, World

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_CRM = {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"}
_ERP = {"url": "http://erp.test", "api_key": "erp-demo-key"}
KEY = "cdk_" + "k" * 40
READER = "cdk_" + "r" * 40
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ISSUER, AUDIENCE = "https://login.example.test", "crossdock"

_PLUGIN = """
import threading
from crossdock import Notice, Tab, Veto, View, hookimpl

HOLD = threading.Event()
HOLD.set()
ENTERED = threading.Semaphore(0)


@hookimpl
def account_tabs(ctx, account):
    def slow(ctx, account, params):
        ENTERED.release()
        HOLD.wait(20)
        return View([Notice(text="at last")])

    def broken(ctx, account, params):
        raise RuntimeError("secret of the plugin")

    def rude(ctx, account, params):
        return View([Notice(text="<script>alert(1)</script>", title="<b>")])

    return [
        Tab(id="slow", title="Slow", render=slow),
        Tab(id="broken", title="Broken", render=broken),
        Tab(id="rude", title="<i>Rude</i>", render=rude),
    ]


@hookimpl
def before_quote_save(ctx, quote):
    for index, line in enumerate(quote.lines):
        if line.quantity > 100:
            field = f"lines.{index}.quantity"
            return Veto("At most 100 of one item.", code="quantity", field=field)


@hookimpl
def quote_saved(ctx, quote):
    pass


@hookimpl
def record_changed(ctx, change):
    pass
"""
_MANIFEST = """
id = "probe"
name = "Probe"
sdk = ">=0.1"
points = ["account_tabs", "before_quote_save", "quote_saved", "record_changed"]
"""


class OffTheDocumentError(AssertionError):
    """An answer is not what the document says."""


def judge(contract: Contract) -> Callable[[Operation, Answer], None]:
    """Make what judges every answer of an operation by the document."""

    def judged(operation: Operation, answer: Answer) -> None:
        status = str(answer.status)
        if status not in operation.answers:
            raise OffTheDocumentError(f"{operation.id} has no answer {status}")
        known = operation.answers[status]
        media = answer.media_type.partition(";")[0]
        if known and media not in known:
            raise OffTheDocumentError(f"{operation.id} {status} has no form {media}")
        for name in operation.required_headers[status]:
            if name not in answer.headers:
                raise OffTheDocumentError(f"{operation.id} {status} lacks the header {name}")
        if media == "application/json" and known:
            body = answer.body
            body = orjson.loads(body) if isinstance(body, bytes) else body
            body = orjson.loads(orjson.dumps(body))
            if wrong := wrongs(known[media], body):
                raise OffTheDocumentError(f"{operation.id} {status}: {wrong}")

    return judged


class Client:
    """Calls an ASGI application from plain functions, from several threads at once if need be."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="client")
        self._thread.start()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("10.0.0.1", 99))
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", timeout=30
        )

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self.start(method, path, **how).result(60)

    def start(self, method: str, path: str, **how: Any) -> Future[httpx.Response]:
        """Begin a request, which may be cancelled as a client that leaves does."""
        return asyncio.run_coroutine_threadsafe(
            self._client.request(method, path, **how), self._loop
        )

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def close(self) -> None:
        self.run(self._client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.app.state.api.close()


class Mocks:
    """Both mocks on one small company."""

    def __init__(self) -> None:
        data = generate(seed=1, scale=0.1)
        self.story: Mapping[str, str] = data.story
        self.crm_app, self.erp_app = App(crm_dialect.dialect()), App(erp_dialect.dialect())
        self.crm: World = self.crm_app.open_world(data, now=NOW)
        self.erp: World = self.erp_app.open_world(data, now=NOW)

    def reset(self) -> None:
        self.crm.reset()
        self.erp.reset()


@pytest.fixture(scope="session")
def mocks() -> Mocks:
    return Mocks()


@attrs.define
class Sidecar:
    """A side-car, and short ways to call it."""

    host: Host
    app: Any
    client: Client
    mocks: Mocks
    probe: Any

    def call(self, method: str, path: str, *, key: str | None = KEY, user: str | None = "U-kim",
             **how: Any) -> httpx.Response:  # fmt: skip
        headers = {
            **({"X-Api-Key": key} if key else {}),
            **({"X-Crossdock-User": user} if user else {}),
            **how.pop("headers", {}),
        }
        answer = self.client.request(method, path, headers=headers, **how)
        if answer.status_code >= 400 and method != "HEAD":
            self.prove_a_problem(answer)
        return answer

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.call("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.call("POST", path, **how)

    def put(self, path: str, **how: Any) -> httpx.Response:
        return self.call("PUT", path, **how)

    @staticmethod
    def prove_a_problem(answer: httpx.Response) -> None:
        """Every refusal is a problem document with everything that it must have."""
        if answer.headers["content-type"].startswith("application/json"):
            return  # /health/ready
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        schema = CONTRACT.schema("Problem")
        assert not wrongs(schema, problem), problem
        assert problem["status"] == answer.status_code
        assert problem["correlation_id"] == answer.headers["x-correlation-id"]
        assert "Traceback" not in answer.text


CONTRACT = Contract.load()


@pytest.fixture(scope="session")
def signing_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


@pytest.fixture
def token(signing_key: RSAKey) -> Callable[..., str]:
    """Make a token as the issuer would; arguments change its claims, `None` leaves one out."""

    def make(*, key: Any = None, alg: str = "RS256", kid: str | None = "k1", **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "U-kim", "iat": now, "exp": now + 300,
            "roles": ["seller"], **claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        header = {"alg": alg, **({"kid": kid} if kid else {})}
        return jwt.encode(header, said, key or signing_key, algorithms=[alg])

    return make


@pytest.fixture
def settings(tmp_path: Path, signing_key: RSAKey) -> dict[str, Any]:
    """`[server]` as the tests have it; change it before the side-car is opened."""
    jwks = tmp_path / "jwks.json"
    jwks.write_bytes(orjson.dumps({"keys": [signing_key.as_dict(private=False)]}))
    return {
        "threads": 2,
        "queue": 2,
        "body_kb": 64,
        "read_seconds": 2,
        "keys": {
            "crm": {"secret": KEY, "scopes": ["*"], "users": ["*"], "burst": 10_000},
            "reader": {"secret": READER, "scopes": ["tabs:read"], "users": ["U-kim"]},
        },
        "senders": {"crm": {"secret": WHSEC, "burst": 1000}},
        "jwt": {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "algorithms": ["RS256"],
            "jwks_file": str(jwks),
            "leeway_seconds": 5,
            "roles": {"seller": ["tabs:read", "quotes:read"], "machine": ["*"]},
            "acting_roles": ["machine"],
        },
        "users": {"kim@example.test": "U-kim"},
    }


@pytest.fixture
def open_sidecar(
    mocks: Mocks, tmp_path: Path, settings: dict[str, Any]
) -> Iterator[Callable[..., Sidecar]]:
    """Open a side-car; arguments change `[server]`."""
    opened: list[Sidecar] = []
    folder = tmp_path / "plugins" / "probe"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(_PLUGIN, encoding="utf-8")
    (folder / "plugin.toml").write_text(textwrap.dedent(_MANIFEST), encoding="utf-8")

    def open_(**changed: Any) -> Sidecar:
        mocks.reset()
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="crm"),
            erps=(SystemConfig(name="main", connector="erp"),),
            enabled=("erp-tabs", "straight-through", "probe"),
            plugin_paths=(folder.parent,),
            inline="*",
            roles={
                "sales": RoleConfig(fields=("credit", "personal")),
                "accounting": RoleConfig(fields=("*",)),
            },
        )
        store = Store.open(f"sqlite:///{tmp_path}/host.db")
        transport = MockTransport(mocks.erp_app, mocks.erp)
        crm_transport = MockTransport(mocks.crm_app, mocks.crm)
        host = Host(
            config,
            crm=crm_connector.connect("crm", _CRM, transport=crm_transport),
            erp=Router({"main": erp_connector.connect("main", _ERP, transport=transport)}),
            store=store,
            deliveries=Deliveries.open(store),
            identity="test",
            now=lambda: NOW,
        )
        assert not host.quarantined
        app = create_api(
            host,
            ApiSettings.of({**settings, **changed}, base=tmp_path),
            judge=judge(CONTRACT),
        )
        client = Client(app)
        opened.append(Sidecar(host, app, client, mocks, _probe()))
        return opened[-1]

    yield open_
    for each in opened:
        each.probe.HOLD.set()
        each.client.close()
        each.host.close()


def _probe() -> Any:
    """The probe's own module, to hold it up and let it go."""
    loaded = [each for each in list(sys.modules.values()) if hasattr(each, "ENTERED")]
    return loaded[-1]


@pytest.fixture
def sidecar(open_sidecar: Callable[..., Sidecar]) -> Sidecar:
    return open_sidecar()


@pytest.fixture
def new_quote() -> dict[str, Any]:
    return {
        "account_id": "A-1001",
        "currency": "EUR",
        "lines": [{"item_id": "BRG-1001", "quantity": "2"}],
    }


@pytest.fixture
def threads_now() -> Callable[[], int]:
    return threading.active_count
