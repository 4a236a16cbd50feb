"""A host over ports in memory, with plugins written into a temporary folder."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crossdock.errors import NotFound
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries import Backlog
from crossdock.host.deliveries.events import event_id_of
from crossdock.host.settings.config import Deadlines
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.ports import Guards, Page
from crossdock.records import (
    Account,
    Contact,
    CreditStatus,
    Item,
    Money,
    Opportunity,
    Order,
    Quote,
    QuoteLine,
    TradingAccount,
    User,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class MemoryCrm:
    """A CRM in memory that keeps quotes and makes one order of each."""

    system = "crm"
    guards = Guards()

    def __init__(self) -> None:
        self.people = {
            "kim": User(id="U-kim", name="Kim", roles=("sales",)),
            "ada": User(id="U-ada", name="Ada", roles=("accounting",)),
            "nobody": User(id="U-nobody", name="Nobody", roles=("guest",)),
        }
        self.quotes: dict[str, Quote] = {}
        self.orders_made: dict[str, Order] = {}
        self.saved: list[Any] = []
        self.pages_read = 0

    def user(self, user_id: str) -> User:
        try:
            return self.people[user_id]
        except KeyError:
            raise NotFound(f"no user {user_id}", system="crm") from None

    def account(self, account_id: str) -> Account:
        if account_id != "A-1":
            raise NotFound(f"the CRM has no account {account_id}", system="crm")
        return Account(
            id="A-1", name="Müller GmbH", email="m@example.test", external_ids={"main": "C-1"}
        )

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        self.pages_read += 1
        known = [("A-1", {"main": "C-1"}), ("A-2", {"main": "C-2", "uk": "7"}), ("A-3", {})]
        here = int(after or 0)
        rest = [Account(id=name, name=name, external_ids=ids) for name, ids in known][here:]
        return Page(items=tuple(rest[:2]), next="2" if len(rest) > 2 else None)

    def save_account(self, account: Account) -> Account:
        return self._save(account, "A-2")

    def contact(self, contact_id: str) -> Contact:
        if contact_id != "P-1":
            raise NotFound(f"the CRM has no contact {contact_id}", system="crm")
        return Contact(id="P-1", account_id="A-1", first_name="Ada", last_name="Wolf")

    def save_contact(self, contact: Contact) -> Contact:
        return self._save(contact, "P-2")

    def opportunity(self, opportunity_id: str) -> Opportunity:
        return Opportunity(
            id=opportunity_id,
            account_id="A-1",
            name="Deal",
            stage_id="s",
            amount=Money("1", "EUR"),
        )

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        return self._save(opportunity, "O-2")

    def save_order(self, order: Order) -> Order:
        saved: Order = self._save(order, f"R-{order.reference}")
        self.orders_made[saved.id] = saved
        return saved

    def _save(self, record: Any, new_id: str) -> Any:
        version = str(int(record.version or 0) + 1)
        saved = evolve(record, id=record.id or new_id, version=version)
        self.saved.append(saved)
        return saved

    def quote(self, quote_id: str) -> Quote:
        return self.quotes[quote_id]

    def save_quote(self, quote: Quote) -> Quote:
        number = int(quote.version or 0) + 1
        saved = evolve(quote, id=quote.id or "Q-1", version=str(number))
        self.quotes[saved.id] = saved
        return saved

    def order(self, order_id: str) -> Order:
        return self.orders_made[order_id]

    def order_from_quote(self, quote_id: str) -> Order:
        quote = self.quotes[quote_id]
        order = self.orders_made.setdefault(
            f"R-{quote_id}",
            Order(id=f"R-{quote_id}", system="crm", currency=quote.currency, quote_id=quote_id),
        )
        self.quotes[quote_id] = evolve(quote, status="ordered", order_id=order.id)
        return order


class MemoryErp:
    """An ERP in memory with one customer and one item."""

    system = "main"
    capabilities = frozenset({"idempotency_key"})

    def customer(self, customer_id: str) -> TradingAccount:
        return TradingAccount(
            id=customer_id,
            system="main",
            name="Müller",
            currency="EUR",
            credit_limit=Money("1000", "EUR"),
        )

    def credit(self, customer: TradingAccount) -> CreditStatus:
        return CreditStatus(
            customer_id=customer.id,
            system="main",
            currency="EUR",
            on_hold=False,
            limit=Money("1000", "EUR"),
            available=Money("400", "EUR"),
        )

    def item(self, item_id: str) -> Item:
        return Item(id=item_id, name="Bearing", system="main", cost=Money("3", "EUR"))

    def close(self) -> None:
        pass


class MemoryDeliveries:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Any, list[Any]]] = []
        self.waiting = 0

    def backlog(self) -> Backlog:
        return Backlog(count=self.waiting, oldest=None, long=self.waiting >= 1000)

    def publish(self, event: Any, subscribers: Sequence[Any]) -> str:
        event_id = event_id_of(event)
        if event_id not in [known for known, _, _ in self.published]:
            self.published.append((event_id, event, list(subscribers)))
        return event_id

    def publish_within(self, _connection: Any, event: Any, subscribers: Sequence[Any]) -> bool:
        before = len(self.published)
        self.publish(event, subscribers)
        return len(self.published) > before

    def close(self) -> None:
        pass


@pytest.fixture
def memory_crm() -> type[MemoryCrm]:
    """The CRM in memory, to be changed by a test."""
    return MemoryCrm


@pytest.fixture
def deadlines() -> type[Deadlines]:
    """How long calls may take, for `open_host`."""
    return Deadlines


@pytest.fixture
def quote() -> Quote:
    line = QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(2), unit_price=Money("10", "EUR"))
    return Quote(id="", account_id="A-1", currency="EUR", lines=(line,))


@pytest.fixture
def write_plugin(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin's folder; gives the folder that holds all of them."""

    def write(
        plugin_id: str,
        code: str,
        *,
        points: Sequence[str] = ("before_quote_save",),
        scopes: Sequence[str] = (),
        manifest: str = "",
    ) -> Path:
        folder = tmp_path / "plugins" / plugin_id
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(textwrap.dedent(code), encoding="utf-8")
        (folder / "plugin.toml").write_text(
            f'id = "{plugin_id}"\nname = "{plugin_id.title()}"\nsdk = ">=0.1"\n'
            f"points = {list(points)}\nscopes = {list(scopes)}\n" + textwrap.dedent(manifest),
            encoding="utf-8",
        )
        return tmp_path / "plugins"

    return write


@pytest.fixture(params=["inline", "process"])
def isolation(request: pytest.FixtureRequest) -> str:
    """Where plugins run: what they do must be the same."""
    where: str = request.param
    return where


@pytest.fixture
def open_host(tmp_path: Path, isolation: str) -> Iterator[Callable[..., Host]]:
    """Open a host on the plugins of a folder, in the given order."""
    opened: list[Host] = []

    def open_(
        *enabled: str,
        roles: Mapping[str, RoleConfig] | None = None,
        policy: Mapping[str, str] | None = None,
        crm: MemoryCrm | None = None,
        erp: MemoryErp | None = None,
        deadlines: Deadlines | None = None,
    ) -> Host:
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="memory"),
            erps=(SystemConfig(name="main", connector="memory"),),
            enabled=enabled,
            inline="*" if isolation == "inline" else (),
            plugin_paths=(tmp_path / "plugins",),
            roles=roles
            if roles is not None
            else {"sales": RoleConfig(), "accounting": RoleConfig(fields=("*",))},
            policy=policy or {},
            deadlines=deadlines or Deadlines(),
        )
        host = Host(
            config,
            crm=crm or MemoryCrm(),  # type: ignore[arg-type]
            erp=Router({"main": erp or MemoryErp()}),  # type: ignore[dict-item]
            store=Store.open(f"sqlite:///{tmp_path}/host.db"),
            deliveries=MemoryDeliveries(),  # type: ignore[arg-type]
            identity="test",
            now=lambda: NOW,
        )
        opened.append(host)
        return host

    yield open_
    for host in opened:
        host.close()
