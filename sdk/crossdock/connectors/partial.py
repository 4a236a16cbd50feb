"""An ERP that knows only some of what `ErpPort` asks for, and says so of the rest.

A connector derives from `PartialErp` and writes the methods that its system can answer. What it
leaves out raises `NotSupported` with a sentence for a person, which is what tabs show in place of a
figure: never a zero for what nobody knows.
"""

# ruff: noqa: ARG002 - whatever they are asked with, these methods say no

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NoReturn

from crossdock.errors import NotSupported
from crossdock.ports import Changes, Keeps, Page
from crossdock.records import (
    Acknowledgement,
    Availability,
    Contact,
    Contract,
    CreditNote,
    CreditStatus,
    ExchangeRate,
    Invoice,
    Item,
    ListPrice,
    Order,
    OrderChange,
    Payment,
    PriceList,
    PriceRequest,
    Pricing,
    PrintedInvoice,
    Quote,
    Return,
    Shipment,
    TradingAccount,
)


class PartialErp:
    """`ErpPort` with nothing in it yet.

    Attributes:
        system: its configured name.
        product: what the system is called in a sentence, such as `QuickBooks Online`.
        capabilities: what it can do beyond the required; see `ErpPort`.
        keeps: what of it can be written; see `ErpPort`.
    """

    system: str
    product: str
    capabilities: frozenset[str] = frozenset()
    keeps: Keeps = MappingProxyType({})

    def close(self) -> None:
        """Close all connections; there are none here."""

    def lacks(self, what: str) -> NoReturn:
        """Say what the system cannot do, such as `keeps no shipments`; raises `NotSupported`."""
        raise NotSupported(f"{self.product} ({self.system}) {what}")

    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""
        self.lacks("keeps no customers")

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers."""
        self.lacks("keeps no customers")

    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer."""
        self.lacks("keeps no customers")

    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customers that carry the caller's own reference."""
        self.lacks("cannot find a customer by a reference")

    def save_customer(
        self, customer: TradingAccount, *, idempotency_key: str = ""
    ) -> TradingAccount:
        """Create or replace a customer."""
        self.lacks("lets nobody write customers")

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        self.lacks("keeps no contacts")

    def contacts(self, customer: TradingAccount) -> Sequence[Contact]:
        """List the people at a customer."""
        self.lacks("keeps no contacts")

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact."""
        self.lacks("keeps no contacts")

    def save_contact(self, contact: Contact, *, idempotency_key: str = "") -> Contact:
        """Create or replace a contact."""
        self.lacks("keeps no contacts")

    def item(self, item_id: str) -> Item:
        """Read one item."""
        self.lacks("keeps no items")

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item."""
        self.lacks("keeps no items")

    def save_item(self, item: Item) -> Item:
        """Create or replace an item."""
        self.lacks("lets nobody write items")

    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists."""
        self.lacks("tells no price lists")

    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list."""
        self.lacks("tells no price lists")

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what an item costs in a price list."""
        self.lacks("lets nobody write prices")

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List active items."""
        self.lacks("keeps no items")

    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Price a whole draft."""
        self.lacks("cannot price a quote")

    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:
        """Say how much of an item there is."""
        self.lacks("keeps no stock")

    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say how much credit a customer has left."""
        self.lacks("cannot tell how much credit a customer has left")

    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List how much credit each customer has left."""
        self.lacks("cannot tell how much credit a customer has left")

    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders."""
        self.lacks("keeps no orders")

    def order(self, order_id: str) -> Order:
        """Read one order."""
        self.lacks("keeps no orders")

    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference."""
        self.lacks("cannot find an order by a reference")

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place an order."""
        self.lacks("takes no orders")

    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order."""
        self.lacks("lets nobody change an order")

    def shipments(
        self, customer: TradingAccount, *, since: date | None = None
    ) -> Sequence[Shipment]:
        """List a customer's shipments."""
        self.lacks("keeps no shipments")

    def shipment(self, shipment_id: str) -> Shipment:
        """Read one shipment."""
        self.lacks("keeps no shipments")

    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's invoices."""
        self.lacks("keeps no invoices")

    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice."""
        self.lacks("keeps no invoices")

    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice as the customer was sent it."""
        self.lacks("prints no invoices for others")

    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        """Let the ERP send an invoice to the customer once more."""
        self.lacks("sends no invoices for others")

    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's credit notes."""
        self.lacks("keeps no credit notes")

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit note."""
        self.lacks("keeps no credit notes")

    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """List a customer's payments."""
        self.lacks("keeps no payments")

    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""
        self.lacks("keeps no payments")

    def returns(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Return]:
        """List a customer's returns."""
        self.lacks("keeps no returns")

    def goods_return(self, return_id: str) -> Return:
        """Read one return."""
        self.lacks("keeps no returns")

    def contracts(self, customer: TradingAccount) -> Sequence[Contract]:
        """List a customer's service contracts."""
        self.lacks("keeps no contracts")

    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:
        """List the quotes that the ERP itself keeps for a customer."""
        self.lacks("keeps no quotes of its own")

    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the exchange rates that hold on a day."""
        self.lacks("keeps no exchange rates")

    def writes_as(self) -> str:
        """Say what the system calls whoever writes through this port: it does not tell."""
        return ""

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed."""
        self.lacks("does not tell what changed")
