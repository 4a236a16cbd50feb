"""A CRM and two ERPs that are dictionaries, and the trading accounts of a host over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.linking.linking import Linking
from crossdock.host.settings.config import RoleConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.ports import Page
from crossdock.records import Account, Address, Change, TradingAccount, User

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROLES = {
    "accounting": RoleConfig(fields=("*",)),
    "sales": RoleConfig(fields=("credit",)),
    "desk": RoleConfig(rights=("links:write",)),
}
ADA = User(id="U-ada", name="Ada Okafor", roles=("accounting",))
KIM = User(id="U-kim", name="Kim Aalto", roles=("sales",))


class Records:
    """Records by id, with a search over their names, in pages of two."""

    capabilities: frozenset[str] = frozenset()

    def __init__(self, system: str, *records: Any) -> None:
        self.system = system
        self.all = {record.id: record for record in records}
        self.away = False
        self.asked: list[str] = []

    def put(self, record: Any) -> None:
        self.all[record.id] = record

    def one(self, record_id: str) -> Any:
        self._answer(record_id)
        if record_id not in self.all:
            raise NotFound(f"{self.system} has no {record_id}", system=self.system, status=404)
        return self.all[record_id]

    def some(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Any]:
        self._answer(f"search {search}")
        found = [each for each in self.all.values() if search.lower() in each.name.lower()]
        start, size = int(after or 0), min(limit, 2) if not search else limit
        more = start + size < len(found)
        return Page(
            items=tuple(found[start : start + size]), next=str(start + size) if more else None
        )

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise RemoteUnavailable(f"{self.system} does not answer", system=self.system)

    account = customer = one
    accounts = customers = some

    def close(self) -> None:
        pass


@attrs.define
class Scene:
    crm: Records
    main: Records
    uk: Records
    store: Store
    linking: Linking

    def refs(self, account_id: str = "A-1") -> list[str]:
        links = self.store.links.of_account("crm", account_id)
        return [f"{link.ref}{'*' if link.default else ''}" for link in links]

    def trail(self, action: str = "") -> list[tuple[str, str, Mapping[str, Any]]]:
        entries = self.store.audit.entries(action=action or "link.")
        return [(each.actor, each.action, each.detail) for each in entries]

    def hear(
        self, entity: str, record_id: str, action: Any, *, of: str, successor: str = ""
    ) -> None:
        change = Change(
            cursor="1",
            system=of,
            entity=entity,
            id=record_id,
            action=action,
            at=NOW,
            successor=successor,
        )
        self.linking.following.notice(change)

    def read(self, account_id: str = "A-1") -> list[str]:
        account = self.crm.all[account_id]
        found = self.linking.linked.read(account, identity="test", seconds=5)
        return [f"{each.ref}{'*' if each.default else ''}" for each in found]


def account(account_id: str = "A-1", name: str = "Nordhafen Maschinenbau", **more: Any) -> Account:
    return Account(id=account_id, name=name, **more)


def customer(
    customer_id: str, name: str = "Nordhafen Maschinenbau GmbH", system: str = "main", **more: Any
) -> TradingAccount:
    return TradingAccount(
        id=customer_id, system=system, name=name, currency=more.pop("currency", "EUR"), **more
    )


HAMBURG = Address(street="Kaistraße 12", postcode="20457", city="Hamburg", country="DE")


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    with Store.open(f"sqlite:///{tmp_path}/host.db", clock=lambda: NOW) as store:
        crm, main, uk = Records("crm"), Records("main"), Records("uk")
        linking = Linking(
            lambda: store,
            crm,  # type: ignore[arg-type]
            Router({"main": main, "uk": uk}),  # type: ignore[dict-item]
            rights=RightsByRole(ROLES),
            refusals=Refusals(lambda: store.audit, lambda: NOW),
        )
        yield Scene(crm=crm, main=main, uk=uk, store=store, linking=linking)


@pytest.fixture
def made() -> Any:
    """Give what makes accounts and customers, and the people."""
    return {"account": account, "customer": customer, "hamburg": HAMBURG, "ada": ADA, "kim": KIM}
