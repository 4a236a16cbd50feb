"""Reference plugins in a host whose connectors reach the mocks without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.connectors import crm as crm_connector
from crossdock.connectors import erp as erp_connector
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Backlog
from crossdock.host.deliveries.events import event_id_of
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import crm as crm_dialect
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.engine import App, MockTransport

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_CRM = {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"}
_ERP = {"url": "http://erp.test", "api_key": "erp-demo-key"}


class Recorded:
    """Deliveries that only remember what was published; the tests deliver by hand."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}

    def publish(self, event: Any, _subscribers: Any) -> str:
        event_id = event_id_of(event)
        self.events.setdefault(event_id, event)
        return event_id

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def close(self) -> None:
        pass


class Mocks:
    """Both mocks on one small company; `reset` puts them back in a moment."""

    def __init__(self) -> None:
        self.data = generate(seed=1, scale=0.4)
        self.crm_app, self.erp_app = App(crm_dialect.dialect()), App(erp_dialect.dialect())
        self.crm = self.crm_app.open_world(self.data, now=NOW)
        self.erp = self.erp_app.open_world(self.data, now=NOW)

    def reset(self) -> None:
        self.crm.reset()
        self.erp.reset()


class Scene:
    """A host on two mocks, and short ways to play on it."""

    def __init__(self, host: Host, mocks: Mocks, office: httpx.Client) -> None:
        self.host, self.mocks, self.office = host, mocks, office
        self.story = mocks.data.story

    @property
    def events(self) -> list[Any]:
        deliveries: Any = self.host.deliveries
        return list(deliveries.events.values())

    def deliver(self, plugin_id: str, event: Any, key: str = "key-1") -> None:
        self.host.deliver(
            plugin_id, event, step=lambda _name, fn, *args: fn(*args), idempotency_key=key
        )

    def calls(self, system: str, operation: str = "") -> list[str]:
        """Name the operations that a mock was asked for."""
        world = self.mocks.crm if system == "crm" else self.mocks.erp
        names = [entry.operation_id for entry in world.journal]
        return [name for name in names if name == operation] if operation else names

    def forget_calls(self) -> None:
        self.mocks.crm.journal.clear()
        self.mocks.erp.journal.clear()

    def days(self, days: int) -> datetime:
        return NOW + timedelta(days=days)


@pytest.fixture(scope="session")
def mocks() -> Mocks:
    return Mocks()


@pytest.fixture(params=["inline", "process"])
def isolation(request: pytest.FixtureRequest) -> str:
    """Where plugins run: what they do must be the same."""
    where: str = request.param
    return where


@pytest.fixture
def open_scene(mocks: Mocks, tmp_path: Path, isolation: str) -> Iterator[Callable[..., Scene]]:
    """Open a scene with plugins; settings by plugin id with `_` for `-`."""
    opened: list[Host] = []

    def open_(*enabled: str, **settings: Any) -> Scene:
        mocks.reset()
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="crm"),
            erps=(SystemConfig(name="main", connector="erp"),),
            enabled=enabled,
            inline="*" if isolation == "inline" else (),
            plugin_config={name.replace("_", "-"): table for name, table in settings.items()},
            roles={
                "sales": RoleConfig(fields=("credit", "personal")),
                "service": RoleConfig(fields=()),
                "manager": RoleConfig(fields=("cost", "credit", "margin", "personal")),
            },
        )
        transport = MockTransport(mocks.erp_app, mocks.erp)
        host = Host(
            config,
            crm=crm_connector.connect(
                "crm", _CRM, transport=MockTransport(mocks.crm_app, mocks.crm)
            ),
            erp=Router({"main": erp_connector.connect("main", _ERP, transport=transport)}),
            store=Store.open(f"sqlite:///{tmp_path}/host.db"),
            deliveries=Recorded(),  # type: ignore[arg-type]
            identity="test",
            now=lambda: NOW,
        )
        opened.append(host)
        assert not host.quarantined, host.quarantined
        office = httpx.Client(
            transport=transport, base_url="http://erp.test", headers={"X-Api-Key": "erp-demo-key"}
        )
        return Scene(host, mocks, office)

    yield open_
    for host in opened:
        host.close()
