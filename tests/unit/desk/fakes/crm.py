"""A CRM in memory: it saves with versions, makes orders of quotes, and can be away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import attrs
from tests.unit.desk.fakes.setting import NOW, eur

from crossdock.errors import Conflict, NotFound, RemoteUnavailable
from crossdock.ports import Page
from crossdock.records import (
    Account,
    Address,
    Contact,
    Opportunity,
    Order,
    OrderEvent,
    Quote,
    Stage,
    User,
)


class FakeCrm:
    system = "crm"

    def __init__(self) -> None:
        self.away = False
        self.people = [
            User(id="U-kim", name="Kim Aalto", roles=("sales",), team="North"),
            User(id="U-ada", name="Ada Okafor", roles=("manager",), team="North"),
            User(id="U-old", name="Olaf Gone", roles=("sales",), active=False),
        ]
        cities = [("Hamburg", "DE"), ("Lyon", "FR"), ("Gdańsk", "PL"), ("Turku", "FI")]
        names = [
            "Baltic Bearings", "Nordhafen Maschinenbau", "Atelier du Rhône", "Åland Ferries",
            "Copperfield & Daughters", "Windpark Fehmarn Betriebsgesellschaft mbH & Co. KG",
        ]  # fmt: skip
        self.all_accounts = {
            f"A-{1001 + i}": Account(
                id=f"A-{1001 + i}",
                name=names[i] if i < len(names) else f"Customer {i + 1} GmbH",
                kind=("customer", "prospect", "customer", "former")[i % 4],
                industry="Machinery",
                owner_id="U-kim" if i % 3 else "U-ada",
                email=f"office@account{i + 1}.example",
                phone="+49 40 1234567",
                website="https://account.example",
                address=Address(
                    street="Kaistraße 12",
                    postcode="20457",
                    city=cities[i % 4][0],
                    country=cities[i % 4][1],
                ),
                currency="EUR",
                external_ids={"main": f"C-{10001 + i}"},
                version="1",
            )
            for i in range(60)
        }
        self.all_quotes: dict[str, Quote] = {}
        self.all_orders: dict[str, Order] = {}
        self.timeline: dict[str, list[OrderEvent]] = {}

    def users(self) -> Sequence[User]:
        if self.away:
            raise RemoteUnavailable("no answer within 10 s", system="crm")
        return self.people

    def user(self, user_id: str) -> User:
        for user in self.people:
            if user.id == user_id:
                return user
        raise NotFound(f"no user {user_id}", system="crm", status=404)

    def account(self, account_id: str) -> Account:
        try:
            return self.all_accounts[account_id]
        except KeyError:
            raise NotFound(f"no account {account_id}", system="crm", status=404) from None

    def accounts(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page:
        found = [
            account
            for account in self.all_accounts.values()
            if search.lower() in f"{account.name} {account.address.city} {account.id}".lower()
        ]
        start = int(after or 0)
        more = start + limit < len(found)
        return Page(
            items=found[start : start + limit],
            next=str(start + limit) if more else None,
            total=len(found),
        )

    def contacts(self, account_id: str) -> Sequence[Contact]:
        return [
            Contact(
                id=f"P-{n}",
                account_id=account_id,
                first_name=first,
                last_name=last,
                job_title=title,
                email=f"{first.lower()}@account.example",
            )
            for n, (first, last, title) in enumerate(
                [("Mira", "Lindholm", "Head of purchasing"), ("Tom", "Reyes", "Maintenance lead")]
            )
        ]

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        return [
            Opportunity(
                id="O-1",
                account_id=account_id,
                name="Spare parts frame contract 2027",
                stage_id="prove",
                amount=eur("48000"),
                close_on=date(2027, 1, 15),
                owner_id="U-kim",
            )
        ]

    def stages(self) -> Sequence[Stage]:
        return [
            Stage(id="prove", name="Prove", position=1, kind="open", probability=Decimal("0.5"))
        ]

    def quote(self, quote_id: str) -> Quote:
        try:
            return self.all_quotes[quote_id]
        except KeyError:
            raise NotFound(f"no quote {quote_id}", system="crm", status=404) from None

    def quotes(self, account_id: str) -> Sequence[Quote]:
        found = [q for q in self.all_quotes.values() if q.account_id == account_id]
        return found[::-1]

    def save_quote(self, quote: Quote) -> Quote:
        if quote.id and quote.version != self.all_quotes[quote.id].version:
            raise Conflict("version is stale", system="crm", status=409)
        saved = attrs.evolve(
            quote,
            id=quote.id or f"Q-{2001 + len(self.all_quotes)}",
            version=str(int(quote.version or 0) + 1),
            created_at=quote.created_at or NOW,
        )
        self.all_quotes[saved.id] = saved
        return saved

    def order(self, order_id: str) -> Order:
        try:
            return self.all_orders[order_id]
        except KeyError:
            raise NotFound(f"no order {order_id}", system="crm", status=404) from None

    def orders(self, account_id: str) -> Sequence[Order]:
        return [o for o in self.all_orders.values() if o.account_id == account_id]

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        return self.timeline.get(order_id, [])
