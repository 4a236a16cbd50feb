"""A host in memory, small but honest: it prices, refuses, saves with versions and promotes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import attrs
import httpx
import pytest
from starlette.applications import Starlette

from crossdock import (
    Badge,
    Chart,
    Column,
    Link,
    Metric,
    Metrics,
    Money,
    Notice,
    Param,
    Provenance,
    Series,
    Tab,
    Table,
    View,
)
from crossdock.errors import Conflict, NotFound, NotRetriable, RemoteRefused, RemoteUnavailable
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.asking.verdict import Amendment, Fault, FieldChange, Finding, Verdict
from crossdock.host.deliveries import Backlog, Delivery
from crossdock.host.erp_documents import ErpDocuments
from crossdock.host.exceptions_queue import ExceptionsQueue
from crossdock.host.gateway import Refusals, RightsByRole, mask
from crossdock.host.invoice_copies import InvoiceCopies
from crossdock.host.linking.linking import Linking
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.placements.placement import Placement
from crossdock.host.placements.placements import Placements
from crossdock.host.saving.promotion import Promotion, SavedQuote
from crossdock.host.screens.tabs import RenderedTab, TabHandle, parse_params
from crossdock.host.settings.config import RoleConfig
from crossdock.host.store import Store
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.ports import Page
from crossdock.records import (
    Account,
    Address,
    Check,
    Contact,
    Invoice,
    InvoiceLine,
    Item,
    Opportunity,
    Order,
    OrderChange,
    OrderEvent,
    OrderLine,
    PrintedInvoice,
    Quote,
    QuoteLine,
    Stage,
    TradingAccount,
    User,
)
from crossdock.server.desk import DeskSettings, create_desk
from crossdock.server.desk.back_office import BackOffice

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


ITEMS = {
    item.id: item
    for item in (
        Item(
            id=code,
            name=name,
            system="main",
            unit=unit,
            list_price=eur(price),
            product_line=line,
        )
        for code, name, unit, price, line in (
            ("BRG-1001", "Deep groove ball bearing 6204", "pcs", "12.50", "Bearings"),
            ("BRG-1002", "Deep groove ball bearing 6205", "pcs", "14.20", "Bearings"),
            ("BRG-2040", "Spherical roller bearing 22210, brass cage", "pcs", "189.00", "Bearings"),
            ("LUB-0100", "Lithium grease cartridge 400 g", "pcs", "6.9050", "Lubricants"),
            ("SRV-0001", "Alignment service on site", "h", "95.00", "Services"),
        )
    )
}


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


class FakeErp:
    system = "main"
    systems = ("main",)
    capabilities = frozenset({"price_simulation", "invoice_document", "invoice_sending"})

    def __init__(self) -> None:
        self.away = False
        self.sent: list[tuple[str, str]] = []
        self.orders: dict[str, Order] = {}
        self.all_customers = {
            f"C-{10001 + n}": TradingAccount(
                id=f"C-{10001 + n}", system="main", name=f"Customer {n + 1} GmbH", currency="EUR"
            )
            for n in range(60)
        }

    def using(self, system: str) -> FakeErp:
        return self

    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        self._answer()
        return PrintedInvoice(
            invoice_id=invoice_id,
            system="main",
            name=f"{invoice_id}.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.4 all of it",
        )

    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        if self.away:
            raise RemoteUnavailable("dropped", system="main", maybe_done=True)
        if to == "nobody":
            raise RemoteRefused("nobody is no address", system="main")
        self.sent.append((invoice_id, to))

    def _answer(self) -> None:
        if self.away:
            raise RemoteUnavailable("connection refused", system="main")

    def customer(self, customer_id: str) -> TradingAccount:
        self._answer()
        if customer_id not in self.all_customers:
            raise NotFound(f"no customer {customer_id}", system="main", status=404)
        return self.all_customers[customer_id]

    def customers(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page:
        self._answer()
        found = [
            each
            for each in self.all_customers.values()
            if search.lower() in f"{each.name} {each.id}".lower()
        ]
        return Page(items=tuple(found[:limit]))

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page:
        self._answer()
        found = [i for i in ITEMS.values() if search.lower() in f"{i.id} {i.name}".lower()]
        return Page(items=found[:limit], total=len(found))

    def order(self, order_id: str) -> Order:
        if order_id not in self.orders:
            raise NotFound(f"there is no order {order_id}", system="main")
        return self.orders[order_id]

    def invoice(self, invoice_id: str) -> Invoice:
        self._answer()
        if invoice_id != "IN-100001":
            raise NotFound(f"no invoice {invoice_id}", system="main", status=404)
        return Invoice(
            id=invoice_id,
            system="main",
            customer_id="C-10001",
            issued_on=TODAY,
            posted_on=TODAY,
            due_on=date(2026, 12, 21),
            currency="EUR",
            net=eur("125.00"),
            tax=eur("23.75"),
            gross=eur("148.75"),
            open=eur("148.75"),
            status="open",
            order_id="SO-100001",
            lines=(
                InvoiceLine(
                    number=1,
                    item_id="BRG-1001",
                    quantity=Decimal(10),
                    unit_price=eur("12.50"),
                    net=eur("125.00"),
                ),
            ),
        )


class NothingAway:
    def list(self) -> Sequence[object]:
        return ()


class FakeDeliveries:
    circuits = NothingAway()

    def __init__(self) -> None:
        self.all: list[Delivery] = []

    def add(self, **given: object) -> Delivery:
        defaults: dict[str, object] = {
            "number": len(self.all) + 1,
            "event_id": f"e{len(self.all) + 1}",
            "event_type": "order_promoted",
            "subject": "R-3001",
            "plugin_id": "straight-through",
            "plugin_version": "0.1.0",
            "lane": "A-1001",
            "state": "queued",
            "attempts": 0,
            "worker": "",
            "created_at": NOW,
            "due_at": None,
            "started_at": None,
            "finished_at": None,
            "failure": None,
            "cause": "",
            "traceback": "",
        }
        delivery = Delivery(**{**defaults, **given})  # type: ignore[arg-type]
        self.all.insert(0, delivery)
        return delivery

    def list(
        self,
        *,
        states: Sequence[str] = (),
        subject: str | None = None,
        limit: int = 100,
        **_filters: object,
    ) -> Sequence[Delivery]:
        return [
            d
            for d in self.all
            if (not states or d.state in states) and (subject is None or d.subject == subject)
        ][:limit]

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def counts(self) -> dict[str, int]:
        states = [d.state for d in self.all]
        return {state: states.count(state) for state in set(states)}

    def retry(self, delivery_id: str, *, actor: str, version: str | None = None) -> Delivery:
        for index, delivery in enumerate(self.all):
            if delivery.id == delivery_id:
                if delivery.state not in ("dead", "waiting"):
                    raise NotRetriable(f"{delivery_id} is {delivery.state}")
                self.all[index] = attrs.evolve(delivery, state="queued", cause="")
                self.retried_by = actor
                return self.all[index]
        raise AssertionError(delivery_id)


LIMIT = eur("20000")


class FakeHost:
    """Prices by list price less 5 % for the customer contract; credit limit 20,000 EUR gross."""

    def __init__(self, folder: Path) -> None:
        self.crm = FakeCrm()
        self.erp = FakeErp()
        self.deliveries = FakeDeliveries()
        self.breaks = False
        self.clock = NOW
        self.store = Store.open(f"sqlite:///{folder}/desk.db", clock=self.now)
        self.released: list[object] = []
        self.approvals = Approvals(
            self.store, lambda _within, event: self.released.append(event), ApprovalPolicy()
        )
        self.approval_role = ""
        self.placements = Placements(self.store, "crm")
        self.order_changes = OrderChanges(
            self.store, lambda _within, event: self.released.append(event)
        )

        self.rights = RightsByRole(
            {
                "sales": RoleConfig(fields=("*",), rights=("deliveries:write",)),
                "manager": RoleConfig(fields=("*",)),
            }
        )
        self.refusals = Refusals(lambda: self.store.audit, self.now)
        self.documents = ErpDocuments(
            self.erp,  # type: ignore[arg-type]
            identity="desk",
            rights=self.rights,
            refusals=self.refusals,
        )
        self.invoices = InvoiceCopies(
            lambda: self.store,
            self.erp,  # type: ignore[arg-type]
            identity="desk",
            now=self.now,
            rights=self.rights,
            refusals=self.refusals,
        )
        self.synchronising = Synchronising(
            lambda: self.store,
            self.crm,  # type: ignore[arg-type]
            self.erp,  # type: ignore[arg-type]
            before_creating=None,  # type: ignore[arg-type] - the desk makes nothing
            rights=self.rights,
            refusals=self.refusals,
            creations=Creations(lambda: self.store, settle=timedelta(minutes=10)),
            policy_file=lambda: None,
        )
        self.linking = Linking(
            lambda: self.store,
            self.crm,  # type: ignore[arg-type]
            self.erp,  # type: ignore[arg-type]
            rights=self.rights,
            refusals=self.refusals,
        )

    def now(self) -> datetime:
        return self.clock

    @property
    def exceptions(self) -> ExceptionsQueue:
        return ExceptionsQueue(
            self.deliveries, self, rights=self.rights, refusals=self.refusals, user=self.crm.user
        )

    def hidden_from(self, user: User) -> frozenset[str]:
        return self.rights.hidden_from(user)

    def as_seen_by(self, user: User, record: object) -> object:
        return mask(record, self.hidden_from(user))

    def change_order(self, order_id: str, change: OrderChange, *, user: User) -> OrderChange:
        return self.order_changes.request(self.crm.order(order_id), change, user)

    def confirm_placement(self, reference: str, erp_order_id: str, *, actor: str) -> Placement:
        return self.placements.confirm(reference, erp_order_id, self.erp, actor=actor)

    def deny_placement(self, reference: str, *, actor: str, reason: str) -> Placement:
        return self.placements.deny(reference, actor=actor, reason=reason)

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        return self.linking.linked.read(account, identity="desk", seconds=5)

    def account_tabs(self, account_id: str, *, user: User) -> Sequence[TabHandle]:
        if self.breaks:
            raise RuntimeError("the desk meets a bug")
        return [
            TabHandle(plugin_id="erp-tabs", plugin_name="ERP tabs", tab=tab)
            for tab in (
                Tab(
                    id="sales",
                    title="Sales",
                    render=lambda ctx, account, params: sales_view(),
                    params=(
                        Param(
                            name="source",
                            label="From",
                            kind="choice",
                            default="invoices",
                            choices=("invoices", "orders"),
                        ),
                    ),
                ),
                Tab(
                    id="aging",
                    title="Aging",
                    render=lambda ctx, account, params: aging_view(params["as_of"]),
                    params=(Param(name="as_of", label="As of", kind="date"),),
                ),
                Tab(id="credit", title="Credit", render=lambda *_: View(())),
                Tab(id="orders", title="ERP orders", render=lambda *_: View(())),
                Tab(id="invoices", title="Invoices", render=lambda *_: View(())),
            )
        ]

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: User,
        params: dict[str, str] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        self.asked_anew = fresh
        handle = next(h for h in self.account_tabs(account_id, user=user) if h.address == address)
        parsed = parse_params(handle.tab, params or {})
        if self.erp.away:
            text = "The ERP main does not answer: connection refused"
            view = View((Notice(text=text, tone="bad", title="This tab could not be shown"),))
            return RenderedTab(tab=handle.tab, view=view, params=parsed, seconds=0, fault=text)
        view = handle.tab.render(None, None, parsed)
        return RenderedTab(tab=handle.tab, view=view, params=parsed, seconds=0.01)

    def save_quote(self, quote: Quote, *, user: User) -> SavedQuote:
        verdict = self._judge(quote)
        if not verdict.allowed:
            return SavedQuote(verdict=verdict)
        status = "unchecked" if verdict.unchecked else "priced"
        checks = tuple(
            Check(level="warning", message=w.message, code=w.code, field=w.field)
            for w in verdict.warnings
        ) + tuple(
            Check(level="info", message=note.message, code=note.code, field=note.field)
            for note in verdict.notes
        )
        record = attrs.evolve(verdict.record, pricing_status=status, checks=checks)
        return SavedQuote(verdict=verdict, quote=self.crm.save_quote(record))

    def _judge(self, quote: Quote) -> Verdict:
        if self.erp.away:
            fault = Fault(
                plugin_id="straight-through",
                message="main does not answer",
                closes=False,
                remote=True,
            )
            return Verdict(record=quote, unchecked=True, faults=(fault,))
        vetoes = [
            Finding(
                plugin_id="straight-through",
                message=f"The ERP has no item {line.item_id}.",
                code="item.unknown",
                field=f"lines.{index}.item_id",
            )
            for index, line in enumerate(quote.lines)
            if line.item_id not in ITEMS
        ]
        if vetoes:
            return Verdict(record=quote, vetoes=tuple(vetoes))
        priced = self._priced(quote)
        warnings = [
            Finding(
                plugin_id="straight-through",
                message="Only 40 are in stock; the rest comes on 14 Dec 2026.",
                code="stock.short",
                field=f"lines.{index}.quantity",
            )
            for index, line in enumerate(priced.lines)
            if line.quantity > 40
        ]
        changes = [
            FieldChange(field=f"lines.{i}.unit_price", old=old.unit_price, new=new.unit_price)
            for i, (old, new) in enumerate(zip(quote.lines, priced.lines, strict=True))
            if old.unit_price != new.unit_price
        ] + [
            FieldChange(
                field=f"lines.{i}.discount_percent", old=old.discount_percent, new=Decimal(15)
            )
            for i, old in enumerate(quote.lines)
            if old.discount_percent > 15
        ]
        amendment = Amendment(
            plugin_id="straight-through", reason="Priced by the ERP.", changes=tuple(changes)
        )
        return Verdict(
            record=priced,
            warnings=tuple(warnings),
            notes=tuple(self._notes(priced)),
            amendments=(amendment,),
        )

    def _notes(self, priced: Quote) -> Iterator[Finding]:
        told = {
            "lines.0.unit_price": ("price.steps", "2 by customer contract (PL-2026) = 23.75 EUR"),
            "lines.0.promised_on": ("stock.told", "40 on hand, 5 reserved."),
            "gross": ("credit.told", "Credit limit 20,000.00 EUR, 19,000.00 EUR left with this."),
            "valid_until": ("field.needed_later", "Needed when it is sent."),
        }
        for field, (code, message) in told.items():
            if priced.lines or not field.startswith("lines"):
                yield Finding(plugin_id="notes", message=message, code=code, field=field)
        for index, line in enumerate(priced.lines):
            if line.quantity == 3:
                text = "+12.50 EUR against before: quantity 3 instead of 2 (+12.50 EUR)."
                place = f"lines.{index}.unit_price"
                yield Finding(plugin_id="notes", message=text, code="price.explained", field=place)

    def _priced(self, quote: Quote) -> Quote:
        lines = []
        for line in quote.lines:
            item = ITEMS[line.item_id]
            assert item.list_price is not None
            unit = (item.list_price * Decimal("0.95")) if item.id == "BRG-1001" else item.list_price
            discount = min(line.discount_percent, Decimal(15))
            net = (unit * line.quantity * (1 - discount / 100)).rounded()
            lines.append(
                attrs.evolve(
                    line,
                    description=item.name,
                    unit=item.unit,
                    list_price=item.list_price,
                    unit_price=unit,
                    discount_percent=discount,
                    net=net,
                    tax_rate=Decimal("0.19"),
                    tax=(net * Decimal("0.19")).rounded(),
                    price_rule="customer contract" if item.id == "BRG-1001" else "list price",
                    price_source="PL-2026",
                    promised_on=date(2026, 12, 14) if line.quantity > 40 else date(2026, 11, 24),
                )
            )
        net = sum((line.net for line in lines if line.net), eur("0"))
        tax = sum((line.tax for line in lines if line.tax), eur("0"))
        return attrs.evolve(
            quote,
            lines=tuple(lines),
            net=net,
            tax=tax,
            gross=net + tax,
            priced_at=NOW,
            price_source="main",
        )

    def promote_quote(self, quote_id: str, *, user: User) -> Promotion:
        quote = self.crm.quote(quote_id)
        if quote.gross is None or self.erp.away:
            veto = Finding(plugin_id="straight-through", message="The ERP has not priced this yet.")
            return Promotion(verdict=Verdict(record=quote, vetoes=(veto,)))
        if quote.gross > LIMIT and self.approval_role:
            over = Finding(
                plugin_id="straight-through",
                message=f"This would pass the customer's credit limit of {LIMIT}.",
                code="credit.over_limit",
                field="gross",
                role=self.approval_role,
            )
            verdict = Verdict(record=quote, approvals=(over,))
            if missing := self.approvals.request(quote, [over], user):
                return Promotion(verdict=verdict, approvals=missing)
        elif quote.gross > LIMIT:
            veto = Finding(
                plugin_id="straight-through",
                message=f"This would pass the customer's credit limit of {LIMIT} by"
                f" {quote.gross - LIMIT}. Order less, or ask accounting to raise the limit.",
                code="credit.over_limit",
                field="gross",
            )
            return Promotion(verdict=Verdict(record=quote, vetoes=(veto,)))
        order = Order(
            id="R-3001",
            system="crm",
            currency=quote.currency,
            account_id=quote.account_id,
            quote_id=quote.id,
            status="submitted",
            ordered_on=TODAY,
            owner_id=user.id,
            net=quote.net,
            tax=quote.tax,
            gross=quote.gross,
            lines=tuple(
                OrderLine(
                    number=line.number,
                    item_id=line.item_id,
                    quantity=line.quantity,
                    unit=line.unit,
                    description=line.description,
                    unit_price=line.unit_price,
                    net=line.net,
                    promised_on=line.promised_on,
                )
                for line in quote.lines
            ),
        )
        self.crm.all_orders[order.id] = order
        self.crm.all_quotes[quote.id] = attrs.evolve(quote, status="ordered", order_id=order.id)
        self.deliveries.add(subject=order.id)
        return Promotion(verdict=Verdict(record=quote), order=order)


def provenance() -> Provenance:
    return Provenance(source="main", trading_account="C-10001", as_of=NOW)


def sales_view() -> View:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    now = [Decimal(n) for n in (4200, 3900, 5100, 4700, 4400, 4100, 3600, 3300, 3000, 2700, 2100)]
    before = [Decimal(4000 + (n * 733) % 1500) for n in range(12)]
    return View(
        (
            Metrics(
                metrics=(
                    Metric(label="Sales this year", value=eur("41100.00")),
                    Metric(label="Same months last year", value=eur("52310.50")),
                    Metric(label="Trend", value=Badge("Declining", "warning"), tone="warning"),
                ),
                provenance=provenance(),
            ),
            Chart(
                kind="bar",
                title="Sales by month",
                categories=months,
                series=(
                    Series(label="2025", values=tuple(before)),
                    Series(label="2026", values=(*now, None)),
                ),
                summary="Sales fell from July on and stand 21 % below last year.",
                currency="EUR",
                provenance=provenance(),
            ),
        )
    )


def aging_view(as_of: date | None) -> View:
    return View(
        (
            Metrics(
                metrics=(
                    Metric(label="Balance", value=eur("12400.10")),
                    Metric(label="Overdue", value=eur("3100.00"), tone="warning"),
                ),
                provenance=Provenance(
                    source="main", trading_account="C-10001", as_of=as_of or TODAY
                ),
            ),
            Table(
                title="Open invoices",
                columns=(
                    Column(key="id", label="Invoice"),
                    Column(key="due", label="Due"),
                    Column(key="bucket", label="Bucket"),
                    Column(key="open", label="Open", align="end"),
                ),
                rows=(
                    {
                        "id": Link("IN-100001", "invoice/IN-100001"),
                        "due": date(2026, 9, 30),
                        "bucket": Badge("31-60 days", "warning"),
                        "open": eur("3100.00"),
                    },
                    {
                        "id": Link("IN-100002", "invoice/IN-100002"),
                        "due": date(2026, 12, 30),
                        "bucket": Badge("Current", "good"),
                        "open": eur("9300.10"),
                    },
                ),
                total={"id": "Total", "open": eur("12400.10")},
                provenance=provenance(),
            ),
        )
    )


def quote_of(*lines: tuple[str, str], **more: object) -> Quote:
    return Quote(
        id="",
        account_id="A-1001",
        currency="EUR",
        lines=tuple(
            QuoteLine(number=n, item_id=item, quantity=Decimal(quantity))
            for n, (item, quantity) in enumerate(lines, 1)
        ),
        **more,  # type: ignore[arg-type]
    )


@attrs.define
class Browser:
    """A visitor with cookies who follows redirects and fills in forms, without any script."""

    desk: Starlette
    cookies: httpx.Cookies = attrs.field(factory=httpx.Cookies)
    answer: httpx.Response = attrs.field(factory=lambda: httpx.Response(200))
    headers: dict[str, str] = attrs.field(factory=dict)

    def request(
        self, method: str, path: str, *, follow: bool = True, **more: object
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.desk, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport,
                base_url="http://testserver",
                cookies=self.cookies,
                headers=self.headers,
                follow_redirects=follow,
            ) as client:
                answer = await client.request(method, path, **more)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return answer

        self.answer = asyncio.run(ask())
        return self.answer

    @property
    def html(self) -> str:
        return self.answer.text

    @property
    def path(self) -> str:
        return self.answer.url.path

    def open(self, path: str, status: int = 200) -> str:
        assert self.request("GET", path).status_code == status, self.html
        return self.html

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.html)
        assert found, "the page has no form"
        return found[1]

    def send(self, path: str, status: int = 200, **fields: str) -> str:
        """Send a form; in names of fields `__` stands for a dot."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        data = {"csrf_token": self.token(), **data}
        assert self.request("POST", path, data=data).status_code == status, self.html
        return self.html

    def text(self) -> str:
        """What the page says, without its tags and with single spaces."""
        words = re.sub(r"<(script|style).*?</\1>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", words)))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FakeHost]:
    made = FakeHost(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def browser_of(host: FakeHost) -> Callable[..., Browser]:
    """Make a visitor of a desk with given settings."""

    def make(back_office: BackOffice | None = None, **settings: object) -> Browser:
        chosen = DeskSettings(hosts=("testserver",), **settings)  # type: ignore[arg-type]
        return Browser(create_desk(host, chosen, back_office=back_office))

    return make


def _sign_in(browser: Browser, user: str = "U-kim") -> Browser:
    browser.open("/sign-in")
    browser.send("/sign-in", user=user, next="/accounts")
    return browser


@pytest.fixture
def sign_in() -> Callable[..., Browser]:
    return _sign_in


@pytest.fixture
def quote() -> Callable[..., Quote]:
    """Make a quote of lines, each an item and a quantity."""
    return quote_of


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def stranger(browser_of: Callable[..., Browser]) -> Browser:
    """Somebody who has not signed in."""
    return browser_of()


@pytest.fixture
def kim(browser_of: Callable[..., Browser]) -> Browser:
    """Kim of sales, signed in."""
    return _sign_in(browser_of())
