"""A host on the mock of HubSpot and the reference ERP's, in process; the tests deliver by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.connectors import erp as erp_connector
from crossdock.connectors import hubspot
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Deliveries
from crossdock.host.deliveries.promotions import PromotionPoller
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects import erp as erp_dialect
from crossdock_mocks.dialects import hubspot as hubspot_dialect
from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP
from crossdock_mocks.engine import App, MockTransport, World

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_HUBSPOT = {
    "url": "http://hubspot.test",
    "access_token": PRIVATE_APP.token,
    "searches_per_second": 10_000.0,
    "default_role": "sales",
}
_ERP = {"url": "http://erp.test", "api_key": "erp-demo-key"}


class Scene:
    """A portal that people work in, and a host with a worker beside it."""

    def __init__(self, host: Host, portal: World, erp: World, person: httpx.Client) -> None:
        self.host, self.portal, self.erp = host, portal, erp
        self._person = person
        self._done: set[str] = set()
        self._poller = PromotionPoller(
            host.deliveries, host.crm, host.subscriptions, of_quote=host.quote_written
        )
        titles = person.get("/crm/v3/objects/quotes", params={"properties": "hs_title"})
        self.titles: dict[str, str] = {}
        while True:
            body = titles.raise_for_status().json()
            self.titles |= {row["properties"]["hs_title"]: row["id"] for row in body["results"]}
            if "paging" not in body:
                break
            after = body["paging"]["next"]["after"]
            titles = person.get(
                "/crm/v3/objects/quotes", params={"properties": "hs_title", "after": after}
            )

    def later(self, seconds: float = 15) -> None:
        self.portal.clock.advance(timedelta(seconds=seconds))

    def changes_a_line(self, quote_id: str, **properties: str) -> None:
        """A person changes the first line of a quote in HubSpot's own screens."""
        self.later()
        head = self._person.get(
            f"/crm/v3/objects/quotes/{quote_id}", params={"associations": "line_items"}
        ).json()
        (kind,) = head["associations"].values()
        ids = [row["id"] for row in kind["results"]]
        first = min(ids, key=int)
        answer = self._person.patch(
            f"/crm/v3/objects/line_items/{first}", json={"properties": properties}
        )
        assert answer.is_success, answer.text

    def sets(self, quote_id: str, **properties: str) -> None:
        """A person changes a quote's own properties."""
        self.later()
        answer = self._person.patch(
            f"/crm/v3/objects/quotes/{quote_id}", json={"properties": properties}
        )
        assert answer.is_success, answer.text

    def property(self, quote_id: str, name: str) -> str:
        body = self._person.get(
            f"/crm/v3/objects/quotes/{quote_id}", params={"properties": name}
        ).json()
        return body["properties"][name] or ""

    def works(self) -> int:
        """The worker reads the feed to its end and delivers what came; says how many."""
        self.later()
        while self._poller.read_page():
            pass
        done = 0
        for delivery in self.host.deliveries.list(states=["queued"], limit=100):
            if delivery.event_type != "quote_written" or delivery.id in self._done:
                continue
            self._done.add(delivery.id)
            event = self.host.deliveries.event(delivery.id)
            self.host.deliver(
                "crossdock.host",
                event,
                step=lambda _n, fn, *a: fn(*a),
                idempotency_key=f"k{delivery.id}",
            )
            done += 1
        return done

    def writes(self) -> int:
        return sum(
            1
            for entry in self.portal.journal
            if entry.operation_id in ("updateObject", "batchUpdateObjects", "createObject")
            and "crossdock" in entry.raw_request_headers.get("user-agent", "")
        )


@pytest.fixture(scope="module")
def mocks() -> Iterator[Any]:
    data = generate(seed=1, scale=0.05)
    portal_app, erp_app = App(hubspot_dialect.dialect()), App(erp_dialect.dialect())
    portal = portal_app.open_world(data, now=NOW)
    erp = erp_app.open_world(data, now=NOW)
    port = hubspot.connect("crm", _HUBSPOT, transport=MockTransport(portal_app, portal))
    port.provisioning.provision()
    port.close()
    portal.clock.advance(timedelta(seconds=30))
    portal.seal()
    yield data, (portal_app, portal), (erp_app, erp)
    portal.close()
    erp.close()


@pytest.fixture
def story(mocks: Any) -> Any:
    return mocks[0].story


@pytest.fixture
def scene(mocks: Any, tmp_path: Path) -> Iterator[Scene]:
    _, (portal_app, portal), (erp_app, erp) = mocks
    portal.reset()
    erp.reset()
    config = HostConfig(
        crm=SystemConfig(name="crm", connector="hubspot"),
        erps=(SystemConfig(name="main", connector="erp"),),
        enabled=("straight-through", "credit-policy"),
        inline="*",
        plugin_config={"credit-policy": {"on_save": "same"}},
        roles={"sales": RoleConfig(fields=("credit", "personal"))},
    )
    store = Store.open(f"sqlite:///{tmp_path}/host.db", clock=lambda: portal.now)
    erp_transport = MockTransport(erp_app, erp)
    host = Host(
        config,
        crm=hubspot.connect("crm", _HUBSPOT, transport=MockTransport(portal_app, portal)),
        erp=Router({"main": erp_connector.connect("main", _ERP, transport=erp_transport)}),
        store=store,
        deliveries=Deliveries.open(store),
        identity="test",
        now=lambda: portal.now,
    )
    person = httpx.Client(
        transport=MockTransport(portal_app, portal),
        base_url="http://hubspot.test",
        headers={"Authorization": f"Bearer {PRIVATE_APP.token}"},
    )
    assert not host.quarantined
    yield Scene(host, portal, erp, person)
    host.close()
