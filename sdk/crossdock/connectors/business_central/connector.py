"""`ErpPort` over Microsoft Dynamics 365 Business Central, API v2.0.

What plugins know things by are Business Central's numbers: of customers, items, orders, and of
posted shipments, invoices and credit memos, which keep theirs. An order that is invoiced in full is
deleted there; it is then what its invoices tell of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import httpx

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.access import access_of
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.credit import Receivables
from crossdock.connectors.business_central.directory import Directory
from crossdock.connectors.business_central.documents import Documents
from crossdock.connectors.business_central.feed import Feed
from crossdock.connectors.business_central.masters import Masters
from crossdock.connectors.business_central.ordering import Ordering
from crossdock.connectors.business_central.prices import Prices
from crossdock.connectors.business_central.rates import exchange_rates
from crossdock.connectors.business_central.refusals import wording
from crossdock.connectors.business_central.stock import availability
from crossdock.connectors.business_central.subscribing import Listener, Subscriptions
from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.settings import Settings
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
    PriceRequest,
    Pricing,
    Quote,
    Shipment,
    TradingAccount,
)

KNOWN: Final = ("company", "feed_lag", "compared_every", "hints_url", "hints_secret")
_PAGE: Final = 200
_LAG_SECONDS: Final = 300.0
_COMPARED_SECONDS: Final = 300.0


class BusinessCentralConnector(Masters):
    """A company in Business Central, as `crossdock.ports.ErpPort` says; safe in many threads.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        capabilities: an order is made once for each reference; a draft is priced, by a quote that
            is there for a moment; it tells shipments, quotes of its own, and how much of an item
            is there. It tells no payments, returns, contracts or approvals, and nothing of what
            is reserved for which order.
    """

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
        self.capabilities = frozenset(
            {
                "customer_reference",
                "exchange_rates",
                "idempotency_key",
                "invoice_sending",
                "price_simulation",
                "quotes",
                "shipments",
                "stock",
            }
        )
        address = Address(kind="ERP", system=system, url=settings.url(), where=settings.where)
        self._tokens, credentials = access_of(
            settings, address, transport=transport, deadline=deadline
        )
        self._remote = Remote(
            address,
            credentials=lambda _: credentials,
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        name = settings.text("company") if settings.has("company") else ""
        self._company = Company(self._remote, name)
        self._directory = Directory(self._company)
        self._documents = Documents(self._company, system)
        self._receivables = Receivables(self._company, self._directory, system)
        self._prices = Prices(self._company, self._directory, self._receivables, system)
        self._ordering = Ordering(self._company, self._directory, self._documents, system)
        lag = settings.above_zero("feed_lag", "seconds", default=_LAG_SECONDS)
        compared = settings.above_zero("compared_every", "seconds", default=_COMPARED_SECONDS)
        self._feed = Feed(
            self._company,
            system,
            lag=timedelta(seconds=lag),
            compared_every=timedelta(seconds=compared),
        )
        self._subscriptions = None
        if settings.has("hints_url") or settings.has("hints_secret"):
            listener = Listener(
                url=settings.address("hints_url"), secret=settings.secret("hints_secret")
            )
            self._subscriptions = Subscriptions(self._company, listener)

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()
        self._tokens.close()

    # Customers and items.

    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""
        return self._directory.customer(customer_id).record(self.system, self._company.home)

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers by number; `search` matches names, and one whole number."""
        found, further = self._directory.customers(
            search.strip(), after=after, limit=_page_size(limit)
        )
        home = self._company.home
        return Page(items=tuple(each.record(self.system, home) for each in found), next=further)

    def item(self, item_id: str) -> Item:
        """Read one item."""
        return self._directory.product(item_id).record(self.system, self._company.home)

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List items that are not blocked, by number; `search` matches names, and one number."""
        found, further = self._directory.items(search.strip(), after=after, limit=_page_size(limit))
        home = self._company.home
        return Page(items=tuple(each.record(self.system, home) for each in found), next=further)

    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:
        """Say what is on hand of an item, and what of that no open order waits for.

        Raises:
            NotSupported: the item is not kept in stock.
        """
        found = self._directory.product(item_id)
        told = availability(self._company, [found], {item_id: quantity})
        if item_id not in told:
            self.lacks(f"keeps no stock of {item_id}, which is a {found.kind}")
        return told[item_id]

    # Prices and credit.

    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Price a whole draft, with tax, stock and credit outcome; see `offers`.

        Raises:
            RemoteRefused: an item is not there, is blocked or has no price, the customer is
                blocked, or buys in another currency.
        """
        return self._prices.of(customer.id, request)

    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say how much credit a customer has left, in the company's own currency."""
        (status,) = self._receivables.of([self._directory.customer(customer.id)])
        return status

    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List how much credit each customer has left, by number. At most 200."""
        found, further = self._directory.customers("", after=after, limit=_page_size(limit))
        return Page(items=self._receivables.of(found), next=further)

    # Orders.

    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders with their lines, newest first, those that are gone too."""
        return self._documents.orders(customer.id, since=since)

    def order(self, order_id: str) -> Order:
        """Read one order with its lines; where it is gone, by what is posted of it."""
        return self._documents.order(order_id)

    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference."""
        return self._documents.by_reference(reference)

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place an order, once for each reference, whatever the key; see `ordering`.

        Raises:
            Conflict: the reference is that of another order.
        """
        return self._ordering.place(self._directory.customer(customer.id), order, idempotency_key)

    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order as it was read; what is shipped stays.

        Raises:
            Stale: the order changed since it was read; nothing was written over it.
            RemoteRefused: it cannot be changed so any more.
        """
        return self._ordering.change(order, change)

    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:
        """List the quotes that people wrote there for a customer, newest first."""
        return self._documents.quotes(customer.id)

    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the rates into the company's own currency that hold on a day, today by default."""
        return exchange_rates(self._company, self.system, on)

    # Shipments, invoices, credit memos. What is not told stands in `untold`.

    def shipments(
        self, customer: TradingAccount, *, since: date | None = None
    ) -> Sequence[Shipment]:
        """List a customer's posted shipments with their lines, newest first."""
        return self._documents.shipments(customer.id, since=since)

    def shipment(self, shipment_id: str) -> Shipment:
        """Read one posted shipment."""
        return self._documents.shipment(shipment_id)

    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's posted invoices, newest first; heads only unless `lines`."""
        return self._documents.invoices(customer.id, since=since, lines=lines)

    def invoice(self, invoice_id: str) -> Invoice:
        """Read one posted invoice with its lines."""
        return self._documents.invoice(invoice_id)

    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        """Let Business Central send a posted invoice once more, to the customer's own address.

        Raises:
            NotSupported: another address is wanted; its action takes none.
        """
        key, own, customer = self._documents.address(invoice_id)
        if to and to.casefold() != (own or self.customer(customer).email or "").casefold():
            self.lacks("sends an invoice to the address that it keeps for the customer alone")
        self._company.call(use.SEND_INVOICE, entity_id=key)

    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's posted credit memos, newest first; heads only unless `lines`."""
        return self._documents.credit_notes(customer.id, since=since, lines=lines)

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one posted credit memo with its lines."""
        return self._documents.credit_note(credit_note_id)

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at the present moment.

        Where notifications are wanted, the subscriptions to them are kept alive by the way.
        """
        if self._subscriptions is not None:
            self._subscriptions.keep()
        return self._feed.changes(cursor or None, limit=max(1, min(limit, _PAGE)))


def _page_size(limit: int) -> int:
    return max(1, min(limit, _PAGE))


if TYPE_CHECKING:
    _fits_the_port: type[ErpPort] = BusinessCentralConnector
