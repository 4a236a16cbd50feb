"""`ErpPort` over a Tryton server, by its JSON-RPC.

What plugins know things by: a customer by its party's code, an item by its product's code, orders,
shipments and invoices by their numbers, a payment by the number of its move. What has none yet goes
by `#` and Tryton's id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.settings import Settings
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import rates
from crossdock.connectors.tryton.access import Login, Sessions
from crossdock.connectors.tryton.books import Books
from crossdock.connectors.tryton.credit import Credit
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.drafting import Drafting
from crossdock.connectors.tryton.feed import Feed
from crossdock.connectors.tryton.masters import Masters
from crossdock.connectors.tryton.options import Options
from crossdock.connectors.tryton.order_book import OrderBook
from crossdock.connectors.tryton.ordering import Ordering
from crossdock.connectors.tryton.parties import Party
from crossdock.connectors.tryton.quoting import Quoting
from crossdock.connectors.tryton.refusals import failing, wording
from crossdock.connectors.tryton.strictness import strict
from crossdock.connectors.tryton.warehouse import Warehouse
from crossdock.ports import Changes, ErpPort, Page
from crossdock.records import (
    Acknowledgement,
    Availability,
    CreditNote,
    CreditStatus,
    ExchangeRate,
    Invoice,
    Item,
    Order,
    OrderChange,
    Payment,
    PriceRequest,
    Pricing,
    PrintedInvoice,
    Quote,
    Return,
    Shipment,
    TradingAccount,
)

CAPABILITIES: Final = frozenset(
    {
        "customer_reference",
        "exchange_rates",
        "invoice_document",
        "payments",
        "price_simulation",
        "quotes",
        "reservations",
        "resumes",
        "returns",
        "shipments",
        "stock",
    }
)
_PAGE: Final = 200
_BY_CODE: Final = [("code", "ASC"), ("id", "ASC")]


class TrytonConnector(Masters):
    """A company in Tryton, as `crossdock.ports.ErpPort` describes it; safe in many threads.

    Attributes:
        document: empty; Tryton describes itself by its models.
        used_operations: the methods that it calls.
        capabilities: it prices whole drafts, knows stock, shipments and returns, and goes on with
            an order that was half placed. It keeps no idempotency keys, contracts or approvals.
    """

    product = "Tryton"
    document: Final = use.DOCUMENT
    used_operations: Final = use.USED

    def __init__(
        self,
        system: str,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
    ) -> None:
        self.system = system
        self.capabilities = CAPABILITIES
        options = Options.of(settings)
        login = Login.of(settings)
        self._remote = Remote(
            Address(kind="ERP", system=system, url=settings.url(), where=settings.where),
            credentials=lambda remote: Sessions(login, remote),
            wording=wording,
            failing=failing,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        self._database = Database(self._remote, login.database, accept=options.warnings)
        self._customers = options.customers(self._database)
        self._category = options.category
        self._directory = Directory(self._database)
        self._book = OrderBook(self._database, self._directory)
        self._ordering = Ordering(self._database, self._directory, self._book)
        self._warehouse = Warehouse(self._database, self._directory)
        self._quoting = Quoting(
            self._database, self._directory, Drafting(self._database), self._warehouse
        )
        self._books = Books(self._database, self._directory)
        self._credit = Credit(self._database, self._directory, self._books)
        self._feed = Feed(self._database)

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    # Customers and items.

    @strict
    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""
        return self._trading_accounts([self._directory.party(customer_id)])[0]

    @strict
    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers by code; `search` matches names and codes."""
        found = self._customers_page(search, after=after, limit=limit)
        return Page(items=self._trading_accounts(found.items), next=found.next)

    @strict
    def item(self, item_id: str) -> Item:
        """Read one item."""
        return self._item(self._directory.product(item_id))

    @strict
    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List the items that are sold, by code; `search` matches codes and names."""
        domain = [("active", "=", True), ("salable", "=", True), *_like(search, "code", "name")]
        found = self._page(self._directory.products, domain, after=after, limit=limit)
        return Page(items=tuple(map(self._item, found.items)), next=found.next)

    @strict
    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:
        """Say how much of an item there is in all warehouses, and when `quantity` can be there.

        Raises:
            NotSupported: it is a service.
        """
        product = self._directory.product(item_id)
        found = self._warehouse.availability([(product, quantity)])
        if product.id not in found:
            self.lacks(f"keeps no stock of {item_id}, which is a service")
        return found[product.id]

    # Prices and credit.

    @strict
    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Let Tryton price a draft; nothing is stored.

        Raises:
            RemoteRefused: an item is not there, or is not sold, or has no price.
            RemoteRejectedData: a quantity is nothing or less.
        """
        return self._quoting.price(self._directory.party(customer.id), request)

    @strict
    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say how much credit a customer has left."""
        return self._credit.of_all([self._directory.party(customer.id)])[0]

    @strict
    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List how much credit each customer has left, by code. At most 200."""
        page = self._customers_page("", after=after, limit=limit)
        return Page(items=self._credit.of_all(page.items), next=page.next)

    # Orders.

    @strict
    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders with their lines, newest first."""
        domain = [] if since is None else [("sale_date", ">=", since)]
        return self._book.orders_of(self._directory.party_id(customer.id), domain)

    @strict
    def order(self, order_id: str) -> Order:
        """Read one order with its lines; an offer that nobody ordered is none."""
        return self._book.order(order_id)

    @strict
    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference."""
        return self._ordering.by_reference(reference)

    @strict
    def place_order(
        self,
        customer: TradingAccount,
        order: Order,
        *,
        idempotency_key: str,  # noqa: ARG002 - Tryton keeps none
    ) -> Acknowledgement:
        """Place an order as a sale; see `Ordering.place`.

        Called again with the same reference it goes on with the sale that it finds, and makes no
        second one. Tryton itself would: callers at the same time must not be several.
        """
        return self._ordering.place(customer, order)

    @strict
    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Cancel what is open of an order as it was read; lines of one are not changed any more."""
        return self._ordering.change(order, change)

    @strict
    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:
        """List what people offered a customer in Tryton, newest first."""
        return self._book.quotes_of(self._directory.party_id(customer.id))

    # Shipments and returns.

    @strict
    def shipments(
        self, customer: TradingAccount, *, since: date | None = None
    ) -> Sequence[Shipment]:
        """List a customer's shipments with their lines, newest first."""
        return self._warehouse.shipments(self._directory.party_id(customer.id), since)

    @strict
    def shipment(self, shipment_id: str) -> Shipment:
        """Read one shipment."""
        return self._warehouse.shipment(shipment_id)

    @strict
    def returns(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Return]:
        """List a customer's returns with their lines, newest first."""
        return self._warehouse.returns(self._directory.party_id(customer.id), since)

    @strict
    def goods_return(self, return_id: str) -> Return:
        """Read one return with its lines."""
        return self._warehouse.goods_return(return_id)

    # Invoices and payments.

    @strict
    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's invoices, newest first; heads and applications only unless `lines`."""
        return self._books.invoices(self._directory.party_id(customer.id), since, lines=lines)

    @strict
    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice with its lines."""
        return self._books.invoice(invoice_id)

    @strict
    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice as Tryton printed it; which file that is, its report says."""
        return self._books.invoice_document(invoice_id)

    @strict
    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's credit notes, newest first; heads and applications unless `lines`."""
        return self._books.credit_notes(self._directory.party_id(customer.id), since, lines=lines)

    @strict
    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit note with its lines."""
        return self._books.credit_note(credit_note_id)

    @strict
    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """List a customer's payments with their applications, newest first."""
        return self._books.payments(self._directory.party_id(customer.id), since)

    @strict
    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""
        return self._books.payment(payment_id)

    @strict
    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the exchange rates that hold on a day, today by default; one for each pair."""
        return rates.exchange_rates(self._database, on)

    @strict
    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at the present moment."""
        return self._feed.changes(cursor or None, limit=max(1, min(limit, _PAGE)))

    # How it is done.

    def _customers_page(self, search: str, *, after: str | None, limit: int) -> Page[Party]:
        domain = [*self._customers(), ("active", "=", True), *_like(search, "code", "name")]
        return self._page(self._directory.parties, domain, after=after, limit=limit)

    def _page(
        self,
        read: Callable[..., list[Any]],
        domain: Sequence[Any],
        *,
        after: str | None,
        limit: int,
    ) -> Page[Any]:
        """Read a page; the cursor is how many rows came before."""
        size = max(1, min(limit, _PAGE))
        start = int(after) if after and after.isascii() and after.isdigit() else 0
        rows = read(domain, order=_BY_CODE, offset=start, limit=size + 1)
        more = len(rows) > size
        return Page(items=tuple(rows[:size]), next=str(start + size) if more else None)


def _like(search: str, *fields: str) -> list[Any]:
    """Ask for what was typed, anywhere in one of some fields."""
    typed = search.strip()
    if not typed:
        return []
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [["OR", *((field, "ilike", f"%{escaped}%") for field in fields)]]


if TYPE_CHECKING:
    _fits_the_port: type[ErpPort] = TrytonConnector
