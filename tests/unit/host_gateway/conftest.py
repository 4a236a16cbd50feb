"""A host over a small world full of secrets, and plugins that try to get at them.

Every way round is tried by plugin code on disk, loaded by a host, inline and in a process of its
own. `secrets` finds what was given away in anything that came out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import evolve

from crossdock.errors import FieldError, NotFound, RemoteRefused
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.deliveries.events import event_id_of
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.ports import Changes, Guards, Page
from crossdock.records import (
    Account,
    Acknowledgement,
    Activity,
    Address,
    Check,
    Contact,
    Contract,
    CreditOutcome,
    CreditStatus,
    Item,
    Money,
    Order,
    OrderEvent,
    OrderLine,
    OrderStep,
    Payment,
    PricedLine,
    PriceRequest,
    Pricing,
    Quote,
    QuoteLine,
    TradingAccount,
    User,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

SECRETS: Mapping[str, str] = {
    "cost": "731.19",
    "margin": "268.81",  # 1000.00 less the cost
    "limit": "54321.09",
    "left": "4567.89",
    "e-mail": "max.private@kunde.example",
    "phone": "+49 170 5550199",
    "tax number": "DE811569869",
    "iban": "DE89 3704 0044 0532 0130 00",
    "person": "Erika Mustermann",
}


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def given_away(*things: Any) -> set[str]:
    """Name the secrets that stand in anything, however they are written."""
    text = " ".join(map(_text, things))
    bare = re.sub(r"[\s,'\u2019-]", "", text).casefold()
    return {
        name for name, secret in SECRETS.items() if re.sub(r"[\s,-]", "", secret).casefold() in bare
    }


def _text(thing: Any) -> str:
    if attrs.has(type(thing)):
        return repr(thing) + " ".join(
            _text(getattr(thing, a.name)) for a in attrs.fields(type(thing))
        )
    if isinstance(thing, tuple | list | set | frozenset):
        return " ".join(map(_text, thing))
    if isinstance(thing, Mapping):
        return " ".join(map(_text, thing.items()))
    return f"{thing!r} {thing}"


class SecretCrm:
    """A CRM in memory, which searches what it likes."""

    system = "crm"
    guards = Guards()

    def __init__(self) -> None:
        self.people = {
            "kim": User(id="U-kim", name="Kim", email="kim@us.example", roles=("sales",)),
            "ada": User(id="U-ada", name="Ada", email="ada@us.example", roles=("accounting",)),
            "lee": User(id="U-lee", name="Lee", roles=("buyer",)),
        }
        self.all_accounts = {
            "A-1": Account(
                id="A-1",
                name="Müller GmbH",
                email=SECRETS["e-mail"],
                phone=SECRETS["phone"],
                tax_number=SECRETS["tax number"],
                address=Address(city="Ulm", name=SECRETS["person"]),
                external_ids={"main": "C-1"},
                version="1",
            ),
            "A-2": Account(id="A-2", name="Adler AG", email="info@adler.example", version="1"),
        }
        self.all_contacts = {
            "P-1": Contact(
                id="P-1",
                account_id="A-1",
                last_name="Max",
                email=SECRETS["e-mail"],
                phone=SECRETS["phone"],
                version="1",
            )
        }
        line = QuoteLine(
            number=1,
            item_id="BRG-1",
            quantity=Decimal(1),
            unit_price=eur("1000.00"),
            unit_cost=eur(SECRETS["cost"]),
        )
        self.all_quotes = {
            "Q-1": Quote(
                id="Q-1",
                account_id="A-1",
                currency="EUR",
                lines=(line, evolve(line, number=2, item_id="BRG-2")),
                checks=(
                    Check(
                        level="warning",
                        code="credit.over_limit",
                        message=f"This would pass the limit of {SECRETS['limit']} EUR.",
                    ),
                    Check(level="info", code="stock.short", message="3 of 5 are free."),
                ),
                version="1",
            )
        }
        self.all_orders = {
            "R-1": Order(
                id="R-1",
                system="crm",
                currency="EUR",
                account_id="A-1",
                lines=(OrderLine(number=1, item_id="BRG-1", quantity=Decimal(1)),),
                hold_reason=f"over the credit limit of {SECRETS['limit']} EUR",
                ship_to=Address(city="Ulm", name=SECRETS["person"]),
                version="1",
            )
        }
        self.events: list[tuple[str, OrderEvent]] = []
        self.saved: list[Any] = []

    def user(self, user_id: str) -> User:
        try:
            return self.people[user_id]
        except KeyError:
            raise NotFound(f"no user {user_id}", system="crm") from None

    def users(self) -> Sequence[User]:
        return tuple(self.people.values())

    def account(self, account_id: str) -> Account:
        return _found(self.all_accounts, account_id)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        found = [
            each
            for each in sorted(self.all_accounts.values(), key=lambda a: a.name)
            if all(word in repr(each).casefold() for word in search.casefold().split())
        ]
        start = int(after or 0)
        more = start + limit < len(found)
        return Page(
            items=tuple(found[start : start + limit]),
            next=str(start + limit) if more else None,
            total=len(found),
        )

    def contacts(self, account_id: str) -> Sequence[Contact]:
        return tuple(self.all_contacts.values())

    def contact(self, contact_id: str) -> Contact:
        return _found(self.all_contacts, contact_id)

    def save_contact(self, contact: Contact) -> Contact:
        return self._save(self.all_contacts, contact)

    def save_account(self, account: Account) -> Account:
        return self._save(self.all_accounts, account)

    def activities(self, account_id: str) -> Sequence[Activity]:
        return (
            Activity(
                id="T-1",
                account_id=account_id,
                kind="call",
                subject=f"Call {SECRETS['phone']} or {SECRETS['e-mail']}",
            ),
        )

    def quote(self, quote_id: str) -> Quote:
        return _found(self.all_quotes, quote_id)

    def quotes(self, account_id: str) -> Sequence[Quote]:
        return tuple(self.all_quotes.values())

    def save_quote(self, quote: Quote) -> Quote:
        return self._save(self.all_quotes, quote if quote.id else evolve(quote, id="Q-9"))

    def order(self, order_id: str) -> Order:
        return _found(self.all_orders, order_id)

    def orders(self, account_id: str) -> Sequence[Order]:
        return tuple(self.all_orders.values())

    def update_order(self, order: Order) -> Order:
        return self._save(self.all_orders, order)

    def order_from_quote(self, quote_id: str) -> Order:
        order = Order(id=f"R-{quote_id}", system="crm", currency="EUR", quote_id=quote_id)
        return self._save(self.all_orders, order)

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        return tuple(event for key, event in self.events if key == order_id)

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        self.saved.append(event)
        self.events.append((order_id, event))

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        return Changes(changes=(), cursor="0")

    def _save(self, table: dict[str, Any], record: Any) -> Any:
        saved = evolve(record, version=str(int(record.version or 0) + 1))
        table[record.id] = saved
        self.saved.append(saved)
        return saved


class SecretErp:
    """An ERP in memory that names figures in its sentences."""

    system = "main"
    capabilities = frozenset({"idempotency_key"})

    def __init__(self) -> None:
        self.placed: list[Order] = []

    def customer(self, customer_id: str) -> TradingAccount:
        return TradingAccount(
            id=customer_id,
            system="main",
            name="Müller",
            currency="EUR",
            email=SECRETS["e-mail"],
            tax_number=SECRETS["tax number"],
            credit_limit=eur(SECRETS["limit"]),
            on_hold=True,
            hold_reason=f"limit of {SECRETS['limit']} EUR passed since 2026-05-01",
        )

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        customer = self.customer("C-1")
        return Page(items=(customer,) if search in repr(customer) else ())

    def credit(self, customer: TradingAccount) -> CreditStatus:
        return CreditStatus(
            customer_id=customer.id,
            system="main",
            currency="EUR",
            on_hold=True,
            unlimited=False,
            limit=eur(SECRETS["limit"]),
            exposure=eur("49753.20"),
            available=eur(SECRETS["left"]),
            hold_reason=f"only {SECRETS['left']} EUR are left",
        )

    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        return Page(items=(self.credit(self.customer("C-1")),), total=1)

    def item(self, item_id: str) -> Item:
        if item_id == "GONE":
            raise NotFound(f"There is no item {item_id}.", system="main", status=404)
        return Item(id=item_id, name="Bearing", system="main", cost=eur(SECRETS["cost"]))

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        found = (evolve(self.item("BRG-2"), cost=eur("1.00")), self.item("BRG-1"))
        return Page(items=found, total=2)

    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        lines = tuple(
            PricedLine(
                number=line.number,
                item_id=line.item_id,
                quantity=line.quantity,
                list_price=eur("1000.00"),
                unit_price=eur("1000.00"),
                discount_percent=Decimal(0),
                net=eur("1000.00") * line.quantity,
                tax_code="S",
                tax_rate=Decimal(0),
                tax=eur("0"),
                rule="list price",
                source="list",
                unit_cost=eur(SECRETS["cost"]),
            )
            for line in request.lines
        )
        gross = sum((line.net for line in lines), start=eur("0"))
        over = gross > eur(SECRETS["left"])
        return Pricing(
            customer_id=customer.id,
            system="main",
            currency="EUR",
            on=NOW.date(),
            lines=lines,
            taxes=(),
            net=gross,
            tax=eur("0"),
            gross=gross,
            rounding="line",
            residue=eur("0"),
            credit=CreditOutcome(
                result="over_limit" if over else "ok",
                exposure_after=eur("49753.20") + gross,
                limit=eur(SECRETS["limit"]),
                over_by=gross - eur(SECRETS["left"]) if over else None,
                reason=f"over the limit of {SECRETS['limit']} EUR" if over else "",
            ),
        )

    def order(self, order_id: str) -> Order:
        step = OrderStep(
            at=NOW, event="held", status="on_hold", note=f"limit {SECRETS['limit']} EUR"
        )
        return Order(
            id=order_id,
            system="main",
            currency="EUR",
            status="on_hold",
            hold_reason=f"over the credit limit of {SECRETS['limit']} EUR",
            history=(step,),
        )

    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        return (self.order("SO-1"),)

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        if "REFUSED" in (order.id, order.reference):
            raise RemoteRefused(
                "The ERP main at http://erp.example:8080 refused createOrder "
                f"(422 order_blocked): the limit is {SECRETS['limit']} EUR, call "
                f"{SECRETS['phone']}, pay to {SECRETS['iban']}",
                system="main",
                status=422,
                code="order_blocked",
                fields=[FieldError("lines.0.unit_price", f"below the cost of {SECRETS['cost']}")],
            )
        placed = evolve(order, id=f"SO-{len(self.placed) + 1}", system="main")
        self.placed.append(placed)
        return Acknowledgement(order=placed, reference=order.reference)

    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        return (
            Payment(
                id="PY-1",
                system="main",
                customer_id=customer.id,
                received_on=NOW.date(),
                amount=eur("10"),
                unapplied=eur("0"),
                method=f"transfer from {SECRETS['iban']}",
                reference="IN-1001",
            ),
        )

    def contracts(self, customer: TradingAccount) -> Sequence[Contract]:
        return (
            Contract(
                id="CT-1",
                system="main",
                customer_id=customer.id,
                kind="sla",
                name="Line care",
                starts_on=NOW.date(),
                ends_on=None,
                annual_value=eur("1000.00"),
                annual_cost=eur(SECRETS["cost"]),
            ),
        )

    def close(self) -> None:
        pass


def _found(table: Mapping[str, Any], key: str) -> Any:
    try:
        return table[key]
    except KeyError:
        raise NotFound(f"the CRM has no {key}", system="crm", status=404) from None


class SilentDeliveries:
    def publish(self, event: Any, subscribers: Sequence[Any]) -> str:
        return event_id_of(event)

    def close(self) -> None:
        pass


ROLES = {
    "sales": RoleConfig(),
    "buyer": RoleConfig(fields=("cost",)),
    "accounting": RoleConfig(fields=("*",)),
}
READS = (
    "crm.accounts:read",
    "crm.activities:read",
    "crm.contacts:read",
    "crm.orders:read",
    "crm.quotes:read",
    "crm.users:read",
    "erp.contracts:read",
    "erp.credit:read",
    "erp.customers:read",
    "erp.items:read",
    "erp.orders:read",
    "erp.payments:read",
    "erp.prices:read",
)
WRITES = ("crm.accounts:write", "crm.contacts:write", "crm.orders:write", "crm.quotes:write",
          "erp.orders:write")  # fmt: skip
FIELDS = tuple(f"field:{kind}" for kind in ("bank", "cost", "credit", "margin", "personal"))


@pytest.fixture
def secrets() -> Callable[..., set[str]]:
    """Names the secrets that stand in anything."""
    return given_away


@pytest.fixture(params=["inline", "process"])
def isolation(request: pytest.FixtureRequest) -> str:
    """Where plugin code runs."""
    return str(request.param)


@attrs.define
class World:
    """A host with its systems; `plugin` writes a plugin, the first question opens the host."""

    folder: Path
    isolation: str
    crm: SecretCrm
    erp: SecretErp
    opened: list[Host]
    enabled: list[str]
    dry_run: tuple[str, ...] = ()
    keep_seconds: float = 0.0

    def plugin(
        self,
        plugin_id: str,
        code: str,
        *,
        points: Sequence[str] = ("before_quote_save",),
        scopes: Sequence[str] = READS + WRITES + FIELDS,
    ) -> None:
        """Write a plugin; it may do and see everything, so that the user's role decides."""
        home = self.folder / "plugins" / plugin_id
        home.mkdir(parents=True)
        (home / "plugin.py").write_text(_PRELUDE + textwrap.dedent(code), encoding="utf-8")
        (home / "plugin.toml").write_text(
            f'id = "{plugin_id}"\nname = "{plugin_id}"\nsdk = ">=0.1"\n'
            f"points = {list(points)}\nscopes = {list(scopes)}\n",
            encoding="utf-8",
        )
        self.enabled.append(plugin_id)

    def guard(self, body: str, **options: Any) -> None:
        """Write a plugin `spy` whose guard of quotes has this body."""
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        head = "@hookimpl\ndef before_quote_save(ctx, quote, before):\n"
        self.plugin("spy", f"{head}{lines}\n", **options)

    @property
    def host(self) -> Host:
        """The host, opened when it is first asked for."""
        if not self.opened:
            config = HostConfig(
                crm=SystemConfig(name="crm", connector="memory"),
                erps=(SystemConfig(name="main", connector="memory"),),
                enabled=tuple(self.enabled),
                plugin_paths=(self.folder / "plugins",),
                roles=ROLES,
                inline="*" if self.isolation == "inline" else (),
                dry_run=self.dry_run,
                keep_seconds=self.keep_seconds,
            )
            host = Host(
                config,
                crm=self.crm,  # type: ignore[arg-type]
                erp=Router({"main": self.erp}),  # type: ignore[dict-item]
                store=Store.open(f"sqlite:///{self.folder}/host.db"),
                deliveries=SilentDeliveries(),  # type: ignore[arg-type]
                identity="test",
                now=lambda: NOW,
            )
            self.opened.append(host)
            assert [(q.id, q.reason) for q in host.quarantined] == []
            assert {plugin.isolation for plugin in host.plugins} == {self.isolation}
        return self.opened[0]

    def ask(self, user: str = "kim", quote: Quote | None = None) -> Any:
        """Save a quote up to the guards; gives the verdict."""
        whole = quote or self.crm.all_quotes["Q-1"]
        return self.host.before_quote_save(whole, user=user, before=whole)

    def said(self, user: str = "kim") -> str:
        """Give what the guards said, and how they failed."""
        verdict = self.ask(user)
        told = [*verdict.vetoes, *verdict.warnings, *verdict.approvals]
        return "\n".join([*(each.message for each in told), *map(_text, verdict.faults)])

    def refusals(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Give the refusals in the audit trail: plugin, what was asked for, detail."""
        return [
            (entry.actor, entry.subject, entry.detail)
            for entry in self.host.store.audit.entries(limit=1000)
            if entry.action == "access.refused"
        ]

    def refused(self) -> set[str]:
        """Name what was refused."""
        return {subject for _, subject, _ in self.refusals()}


_PRELUDE = """
from decimal import Decimal

from attrs import evolve

from crossdock import *
from crossdock import hookimpl
from crossdock.errors import *
from crossdock.records import *
from crossdock.records.plain import to_plain


def everything(ctx):
    customer = ctx.erp.customer("C-1")
    request = PriceRequest(
        lines=(PriceRequestLine(number=1, item_id="BRG-1", quantity=Decimal(99)),)
    )
    return [
        ctx.crm.account("A-1"), ctx.crm.contacts("A-1"), ctx.crm.accounts(),
        ctx.crm.activities("A-1"), ctx.crm.quote("Q-1"), ctx.crm.quotes("A-1"),
        ctx.crm.order("R-1"), ctx.crm.orders("A-1"), ctx.crm.users(),
        customer, ctx.erp.customers(), ctx.erp.credit(customer), ctx.erp.credit_list(),
        ctx.erp.item("BRG-1"), ctx.erp.items(), ctx.erp.order("SO-1"), ctx.erp.orders(customer),
        ctx.erp.payments(customer), ctx.erp.contracts(customer), ctx.erp.price(customer, request),
        ctx.trading_accounts(ctx.crm.account("A-1")),
    ]

"""


@pytest.fixture
def world(tmp_path: Path, isolation: str) -> Iterator[World]:
    """A world in which plugins run inline or in a process."""
    made = World(tmp_path, isolation, SecretCrm(), SecretErp(), [], [])
    yield made
    for host in made.opened:
        host.close()
