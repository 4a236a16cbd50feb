"""The plugin in a host whose connectors reach the mocks without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from crossdock.connectors import crm as crm_connector
from crossdock.connectors import erp as erp_connector
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Backlog
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import crm as crm_dialect
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.engine import App, MockTransport, World

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_CRM = {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"}
_ERP = {"url": "http://erp.test", "api_key": "erp-demo-key"}


class Recorded:
    """Deliveries that only remember what was published; the tests deliver by hand."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def publish(self, event: Any, subscribers: Any) -> str:
        self.events.append(event)
        return f"event-{len(self.events)}"

    def publish_within(self, _connection: Any, event: Any, subscribers: Any) -> bool:
        self.events.append(event)
        return True

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def close(self) -> None:
        pass


class Scene:
    """A host on two mocks, and short ways to play on it."""

    def __init__(self, host: Host, crm: World, erp: World, office: httpx.Client) -> None:
        self.host, self.crm, self.erp, self.office = host, crm, erp, office

    def act(self, path: str, key: str = "", **body: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.office.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def deliver(self, event: Any, key: str = "key-1", to: str = "straight-through") -> None:
        self.host.deliver(
            to,
            event,
            step=lambda _name, fn, *args: fn(*args),
            idempotency_key=key,
        )

    def erp_orders(self, reference: str) -> list[dict[str, Any]]:
        answer = self.office.get("/sales-orders", params={"externalReference": reference})
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


class Mocks:
    """Both mocks on one small company; `reset` puts them back in a moment."""

    def __init__(self) -> None:
        data = generate(seed=1, scale=0.4)
        self.story = data.story
        self.crm_app, self.erp_app = App(crm_dialect.dialect()), App(erp_dialect.dialect())
        self.crm = self.crm_app.open_world(data, now=NOW)
        self.erp = self.erp_app.open_world(data, now=NOW)

    def reset(self) -> None:
        self.crm.reset()
        self.erp.reset()


@pytest.fixture(scope="session")
def mocks() -> Mocks:
    return Mocks()


@pytest.fixture
def story(mocks: Mocks) -> Mapping[str, str]:
    """What the data set wants played."""
    return mocks.story


# In the normal run each plugin does some things in both ways, by parameters of those tests.
@pytest.fixture(params=["inline", pytest.param("process", marks=pytest.mark.full)])
def isolation(request: pytest.FixtureRequest) -> str:
    """Where plugins run: what they do must be the same."""
    where: str = request.param
    return where


@pytest.fixture
def open_scene(mocks: Mocks, tmp_path: Path, isolation: str) -> Iterator[Callable[..., Scene]]:
    """Open a scene with settings of the credit policy."""
    crm_app, erp_app = mocks.crm_app, mocks.erp_app
    opened: list[Host] = []

    def open_(**settings: Any) -> Scene:
        mocks.reset()
        crm_world, erp_world = mocks.crm, mocks.erp
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="crm"),
            erps=(SystemConfig(name="main", connector="erp"),),
            enabled=("straight-through", "stock-promise", "credit-policy"),
            inline="*" if isolation == "inline" else (),
            plugin_config={"credit-policy": settings},
            roles={
                "sales": RoleConfig(fields=("credit", "personal")),
                "service": RoleConfig(fields=()),
            },
        )
        transport = MockTransport(erp_app, erp_world)
        host = Host(
            config,
            crm=crm_connector.connect("crm", _CRM, transport=MockTransport(crm_app, crm_world)),
            erp=Router({"main": erp_connector.connect("main", _ERP, transport=transport)}),
            store=Store.open(f"sqlite:///{tmp_path}/host-{len(opened)}.db"),
            deliveries=Recorded(),  # type: ignore[arg-type]
            identity="test",
            now=lambda: NOW,
        )
        opened.append(host)
        assert not host.quarantined
        office = httpx.Client(
            transport=transport, base_url="http://erp.test", headers={"X-Api-Key": "erp-demo-key"}
        )
        return Scene(host, crm_world, erp_world, office)

    yield open_
    for host in opened:
        host.close()


@pytest.fixture
def scene(open_scene: Callable[..., Scene]) -> Scene:
    return open_scene()


@pytest.fixture
def promoted(scene: Scene, story: Mapping[str, str]) -> Any:
    """The event of the data set's own quote, priced and promoted."""
    quote = scene.host.crm.quote(story["quote"])
    saved = scene.host.save_quote(quote, user="kim").quote
    assert saved is not None
    order = scene.host.promote_quote(saved.id, user="kim").order
    assert order is not None
    event = scene.host.deliveries.events[-1]  # type: ignore[attr-defined]
    assert event.order == order
    return evolve(event)
