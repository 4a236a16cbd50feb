"""The systems that the same stories are played on: mocks in process, and a live Tryton.

All of them begin with the same company, without documents of the past: Tryton is its own
bookkeeper, and what customers owed before would be in every figure of the others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from attrs import evolve, field, frozen

from crossdock.connectors import business_central, crm, erp, quickbooks, tryton
from crossdock.demo.tryton.packages import Environment
from crossdock.demo.tryton.preparing import KINDS
from crossdock.demo.tryton.server import TrytonServer, settings
from crossdock.errors import RemoteUnavailable
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Backlog
from crossdock.host.deliveries.changes import ChangePoller
from crossdock.host.settings.config import Deadlines
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Order, Quote, QuoteLine
from crossdock.server.desk.back_office import BackOffice
from crossdock_mocks.datasets import DataSet
from crossdock_mocks.dialects import business_central as bc
from crossdock_mocks.dialects import quickbooks as qbo
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

TITLES = {
    "erp": "Reference ERP",
    "business-central": "Business Central",
    "quickbooks": "QuickBooks Online",
    "tryton": "Tryton",
}
_CRM = {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"}
_SETTINGS: dict[str, dict[str, Any]] = {
    "erp": {"url": "http://erp.test", "api_key": "erp-demo-key"},
    "business-central": {
        "url": "http://bc.test:7048/v2.0/production/api/v2.0",
        "auth_url": "http://bc.test:7048",
        "tenant": "contoso.example",
        "client_id": bc.CLIENT_ID,
        "client_secret": bc.CLIENT_SECRET,
    },
    "quickbooks": {
        "url": "http://books.test",
        "auth_url": "http://books.test",
        "realm": qbo.REALM_ID,
        "client_id": qbo.CLIENT_ID,
        "client_secret": qbo.CLIENT_SECRET,
        "refresh_token": qbo.REFRESH_TOKEN,
    },
}
_DIALECTS = {"erp": erp_dialect, "business-central": bc.dialect, "quickbooks": qbo.dialect}
_CONNECTORS = {
    "erp": erp,
    "business-central": business_central,
    "quickbooks": quickbooks,
    "tryton": tryton,
}
_KEPT = {
    *KINDS,
    "users", "logins", "accounts", "contacts", "stages",
}  # fmt: skip


def without_history(data: DataSet) -> DataSet:
    """Give the same company on its first day: names, prices and stock, and no documents."""
    return DataSet.of(
        evolve(data.header, story={}), {kind: list(data.rows(kind)) for kind in sorted(_KEPT)}
    )


class _Recorded:
    """Deliveries that only remember what was published."""

    def __init__(self, store: Store) -> None:
        self.events: list[Any] = []
        self.store = store

    def publish(self, event: Any, _subscribers: Any) -> str:
        self.events.append(event)
        return f"event-{len(self.events)}"

    def publish_within(self, _connection: Any, event: Any, _subscribers: Any) -> bool:
        self.events.append(event)
        return True

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def close(self) -> None:
        pass


@frozen(kw_only=True)
class House:
    """One ERP with a CRM, the reference plugins between them, and the people who work there.

    Attributes:
        given: the settings of the system, as the people in it reach it.
        tries: how often something is delivered while its system is away, as a worker does.
        promoted: each quote that was promoted, with the CRM's order as it was then.
    """

    name: str
    host: Host
    port: Any
    today: date
    given: Mapping[str, Any]
    tries: int = 1
    promoted: list[tuple[Quote, Order]] = field(factory=list)
    _back_office: BackOffice
    _poller: ChangePoller
    _data: DataSet

    @property
    def data(self) -> DataSet:
        """The company."""
        return self._data

    def account_of(self, customer: str) -> str:
        """Give the CRM account of a customer."""
        for row in self._data.rows("accounts"):
            if row["customer_id"] == customer:
                return str(row["id"])
        raise LookupError(customer)

    def quote(
        self, customer: str, *lines: tuple[str, Decimal] | tuple[str, Decimal, Decimal]
    ) -> Quote:
        """Save a quote as its salesperson does; the plugin has the ERP price it."""
        quote = Quote(
            id="",
            account_id=self.account_of(customer),
            currency="EUR",
            lines=tuple(
                QuoteLine(
                    number=number,
                    item_id=line[0],
                    quantity=line[1],
                    discount_percent=line[2] if len(line) > 2 else Decimal(0),
                )
                for number, line in enumerate(lines, start=1)
            ),
            owner_id="U-kim",
        )
        saved = self.host.save_quote(quote, user="kim")
        assert saved.quote is not None, saved.verdict
        return saved.quote

    def promote(self, quote: Quote) -> Order:
        """Make it an order, and deliver that as a worker does."""
        promotion = self.host.promote_quote(quote.id, user="kim")
        assert promotion.order is not None, promotion.verdict
        self._deliver(self._events[-1])
        self.follow()
        order = self.host.crm.order(promotion.order.id)
        self.promoted.append((quote, order))
        return order

    def play(self, act: str, order: Order) -> str:
        """Let the warehouse or the bookkeeper do something; says why not, where nobody does."""
        office = self._back_office
        said = office.play(
            act, "main", order.erp_order_id, key=f"{order.id}-{act}-{order.version}", actor="test"
        )
        self.follow()
        return "" if said.done else said.text

    def follow(self) -> None:
        """Read the ERP's feed to its end and deliver what it says."""
        before = len(self._events)
        while self._poller.read_page():
            pass
        for event in self._events[before:]:
            if type(event).__name__ == "DocumentChanged":
                self._deliver(event)

    @property
    def _events(self) -> list[Any]:
        events: list[Any] = self.host.deliveries.events  # type: ignore[attr-defined]
        return events

    def _deliver(self, event: Any) -> None:
        for left in range(self.tries - 1, -1, -1):
            try:
                self.host.deliver(
                    "straight-through",
                    event,
                    step=lambda _name, fn, *args: fn(*args),
                    idempotency_key=f"event-{len(self._events)}",
                )
                return
            except RemoteUnavailable:
                if not left:
                    raise


@contextmanager
def opened(
    name: str,
    data: DataSet,
    live: tuple[Environment, Path] | None = None,
    *,
    through: Callable[[str], str] | None = None,
) -> Iterator[House]:
    """Open a house.

    Args:
        name: of `TITLES`.
        data: the company, without history.
        live: where Tryton is installed, and the file of its prepared database.
        through: gives the address by which the connector reaches a live server's address; calls
            may get lost on the way then, and are made again.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parity-")))
        at = datetime.combine(data.as_of, time(9), UTC)
        given, transport, now = _served(name, data, folder, at, live, stack)
        connect: Any = _CONNECTORS[name].connect  # type: ignore[attr-defined]
        reached = {**given, "url": through(str(given["url"]))} if through else given
        port = connect("main", reached, transport=transport)
        stack.callback(port.close)
        crm_app = App(crm_dialect())
        crm_world = crm_app.open_world(data, now=now())
        stack.callback(crm_world.close)
        front = crm.connect("crm", _CRM, transport=MockTransport(crm_app, crm_world))
        stack.callback(front.close)
        system = SystemConfig(name="main", connector=name, settings=given)
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="crm"),
            erps=(system,),
            enabled=("erp-tabs", "straight-through"),
            inline="*",
            roles={"sales": RoleConfig(fields=("credit", "personal"))},
            deadlines=Deadlines(view=120.0, guard=120.0, event=240.0),
        )
        store = Store.open(f"sqlite:///{folder}/host.db")
        host = Host(
            config,
            crm=front,
            erp=Router({"main": port}),
            store=store,
            deliveries=_Recorded(store),  # type: ignore[arg-type]
            identity="parity",
            now=now,
        )
        stack.callback(host.close)
        assert not host.quarantined, host.quarantined
        office = BackOffice([system], transport)
        stack.callback(office.close)
        house = House(
            name=name,
            host=host,
            port=port,
            today=now().date(),
            given=given,
            tries=1 if through is None else 3,
            back_office=office,
            poller=ChangePoller(host.deliveries, port, lambda _event: ()),
            data=data,
        )
        house.follow()
        yield house


def _served(
    name: str,
    data: DataSet,
    folder: Path,
    at: datetime,
    live: tuple[Environment, Path] | None,
    stack: ExitStack,
) -> tuple[Mapping[str, Any], httpx.BaseTransport | None, Callable[[], datetime]]:
    """Give the settings of a system, how it is reached, and its clock."""
    if name == "tryton":
        assert live is not None
        server = stack.enter_context(TrytonServer(live[0], folder, live[1]))
        return settings(server.url) | {"timeout": 120}, None, lambda: datetime.now(UTC)
    app = App(_DIALECTS[name]())
    world = app.open_world(data, now=at)
    stack.callback(world.close)
    if name == "quickbooks":
        for limit in ("requests_per_minute", "batches_per_minute"):
            world.table("qbo_settings").replace({"name": limit, "value": 1_000_000})
    if name == "business-central":
        bc.allow(world, 1_000_000)
    return _SETTINGS[name], MockTransport(app, world), lambda: world.now
