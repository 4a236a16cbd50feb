"""Small ports in memory, and an account whose customers live in three ERPs."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock import Answer, Money
from crossdock.errors import NotSupported, RemoteUnavailable
from crossdock.ports import Page
from crossdock.records import (
    Account,
    AccountLink,
    Activity,
    Application,
    Availability,
    Case,
    CreditNote,
    CreditStatus,
    Invoice,
    Opportunity,
    Order,
    OrderLine,
    Payment,
    PricedLine,
    Pricing,
    Quote,
    Stage,
    TradingAccount,
)

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
TODAY = NOW.date()


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


class Erp:
    """One ERP in memory. `failing` maps a method's name to the error that it raises."""

    capabilities = frozenset(
        {"contracts", "payments", "quotes", "reservations", "returns", "shipments", "stock"}
    )

    def __init__(self, system: str, currency: str = "GBP", **customer):
        self.system = system
        self.tells_all_items = True
        self.currency = currency
        self.trading_account = TradingAccount(
            id=customer.pop("id", "C-1"),
            system=system,
            name=customer.pop("name", "Beverages & Sons"),
            currency=currency,
            terms_days=30,
            **customer,
        )
        self.failing: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.neighbours: list[TradingAccount] = []
        self.others: dict[str, tuple[Invoice, ...]] = {}
        self.documents: dict[str, list] = {
            name: []
            for name in (
                "invoices", "credit_notes", "payments", "orders", "shipments", "returns",
                "contracts", "quotes", "items",
            )
        }  # fmt: skip
        self.status = CreditStatus(
            customer_id=self.trading_account.id,
            system=system,
            currency=currency,
            on_hold=False,
            limit=self.money(1000),
            balance=self.money(300),
            shipped_not_invoiced=self.money(50),
            open_orders=self.money(150),
            exposure=self.money(500),
            available=self.money(500),
            past_due=self.money(0),
            terms_days=30,
        )

    def money(self, amount) -> Money:
        return Money(str(amount), self.currency)

    def _answer(self, name, answer):
        self.asked.append(name)
        if name in self.failing:
            raise self.failing[name]
        return answer

    def customer(self, customer_id):
        return self._answer("customer", self.trading_account)

    def customers(self, search="", *, after=None, limit=50):
        return self._answer("customers", Page(items=(self.trading_account, *self.neighbours)))

    def items(self, search="", *, after=None, limit=50):
        found = [
            item for item in self.documents["items"] if search in f"{item.id} {item.name}".lower()
        ]
        start = int(after or 0)
        more = str(start + limit) if len(found) > start + limit else None
        return self._answer("items", Page(items=tuple(found[start : start + limit]), next=more))

    def all_items(self, *, after=None, limit=200):
        if not self.tells_all_items:
            raise NotSupported("main does not list its items")
        return self.items(after=after, limit=limit)

    def stock(self, item_id, quantity=Decimal(1)):
        return self._answer("stock", self._availability(item_id))

    def price(self, customer, request):
        items = {item.id: item for item in self.documents["items"]}
        lines = tuple(
            PricedLine(
                number=line.number, item_id=line.item_id, quantity=line.quantity,
                list_price=items[line.item_id].list_price, unit_price=self.money("9.50"),
                discount_percent=Decimal(5), net=self.money("9.50"), tax_code="", tax=self.money(0),
                tax_rate=Decimal(0), rule="customer contract", source="K-1",
                availability=self._availability(line.item_id),
            )
            for line in request.lines
        )  # fmt: skip
        zero = self.money(0)
        return self._answer(
            "price",
            Pricing(
                customer_id=customer.id, system=self.system, currency=self.currency, on=TODAY,
                lines=lines, taxes=(), net=zero, tax=zero, gross=zero, rounding="line",
                residue=zero,
            ),
        )  # fmt: skip

    def _availability(self, item_id):
        return Availability(
            item_id=item_id, asked=Decimal(1), on_hand=Decimal(7), reserved=Decimal(3),
            available=Decimal(4), promised_on=TODAY,
        )  # fmt: skip

    def shipments(self, customer, *, since=None):
        return self._answer("shipments", tuple(self.documents["shipments"]))

    def returns(self, customer, *, since=None):
        return self._answer("returns", tuple(self.documents["returns"]))

    def contracts(self, customer):
        return self._answer("contracts", tuple(self.documents["contracts"]))

    def quotes(self, customer):
        return self._answer("quotes", tuple(self.documents["quotes"]))

    def invoices(self, customer, *, since=None, lines=False):
        if customer.id != self.trading_account.id:
            return self._answer("invoices", self.others[customer.id])
        return self._answer("invoices", tuple(self.documents["invoices"]))

    def credit_notes(self, customer, *, since=None, lines=False):
        return self._answer("credit_notes", tuple(self.documents["credit_notes"]))

    def payments(self, customer, *, since=None):
        return self._answer("payments", tuple(self.documents["payments"]))

    def orders(self, customer, *, since=None):
        return self._answer("orders", tuple(self.documents["orders"]))

    def credit(self, customer):
        return self._answer("credit", self.status)

    # Putting something into the books.

    def invoice(self, number, net, posted_on, *, tax=0, due_in=30, open=None, paid=(), **more):  # noqa: A002
        gross = self.money(Decimal(str(net)) + Decimal(str(tax)))
        self.documents["invoices"].append(
            Invoice(
                id=number,
                system=self.system,
                customer_id=self.trading_account.id,
                issued_on=posted_on,
                posted_on=posted_on,
                due_on=None if due_in is None else posted_on + timedelta(days=due_in),
                currency=self.currency,
                net=self.money(net),
                tax=self.money(tax),
                gross=gross,
                open=gross if open is None else self.money(open),
                applications=tuple(paid),
                **more,
            )
        )

    def credit_note(self, number, net, posted_on, **more):
        amount = self.money(net)
        self.documents["credit_notes"].append(
            CreditNote(
                id=number,
                system=self.system,
                customer_id=self.trading_account.id,
                issued_on=posted_on,
                posted_on=posted_on,
                currency=self.currency,
                net=amount,
                tax=self.money(0),
                gross=amount,
                open=more.pop("open", amount),
                **more,
            )
        )

    def payment(self, number, amount, received_on, *, for_invoice="", unapplied=0):
        parts = (self.application(number, for_invoice, received_on, amount),) if for_invoice else ()
        self.documents["payments"].append(
            Payment(
                id=number,
                system=self.system,
                customer_id=self.trading_account.id,
                received_on=received_on,
                amount=self.money(amount),
                unapplied=self.money(unapplied),
                method="transfer",
                applications=parts,
            )
        )

    def application(self, source, invoice, on, amount):
        return Application(
            source_id=source, invoice_id=invoice, applied_on=on, amount=self.money(amount)
        )

    def order(self, number, *lines, **more):
        self.documents["orders"].append(
            Order(
                id=number,
                system=self.system,
                currency=self.currency,
                lines=tuple(
                    OrderLine(number=n, item_id=f"ITEM-{n}", description="Beer", **line)
                    for n, line in enumerate(lines, start=1)
                ),
                ordered_on=more.pop("ordered_on", days_ago(10)),
                status=more.pop("status", "confirmed"),
                **more,
            )
        )


class Router:
    """All ERPs behind one port; a trading account finds its own."""

    def __init__(self, *erps):
        self.erps = {erp.system: erp for erp in erps}
        self.systems = tuple(self.erps)

    def using(self, system):
        return self.erps[system]

    def __getattr__(self, name):
        return lambda customer, *more, **options: getattr(self.erps[customer.system], name)(
            customer, *more, **options
        )


class Crm:
    """A CRM in memory."""

    system = "crm"

    def __init__(self):
        self.failing: Exception | None = None
        self.keeps_cases = True

    def _answer(self, answer):
        if self.failing is not None:
            raise self.failing
        return answer

    def stages(self):
        return self._answer(
            (
                Stage(id="S-1", name="Talk", position=1, kind="open", probability=Decimal("0.2")),
                Stage(id="S-2", name="Won", position=2, kind="won", probability=Decimal(1)),
            )
        )

    def opportunities(self, account_id):
        return self._answer(
            tuple(
                Opportunity(
                    id=f"O-{n}",
                    account_id=account_id,
                    name="Deal",
                    stage_id=stage,
                    amount=Money(str(amount), "GBP"),
                    close_on=date(2026, 12, n),
                )
                for n, (stage, amount) in enumerate((("S-1", 700), ("S-1", 300), ("S-2", 9000)), 1)
            )
        )

    def quotes(self, account_id):
        return self._answer(
            (
                Quote(
                    id="Q-1", account_id=account_id, currency="GBP", status="sent",
                    net=Money("400", "GBP"), gross=Money("480", "GBP"),
                    created_at=NOW - timedelta(days=3), valid_until=TODAY - timedelta(days=1),
                ),
                Quote(id="Q-2", account_id=account_id, currency="GBP", status="declined"),
            )
        )  # fmt: skip

    def cases(self, account_id):
        if not self.keeps_cases:
            raise NotSupported("crm keeps no service cases")
        return self._answer(
            (
                Case(
                    id="CS-1", account_id=account_id, subject="Gear motor runs hot",
                    state="waiting", priority="urgent", opened_at=NOW - timedelta(days=2),
                ),
                Case(id="CS-2", account_id=account_id, subject="Over", status="closed"),
            )
        )  # fmt: skip

    def activities(self, account_id):
        return self._answer(
            (
                Activity(
                    id="T-1",
                    account_id=account_id,
                    kind="call",
                    subject="Autumn offer",
                    completed_at=NOW - timedelta(days=6),
                ),
                Activity(
                    id="T-2",
                    account_id=account_id,
                    kind="task",
                    subject="Send the list",
                    due_at=NOW - timedelta(days=1),
                ),
            )
        )


class Ctx:
    """A context on those ports; `linked` is what the host finds, or the error it meets."""

    def __init__(self, *erps, linked=None):
        self.erp = Router(*erps)
        self.crm = Crm()
        self.now = NOW
        self.hidden = frozenset()
        self.rates = ()
        self.config = {"years": 3, "compared_customers": 25}
        self.user = None
        self.deadline = 10.0
        self.log = logging.getLogger("test.erp_tabs")
        self.linked = linked

    def links(self, account):
        if isinstance(self.linked, Exception):
            raise self.linked
        if self.linked is not None:
            return self.linked
        return [
            AccountLink(
                system=erp.system,
                customer_id=erp.trading_account.id,
                name=erp.trading_account.name,
                currency=erp.currency,
                default=place == 0,
            )
            for place, erp in enumerate(self.erp.erps.values())
        ]

    def together(self, *asks):
        return tuple(Answer.of(ask) for ask in asks)

    def exchange_rates(self, to, *, on=None):
        return [rate for rate in self.rates if rate.to == to]


ACCOUNT = Account(id="A-1", name="Beverages & Sons", external_ids={"main": "C-1"})


def components(view, kind):
    return [component for component in view.components if isinstance(component, kind)]


def metrics_of(view):
    """All metrics by label; the first of each label."""
    found = {}
    for component in view.components:
        for metric in getattr(component, "metrics", ()):
            found.setdefault(metric.label, metric)
    return found


@pytest.fixture
def shop():
    """What the tests are made with."""
    return SimpleNamespace(
        Erp=Erp,
        Ctx=Ctx,
        account=ACCOUNT,
        now=NOW,
        today=TODAY,
        days_ago=days_ago,
        components=components,
        metrics_of=metrics_of,
        away=lambda system: RemoteUnavailable(f"{system} does not answer", system=system),
    )


@pytest.fixture
def erp():
    """One ERP with sterling."""
    return Erp("main")
