"""`ErpPort` over QuickBooks Online.

What plugins know things by: a customer by its number (see `customers`), an item by its SKU, or by
its id where it has none. Documents go by QuickBooks' own ids, as a document's number can be changed
and need not be unique; it is the `reference` of an invoice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks import pricing
from crossdock.connectors.quickbooks.access import access_of
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.customers import Customer, customer
from crossdock.connectors.quickbooks.directory import Directory
from crossdock.connectors.quickbooks.documents import Documents
from crossdock.connectors.quickbooks.feed import Feed
from crossdock.connectors.quickbooks.items import SOLD, product
from crossdock.connectors.quickbooks.masters import Masters
from crossdock.connectors.quickbooks.options import Options
from crossdock.connectors.quickbooks.ordering import Ordering
from crossdock.connectors.quickbooks.query import MOST, Query, equal, literal
from crossdock.connectors.quickbooks.rates import exchange_rates
from crossdock.connectors.quickbooks.receivables import Receivables
from crossdock.connectors.quickbooks.refusals import wording
from crossdock.connectors.rotation import TokenStore
from crossdock.connectors.settings import Settings
from crossdock.errors import FieldError, RemoteRefused
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
    TradingAccount,
)


class QuickBooksConnector(Masters):
    """A QuickBooks Online company, as `crossdock.ports.ErpPort` describes it; safe in many threads.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        capabilities: an order is made once for each key. QuickBooks knows no shipments, returns,
            contracts or approvals, prices no drafts, and says how many of an item there are, not
            how many of them are promised.
    """

    product = "QuickBooks Online"
    document: Final = use.DOCUMENT
    used_operations: Final = use.USED

    def __init__(
        self,
        system: str,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        self.system = system
        self.capabilities = frozenset(
            {
                "customer_reference",
                "exchange_rates",
                "idempotency_key",
                "invoice_document",
                "invoice_sending",
                "payments",
                "quotes",
            }
        )
        options = Options.of(settings)
        self._orders = options.orders
        self._numbering = options.numbering
        address = Address(kind="ERP", system=system, url=settings.url(), where=settings.where)
        self._tokens, credentials = access_of(
            settings, address, transport=transport, deadline=deadline, kept=tokens
        )
        self._remote = Remote(
            address,
            credentials=lambda _: credentials,
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            evidence_header="intuit_tid",
            transport=transport,
            deadline=deadline,
        )
        self._company = Company(self._remote, options.realm)
        self._directory = Directory(self._company, options.numbering)
        self._documents = Documents(self._company, self._directory, system, options.orders)
        self._receivables = Receivables(self._company, self._directory, self._documents, system)
        self._ordering = Ordering(
            self._company, self._directory, self._documents, system, options.orders
        )
        self._feed = Feed(self._company, system, options.numbering, options.orders)

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()
        self._tokens.close()

    # Customers and items.

    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""
        return self._trading_account(self._directory.customer(customer_id))

    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers by name; `search` matches names, and numbers that stand in them.

        QuickBooks has no OR: what was typed is looked for in the display name.
        """
        found = self._customers_page(search, after=after, limit=limit)
        return Page(items=tuple(map(self._trading_account, found.items)), next=found.next)

    def item(self, item_id: str) -> Item:
        """Read one item."""
        return self._directory.product(item_id).record(self.system, self._company.home)

    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List active items by name; `search` matches names, and one whole SKU."""
        typed, home = search.strip(), self._company.home
        conditions = [f"Type IN ({', '.join(map(literal, sorted(SOLD)))})"]
        if typed:
            # No OR: a SKU that is there in full comes first, and then what is called so.
            by_code = self._company.every(
                Query("Item", (*conditions, equal("Sku", typed))), product
            )
            if by_code and not after:
                return Page(items=tuple(one.record(self.system, home) for one in by_code))
            conditions.append(f"Name LIKE {literal(f'%{typed}%')}")
        found = self._page(
            Query("Item", tuple(conditions), "Name"), product, after=after, limit=limit
        )
        return Page(
            items=tuple(one.record(self.system, home) for one in found.items), next=found.next
        )

    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:  # noqa: ARG002 - the port's
        """Raise `NotSupported`: nobody can say what is still free."""
        self.lacks(
            f"cannot tell how many of {item_id} are free: it counts what is on hand and knows of "
            "nothing that is promised"
        )

    # Prices and credit.

    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Price a draft by the items' sales prices and tax codes; see `pricing`.

        Raises:
            RemoteRefused: an item is not there or has no price, or the customer's currency is not
                the company's, in which prices are.
        """
        found = self._directory.customer(customer.id)
        self._in_home_currency(found, request.currency)
        known = self._directory.products_by_code(line.item_id for line in request.lines)
        wanted = []
        for index, line in enumerate(request.lines):
            field = f"lines.{index}"
            if line.quantity <= 0:
                raise self._remote.rejected(
                    use.QUERY, f"{field}.quantity", "must be more than nothing"
                )
            item = known.get(line.item_id)
            if item is None:
                raise self._refused(
                    f"{field}.item_id", f"there is no item {line.item_id}", "no_such_item"
                )
            if not item.active or item.kind not in SOLD:
                raise self._refused(
                    f"{field}.item_id", f"{line.item_id} is not sold any more", "item_inactive"
                )
            if item.price is None:
                raise self._refused(
                    f"{field}.item_id", f"{line.item_id} has no sales price", "no_price"
                )
            wanted.append(pricing.Wanted(line=line, product=item, price=item.price))
        return pricing.pricing(
            wanted,
            found,
            self._directory.tax_codes(),
            system=self.system,
            on=request.on or self._today(),
        )

    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say what a customer owes; how much it may owe is not kept in QuickBooks."""
        return self._receivables.of(self._directory.customer(customer.id))

    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List what customers owe, by name. At most 200."""
        page = self._customers_page("", after=after, limit=limit)
        return Page(items=self._receivables.of_all(page.items), next=page.next)

    # Orders.

    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders with their lines, newest first."""
        return self._documents.orders(self._directory.customer_id(customer.id), since=since)

    def order(self, order_id: str) -> Order:
        """Read one order with its lines."""
        return self._documents.order(order_id)

    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference, by their document number."""
        return self._ordering.by_reference(reference)

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place an order as an estimate that is accepted, or as an invoice, once for each key.

        Raises:
            Conflict: the key was used for another order, or the number for another document.
        """
        return self._ordering.place(self._directory.customer(customer.id), order, idempotency_key)

    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order as it was read.

        What is invoiced stays: an estimate is closed or declined, and an invoice is not changed
        from here, as it is in the books.

        Raises:
            Stale: the order changed since it was read; nothing was written over it.
            RemoteRefused: it cannot be changed so any more.
            NotSupported: orders are invoices here.
        """
        if self._orders == "invoice":
            self.lacks("has orders as invoices, which are in the books; credit it there instead")
        return self._ordering.change(order, change)

    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:
        """List a customer's estimates that nobody accepted; all of them, if orders are invoices."""
        return self._documents.quotes(self._directory.customer_id(customer.id))

    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the rates into the home currency that hold on a day, today by default."""
        return exchange_rates(self._company, self.system, on or self._today())

    # What QuickBooks does not know; shipments and contracts are refused by `PartialErp`.

    def returns(
        self,
        customer: TradingAccount,  # noqa: ARG002 - the port's
        *,
        since: date | None = None,  # noqa: ARG002 - the port's
    ) -> Sequence[Return]:
        """Raise `NotSupported`: only the credit of what came back is recorded."""
        self.lacks("records no goods that come back, only their credit")

    def goods_return(self, return_id: str) -> Return:  # noqa: ARG002 - the port's
        """Raise `NotSupported`: only the credit of what came back is recorded."""
        self.lacks("records no goods that come back, only their credit")

    # Invoices and payments.

    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's invoices, newest first; heads and applications only unless `lines`."""
        customer_id = self._directory.customer_id(customer.id)
        return self._documents.invoices(customer_id, since=since, lines=lines)

    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice with its lines."""
        return self._documents.invoice(invoice_id)

    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice as the customer was sent it: a PDF file."""
        return self._documents.printed(invoice_id)

    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        """Let QuickBooks send an invoice once more, to its `BillEmail` where nobody is named."""
        self._company.call(use.SEND_INVOICE, entity_id=invoice_id, query={"sendTo": to or None})

    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's credit memos, newest first; heads and applications unless `lines`."""
        customer_id = self._directory.customer_id(customer.id)
        return self._documents.credit_notes(customer_id, since=since, lines=lines)

    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit memo with its lines."""
        return self._documents.credit_note(credit_note_id)

    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """List a customer's payments with their applications, newest first."""
        return self._documents.payments(self._directory.customer_id(customer.id), since=since)

    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""
        return self._documents.payment(payment_id)

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at the present moment."""
        return self._feed.changes(cursor or None, limit=max(1, min(limit, MOST)))

    # How it is done.

    def _today(self) -> date:
        return self._company.page(Query("Term"), lambda row: row, most=1)[1].date()

    def _customers_page(self, search: str, *, after: str | None, limit: int) -> Page[Customer]:
        typed, home = search.strip(), self._company.home
        conditions = (f"DisplayName LIKE {literal(f'%{typed}%')}",) if typed else ()
        found = self._page(
            Query("Customer", conditions, "DisplayName"),
            lambda row: customer(row, self._numbering, home),
            after=after,
            limit=limit,
        )
        for one in found.items:
            self._directory.learn(one)
        return found

    def _in_home_currency(self, found: Customer, asked: str | None) -> None:
        home = self._company.home
        if found.currency != home or asked not in (None, found.currency):
            raise RemoteRefused(
                f"{self._remote.address.label} keeps prices in {home}, and {found.number} buys in "
                f"{found.currency}" + (f", not in {asked}" if asked else ""),
                system=self.system,
                code="currency_mismatch",
            )

    def _refused(self, field: str, problem: str, code: str) -> RemoteRefused:
        return RemoteRefused(
            f"{self._remote.address.label} cannot price this: {problem}",
            system=self.system,
            code=code,
            fields=[FieldError(field, problem)],
        )


if TYPE_CHECKING:
    _fits_the_port: type[ErpPort] = QuickBooksConnector
