"""A host on nothing but plugins, and OpenTelemetry's own exporters in memory."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crossdock import tracing
from crossdock.connectors import erp
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Account, Quote, QuoteLine, User

USER = User(id="U-kim", name="Kim", roles=("sales",))


class Spans:
    """The spans that ended, by name."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def named(self, name: str) -> Any:
        (found,) = [each for each in self.all() if each.name == name]
        return found

    def all(self) -> list[Any]:
        return list(self._exporter.get_finished_spans())

    def text(self) -> str:
        return "\n".join(each.to_json() for each in self.all())


@pytest.fixture
def spans() -> Iterator[Spans]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(tracers=provider)
    yield Spans(exporter)
    tracing.use()
    provider.shutdown()


@pytest.fixture
def metrics() -> Iterator[Callable[[], dict[str, list[Any]]]]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    tracing.use(meters=provider)

    def read() -> dict[str, list[Any]]:
        data = reader.get_metrics_data()
        return {
            metric.name: list(metric.data.data_points)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    yield read
    tracing.use()
    provider.shutdown()


class OneAccountCrm:
    system = "crm"

    def account(self, account_id: str) -> Account:
        return Account(id=account_id, name="Ball Bearings Ltd")

    def user(self, user_id: str) -> User:
        return USER

    def close(self) -> None:
        pass


class Unused:
    """Deliveries that no test of this room asks for anything."""

    def close(self) -> None:
        pass


class ErpOnTheWire:
    """What a remote ERP was sent; it answers every call with one item."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.status != 200:
            return httpx.Response(self.status, json={"title": "no", "code": "no"})
        return httpx.Response(200, json={"items": [], "next": None})


@pytest.fixture
def wire() -> ErpOnTheWire:
    return ErpOnTheWire()


@pytest.fixture
def open_host(tmp_path: Path, wire: ErpOnTheWire) -> Iterator[Callable[..., Host]]:
    """Open a host on plugins, given as id, code and points."""
    opened: list[Host] = []
    before = set(sys.modules)

    def open_(*plugins: tuple[str, str, tuple[str, ...]], **settings: Any) -> Host:
        for plugin_id, code, points in plugins:
            home = tmp_path / plugin_id
            home.mkdir()
            (home / "plugin.py").write_text(
                "from crossdock import *\n" + textwrap.dedent(code), encoding="utf-8"
            )
            (home / "plugin.toml").write_text(
                f'id = "{plugin_id}"\nname = "{plugin_id}"\nsdk = ">=0.1"\n'
                f'points = {list(points)}\nscopes = ["erp.items:read"]\n',
                encoding="utf-8",
            )
        names = tuple(plugin_id for plugin_id, _, _ in plugins)
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            enabled=names,
            inline="*",
            plugin_paths=(tmp_path,),
            roles={"sales": RoleConfig()},
            **settings,
        )
        crm: Any = OneAccountCrm()
        unused: Any = Unused()
        remote: Any = erp.connect(
            "main",
            {"url": "http://erp.test:8602", "api_key": "erp-s3cret-key"},
            transport=httpx.MockTransport(wire),
        )
        host = Host(
            config,
            crm=crm,
            erp=Router({"main": remote}),
            store=Store.open(f"sqlite:///{tmp_path}/host.db"),
            deliveries=unused,
            identity="test",
            now=lambda: datetime.now(UTC),
        )
        opened.append(host)
        assert not host.quarantined
        return host

    yield open_
    for host in opened:
        host.close()
    for name in set(sys.modules) - before:
        if name.startswith("crossdock_plugin_"):
            del sys.modules[name]


@pytest.fixture
def quote() -> Quote:
    line = QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(2))
    return Quote(id="", account_id="A-1", currency="EUR", lines=(line,))


@pytest.fixture
def user() -> User:
    return USER
