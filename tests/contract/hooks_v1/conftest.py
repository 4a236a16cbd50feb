"""The frozen plugin in a host on both mocks, once inline and once in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    """Deliveries that only remember what was published."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[Any, list[str]]] = {}

    def publish(self, event: Any, subscribers: Any) -> str:
        event_id = event_id_of(event)
        self.events[event_id] = (event, [name for name, _version in subscribers])
        return event_id

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def close(self) -> None:
        pass


class Mocks:
    """Both mocks on one small company."""

    def __init__(self) -> None:
        data = generate(seed=1, scale=0.2)
        self.story = data.story
        crm, erp = App(crm_dialect.dialect()), App(erp_dialect.dialect())
        self.worlds = crm.open_world(data, now=NOW), erp.open_world(data, now=NOW)
        self.transports = MockTransport(crm, self.worlds[0]), MockTransport(erp, self.worlds[1])

    def reset(self) -> None:
        for world in self.worlds:
            world.reset()


@pytest.fixture(scope="session")
def mocks() -> Mocks:
    return Mocks()


@pytest.fixture
def story(mocks: Mocks) -> Any:
    """What the data set wants played."""
    return mocks.story


@pytest.fixture(params=["inline", "process"])
def host(request: pytest.FixtureRequest, mocks: Mocks, tmp_path: Path) -> Iterator[Host]:
    """A host with the frozen plugin alone."""
    mocks.reset()
    config = HostConfig(
        crm=SystemConfig(name="crm", connector="crm"),
        erps=(SystemConfig(name="main", connector="erp"),),
        enabled=("frozen-v1",),
        plugin_paths=(Path(__file__).parent / "plugin",),
        inline="*" if request.param == "inline" else (),
        roles={"sales": RoleConfig(fields=("credit", "personal"))},
    )
    crm, erp = mocks.transports
    host = Host(
        config,
        crm=crm_connector.connect("crm", _CRM, transport=crm),
        erp=Router({"main": erp_connector.connect("main", _ERP, transport=erp)}),
        store=Store.open(f"sqlite:///{tmp_path}/host.db"),
        deliveries=Recorded(),  # type: ignore[arg-type]
        identity="test",
        now=lambda: NOW,
    )
    assert not host.quarantined, host.quarantined
    yield host
    host.close()
