"""An ERP in memory, with one invoice that it has printed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.unit.desk.fakes.setting import ITEMS, TODAY, eur

from crossdock.errors import NotFound, RemoteRefused, RemoteUnavailable
from crossdock.ports import Page
from crossdock.records import Invoice, InvoiceLine, Order, PrintedInvoice, TradingAccount


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
